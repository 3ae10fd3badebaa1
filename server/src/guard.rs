//! What may enter and leave. Each check has one place; what fails one gets a plain page and changes nothing.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header,
        header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, LOCATION, ORIGIN, REFERER},
    },
    middleware::Next,
    response::Response,
};

use billing::{ids::PaymentId, payments::card::holds_card};

use crate::{
    answers::{Plain, plain},
    table::{self, Listener, Rate},
};

const LONGEST_URL: usize = 4096;
const LARGEST_BODY: usize = 64 * 1024;
const MOST_FIELDS: usize = 64;
const BODY_IN: Duration = Duration::from_secs(10);

/// What the guard of a listener knows.
#[derive(Clone)]
pub struct Guard {
    pub listener: Listener,
    /// Host names (with port) this listener answers to.
    pub hosts: Arc<[String]>,
    /// Our own origin, as browsers send it.
    pub origin: Arc<str>,
    /// The one other origin an answer may lead to.
    pub gateway_origin: Arc<str>,
    pub rates: Arc<Rates>,
    /// The style sheet of answers that are no page of the app.
    pub css: Arc<str>,
}

/// Host, method, size, origin, type and fields of what comes in; the address of what goes out.
pub async fn guard(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let cookies: Vec<HeaderValue> = request.headers().get_all(COOKIE).iter().cloned().collect();
    match admit(&guard, request).await {
        Ok(request) => {
            let form = request.method() == Method::POST;
            let accept = wishes(request.headers());
            let answer = next.run(request).await;
            if form { let_out(&guard, answer, &accept) } else { answer }
        }
        // Who has no visit here has chosen no language.
        Err((reason, accept)) if cookies.is_empty() || reason == Plain::WrongHost => {
            plain(reason, &accept, &guard.css)
        }
        Err((reason, accept)) => next.run(turned_away(reason, &accept, cookies)).await,
    }
}

/// Why a request goes no further than to its visit, whose language the answer speaks.
#[derive(Clone, Copy, Debug)]
pub struct TurnedAway(pub Plain);

/// What is left of a request: nothing that could have an effect.
fn turned_away(reason: Plain, accept: &str, cookies: Vec<HeaderValue>) -> Request {
    let mut request = Request::new(Body::empty());
    for cookie in cookies {
        request.headers_mut().append(COOKIE, cookie);
    }
    if let Ok(accept) = HeaderValue::from_str(accept) {
        request.headers_mut().insert(header::ACCEPT_LANGUAGE, accept);
    }
    request.extensions_mut().insert(TurnedAway(reason));
    request
}

/// The header that says which language an answer without a visit should have.
pub fn wishes(headers: &HeaderMap) -> String {
    headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

async fn admit(guard: &Guard, request: Request) -> Result<Request, (Plain, String)> {
    let accept = wishes(request.headers());
    check_request(guard, &request).map_err(|reason| (reason, accept.clone()))?;
    if request.method() != Method::POST {
        return Ok(request);
    }
    let (parts, body) = request.into_parts();
    let fields = table::find(guard.listener, "POST", parts.uri.path()).map(|row| row.fields.as_slice());
    let bytes = match read_body(body, LARGEST_BODY).await {
        Ok(bytes) => bytes,
        Err(StatusCode::PAYLOAD_TOO_LARGE) => return Err((Plain::TooLarge, accept)),
        Err(_) => return Err((Plain::Unreadable, accept)),
    };
    let typed = match fields {
        Some(fields) => check_fields(&bytes, fields).map_err(|reason| (reason, accept))?,
        None => Typed { body: bytes, ..Typed::default() },
    };
    let mut request = Request::from_parts(parts, Body::from(typed.body));
    request.extensions_mut().insert(Subject(typed.subject));
    request.extensions_mut().insert(CardsTyped(typed.cards));
    // Server functions answer differently by these two: with them gone there is one answer for everybody.
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("text/html"));
    request.headers_mut().remove(REFERER);
    Ok(request)
}

