//! One router for each listener; a route exists on one only. What is no page and no form of the app is mounted from a
//! list, so that a test can hold the list against `authz.toml`.

pub mod desk;
pub mod member;
pub mod ops;
mod seats;

use axum::{Router, handler::Handler, routing::MethodRouter};

/// One method of one path, and who answers it.
pub struct Way<S> {
    pub method: &'static str,
    pub path: &'static str,
    answer: MethodRouter<S>,
}

impl<S: Clone + Send + Sync + 'static> Way<S> {
    pub(crate) fn get<H: Handler<T, S>, T: 'static>(path: &'static str, answer: H) -> Self {
        Self { method: "GET", path, answer: axum::routing::get(answer) }
    }

    pub(crate) fn post<H: Handler<T, S>, T: 'static>(path: &'static str, answer: H) -> Self {
        Self { method: "POST", path, answer: axum::routing::post(answer) }
    }
}

/// A router of these ways and nothing else.
pub(crate) fn mount<S: Clone + Send + Sync + 'static>(ways: impl IntoIterator<Item = Way<S>>) -> Router<S> {
    ways.into_iter().fold(Router::new(), |router, way| router.route(way.path, way.answer))
}
