//! The staff's listener: its own host, port, cookie and sign-in. Until the desk is built it says so, and answers
//! nothing else.

use axum::{
    Router,
    extract::Request,
    http::header,
    middleware,
    response::{IntoResponse as _, Response},
    routing::get,
};
use billing::words::{Language, sentence};

use crate::{
    answers::{Plain, plain},
    guard,
};

/// `secure`: whether the portal is reached over https.
pub fn router(secure: bool) -> Router {
    Router::new()
        .route("/", get(closed))
        .fallback(async |request: Request| plain(Plain::NotFound, &guard::wishes(request.headers()), ""))
        .layer(middleware::from_fn_with_state(secure, guard::headers))
}

async fn closed() -> Response {
    let say = |language: Language, key: &str| sentence(language, key, &[]);
    let text = Language::ALL
        .map(|language| format!("<p lang=\"{}\">{}</p>", language.tag(), say(language, "desk-closed")));
    let title = say(Language::English, "desk-title");
    let page = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><title>{title}</title></head><body><main><h1>{title}</h1>\
         {}</main></body></html>",
        text.concat()
    );
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}