fn check_request(guard: &Guard, request: &Request) -> Result<(), Plain> {
    let headers = request.headers();
    let host = request
        .uri()
        .authority()
        .map(ToString::to_string)
        .or_else(|| headers.get(HOST).and_then(|value| value.to_str().ok()).map(str::to_owned))
        .unwrap_or_default();
    if !guard.hosts.iter().any(|known| known.eq_ignore_ascii_case(&host)) {
        return Err(Plain::WrongHost);
    }
    if request.uri().path_and_query().is_some_and(|uri| uri.as_str().len() > LONGEST_URL) {
        return Err(Plain::UrlTooLong);
    }
    // Routers and libraries disagree on what such a segment means: here it means nothing.
    let dots =
        |segment: &str| matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..");
    if request.uri().path().split('/').any(dots) {
        return Err(Plain::NotFound);
    }
    // What is typed into the address of a page is a form, too.
    if request.uri().query().is_some_and(|query| names_card(query.as_bytes())) {
        return Err(Plain::Card);
    }
    match *request.method() {
        Method::GET | Method::HEAD => return Ok(()),
        Method::POST => {}
        _ => return Err(Plain::WrongMethod),
    }

    // A form of ours, sent from a page of ours.
    let same_site = headers.get("sec-fetch-site").map(|value| value.as_bytes() == b"same-origin");
    let same_origin = headers.get(ORIGIN).map(|value| value.as_bytes() == guard.origin.as_bytes());
    match (same_site, same_origin) {
        (Some(true), None | Some(true)) | (None, Some(true)) => {}
        _ => return Err(Plain::Forged),
    }
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.to_ascii_lowercase().replace(' ', "");
    if !matches!(
        kind.as_str(),
        "application/x-www-form-urlencoded" | "application/x-www-form-urlencoded;charset=utf-8"
    ) {
        return Err(Plain::WrongType);
    }
    let length =
        headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
    if length.is_some_and(|length: usize| length > LARGEST_BODY) {
        return Err(Plain::TooLarge);
    }
    Ok(())
}

/// The payment a form is about, where it names one.
#[derive(Clone, Copy, Debug)]
pub struct Subject(pub Option<PaymentId>);

/// The fields of a form into which a card number was typed. They go no further: the form comes without them, and goes
/// back to its person (T22).
#[derive(Clone, Debug, Default)]
pub struct CardsTyped(pub Vec<String>);

/// What a form says, without card numbers.
#[derive(Debug, Default)]
struct Typed {
    body: Bytes,
    subject: Option<PaymentId>,
    cards: Vec<String>,
}

/// Only the fields the form has, each once, as text.
fn check_fields(body: &Bytes, known: &[String]) -> Result<Typed, Plain> {
    let mut seen: Vec<String> = Vec::new();
    let mut kept: Vec<&[u8]> = Vec::new();
    let mut typed = Typed::default();
    for (number, pair) in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).enumerate() {
        if number >= MOST_FIELDS {
            return Err(Plain::Unreadable);
        }
        let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
            Some(at) => {
                (pair.get(..at).unwrap_or_default(), pair.get(at.saturating_add(1)..).unwrap_or_default())
            }
            None => (pair, [].as_slice()),
        };
        let name = decoded(name).ok_or(Plain::Unreadable)?;
        let value = decoded(value).filter(|value| !value.contains('\0')).ok_or(Plain::Unreadable)?;
        if !known.contains(&name) || seen.contains(&name) {
            return Err(Plain::Unreadable);
        }
        if holds_card(&value) {
            typed.cards.push(name.clone());
        } else {
            kept.push(pair);
        }
        if name == "payment_id" {
            typed.subject = value.parse().ok();
        }
        seen.push(name);
    }
    typed.body = if typed.cards.is_empty() { body.clone() } else { kept.join(&b'&').into() };
    Ok(typed)
}

