//! Who sits at the browser of a request, for the app: the visit behind its cookie, how often it asks, and the page of an
//! answer that has none.

use std::sync::Arc;

use app::{
    Site,
    sitting::{AtBrowser, Client, Sitting},
};
use axum::{
    body::Body,
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header, request::Parts},
    middleware::Next,
    response::Response,
};
use billing::{
    Billing,
    error::Error,
    ids::PaymentId,
    sign_in::{RateClass, RateSubject},
    visits::{SessionKey, Visit},
};
use leptos::{
    nonce::use_nonce,
    prelude::{provide_context, use_context},
};
use leptos_axum::{ResponseOptions, render_app_async_with_context};
use tower_sessions::{Session, session::Id};
use uuid::Uuid;

use crate::{
    accept::client_address,
    answers::{Plain, plain},
    guard::{self, CardsTyped, Guard, Subject, TurnedAway, Who},
    session::{Cookies, VisitCookie},
    table::{self, Listener, Rate},
};

/// What it takes to know who sits at a browser.
#[derive(Clone)]
pub struct Seats {
    pub billing: Billing,
    pub cookies: Cookies,
    pub guard: Guard,
    pub proxies: usize,
    pub site: Site,
}

/// Who sits there: the visit of this request's cookie, for the app; then the rate of what is asked.
pub async fn sit(State(seats): State<Seats>, mut request: Request, next: Next) -> Response {
    let wishes = guard::wishes(request.headers());
    let answer = |reason| plain(reason, &wishes, &seats.guard.css);
    let turned_away = request.extensions_mut().remove::<TurnedAway>();
    let Some(session) = request.extensions().get::<Session>().cloned() else { return answer(Plain::Broken) };
    let cookie = Arc::new(VisitCookie::new(seats.billing.clone(), session, seats.cookies));
    let (visit, again) = match cookie.visit(again_of(request.uri())).await {
        Ok(found) => found,
        Err(error) => {
            tracing::error!(%error, "a visit could not be read");
            return answer(turned_away.map_or(Plain::Unavailable(5), |TurnedAway(reason)| reason));
        }
    };

    // What was chosen goes before what the browser wishes.
    let spoken = visit.as_ref().and_then(|visit| visit.language).map(|language| language.tag().to_owned());
    let wishes = spoken.unwrap_or(wishes);
    let answer = |reason| plain(reason, &wishes, &seats.guard.css);
    if let Some(TurnedAway(reason)) = turned_away {
        return answer(reason);
    }
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

    let CardsTyped(cards_typed) = request.extensions_mut().remove().unwrap_or_default();
    if let (Some(Rate::Money), Some(visit)) =
        (route.map(|route| route.rate), visit.as_ref().filter(|visit| visit.member.is_some()))
        && cards_typed.is_empty()
    {
        let subject = request.extensions().get::<Subject>().and_then(|subject| subject.0);
        match count_money(&seats.billing, visit, subject, request.uri().path()).await {
            Ok(()) => {}
            Err(Error::TooMany { retry_after }) => return answer(Plain::TooMany(retry_after)),
            Err(error) => {
                tracing::error!(%error, "a form could not be counted");
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
    request.extensions_mut().insert(Sitting { visit, again, ended, client, cards_typed });
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

/// The refused form an address asks to be shown again.
fn again_of(uri: &Uri) -> Option<Uuid> {
    uri.query()?.split('&').find_map(|pair| pair.strip_prefix("again=")?.parse().ok())
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
pub fn provide(billing: &Billing, site: &Site) {
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
