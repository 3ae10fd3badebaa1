//! `/v1`: who asks, what goes wrong on purpose, do, answer.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::books::{Answer, Fact};
use super::charge::{Charge, NewCharge};
use super::faults::{Fault, Kind, Op};
use super::page::NewPage;
use super::refund::{NewRefund, Refund};
use super::{Done, Gateway, Refusal, Step};
use crate::cents;
use crate::listener::Wire;

type Shared = State<Arc<Gateway>>;

pub(crate) fn routes() -> Router<Arc<Gateway>> {
    Router::new()
        .route("/v1/pages", post(open_page))
        .route("/v1/charges", post(charge).get(list))
        .route("/v1/charges/{reference}", get(query))
        .route("/v1/charges/{reference}/capture", post(capture))
        .route("/v1/charges/{reference}/void", post(void))
        .route("/v1/charges/{reference}/cancel", post(cancel))
        .route("/v1/refunds", post(refund))
        .route("/v1/refunds/{reference}", get(query_refund))
        .route("/v1/settlements", get(settlements))
        .route("/v1/settlements/{number}", get(settlement))
}

async fn open_page(State(gateway): Shared, wire: Wire, headers: HeaderMap, body: Bytes) -> Response {
    let call = Call { gateway: &gateway, wire: &wire, headers: &headers, op: Op::Pages, path: "/v1/pages" };
    let order = match call.order::<NewPage>(&body) {
        Ok(order) => order,
        Err(refusal) => return refusal.into_response(),
    };
    let reference = order.reference.clone();
    call.change(&reference, &body, |step| step.open_page(order)).await
}

async fn charge(State(gateway): Shared, wire: Wire, headers: HeaderMap, body: Bytes) -> Response {
    let call =
        Call { gateway: &gateway, wire: &wire, headers: &headers, op: Op::Charges, path: "/v1/charges" };
    let order = match call.order::<NewCharge>(&body) {
        Ok(order) => order,
        Err(refusal) => return refusal.into_response(),
    };
    let reference = order.reference.clone();
    call.change(&reference, &body, |step| step.charge(order)).await
}

async fn refund(State(gateway): Shared, wire: Wire, headers: HeaderMap, body: Bytes) -> Response {
    let call =
        Call { gateway: &gateway, wire: &wire, headers: &headers, op: Op::Refunds, path: "/v1/refunds" };
    let order = match call.order::<NewRefund>(&body) {
        Ok(order) => order,
        Err(refusal) => return refusal.into_response(),
    };
    let reference = order.reference.clone();
    call.change(&reference, &body, |step| step.refund(order)).await
}

async fn capture(
    State(gateway): Shared,
    wire: Wire,
    Path(reference): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = format!("/v1/charges/{reference}/capture");
    let call = Call { gateway: &gateway, wire: &wire, headers: &headers, op: Op::Capture, path: &path };
    if let Err(refusal) = call.order::<Nothing>(&body) {
        return refusal.into_response();
    }
    call.change(&reference, &body, |step| step.capture(&reference)).await
}

async fn void(
    State(gateway): Shared,
    wire: Wire,
    Path(reference): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = format!("/v1/charges/{reference}/void");
    let call = Call { gateway: &gateway, wire: &wire, headers: &headers, op: Op::Void, path: &path };
    if let Err(refusal) = call.order::<Nothing>(&body) {
        return refusal.into_response();
    }
    call.change(&reference, &body, |step| step.void(&reference)).await
}

async fn cancel(
    State(gateway): Shared,
    wire: Wire,
    Path(reference): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = format!("/v1/charges/{reference}/cancel");
    let call = Call { gateway: &gateway, wire: &wire, headers: &headers, op: Op::Cancel, path: &path };
    if let Err(refusal) = call.order::<Nothing>(&body) {
        return refusal.into_response();
    }
    call.change(&reference, &body, |step| step.cancel(&reference)).await
}

async fn query(
    State(gateway): Shared,
    wire: Wire,
    Path(reference): Path<String>,
    headers: HeaderMap,
) -> Response {
    let call = Call { gateway: &gateway, wire: &wire, headers: &headers, op: Op::Query, path: "" };
    let look = async {
        let found = gateway.tick_and_read(|books| books.charges.get(&reference).map(Charge::view)).await?;
        let found = found.filter(|_| !gateway.faults.is_hidden(&reference)).ok_or(Refusal::NotFound)?;
        Ok(json_answer(StatusCode::OK, &found))
    };
    call.read(&reference, look).await
}

async fn query_refund(
    State(gateway): Shared,
    wire: Wire,
    Path(reference): Path<String>,
    headers: HeaderMap,
) -> Response {
    let call = Call { gateway: &gateway, wire: &wire, headers: &headers, op: Op::Query, path: "" };
    let look = async {
        let found = gateway.tick_and_read(|books| books.refunds.get(&reference).map(Refund::view)).await?;
        let found = found.filter(|_| !gateway.faults.is_hidden(&reference)).ok_or(Refusal::NotFound)?;
        Ok(json_answer(StatusCode::OK, &found))
    };
    call.read(&reference, look).await
}