/// Whether a query holds the number of a card, in a name or a value; one that cannot be decoded is taken as it stands.
fn names_card(query: &[u8]) -> bool {
    query
        .split(|byte| *byte == b'&')
        .any(|pair| holds_card(&decoded(pair).unwrap_or_else(|| String::from_utf8_lossy(pair).into_owned())))
}

/// A body of at most so many bytes, all of which come in time; else how to answer.
pub async fn read_body(body: Body, most: usize) -> Result<Bytes, StatusCode> {
    match tokio::time::timeout(BODY_IN, to_bytes(body, most)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}

/// Percent- and plus-decoded text; `None` where it is not UTF-8 or not properly encoded.
fn decoded(bytes: &[u8]) -> Option<String> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => out.push(b' '),
            b'%' => {
                let digits = [*rest.next()?, *rest.next()?];
                out.extend(hex::decode(digits).ok()?);
            }
            other => out.push(*other),
        }
    }
    String::from_utf8(out).ok()
}

/// An answer to a form leads to a page of ours or to the gateway, or is a page itself. Whatever else it would be, a
/// library made it, and it is not shown.
fn let_out(guard: &Guard, answer: Response, accept: &str) -> Response {
    let location = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let good = match location {
        Some(location) => {
            let ours = location.starts_with('/')
                && !location.starts_with("//")
                && !location.contains('\\')
                && !location.contains("__err")
                && !location.contains("__path");
            let gateway = location
                .strip_prefix(&*guard.gateway_origin)
                .is_some_and(|rest| rest.starts_with('/') && !rest.starts_with("//"));
            answer.status() == StatusCode::SEE_OTHER && (ours || gateway)
        }
        None => answer
            .headers()
            .get(CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html") && !answer.status().is_success()),
    };
    if good { answer } else { plain(Plain::Unreadable, accept, &guard.css) }
}

/// Counters of this node: reads and reports, a minute at a time.
pub struct Rates {
    /// Multiplies every limit; 1 outside tests.
    pub slack: u32,
    counts: Mutex<Counts>,
}

struct Counts {
    since: Instant,
    by: HashMap<(Rate, Who), u32>,
}

/// Whose requests are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    Person(uuid::Uuid),
    Address(IpAddr),
}

impl Rates {
    pub fn new(slack: u32) -> Self {
        Self { slack, counts: Mutex::new(Counts { since: Instant::now(), by: HashMap::new() }) }
    }

    /// Counts one request; seconds to wait where it was one too many.
    pub fn count(&self, rate: Rate, who: Who) -> Result<(), u32> {
        let Some(limit) = rate.per_minute() else { return Ok(()) };
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let gone = counts.since.elapsed();
        if gone >= Duration::from_mins(1) {
            counts.since = Instant::now();
            counts.by.clear();
        }
        let count = counts.by.entry((rate, who)).or_default();
        *count = count.saturating_add(1);
        if *count > limit.saturating_mul(self.slack) {
            let left = Duration::from_mins(1).saturating_sub(gone).as_secs();
            return Err(u32::try_from(left).unwrap_or(60).max(1));
        }
        Ok(())
    }
}

/// Headers of every answer of a listener that people see.
pub async fn headers(State(secure): State<bool>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let mut answer = next.run(request).await;
    // "Not modified" says of a file kept for ever that it may be kept: only what is no file of ours may not.
    let is_error = answer.status().is_client_error() || answer.status().is_server_error();
    let headers = answer.headers_mut();
    let mut set = |name: &'static str, value: &'static str| {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    };
    set("content-security-policy", CLOSED);
    set("x-content-type-options", "nosniff");
    set("referrer-policy", "same-origin");
    set("cross-origin-opener-policy", "same-origin");
    set("cross-origin-resource-policy", "same-origin");
    set("permissions-policy", PERMISSIONS);
    set("reporting-endpoints", "csp=\"/csp\"");
    if secure {
        set("strict-transport-security", "max-age=63072000; includeSubDomains");
    }
    if !path.starts_with("/pkg/") || is_error {
        set("cache-control", "no-store");
    }
    answer
}

