//! A gateway that answers what it is told to, and keeps what it was sent: the other end of the adapter.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Json, Router, body::Bytes, http::StatusCode, routing};
use billing::{
    Billing,
    ids::AttemptId,
    money::Money,
    payments::{
        Method,
        gateway::{Gateway as _, GatewayError, OpenPage},
    },
};
use serde_json::{Value, json};
use server::outside::gateway::HostedGateway;

use crate::desk::Portal;

pub const KEY: &str = "gateway-key-9f31c0";

pub struct Outside {
    pub url: String,
    /// The next pages' addresses.
    pub page: Arc<Mutex<String>>,
    /// What pages were asked for.
    pub asked: Arc<Mutex<Vec<Value>>>,
}

impl Outside {
    pub async fn open() -> Self {
        // Installed before by another test of this process: as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (page, asked) =
            (Arc::new(Mutex::new(format!("{url}/page/1"))), Arc::<Mutex<Vec<Value>>>::default());
        let (told, kept) = (page.clone(), asked.clone());
        let pages = routing::post(async move |body: Bytes| {
            kept.lock().unwrap().push(serde_json::from_slice(&body).expect("JSON"));
            Json(json!({ "url": *told.lock().unwrap() }))
        });
        let router = Router::new()
            .route("/v1/pages", pages)
            .fallback(async || (StatusCode::NOT_FOUND, Json(json!({ "error": { "code": "not_found" } }))));
        tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
        Self { url, page, asked }
    }

    pub fn adapter(&self) -> HostedGateway {
        HostedGateway::new(&self.url, KEY.into(), Duration::from_secs(5)).expect("an adapter")
    }

    /// The same portal, with this gateway.
    pub fn behind(&self, portal: &Portal) -> Portal {
        let plan = &portal.plan;
        let (pools, settings) = (plan.billing.pools().clone(), plan.billing.settings().clone());
        let billing = Billing::new(pools, Arc::new(self.adapter()), plan.clock.clone(), settings)
            .with_mailer(Arc::new(portal.post.clone()));
        portal.over(billing, &self.url)
    }
}

/// T22: whatever the gateway's answer names, a payer is sent to the one configured origin or nowhere.
#[tokio::test]
async fn a_page_elsewhere_is_no_answer() {
    let outside = Outside::open().await;
    let gateway = outside.adapter();
    let page = OpenPage {
        reference: AttemptId::mint(),
        amount: Money::from_cents(2000),
        method: Method::Card,
        return_url: "http://localhost:3000/payments/x".to_owned(),
        expires_at: billing::clock::Clock::System.now(),
        description: "Bill".to_owned(),
        language: "en".to_owned(),
    };
    let own = &outside.url;
    let port = own.rsplit_once(':').unwrap().1;
    for good in [format!("{own}/page/1"), format!("{own}/"), format!("{own}/page?x=//evil.example")] {
        outside.page.lock().unwrap().clone_from(&good);
        assert_eq!(gateway.open_page(&page).await, Ok(good));
    }
    for wrong in [
        "https://evil.example/page/1".to_owned(),
        "//evil.example/page/1".to_owned(),
        "/page/1".to_owned(),
        String::new(),
        own.clone(),
        format!("{own}.evil.example/page"),
        format!("{own}@evil.example/page"),
        format!("http://127.0.0.1:{port}0/page"),
        "http://127.0.0.1/page".to_owned(),
        format!("https://127.0.0.1:{port}/page"),
        format!("http://payer:secret@127.0.0.1:{port}/page"),
        format!("http://evil.example\\@127.0.0.1:{port}/page"),
        format!("http://127.0.0.1:{port}\\.evil.example/page"),
        format!("http://127.0.0.1:{port}#@evil.example/"),
        format!("http://localhost:{port}/page"),
        format!("http://127.1:{port}/page"),
        format!("HTTP://127.0.0.1:{port}/page"),
        format!(" {own}/page"),
        format!("{own}/page\r\nLocation: https://evil.example"),
        format!("{own}/\tpage"),
        "javascript:alert(1)".to_owned(),
        "data:text/html,x".to_owned(),
        "blob:http://127.0.0.1/x".to_owned(),
    ] {
        outside.page.lock().unwrap().clone_from(&wrong);
        let answer = gateway.open_page(&page).await;
        assert!(matches!(answer, Err(GatewayError::NoAnswer(_))), "{wrong}: {answer:?}");
    }
}
