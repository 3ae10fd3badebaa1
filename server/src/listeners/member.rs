//! What members see: the app's pages and forms, their history as a file, and the gateway's events.

use std::{any::Any, sync::Arc, time::Duration};

use app::{MemberApp, Site, sitting::Sitting};
use axum::{
    Router,
    body::Body,
    extract::{Query, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use billing::{Billing, bills::BillKind, error::Error, payments::HistoryFilter};
use leptos::config::LeptosOptions;
use leptos_axum::{LeptosRoutes as _, generate_route_list};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::CompressionLayer,
    csrf::CsrfLayer,
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    services::ServeDir,
};

use super::{
    Way, mount,
    seats::{Seats, provide, sit},
};
use crate::{
    answers::{Plain, language_of, plain},
    guard::{self, Guard, Rates},
    hooks::{self, Hooks},
    session::Cookies,
    table::{self, Listener},
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

/// What members can open that is no page.
pub fn files() -> [Way<Billing>; 2] {
    [Way::get("/icon.svg", icon), Way::get("/payments.csv", history_file)]
}

/// What browsers tell us by themselves: in front of the guard, which takes forms of ours only.
pub fn reports() -> [Way<()>; 1] {
    [Way::post("/csp", policy_report)]
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
        .merge(mount(files()).with_state(billing.clone()))
        .fallback(async || StatusCode::NOT_FOUND)
        // The bare status: the seat dresses it in its person's language.
        .layer(CatchPanicLayer::custom(|panic| broken(panic, StatusCode::INTERNAL_SERVER_ERROR)))
        .layer(middleware::from_fn_with_state(seats, sit))
        .layer(cookies.layer(billing))
        .layer(CsrfLayer::new())
        .layer(middleware::from_fn_with_state(guard.clone(), guard::guard));

    let css = guard.css.clone();
    Router::new()
        .nest_service("/pkg", packages(&folder, guard.clone()))
        .merge(mount(reports()))
        .merge(hooks::router(hooks))
        .fallback_service(pages)
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state((guard, REQUEST), in_time))
        .layer(CatchPanicLayer::custom(move |panic| broken(panic, plain(Plain::Broken, "", &css))))
        .layer(middleware::from_fn_with_state(cookies.secure, guard::headers))
        .layer(middleware::from_fn(logged))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
}

/// A request that takes too long is given up, and told so.
async fn in_time(State((guard, most)): State<(Guard, Duration)>, request: Request, next: Next) -> Response {
    let wishes = guard::wishes(request.headers());
    let answer = tokio::time::timeout(most, next.run(request)).await;
    answer.unwrap_or_else(|_| plain(Plain::Unavailable(5), &wishes, &guard.css))
}

/// Files under hashed names: kept by browsers for ever, sent as compressed when they were built.
fn packages(folder: &std::path::Path, guard: Guard) -> Router {
    let missing = move |request: Request| {
        let answer = plain(Plain::NotFound, &guard::wishes(request.headers()), &guard.css);
        std::future::ready(Ok::<_, std::convert::Infallible>(answer))
    };
    let files = ServeDir::new(folder.join("pkg"))
        .precompressed_br()
        .precompressed_gzip()
        .not_found_service(tower::service_fn(missing));
    Router::new().fallback_service(files).layer(middleware::from_fn(async |request: Request, next: Next| {
        let mut answer = next.run(request).await;
        if answer.status().is_success() {
            let kept = HeaderValue::from_static("public, max-age=31536000, immutable");
            answer.headers_mut().insert(header::CACHE_CONTROL, kept);
        }
        answer
    }))
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
        let kind = match self.kind.as_str() {
            "" => None,
            word => Some(BillKind::read(word).ok_or(Error::NotFound)?),
        };
        HistoryFilter::read(&self.from, &self.to, kind).map_err(|_| Error::NotFound)
    }
}

/// The history of payments as a file.
async fn history_file(
    State(billing): State<Billing>,
    Query(asked): Query<HistoryWords>,
    request: Request,
) -> Response {
    let sitting = request.extensions().get::<Sitting>().cloned().unwrap_or_default();
    let chosen = sitting.visit.as_ref().and_then(|visit| visit.language);
    let wishes =
        chosen.map_or_else(|| guard::wishes(request.headers()), |language| language.tag().to_owned());
    let csv = async {
        let visit = sitting.visit.as_ref().ok_or(Error::SignedOut)?;
        billing.member(visit)?.payments_csv(&asked.read()?, language_of(&wishes)).await
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
        Err(Error::Unavailable { retry_after }) => plain(Plain::Unavailable(retry_after), &wishes, ""),
        Err(Error::TooMany { retry_after }) => plain(Plain::TooMany(retry_after), &wishes, ""),
        Err(error) => {
            tracing::error!(%error, "a history file could not be made");
            plain(Plain::Broken, &wishes, "")
        }
    }
}

/// A browser's report that a page broke our policy. Counted, never kept: its fields are a stranger's.
async fn policy_report(body: Body) -> StatusCode {
    if let Err(answer) = guard::read_body(body, 16 * 1024).await {
        return answer;
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

fn broken(panic: Box<dyn Any + Send + 'static>, answer: impl IntoResponse) -> Response {
    // Where it happened is in the panic hook's line; what it said may hold a person's data.
    drop(panic);
    metrics::counter!("panics_total").increment(1);
    answer.into_response()
}

/// The header of request ids, for tests.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{body::to_bytes, routing::get};
    use tower::ServiceExt as _;

    #[tokio::test]
    async fn what_takes_too_long_is_given_up_with_a_sentence() {
        let guard = Guard {
            listener: Listener::Member,
            hosts: [].into(),
            origin: "".into(),
            gateway_origin: "".into(),
            rates: Arc::new(Rates::new(1)),
            css: "/pkg/portal.css".into(),
        };
        let slow = Router::new()
            .route("/", get(std::future::pending::<StatusCode>))
            .layer(middleware::from_fn_with_state((guard, Duration::from_millis(1)), in_time));
        let asked =
            Request::builder().header(header::ACCEPT_LANGUAGE, "es-MX,es").body(Body::empty()).unwrap();
        let answer = slow.oneshot(asked).await.unwrap();
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.headers().get(header::RETRY_AFTER).unwrap(), "5");
        let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        assert!(String::from_utf8_lossy(&body).contains("<html lang=\"es\">"));
    }
}
