//! A sandbox of its own for each test, and the verbs of those who use it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::{Client, Response};
use sandbox::{Running, Settings};
use serde_json::{Value, json};

/// A Monday, ten in the morning in New York.
pub(crate) const MONDAY: &str = "2026-03-02T15:00:00Z";
pub(crate) const RETURN_URL: &str = "http://localhost:3000/payments/1";

pub(crate) struct World {
    pub(crate) running: Running,
    pub(crate) base: String,
    pub(crate) client: Client,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        let starts_at = Some(MONDAY.parse().unwrap());
        let running = sandbox::start(Settings { starts_at, ..settings }).await.unwrap();
        let base = running.base_url().to_owned();
        Self { running, base, client: client() }
    }

    pub(crate) async fn post_as(&self, key: &str, path: &str, body: &Value) -> Response {
        post_to(&self.client, &self.base, key, path, body).await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let answer = self.post_as(&fresh_key(), path, body).await;
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        let answer = self.get_raw(path).await;
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    pub(crate) async fn get_raw(&self, path: &str) -> Response {
        self.client.get(format!("{}{path}", self.base)).bearer_auth("sandbox-key").send().await.unwrap()
    }

    /// Turns a dial.
    pub(crate) async fn dial(&self, path: &str, body: &Value) -> Value {
        let answer = self.client.post(format!("{}{path}", self.base)).json(body).send().await.unwrap();
        let status = answer.status();
        let body: Value = answer.json().await.unwrap();
        assert!(status.is_success(), "{path}: {body}");
        body
    }

    pub(crate) async fn move_clock(&self, to: &str) {
        self.dial("/clock", &json!({"now": to})).await;
    }

    /// Opens a page and gives its address.
    pub(crate) async fn open(&self, reference: &str, amount: &str) -> String {
        let (status, body) = self.post("/v1/pages", &page_order(reference, amount)).await;
        assert_eq!(status, 201, "{body}");
        body["url"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn submit(&self, url: &str, fields: &[(&str, &str)]) -> Response {
        self.client.post(url).form(fields).send().await.unwrap()
    }

    pub(crate) async fn pay_by_card(&self, url: &str, number: &str) -> Response {
        self.submit(url, &card_fields(number)).await
    }

    pub(crate) async fn pay_by_bank(&self, url: &str, number: &str) -> Response {
        self.submit(url, &bank_fields(number)).await
    }

    pub(crate) async fn charge(&self, reference: &str) -> Value {
        let (status, body) = self.get(&format!("/v1/charges/{reference}")).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    pub(crate) async fn state(&self, reference: &str) -> String {
        self.charge(reference).await["state"].as_str().unwrap().to_owned()
    }

    /// Kind and state of every line about a reference.
    pub(crate) async fn lines(&self, reference: &str) -> Vec<(String, String)> {
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        let lines = self.journal().await;
        let ours = lines.iter().filter(|line| line["reference"] == reference);
        ours.map(|line| (word(&line["kind"]), word(&line["state"]))).collect()
    }

    pub(crate) async fn journal(&self) -> Vec<Value> {
        let text = self.get_raw("/journal").await.text().await.unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

pub(crate) fn client() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(30))
        .no_proxy()
        .build()
        .unwrap()
}

pub(crate) async fn post_to(
    client: &Client,
    base: &str,
    key: &str,
    path: &str,
    body: &Value,
) -> Result<Response, reqwest::Error> {
    let call = client.post(format!("{base}{path}")).bearer_auth("sandbox-key");
    call.header("idempotency-key", key).json(body).send().await
}

/// An idempotency key nobody had before in this process.
pub(crate) fn fresh_key() -> String {
    static LAST: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    format!("key-{}", LAST.fetch_add(1, std::sync::atomic::Ordering::SeqCst))
}

pub(crate) fn page_order(reference: &str, amount: &str) -> Value {
    json!({
        "reference": reference, "amount": amount, "currency": "USD", "methods": ["card", "bank"],
        "return_url": RETURN_URL, "expires_at": "2026-03-02T15:20:00Z", "description": "Premium, March",
        "language": "en",
    })
}

pub(crate) fn charge_order(reference: &str, amount: &str, token: &str) -> Value {
    json!({"reference": reference, "amount": amount, "currency": "USD", "token": token, "capture": true})
}

pub(crate) fn card_fields(number: &str) -> [(&str, &str); 5] {
    [("method", "card"), ("card_number", number), ("expiry", "12/30"), ("cvc", "123"), ("name", "Ana Ruiz")]
}

pub(crate) fn bank_fields(number: &str) -> [(&str, &str); 6] {
    [
        ("method", "bank"),
        ("account_name", "Ana Ruiz"),
        ("account_type", "checking"),
        ("routing_number", "110000000"),
        ("account_number", number),
        ("mandate", "yes"),
    ]
}

/// One delivery of an event, as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    pub(crate) signature: String,
    pub(crate) body: String,
}

impl Delivery {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// Someone who takes events and answers with the statuses it was told, then 200.
pub(crate) struct Receiver {
    pub(crate) url: String,
    deliveries: Arc<Mutex<Vec<Delivery>>>,
}

impl Receiver {
    pub(crate) async fn new(statuses: &[u16]) -> Self {
        let deliveries = Arc::new(Mutex::new(Vec::new()));
        let statuses = Arc::new(Mutex::new(statuses.iter().rev().copied().collect::<Vec<_>>()));
        let seen = Arc::clone(&deliveries);
        let take = async move |headers: axum::http::HeaderMap, body: String| {
            let signature = headers["sandbox-signature"].to_str().unwrap().to_owned();
            seen.lock().unwrap().push(Delivery { signature, body });
            let status = statuses.lock().unwrap().pop().unwrap_or(200);
            axum::http::StatusCode::from_u16(status).unwrap()
        };
        let router = axum::Router::new().route("/hooks", axum::routing::post(take));
        let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let url = format!("http://{}/hooks", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, deliveries }
    }

    pub(crate) fn seen(&self) -> Vec<Delivery> {
        self.deliveries.lock().unwrap().clone()
    }

    /// Waits for so many deliveries, five seconds at most.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Delivery> {
        for _ in 0..250 {
            if self.seen().len() >= count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.seen()
    }
}
