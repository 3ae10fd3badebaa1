//! The dials: how a test or a curious person turns the world. No key, but only from this machine.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::events::Dials;
use super::faults::Fault;
use super::settlement::Play;
use super::{Gateway, Refusal};
use crate::calendar;
use crate::listener::Wire;

type Shared = State<Arc<Gateway>>;

pub(crate) fn routes() -> Router<Arc<Gateway>> {
    Router::new()
        .route("/journal", get(journal))
        .route("/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/clock", get(clock).post(move_clock))
        .route("/settle", post(settle))
        .route("/events", get(events).post(turn_events))
        .route("/refunds/bounce", post(bounce))
}

/// Lets in who sits at this machine, and no page of another site that sits in their browser.
pub(crate) async fn only_from_here(request: Request, next: Next) -> Response {
    let here =
        request.extensions().get::<Wire>().is_some_and(|wire| wire.peer.ip().to_canonical().is_loopback());
    let foreign = request
        .headers()
        .get("sec-fetch-site")
        .is_some_and(|site| !matches!(site.as_bytes(), b"same-origin" | b"none"));
    let reading = matches!(request.method().as_str(), "GET" | "HEAD");
    // A name of someone else's that points here would make their pages ours (DNS rebinding).
    let named = request.headers().get(header::HOST).is_none_or(|host| host.to_str().is_ok_and(is_loopback));
    if here && named && (reading || !foreign) {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "the dials are for this machine only\n").into_response()
    }
}

fn is_loopback(host: &str) -> bool {
    let Ok(authority) = host.parse::<axum::http::uri::Authority>() else { return false };
    let name = authority.host().trim_start_matches('[').trim_end_matches(']');
    name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Puts the guard before a router of dials.
pub(crate) fn guarded<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    router.layer(middleware::from_fn(only_from_here))
}

/// A body of JSON, whatever it calls itself: dials are turned by hand, too. Nothing at all is `{}`.
pub(crate) struct Told<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Told<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let body = Bytes::from_request(request, state).await;
        let body = body.map_err(|_| Refusal::invalid("the body is too long"))?;
        let body: &[u8] = if body.is_empty() { b"{}" } else { &body };
        serde_json::from_slice(body).map(Self).map_err(|fault| Refusal::invalid(fault.to_string()))
    }
}

async fn journal(State(gateway): Shared) -> Response {
    let text = gateway.tick_and_read(|books| {
        let mut text = String::new();
        for line in &books.lines {
            if let Ok(json) = serde_json::to_string(line) {
                text.push_str(&json);
                text.push('\n');
            }
        }
        text
    });
    match text.await {
        Ok(text) => ([(header::CONTENT_TYPE, "application/x-ndjson")], text).into_response(),
        Err(fault) => Refusal::from(fault).into_response(),
    }
}

async fn faults(State(gateway): Shared) -> Json<Value> {
    Json(json!({"faults": gateway.faults.list()}))
}

async fn add_fault(State(gateway): Shared, Told(fault): Told<Fault>) -> (StatusCode, Json<Value>) {
    gateway.faults.add(fault);
    (StatusCode::CREATED, Json(json!({"faults": gateway.faults.list()})))
}

async fn clear_faults(State(gateway): Shared) -> Json<Value> {
    gateway.faults.clear();
    Json(json!({"faults": []}))
}

async fn clock(State(gateway): Shared) -> Json<Value> {
    Json(say_clock(&gateway, gateway.clock.now()))
}

fn say_clock(gateway: &Gateway, now: DateTime<Utc>) -> Value {
    json!({
        "now": now,
        "ahead_ms": gateway.clock.ahead(),
        "business_day": calendar::entry_day(now),
        "cut_off": calendar::cut_off(calendar::entry_day(now)),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MoveClock {
    now: Option<DateTime<Utc>>,
}

async fn move_clock(State(gateway): Shared, Told(to): Told<MoveClock>) -> Result<Json<Value>, Refusal> {
    let now = gateway.move_clock(to.now).await?;
    Ok(Json(say_clock(&gateway, now)))
}

async fn settle(State(gateway): Shared, Told(play): Told<Play>) -> Result<Json<Value>, Refusal> {
    let files = gateway.change(|step| {
        let numbers = step.close_batch(calendar::entry_day(step.now), &play);
        let files = numbers.iter().filter_map(|number| step.books.files.get(number));
        files.map(super::settlement::SettlementFile::view).collect::<Vec<_>>()
    });
    Ok(Json(json!({"files": files.await?})))
}

/// The body of `POST /events`. What is left out stays as it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TurnEvents {
    double: Option<bool>,
    shuffle: Option<bool>,
    /// A type or the beginning of one; empty text: nothing is dropped any more.
    drop: Option<String>,
    /// The id of an event, or a reference.
    redeliver: Option<String>,
    /// Where events go from now on; empty text: nowhere.
    url: Option<String>,
}

async fn turn_events(State(gateway): Shared, Told(turn): Told<TurnEvents>) -> Result<Json<Value>, Refusal> {
    if let Some(url) = turn.url {
        if !url.is_empty() && reqwest::Url::parse(&url).is_err() {
            return Err(Refusal::invalid("url is no address"));
        }
        gateway.keys.set_webhook_url(Some(url).filter(|url| !url.is_empty()));
    }
    let redelivered = gateway.change(|step| {
        let old = step.books.dials.clone();
        let dials = Dials {
            double: turn.double.unwrap_or(old.double),
            shuffle: turn.shuffle.unwrap_or(old.shuffle),
            drop: turn
                .drop
                .map_or(old.drop.clone(), |prefix| Some(prefix).filter(|prefix| !prefix.is_empty())),
        };
        if dials != old {
            step.set_dials(dials);
        }
        turn.redeliver.map_or(Ok(0), |what| step.redeliver(&what))
    });
    let redelivered = redelivered.await??;
    let dials = gateway.read(|books, _| books.dials.clone()).await?;
    Ok(Json(json!({
        "double": dials.double, "shuffle": dials.shuffle, "drop": dials.drop, "redelivered": redelivered,
        "url": gateway.keys.webhook_url(),
    })))
}

async fn events(State(gateway): Shared) -> Result<Json<Value>, Refusal> {
    let events = gateway.tick_and_read(|books| {
        let all = books.events.values().map(|event| {
            json!({
                "id": event.id, "type": event.what.word(), "reference": event.reference,
                "sequence": event.sequence, "created_at": event.created_at, "next_try": event.next_try,
                "dropped": event.dropped, "tries": event.tries,
            })
        });
        all.collect::<Vec<_>>()
    });
    Ok(Json(json!({"events": events.await?})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bounce {
    reference: String,
}

async fn bounce(State(gateway): Shared, Told(bounce): Told<Bounce>) -> Result<Json<Value>, Refusal> {
    let done = gateway.change(|step| step.bounce_refund(&bounce.reference)).await??;
    Ok(Json(done.body))
}
