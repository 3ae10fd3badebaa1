//! What members see: the app's pages and forms, their history as a file, and the gateway's events.

use std::{any::Any, sync::Arc, time::Duration};

use app::{
    MemberApp, Site,
    sitting::{AtBrowser, Client, Sitting},
};
use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Query, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use billing::{
    Billing,
    bills::BillKind,
    error::Error,
    ids::PaymentId,
    payments::HistoryFilter,
    sign_in::{RateClass, RateSubject},
    visits::{SessionKey, Visit},
};
use leptos::{
    config::LeptosOptions,
    nonce::use_nonce,
    prelude::{provide_context, use_context},
};
use leptos_axum::{LeptosRoutes as _, ResponseOptions, generate_route_list, render_app_async_with_context};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::CompressionLayer,
    csrf::CsrfLayer,
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    services::ServeDir,
    timeout::TimeoutLayer,
};
use tower_sessions::{Session, session::Id};

use crate::{
    accept::client_address,
    answers::{Plain, plain},
    guard::{self, Guard, Rates, Subject, Who},
    hooks::{self, Hooks},
    session::{Cookies, VisitCookie},
    table::{self, Listener, Rate},
};

/// One request, from its first byte to ours.
const REQUEST: Duration = Duration::from_secs(15);

/// What the member listener is made of.
#[derive(Clone)]
pub struct Member {
    pub billing: Billing,
    pub site: Site,
    /// Folder of `pkg/`.
    pub folder: std::path::PathBuf,
    /// Host names it answers to.
    pub hosts: Vec<String>,
    pub hooks: Hooks,
    pub proxies: usize,
    /// Multiplies the rate limits; 1 outside tests.
    pub slack: u32,
}

/// What it takes to know who sits at a browser.
#[derive(Clone)]
struct Seats {
    billing: Billing,
    cookies: Cookies,
    guard: Guard,
    proxies: usize,
    site: Site,
}

pub fn router(member: Member) -> Router {
    let Member { billing, site, folder, hosts, hooks, proxies, slack } = member;
    let cookies = Cookies::of(&site.base_url);
    let guard = Guard {
        listener: Listener::Member,
        hosts: hosts.into(),
        origin: site.base_url.as_str().into(),
        gateway_origin: site.gateway_origin.as_str().into(),
        rates: Arc::new(Rates::new(slack)),
        css: site.css.as_str().into(),
    };
    let seats =
        Seats { billing: billing.clone(), cookies, guard: guard.clone(), proxies, site: site.clone() };

    let options = LeptosOptions::builder().output_name("portal").build();
    let routes = generate_route_list(MemberApp);
    let context = {
        let (billing, site) = (billing.clone(), site.clone());
        move || provide(&billing, &site)
    };
    let pages = Router::new()
        .leptos_routes_with_context(&options, routes, context, {
            let options = options.clone();
            move || app::shell(options.clone())
        })
        .with_state(options)
        .route("/icon.svg", get(icon))
        .route("/payments.csv", get(history_file).with_state(billing.clone()))
        .fallback(async || StatusCode::NOT_FOUND)
        .layer(middleware::from_fn_with_state(seats, sit))
        .layer(cookies.layer(billing))
        .layer(CsrfLayer::new())
        .layer(middleware::from_fn_with_state(guard.clone(), guard::guard));

    let css = guard.css.clone();
    Router::new()
        .nest_service("/pkg", packages(&folder))
        .route("/csp", post(policy_report))
        .merge(hooks::router(hooks))
        .fallback_service(pages)
        .layer(CompressionLayer::new())
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, REQUEST))
        .layer(middleware::from_fn_with_state(cookies.secure, guard::headers))
        .layer(middleware::from_fn(logged))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(CatchPanicLayer::custom(move |panic| broken(panic, &css)))
}

/// Files under hashed names: kept by browsers for ever, sent as compressed when they were built.
fn packages(folder: &std::path::Path) -> Router {
    let files = ServeDir::new(folder.join("pkg")).precompressed_br().precompressed_gzip();
    Router::new().fallback_service(files).layer(middleware::from_fn(async |request: Request, next: Next| {
        let mut answer = next.run(request).await;
        if answer.status().is_success() {
            let kept = HeaderValue::from_static("public, max-age=31536000, immutable");
            answer.headers_mut().insert(header::CACHE_CONTROL, kept);
        }
        answer
    }))
}

