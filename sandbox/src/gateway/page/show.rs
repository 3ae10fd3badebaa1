//! The hosted page over HTTP: plain HTML, no script, no cookie.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use serde::Deserialize;

use super::form::{PayForm, Problem};
use super::words::Words;
use super::{Language, Next, TRIES};
use crate::cents;
use crate::gateway::charge::{Charge, State as ChargeState};
use crate::gateway::faults::{Kind, Op};
use crate::gateway::instrument::{ACCOUNTS, CARDS, Method};
use crate::gateway::{Gateway, Refusal};
use crate::listener::Wire;

type Shared = State<Arc<Gateway>>;

pub(crate) fn routes() -> Router<Arc<Gateway>> {
    Router::new()
        .route("/pay/{page}", get(show).post(submit))
        .route("/pay/{page}/verify", post(verify))
        .route("/pay/{page}/cancel", post(cancel))
        .route("/pay.css", get(style))
}

#[derive(Deserialize)]
struct Tab {
    #[serde(default)]
    method: String,
}

async fn show(State(gateway): Shared, Path(page): Path<String>, Query(tab): Query<Tab>) -> Response {
    let found = gateway.change(|step| step.of_page(&page)).await;
    let Ok(found) = found else { return Refusal::Broken.into_response() };
    let Some(charge) = found else { return gone() };
    let method = match tab.method.as_str() {
        "card" => Some(Method::Card),
        "bank" => Some(Method::Bank),
        _ => None,
    };
    look(&charge, method)
}

/// What the page shows of itself right now.
fn look(charge: &Charge, method: Option<Method>) -> Response {
    let Some(page) = &charge.page else { return gone() };
    let words = Words::of(page.language);
    let way_back = charge.way_back().unwrap_or_default();
    let guard = Guard { return_url: &page.return_url };
    let amount = cents::dollars(charge.cents);
    if !charge.state.is_open() {
        return see_other(&way_back);
    }
    if charge.answers_at.is_some() {
        return guard.page(StatusCode::OK, &Working { words, amount, page: &page.id });
    }
    if charge.state == ChargeState::Action {
        let last4 = charge.instrument.as_ref().map(|instrument| instrument.last4.clone()).unwrap_or_default();
        return guard.page(StatusCode::OK, &Verify { words, amount, page: &page.id, last4 });
    }
    let method = method.or(page.last_method).filter(|method| page.methods.contains(method));
    let method = method.or_else(|| page.methods.first().copied()).unwrap_or(Method::Card);
    guard.page(StatusCode::OK, &PayPage::of(charge, words, method, PayForm::default(), Vec::new()))
}

async fn submit(
    State(gateway): Shared,
    wire: Wire,
    Path(page): Path<String>,
    Form(form): Form<PayForm>,
) -> Response {
    let found = gateway.change(|step| (step.of_page(&page), step.now)).await;
    let Ok((found, now)) = found else { return Refusal::Broken.into_response() };
    let Some(charge) = found else { return gone() };
    let fault = gateway.faults.take(Op::PageSubmit, &charge.reference);
    let pause = Duration::from_millis(fault.as_ref().map_or(0, |fault| fault.ms));
    let fault = fault.map(|fault| fault.kind);
    match fault {
        Some(Kind::TimeoutBefore) => {
            tokio::time::sleep(pause).await;
            wire.cut().await;
        }
        Some(Kind::ErrorBefore) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Some(Kind::NotFound) => {
            gateway.faults.hide(&charge.reference, u64::try_from(pause.as_millis()).unwrap_or(0));
        }
        _ => {}
    }

    let answer = pay(&gateway, &wire, &page, &charge, form, now).await;

    match fault {
        Some(Kind::TimeoutAfter) => {
            tokio::time::sleep(pause).await;
            wire.cut().await
        }
        Some(Kind::Cut | Kind::BadJson) => wire.cut().await,
        Some(Kind::ErrorAfter) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Some(Kind::Slow) => {
            tokio::time::sleep(pause).await;
            answer
        }
        _ => answer,
    }
}

