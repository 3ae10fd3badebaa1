//! The staff's listener: its own host, port, cookie and sign-in. Until the desk is built it says so, and answers
//! nothing else.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::header,
    middleware,
    response::{IntoResponse as _, Response},
};
use billing::words::{Language, words};
use i18n_embed_fl::fl;

use super::{Way, mount};
use crate::{
    answers::{Plain, plain},
    guard,
};

/// All the desk answers to.
pub fn ways() -> [Way<Arc<str>>; 1] {
    [Way::get("/", closed)]
}

/// `members`: the address of the member listener, for those who came to the wrong door.
pub fn router(members: &str) -> Router {
    mount(ways())
        .with_state(Arc::from(members))
        .fallback(async |request: Request| plain(Plain::NotFound, &guard::wishes(request.headers()), ""))
        .layer(middleware::from_fn_with_state(members.starts_with("https://"), guard::headers))
}

async fn closed(State(members): State<Arc<str>>) -> Response {
    let text = Language::ALL.map(|language| {
        let words = words(language);
        format!(
            "<section lang=\"{}\"><h2>{}</h2><p>{}</p><p>{} <a href=\"{members}\">{members}</a></p><p>{}</p></section>",
            language.tag(),
            fl!(words, "desk-title"),
            fl!(words, "desk-closed"),
            fl!(words, "desk-members"),
            fl!(words, "desk-reps"),
        )
    });
    let title = fl!(words(Language::English), "site-name");
    let page = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><title>{title}: {}</title></head><body><main><h1>{title}</h1>\
         {}</main></body></html>",
        fl!(words(Language::English), "desk-title"),
        text.concat()
    );
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}
