//! What the gateway tells us. Signed over the raw bytes, kept before it is believed, answered at once.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use billing::{Billing, clock::Clock, payments::GatewayEventIn};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use sha2::Sha256;

use crate::{
    guard::read_body,
    listeners::{Way, mount},
};

/// The largest event taken.
const MOST: usize = 64 * 1024;
/// The longest id, kind or reference, in bytes.
const LONGEST: usize = 255;
/// How far a signature's time may be from ours, in seconds.
const DRIFT: i64 = 300;

#[derive(Clone)]
pub struct Hooks {
    pub billing: Billing,
    /// Live secrets: two while one is being replaced.
    pub secrets: Arc<[SecretString]>,
}

#[derive(Deserialize)]
struct Event {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    reference: String,
}

impl Event {
    /// Whether its words are words: the database holds no zero byte and no key of any length, and an event it cannot
    /// hold would be sent again for days.
    fn is_sound(&self) -> bool {
        [&self.id, &self.kind, &self.reference]
            .into_iter()
            .all(|word| !word.is_empty() && word.len() <= LONGEST && !word.chars().any(char::is_control))
    }
}

/// All that machines can tell us.
pub fn ways() -> [Way<Hooks>; 1] {
    [Way::post("/hooks/gateway", gateway)]
}

pub fn router(hooks: Hooks) -> Router {
    mount(ways()).with_state(hooks)
}

async fn gateway(State(hooks): State<Hooks>, headers: HeaderMap, body: Body) -> StatusCode {
    let bytes = match read_body(body, MOST).await {
        Ok(bytes) => bytes,
        Err(answer) => return answer,
    };
    let signature =
        headers.get("sandbox-signature").and_then(|value| value.to_str().ok()).unwrap_or_default();
    // The sender's clock is the wall, whatever the plan's says.
    if !signed(signature, &bytes, &hooks.secrets, Clock::System.now()) {
        return StatusCode::UNAUTHORIZED;
    }
    let Ok(event) = serde_json::from_slice::<Event>(&bytes) else { return StatusCode::BAD_REQUEST };
    if !event.is_sound() {
        return StatusCode::BAD_REQUEST;
    }
    let event = GatewayEventIn {
        gateway: "sandbox".to_owned(),
        event_id: event.id,
        kind: event.kind,
        reference: event.reference,
    };
    match hooks.billing.job("hooks").take_event(&event).await {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(billing::error::Error::Refused(_)) => StatusCode::BAD_REQUEST,
        Err(error) => {
            tracing::error!(%error, "an event could not be kept");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

/// Whether one of the live secrets signed these bytes lately. Compares in constant time.
fn signed(header: &str, body: &[u8], secrets: &[SecretString], now: DateTime<Utc>) -> bool {
    let mut time = "";
    let mut given = Vec::new();
    for part in header.split(',').take(8) {
        match part.trim().split_once('=') {
            Some(("t", value)) => time = value,
            Some(("v1", value)) => given.extend(hex::decode(value).ok()),
            _ => {}
        }
    }
    let Ok(stamp) = time.parse::<i64>() else { return false };
    if now.timestamp().saturating_sub(stamp).saturating_abs() > DRIFT {
        return false;
    }
    let mut found = false;
    for secret in secrets {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()) else { continue };
        mac.update(time.as_bytes());
        mac.update(b".");
        mac.update(body);
        for signature in &given {
            found |= mac.clone().verify_slice(signature).is_ok();
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign(secret: &str, stamp: i64, body: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(format!("{stamp}.").as_bytes());
        mac.update(body);
        format!("t={stamp},v1={}", hex::encode(mac.finalize().into_bytes()))
    }

    #[test]
    fn only_a_fresh_signature_by_a_live_secret_counts() {
        let now: DateTime<Utc> = "2027-01-05T18:00:00Z".parse().unwrap();
        let secrets = [SecretString::from("new"), SecretString::from("old")];
        let stamp = now.timestamp();
        let body = br#"{"id":"evt_1"}"#;
        assert!(signed(&sign("new", stamp, body), body, &secrets, now));
        assert!(signed(&sign("old", stamp - 300, body), body, &secrets, now));
        assert!(!signed(&sign("older", stamp, body), body, &secrets, now));
        assert!(!signed(&sign("new", stamp - 301, body), body, &secrets, now));
        assert!(!signed(&sign("new", stamp + 301, body), body, &secrets, now));
        assert!(!signed(&sign("new", stamp, body), b"{}", &secrets, now));
        for header in ["", "t=", "v1=", "t=1,v1=zz", "t=9223372036854775808,v1=00", "nonsense"] {
            assert!(!signed(header, body, &secrets, now), "{header}");
        }
    }
}