#[derive(Deserialize)]
struct ListFrom {
    #[serde(default)]
    after: u64,
    #[serde(default = "a_hundred")]
    limit: usize,
}

const fn a_hundred() -> usize {
    100
}

async fn list(
    State(gateway): Shared,
    wire: Wire,
    Query(from): Query<ListFrom>,
    headers: HeaderMap,
) -> Response {
    let call = Call { gateway: &gateway, wire: &wire, headers: &headers, op: Op::Query, path: "" };
    let limit = from.limit.clamp(1, 1000);
    let look = async {
        let answer = gateway.tick_and_read(|books| {
            let page: Vec<_> = books.by_seq.range(from.after.saturating_add(1)..).take(limit).collect();
            let next = page.last().map_or(from.after, |(seq, _)| **seq);
            let charges: Vec<Value> = page
                .iter()
                .filter(|(_, reference)| !gateway.faults.is_hidden(reference))
                .filter_map(|(_, reference)| books.charges.get(*reference).map(Charge::view))
                .collect();
            json!({"charges": charges, "next": next})
        });
        Ok(json_answer(StatusCode::OK, &answer.await?))
    };
    call.read("", look).await
}

#[derive(Deserialize)]
struct FilesFrom {
    #[serde(default)]
    after: u32,
}

async fn settlements(
    State(gateway): Shared,
    wire: Wire,
    Query(from): Query<FilesFrom>,
    headers: HeaderMap,
) -> Response {
    let call = Call { gateway: &gateway, wire: &wire, headers: &headers, op: Op::Settlements, path: "" };
    let look = async {
        let now = gateway.clock.now();
        let files = gateway.tick_and_read(|books| {
            let after = books.files.range(from.after.saturating_add(1)..);
            let shown = after.filter(|(_, file)| file.is_shown(now)).map(|(_, file)| file.view());
            json!({"files": shown.collect::<Vec<_>>()})
        });
        Ok(json_answer(StatusCode::OK, &files.await?))
    };
    call.read("", look).await
}

async fn settlement(
    State(gateway): Shared,
    wire: Wire,
    Path(number): Path<u32>,
    headers: HeaderMap,
) -> Response {
    let call = Call { gateway: &gateway, wire: &wire, headers: &headers, op: Op::Settlements, path: "" };
    let look = async {
        let now = gateway.clock.now();
        let file = gateway
            .tick_and_read(|books| books.files.get(&number).filter(|file| file.is_shown(now)).cloned());
        let file = file.await?.ok_or(Refusal::NotFound)?;
        Ok((StatusCode::OK, "text/csv; charset=utf-8", file.csv()))
    };
    call.read("", look).await
}

/// The body of calls that need none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// One call: its parts, and what is common to all of them.
struct Call<'a> {
    gateway: &'a Gateway,
    wire: &'a Wire,
    headers: &'a HeaderMap,
    op: Op,
    path: &'a str,
}