async fn pay(
    gateway: &Gateway,
    wire: &Wire,
    page: &str,
    charge: &Charge,
    form: PayForm,
    now: chrono::DateTime<chrono::Utc>,
) -> Response {
    let Some(open) = charge.page.as_ref() else { return gone() };
    let words = Words::of(open.language);
    // A page that closed meanwhile has nothing to say about what was typed.
    let is_form = charge.state == ChargeState::Open && charge.answers_at.is_none();
    if !is_form {
        return look(charge, None);
    }
    match form.instrument(now, words) {
        Ok(instrument) => {
            let attempt = form.attempt();
            go_on(wire, page, gateway.change(|step| step.submit(page, instrument, attempt)).await).await
        }
        Err(problems) => {
            let method = form.method();
            let guard = Guard { return_url: &open.return_url };
            let page = PayPage::of(charge, words, method, form.without_secrets(), problems);
            guard.page(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

#[derive(Deserialize)]
struct Verdict {
    #[serde(default)]
    answer: String,
}

async fn verify(
    State(gateway): Shared,
    wire: Wire,
    Path(page): Path<String>,
    Form(verdict): Form<Verdict>,
) -> Response {
    let approved = verdict.answer == "approve";
    go_on(&wire, &page, gateway.change(|step| step.verify(&page, approved)).await).await
}

async fn cancel(State(gateway): Shared, wire: Wire, Path(page): Path<String>) -> Response {
    go_on(&wire, &page, gateway.change(|step| step.leave(&page)).await).await
}

async fn go_on(wire: &Wire, page: &str, next: Result<Option<Next>, crate::journal::NotDurable>) -> Response {
    match next {
        Err(_) => Refusal::Broken.into_response(),
        Ok(None) => gone(),
        Ok(Some(Next::Back(url))) => see_other(&url),
        Ok(Some(Next::Page)) => see_other(&format!("/pay/{page}")),
        Ok(Some(Next::Nowhere)) => {
            tokio::time::sleep(Duration::from_mins(10)).await;
            wire.cut().await
        }
    }
}

fn see_other(to: &str) -> Response {
    let mut headers = HeaderMap::new();
    if let Ok(place) = HeaderValue::from_str(to) {
        headers.insert(header::LOCATION, place);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    (StatusCode::SEE_OTHER, headers).into_response()
}

fn gone() -> Response {
    Guard { return_url: "" }.page(StatusCode::NOT_FOUND, &Gone)
}

/// What protects a page: it loads its own style and nothing else, and posts to itself, which may send on to the caller.
struct Guard<'a> {
    return_url: &'a str,
}

impl Guard<'_> {
    fn page(&self, status: StatusCode, page: &impl Template) -> Response {
        let Ok(html) = page.render() else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
        let caller = reqwest::Url::parse(self.return_url).map(|url| url.origin().ascii_serialization());
        let policy = format!(
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' {}; base-uri 'none'; \
             frame-ancestors 'none'",
            caller.unwrap_or_default()
        );
        let mut headers = HeaderMap::new();
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        for (name, value) in [
            (header::CACHE_CONTROL, "no-store"),
            (header::REFERRER_POLICY, "same-origin"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::X_FRAME_OPTIONS, "DENY"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        (status, headers, Html(html)).into_response()
    }
}

async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("../../../templates/pay.css"))
        .into_response()
}

struct Test {
    number: String,
    does: String,
}

#[derive(Template)]
#[template(path = "pay.html")]
struct PayPage<'a> {
    words: &'a Words,
    page: &'a str,
    amount: String,
    description: &'a str,
    closes: String,
    method: Method,
    methods: &'a [Method],
    attempt: u8,
    form: PayForm,
    problems: Vec<Problem>,
    declined: Option<&'static str>,
    tries_left: &'static str,
    tests: Vec<Test>,
}

impl<'a> PayPage<'a> {
    fn of(
        charge: &'a Charge,
        words: &'static Words,
        method: Method,
        form: PayForm,
        problems: Vec<Problem>,
    ) -> Self {
        static NONE: &[Method] = &[];
        let page = charge.page.as_ref();
        let declines = page.map_or(0, |page| page.declines);
        let language = page.map_or(Language::En, |page| page.language);
        let local = page.map(|page| page.expires_at.with_timezone(&chrono_tz::America::New_York));
        let closes = local.map(|at| match language {
            Language::En => at.format("%-I:%M %p Eastern time").to_string(),
            Language::Es => at.format("%H:%M, hora del Este").to_string(),
        });
        let tests = match method {
            Method::Card => CARDS
                .iter()
                .map(|card| Test { number: grouped(card.number), does: words.does(card.behaviour) })
                .collect(),
            Method::Bank => ACCOUNTS
                .iter()
                .map(|account| Test {
                    number: account.number.to_owned(),
                    does: words.does(account.behaviour),
                })
                .collect(),
        };
        Self {
            words,
            page: page.map_or("", |page| page.id.as_str()),
            amount: cents::dollars(charge.cents),
            description: page.map_or("", |page| page.description.as_str()),
            closes: closes.unwrap_or_default(),
            method,
            methods: page.map_or(NONE, |page| page.methods.as_slice()),
            attempt: declines,
            form,
            declined: charge.decline.filter(|_| problems.is_empty()).map(|class| words.declined(class)),
            tries_left: if TRIES.saturating_sub(declines) > 1 {
                words.tries_left_2
            } else {
                words.tries_left_1
            },
            problems,
            tests,
        }
    }

    fn is_card(&self) -> bool {
        self.method == Method::Card
    }

    fn has_both(&self) -> bool {
        self.methods.len() > 1
    }

    /// What is wrong with a field, if anything.
    fn problem(&self, field: &str) -> Option<&'static str> {
        self.problems.iter().find(|problem| problem.field == field).map(|problem| problem.sentence)
    }
}

fn grouped(number: &str) -> String {
    let mut text = String::new();
    for (at, digit) in number.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[derive(Template)]
#[template(path = "verify.html")]
struct Verify<'a> {
    words: &'a Words,
    page: &'a str,
    amount: String,
    last4: String,
}

#[derive(Template)]
#[template(path = "working.html")]
struct Working<'a> {
    words: &'a Words,
    page: &'a str,
    amount: String,
}

#[derive(Template)]
#[template(path = "gone.html")]
struct Gone;