/// For answers that are no page of ours: nothing at all.
const CLOSED: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const PERMISSIONS: &str = "accelerometer=(), autoplay=(), camera=(), display-capture=(), fullscreen=(), geolocation=(), \
    gyroscope=(), hid=(), idle-detection=(), magnetometer=(), microphone=(), midi=(), payment=(), \
    publickey-credentials-get=(self), screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=()";

/// The policy of a page, with its own nonce. Pages with a form that may lead to the gateway name its origin too:
/// browsers hold the redirect after a POST against `form-action`.
pub fn policy(nonce: &str, gateway: Option<&str>) -> String {
    let form = gateway.map_or(String::new(), |origin| format!(" {origin}"));
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self' \
         'nonce-{nonce}'; img-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action \
         'self'{form}; base-uri 'none'; frame-src 'none'; frame-ancestors 'none'; report-uri /csp; report-to csp"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, middleware, routing::get};
    use tower::ServiceExt as _;

    #[tokio::test]
    async fn files_under_hashed_names_stay_kept_when_they_are_asked_for_again() {
        for (path, status, kept) in [
            ("/pkg/portal.css", StatusCode::OK, true),
            ("/pkg/portal.css", StatusCode::NOT_MODIFIED, true),
            ("/pkg/portal.css", StatusCode::NOT_FOUND, false),
            ("/bills", StatusCode::OK, false),
        ] {
            let router = Router::new()
                .route(path, get(async move || status))
                .layer(middleware::from_fn_with_state(false, headers));
            let asked = Request::builder().uri(path).body(Body::empty()).unwrap();
            let answer = router.oneshot(asked).await.unwrap();
            let said = answer.headers().get("cache-control").map(HeaderValue::as_bytes);
            assert_eq!(said, (!kept).then_some(&b"no-store"[..]), "{path} {status}");
        }
    }

    #[test]
    fn fields_are_known_and_come_once() {
        let known = ["amount".to_owned(), "method".to_owned()];
        let read = |body: &'static str| check_fields(&Bytes::from_static(body.as_bytes()), &known);
        let check = |body| read(body).is_ok();
        assert!(check("amount=85.40&method=card"));
        assert!(check("amount=%2485&method="));
        for (body, left, cards) in [
            ("amount=4242424242424241&method=x", "amount=4242424242424241&method=x", vec![]),
            ("amount=4242+4242-4242%204242&method=x", "method=x", vec!["amount"]),
            ("amount=1&method=x4242424242424242", "amount=1", vec!["method"]),
        ] {
            let typed = read(body).unwrap();
            assert_eq!(typed.body, left, "{body}");
            assert_eq!(typed.cards, cards as Vec<&str>, "{body}");
        }
        assert!(check(""));
        assert!(!check("amount=1&amount=2"));
        assert!(!check("amount=1&state=captured"));
        assert!(!check("amount=%00"));
        assert!(!check("amount=%ff"));
        assert!(!check("amount=%4"));
        assert!(!check("am%6funt=1&amount=1"));
    }

    #[test]
    fn a_rate_is_per_class_and_person() {
        let rates = Rates::new(1);
        let ana = Who::Person(uuid::Uuid::from_u128(1));
        let ben = Who::Person(uuid::Uuid::from_u128(2));
        for _ in 0..5 {
            assert_eq!(rates.count(Rate::Report, ana), Ok(()));
        }
        assert!(rates.count(Rate::Report, ana).is_err());
        assert_eq!(rates.count(Rate::Report, ben), Ok(()));
        assert_eq!(rates.count(Rate::Read, ana), Ok(()));
    }
}