/// An answer before faults touch it: status, content type, body.
type Plain = (StatusCode, &'static str, String);

fn json_answer(status: StatusCode, body: &Value) -> Plain {
    (status, "application/json", body.to_string())
}

impl Call<'_> {
    fn check_key(&self) -> Result<(), Refusal> {
        let given = self
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "))
            .unwrap_or_default();
        // Hashes have one length, so that the comparison takes the same time whatever was sent.
        let same = Sha256::digest(given).ct_eq(&Sha256::digest(&self.gateway.keys.api_key));
        if bool::from(same) { Ok(()) } else { Err(Refusal::Unauthorised) }
    }

    fn idempotency_key(&self) -> Result<&str, Refusal> {
        let key =
            self.headers.get("idempotency-key").and_then(|value| value.to_str().ok()).unwrap_or_default();
        if (1..=255).contains(&key.len()) {
            Ok(key)
        } else {
            Err(Refusal::invalid("Idempotency-Key must be 1 to 255 characters"))
        }
    }

    /// Who asks, and what: nothing else is looked at before the key is right.
    fn order<T: DeserializeOwned>(&self, body: &[u8]) -> Result<T, Refusal> {
        self.check_key()?;
        self.idempotency_key()?;
        let body = if body.is_empty() { b"{}" } else { body };
        serde_json::from_slice(body).map_err(|fault| {
            // The parser's own words name fields and places, never values.
            Refusal::invalid(format!("the body cannot be read at column {}", fault.column()))
        })
    }

    /// Does a change once per idempotency key, suffering what faults lie in wait.
    async fn change(
        &self,
        reference: &str,
        body: &[u8],
        act: impl FnOnce(&mut Step<'_>) -> Result<Done, Refusal>,
    ) -> Response {
        let Ok(key) = self.idempotency_key() else {
            return Refusal::invalid("no Idempotency-Key").into_response();
        };
        let fault = self.gateway.faults.take(self.op, reference);
        if let Some(answer) = self.suffer_before(fault.as_ref()).await {
            return answer;
        }

        let mut hash = Sha256::new();
        hash.update(self.path);
        hash.update([0]);
        hash.update(body);
        let fingerprint = hex::encode(hash.finalize());
        if let Some(fault) = fault.as_ref().filter(|fault| fault.kind == Kind::NotFound) {
            self.gateway.faults.hide(reference, fault.ms);
        }
        let done = self.gateway.change(|step| {
            match step.kept_answer(key, &fingerprint) {
                Err(refusal) => return refusal.done(),
                Ok(Some(kept)) => {
                    let status = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
                    return Done { status, body: kept.body, silent: false };
                }
                Ok(None) => {}
            }
            let done = act(step).unwrap_or_else(|refusal| refusal.done());
            // What was never understood is not kept: mended, it may come again under the same key.
            if !matches!(done.status, StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY) {
                let (at, status, body) = (step.now, done.status.as_u16(), done.body.clone());
                let answer =
                    Answer { key: key.to_owned(), fingerprint: fingerprint.clone(), at, status, body };
                step.record(Fact::Answer(Box::new(answer)));
            }
            done
        });
        let done = done.await.unwrap_or_else(|_| Refusal::Broken.done());
        if done.silent {
            self.never_answer().await;
        }
        self.suffer_after(fault.as_ref(), json_answer(done.status, &done.body)).await
    }

    async fn read(&self, reference: &str, look: impl Future<Output = Result<Plain, Refusal>>) -> Response {
        if let Err(refusal) = self.check_key() {
            return refusal.into_response();
        }
        let fault = self.gateway.faults.take(self.op, reference);
        if let Some(answer) = self.suffer_before(fault.as_ref()).await {
            return answer;
        }
        if fault.as_ref().is_some_and(|fault| fault.kind == Kind::NotFound) {
            return Refusal::NotFound.into_response();
        }
        match look.await {
            Ok(answer) => self.suffer_after(fault.as_ref(), answer).await,
            Err(refusal) => {
                let done = refusal.done();
                self.suffer_after(fault.as_ref(), json_answer(done.status, &done.body)).await
            }
        }
    }

    /// What a fault does before anything is done.
    async fn suffer_before(&self, fault: Option<&Fault>) -> Option<Response> {
        let fault = fault?;
        match fault.kind {
            Kind::TimeoutBefore => {
                tokio::time::sleep(Duration::from_millis(fault.ms)).await;
                self.wire.cut().await
            }
            Kind::ErrorBefore => Some(broken()),
            _ => None,
        }
    }

    /// What a fault does to an answer whose facts are on disk.
    async fn suffer_after(&self, fault: Option<&Fault>, (status, content_type, body): Plain) -> Response {
        let answer = |body: String| (status, [(header::CONTENT_TYPE, content_type)], body).into_response();
        let Some(fault) = fault else { return answer(body) };
        match fault.kind {
            Kind::TimeoutAfter => {
                tokio::time::sleep(Duration::from_millis(fault.ms)).await;
                self.wire.cut().await
            }
            Kind::Cut => self.wire.cut().await,
            Kind::ErrorAfter => broken(),
            Kind::Slow => {
                tokio::time::sleep(Duration::from_millis(fault.ms)).await;
                answer(body)
            }
            Kind::BadJson => answer(body.chars().take(body.chars().count() / 2).collect()),
            Kind::WrongAmount => answer(with_wrong_amount(&body)),
            Kind::TimeoutBefore | Kind::ErrorBefore | Kind::NotFound => answer(body),
        }
    }

    /// Holds the line until the caller gives up, ten minutes at most.
    async fn never_answer(&self) -> ! {
        tokio::time::sleep(Duration::from_mins(10)).await;
        self.wire.cut().await
    }
}

fn broken() -> Response {
    let body = json!({"error": {"code": "fault", "message": "something broke on purpose"}});
    (StatusCode::INTERNAL_SERVER_ERROR, axum::Json(body)).into_response()
}

/// The answer with its first amount a dollar too high; a settlement file with its first line so.
fn with_wrong_amount(body: &str) -> String {
    fn raise(value: &mut Value) -> bool {
        match value {
            Value::Object(fields) => {
                let known = fields.get("amount").and_then(Value::as_str).and_then(cents::read);
                if let Some(known) = known {
                    fields.insert("amount".to_owned(), Value::String(cents::say(known.saturating_add(100))));
                    return true;
                }
                fields.values_mut().any(raise)
            }
            Value::Array(items) => items.iter_mut().any(raise),
            _ => false,
        }
    }
    if let Ok(mut value) = serde_json::from_str::<Value>(body) {
        raise(&mut value);
        return value.to_string();
    }
    let mut lines: Vec<String> = body.lines().map(str::to_owned).collect();
    if let Some(line) = lines.get_mut(1) {
        let mut columns: Vec<String> = line.split(',').map(str::to_owned).collect();
        if let Some(gross) = columns.get_mut(3)
            && let Some(known) = cents::read(gross)
        {
            *gross = cents::say(known.saturating_add(100));
        }
        *line = columns.join(",");
    }
    lines.join("\n")
}