/// Who sits there: the visit of this request's cookie, for the app; then the rate of what is asked.
async fn sit(State(seats): State<Seats>, mut request: Request, next: Next) -> Response {
    let wishes = guard::wishes(request.headers());
    let answer = |reason| plain(reason, &wishes, &seats.guard.css);
    let Some(session) = request.extensions().get::<Session>().cloned() else { return answer(Plain::Broken) };
    let cookie = Arc::new(VisitCookie::new(session, seats.cookies));
    let visit = match cookie.visit().await {
        Ok(visit) => visit,
        Err(error) => {
            tracing::error!(%error, "a visit could not be read");
            return answer(Plain::Unavailable(5));
        }
    };

    let peer = request.extensions().get::<ConnectInfo<std::net::SocketAddr>>().map(|info| info.0);
    let forwarded = request.headers().get("x-forwarded-for").and_then(|value| value.to_str().ok());
    let address = peer.map(|peer| client_address(peer, forwarded, seats.proxies));
    let route = table::find(Listener::Member, request.method().as_str(), request.uri().path());
    let who = match (visit.as_ref().and_then(|visit| visit.member.as_ref()), address) {
        (Some(member), _) => Some(Who::Person(member.member_id.0)),
        (None, Some(address)) => Some(Who::Address(address)),
        (None, None) => None,
    };
    if let (Some(route), Some(who)) = (route, who)
        && matches!(route.rate, Rate::Read | Rate::Report)
        && let Err(wait) = seats.guard.rates.count(route.rate, who)
    {
        return answer(Plain::TooMany(wait));
    }

    if let (Some(Rate::Money), Some(visit)) =
        (route.map(|route| route.rate), visit.as_ref().filter(|visit| visit.member.is_some()))
    {
        let subject = request.extensions().get::<Subject>().and_then(|subject| subject.0);
        match count_money(&seats.billing, visit, subject, request.uri().path()).await {
            Ok(()) => {}
            Err(Error::TooMany { retry_after }) => return answer(Plain::TooMany(retry_after)),
            Err(error) => {
                tracing::error!(?error, "a form could not be counted");
                return answer(Plain::Unavailable(5));
            }
        }
    }

    let device = cookie_value(request.headers(), seats.cookies.device());
    let client = Client { address: address.map(|address| address.to_string()).unwrap_or_default(), device };
    // A cookie whose visit is over: whose was it? For the form that came too late.
    let key =
        cookie_value(request.headers(), seats.cookies.session()).and_then(|value| value.parse::<Id>().ok());
    let ended = match key {
        Some(key) if visit.is_none() => {
            seats.billing.visits().ended(SessionKey::from(key.0)).await.ok().flatten()
        }
        _ => None,
    };
    request.extensions_mut().insert(Sitting { visit, ended, client });
    request.extensions_mut().insert(AtBrowser(cookie.clone()));
    request.extensions_mut().insert(seats.billing.clone());
    let (parts, body) = request.into_parts();
    let asked = parts.clone();
    let mut answer = next.run(Request::from_parts(parts, body)).await;
    if answer.status().as_u16() >= 400 && !is_page(&answer) {
        answer = dressed(&seats, asked, answer.status(), answer.headers().clone()).await;
    }
    for (name, value) in cookie.headers() {
        answer.headers_mut().append(name, value);
    }
    answer
}

/// Counts a form that moves money, for all nodes together. What says again what was said before is not counted.
async fn count_money(
    billing: &Billing,
    visit: &Visit,
    subject: Option<PaymentId>,
    path: &str,
) -> Result<(), Error> {
    let member = billing.member(visit)?;
    let repeat = match (path, subject) {
        ("/api/pay", Some(payment)) => member.is_repeat(payment, false).await?,
        ("/api/pay/confirm", Some(payment)) => member.is_repeat(payment, true).await?,
        _ => false,
    };
    match visit.member.as_ref() {
        Some(person) if !repeat => {
            billing.count(RateClass::Money, RateSubject::Person(person.member_id)).await
        }
        _ => Ok(()),
    }
}

fn is_page(answer: &Response) -> bool {
    answer.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

/// The page of a status that has none yet: what a form or an unknown address ended in.
async fn dressed(seats: &Seats, asked: Parts, status: StatusCode, bare: HeaderMap) -> Response {
    let (billing, site) = (seats.billing.clone(), seats.site.clone());
    let context = move || provide(&billing, &site);
    let page = render_app_async_with_context(context, move || app::answer(status.as_u16()));
    let mut answer = page(Request::from_parts(asked, Body::empty())).await;
    *answer.status_mut() = status;
    for name in [header::RETRY_AFTER, header::SET_COOKIE] {
        for value in bare.get_all(&name) {
            answer.headers_mut().append(&name, value.clone());
        }
    }
    answer
}

fn cookie_value(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .find_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            (key == name && value.len() <= 200).then(|| value.to_owned())
        })
}

