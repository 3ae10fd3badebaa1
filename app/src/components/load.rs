use std::future::Future;

use billing::error::Error;
use http::{HeaderName, HeaderValue, StatusCode, header};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use super::AnswerPage;
use crate::{
    path::{Path, Place},
    sitting::here,
};

/// Waits for a page's data and shows it; the one place for not found, signed out and broken.
///
/// `from` is made once, by the page's function: inside a `move ||` closure it could run twice, with two reads and two
/// access rows.
#[component]
pub fn Load<T, F, S, V>(from: F, show: S) -> impl IntoView
where
    T: Send + 'static,
    F: Future<Output = Result<T, Error>> + Send + 'static,
    S: FnOnce(T) -> V + Send + 'static,
    V: IntoView + 'static,
{
    Suspend::new(async move {
        match from.await {
            Ok(data) => show(data).into_any(),
            Err(error) => view! { <Stopped error/> }.into_any(),
        }
    })
}

/// A page that ends in an error: sets its status and shows what can be done.
#[component]
pub fn Stopped(error: Error) -> impl IntoView {
    let status = status_of(&error);
    if let Some(options) = use_context::<ResponseOptions>() {
        options.set_status(status);
        if let Some((name, value)) = headers_of(&error) {
            options.insert_header(name, value);
        }
        if let Error::SignedOut = error
            && let Ok(location) = HeaderValue::from_str(&sign_in_and_back(here()).to_string())
        {
            options.insert_header(header::LOCATION, location);
        }
    }
    log(&error);
    view! { <AnswerPage status=status.as_u16()/> }
}

/// Sign-in, with the page to go on to; a visit that ended says so.
pub(crate) fn sign_in_and_back(from: Option<Place>) -> Place {
    let ended = crate::sitting::sitting().ended.is_some();
    let place = Place::from(Path::SignIn);
    let place = if ended { place.with("ended", 1) } else { place };
    match from {
        Some(from) if from.path.is_private() && from.path != Path::Home => place.with("next", from.path),
        _ => place,
    }
}

/// The status an error answers with.
pub(crate) fn status_of(error: &Error) -> StatusCode {
    match error {
        Error::SignedOut => StatusCode::SEE_OTHER,
        Error::NotFound => StatusCode::NOT_FOUND,
        Error::Refused(_) => StatusCode::BAD_REQUEST,
        Error::Conflict => StatusCode::CONFLICT,
        Error::Stale => StatusCode::PRECONDITION_FAILED,
        Error::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
        Error::Fault(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// `Retry-After`, where waiting helps.
pub(crate) fn headers_of(error: &Error) -> Option<(HeaderName, HeaderValue)> {
    match error {
        Error::TooMany { retry_after } | Error::Unavailable { retry_after } => {
            Some((header::RETRY_AFTER, HeaderValue::from(*retry_after)))
        }
        _ => None,
    }
}

/// A fault is logged once, where it becomes an answer. The request's span carries its reference.
pub(crate) fn log(error: &Error) {
    if let Error::Fault(fault) = error {
        tracing::error!(%fault, "a request failed");
    }
}
