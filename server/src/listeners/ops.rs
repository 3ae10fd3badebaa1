//! Health and metrics, on loopback only.

use axum::{Router, extract::State, http::StatusCode, middleware, response::IntoResponse};
use billing::Billing;
use metrics_exporter_prometheus::PrometheusHandle;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use super::{Way, mount};
use crate::guard;

/// Whether this process takes work: no longer, once it was told to stop.
#[derive(Clone, Default)]
pub struct Ready(Arc<AtomicBool>);

impl Ready {
    pub fn set(&self, ready: bool) {
        self.0.store(ready, Ordering::Release);
    }
}

#[derive(Clone)]
pub struct Ops {
    pub ready: Ready,
    pub billing: Billing,
    pub metrics: PrometheusHandle,
}

/// All that watchers can ask.
pub fn ways() -> [Way<Ops>; 3] {
    [
        Way::get("/healthz", async || "ok\n"),
        Way::get("/readyz", ready),
        Way::get("/metrics", async |State(ops): State<Ops>| ops.metrics.render()),
    ]
}

pub fn router(ops: Ops) -> Router {
    // Loopback speaks no https.
    mount(ways()).with_state(ops).layer(middleware::from_fn_with_state(false, guard::headers))
}

async fn ready(State(ops): State<Ops>) -> impl IntoResponse {
    if !ops.ready.0.load(Ordering::Acquire) {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    if ops.billing.pools().answer().await {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "no database\n")
    }
}