/// What a page or a form finds in its context, and the policy of its answer.
fn provide(billing: &Billing, site: &Site) {
    provide_context(billing.clone());
    provide_context(site.clone());
    let Some(parts) = use_context::<Parts>() else { return };
    if let Some(sitting) = parts.extensions.get::<Sitting>() {
        provide_context(sitting.clone());
    }
    if let Some(browser) = parts.extensions.get::<AtBrowser>() {
        provide_context(browser.clone());
    }
    let path = parts.uri.path();
    let pays = path.ends_with("/pay") || path.starts_with("/payments/");
    if let (Some(nonce), Some(options)) = (use_nonce(), use_context::<ResponseOptions>()) {
        let policy = guard::policy(&nonce, pays.then_some(site.gateway_origin.as_str()));
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            options.insert_header(header::CONTENT_SECURITY_POLICY, policy);
        }
    }
}

async fn icon() -> Response {
    ([(header::CONTENT_TYPE, "image/svg+xml")], include_str!("../../../style/assets/icon.svg"))
        .into_response()
}

/// The words of a range of history in an address.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct HistoryWords {
    from: String,
    to: String,
    kind: String,
}

impl HistoryWords {
    fn read(&self) -> Result<HistoryFilter, Error> {
        let day = |text: &str| match text {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| Error::NotFound),
        };
        let kind = match self.kind.as_str() {
            "" => None,
            word => Some(BillKind::read(word).ok_or(Error::NotFound)?),
        };
        Ok(HistoryFilter { from: day(&self.from)?, to: day(&self.to)?, kind, after: None })
    }
}

/// The history of payments as a file.
async fn history_file(
    State(billing): State<Billing>,
    Query(asked): Query<HistoryWords>,
    request: Request,
) -> Response {
    let sitting = request.extensions().get::<Sitting>().cloned().unwrap_or_default();
    let wishes = guard::wishes(request.headers());
    let csv = async {
        let visit = sitting.visit.as_ref().ok_or(Error::SignedOut)?;
        billing.member(visit)?.payments_csv(&asked.read()?).await
    };
    match csv.await {
        Ok(csv) => (
            [
                (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
                (header::CONTENT_DISPOSITION, "attachment; filename=\"payments.csv\""),
            ],
            csv,
        )
            .into_response(),
        Err(Error::SignedOut) => (StatusCode::SEE_OTHER, [(header::LOCATION, "/sign-in")]).into_response(),
        Err(Error::NotFound | Error::Refused(_)) => plain(Plain::Unreadable, &wishes, ""),
        Err(error) => {
            tracing::error!(%error, "a history file could not be made");
            plain(Plain::Broken, &wishes, "")
        }
    }
}

/// A browser's report that a page broke our policy. Counted, never kept: its fields are a stranger's.
async fn policy_report(body: Body) -> StatusCode {
    if axum::body::to_bytes(body, 16 * 1024).await.is_err() {
        return StatusCode::PAYLOAD_TOO_LARGE;
    }
    metrics::counter!("csp_reports_total").increment(1);
    tracing::warn!("a browser reported a breach of the content policy");
    StatusCode::NO_CONTENT
}

/// One line and one count for each request, by the template of its route.
async fn logged(request: Request, next: Next) -> Response {
    let started = std::time::Instant::now();
    let id =
        request.headers().get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned();
    let method = request.method().clone();
    let route =
        table::find(Listener::Member, method.as_str(), request.uri().path()).map_or("other", |row| &row.path);
    let span = tracing::info_span!("request", id = %id);
    let answer = tracing::Instrument::instrument(next.run(request), span).await;
    let status = answer.status().as_u16();
    metrics::counter!("http_requests_total", "listener" => "member", "route" => route, "status" => status.to_string())
        .increment(1);
    metrics::histogram!("http_request_seconds", "listener" => "member").record(started.elapsed());
    let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(id = %id, method = %method, route, status, millis, "answered");
    answer
}

#[expect(clippy::needless_pass_by_value, reason = "the shape the layer wants")]
fn broken(panic: Box<dyn Any + Send + 'static>, css: &str) -> Response {
    // Where it happened is in the panic hook's line; what it said may hold a person's data.
    drop(panic);
    metrics::counter!("panics_total").increment(1);
    plain(Plain::Broken, "", css)
}

/// The header of request ids, for tests.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
