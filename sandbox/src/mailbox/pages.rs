//! The mailbox for eyes and for tests.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::store::{Mail, Mailbox, Refuse};
use crate::gateway::dials::Told;
use crate::overview::{page, say_instant};

type Shared = State<Arc<Mailbox>>;

pub(crate) fn routes() -> Router<Arc<Mailbox>> {
    Router::new()
        .route("/mailbox", get(list))
        .route("/mailbox.json", get(list_json))
        .route("/mailbox/refuse", post(refuse))
        .route("/mailbox/{id}", get(show))
        .route("/mailbox/{id}/html", get(show_html))
}

#[derive(Deserialize)]
struct To {
    to: Option<String>,
}

impl To {
    fn address(&self) -> Option<&str> {
        self.to.as_deref().map(str::trim).filter(|to| !to.is_empty())
    }
}

async fn list_json(State(mailbox): Shared, Query(to): Query<To>) -> Json<Vec<Mail>> {
    Json(mailbox.list(to.address()))
}

async fn list(State(mailbox): Shared, Query(to): Query<To>) -> Response {
    let mails = mailbox.list(to.address());
    page(&MailboxPage {
        to: to.address().unwrap_or_default(),
        rows: mails.iter().take(200).map(Row::of).collect(),
    })
}

async fn refuse(State(mailbox): Shared, Told(refuse): Told<Refuse>) -> Response {
    if !(400..600).contains(&refuse.code) {
        let body: Value = json!({"error": {"code": "invalid", "message": "code must be 400 to 599"}});
        return (StatusCode::BAD_REQUEST, Json(body)).into_response();
    }
    mailbox.refuse(refuse.clone());
    (StatusCode::CREATED, Json(refuse)).into_response()
}

async fn show(State(mailbox): Shared, Path(id): Path<String>) -> Response {
    let Some(mail) = mailbox.find(&id) else { return StatusCode::NOT_FOUND.into_response() };
    let text = if mail.text.is_empty() { "(no text)" } else { &mail.text };
    page(&MailPage {
        row: Row::of(&mail),
        pieces: with_links(text),
        has_html: !mail.html.is_empty(),
        headers: mail.headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
    })
}

/// The mail's own HTML, in a box where no script runs, nothing is loaded and nothing is posted.
async fn show_html(State(mailbox): Shared, Path(id): Path<String>) -> Response {
    let Some(html) = mailbox.find(&id).map(|mail| mail.html).filter(|html| !html.is_empty()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut answer = Html(html).into_response();
    for (name, value) in [
        (
            header::CONTENT_SECURITY_POLICY,
            "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; \
             img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    answer
}

/// A stretch of text, or an address one can follow.
struct Piece<'a> {
    text: &'a str,
    is_link: bool,
}

/// Cuts a text into plain stretches and web addresses.
fn with_links(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = [rest.find("http://"), rest.find("https://")].into_iter().flatten().min() {
        let (before, from_link) = rest.split_at(start);
        let end = from_link.find(|letter: char| letter.is_whitespace() || "<>\"".contains(letter));
        let (link, after) = from_link.split_at(end.unwrap_or(from_link.len()));
        let address = link.trim_end_matches(['.', ',', ')', ';', ':', '!', '?']);
        let (address, tail) = link.split_at(address.len());
        pieces.push(Piece { text: before, is_link: false });
        pieces.push(Piece { text: address, is_link: true });
        pieces.push(Piece { text: tail, is_link: false });
        rest = after;
    }
    pieces.push(Piece { text: rest, is_link: false });
    pieces
}

/// A mail in a list.
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) at: String,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) subject: String,
}

impl Row {
    pub(crate) fn of(mail: &Mail) -> Self {
        let subject = if mail.subject.is_empty() { "(no subject)" } else { &mail.subject };
        Self {
            id: mail.id.clone(),
            at: say_instant(mail.at),
            from: mail.from.clone(),
            to: mail.to.clone(),
            subject: subject.to_owned(),
        }
    }
}

#[derive(Template)]
#[template(path = "mailbox.html")]
struct MailboxPage<'a> {
    to: &'a str,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct MailPage<'a> {
    row: Row,
    pieces: Vec<Piece<'a>>,
    has_html: bool,
    headers: Vec<(String, String)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_a_text_become_links_without_the_full_stop() {
        let pieces = with_links("Go to http://localhost:3000/reset?t=a. Or https://x.org/y, if you like");
        let links: Vec<_> = pieces.iter().filter(|piece| piece.is_link).map(|piece| piece.text).collect();
        assert_eq!(links, ["http://localhost:3000/reset?t=a", "https://x.org/y"]);
        let all: String = pieces.iter().map(|piece| piece.text).collect();
        assert_eq!(all, "Go to http://localhost:3000/reset?t=a. Or https://x.org/y, if you like");
    }
}
