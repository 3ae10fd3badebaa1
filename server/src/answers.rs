//! Answers that are no page of the app: what the guard turns away, and what broke. Whole pages all the same.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use billing::words::{Language, sentence};

/// Why a request was turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plain {
    WrongHost,
    UrlTooLong,
    WrongMethod,
    Forged,
    WrongType,
    TooLarge,
    /// A body, a field or an answer nobody can read.
    Unreadable,
    /// A field that could hold the number of a card.
    Card,
    NotFound,
    TooMany(u32),
    Unavailable(u32),
    Broken,
}

impl Plain {
    /// Status, and the key of its title; the text is under `<key>-text`.
    const fn parts(self) -> (StatusCode, &'static str) {
        match self {
            Self::WrongHost => (StatusCode::MISDIRECTED_REQUEST, "answer-unreadable"),
            Self::UrlTooLong => (StatusCode::URI_TOO_LONG, "answer-unreadable"),
            Self::WrongMethod => (StatusCode::METHOD_NOT_ALLOWED, "answer-not-found"),
            Self::Forged => (StatusCode::FORBIDDEN, "answer-forbidden"),
            Self::WrongType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "answer-unreadable"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "answer-too-large"),
            Self::Unreadable => (StatusCode::BAD_REQUEST, "answer-unreadable"),
            Self::Card => (StatusCode::BAD_REQUEST, "answer-card"),
            Self::NotFound => (StatusCode::NOT_FOUND, "answer-not-found"),
            Self::TooMany(_) => (StatusCode::TOO_MANY_REQUESTS, "answer-too-many"),
            Self::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, "answer-unavailable"),
            Self::Broken => (StatusCode::INTERNAL_SERVER_ERROR, "answer-fault"),
        }
    }
}

/// The first language of `accept_language` that we speak.
pub fn language_of(accept_language: &str) -> Language {
    let read = |wish: &str| Language::read(wish.trim().get(..2).unwrap_or_default());
    accept_language.split(',').find_map(read).unwrap_or_default()
}

/// The page, in the first language of `accept_language` that we speak.
pub fn plain(reason: Plain, accept_language: &str, css: &str) -> Response {
    let (status, key) = reason.parts();
    let language = language_of(accept_language);
    let say = |key: &str| sentence(language, key, &[]);
    let (title, text, home) = (say(key), say(&format!("{key}-text")), say("answer-home"));
    let page = format!(
        "<!DOCTYPE html><html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><title>{title}</title><link rel=\"icon\" \
         href=\"/icon.svg\"><link rel=\"stylesheet\" href=\"{css}\"></head><body><main class=\"page\"><h1>{title}</h1><p class=\"lead\">{text}</p><p>\
         <a href=\"/\">{home}</a></p></main></body></html>",
        language.tag()
    );
    let mut answer =
        (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], Body::from(page)).into_response();
    if let Plain::TooMany(wait) | Plain::Unavailable(wait) = reason {
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait));
    }
    if reason == Plain::WrongMethod {
        answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD, POST"));
    }
    answer
}
