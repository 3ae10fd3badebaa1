use leptos::prelude::*;

use super::Page;
use crate::{path::Path, sitting::reference, t};

/// The page of an answer that is no page of its own: errors of GET and POST alike.
#[component]
pub fn AnswerPage(status: u16) -> impl IntoView {
    let (title, text) = say_answer(status);
    let reference = (status >= 500).then(reference).flatten();
    view! {
        <Page title=title.clone()>
            <h1>{title}</h1>
            <p class="lead">{text}</p>
            {reference
                .map(|reference| view! { <p>{t!("answer-reference")} " " <code class="reference">{reference}</code></p> })}
            <p><a href=Path::Home.to_string()>{t!("answer-home")}</a></p>
        </Page>
    }
}

/// Title and text of an answer; what happened to the money stands first.
pub fn say_answer(status: u16) -> (String, String) {
    match status {
        303 => (t!("answer-signed-out"), t!("answer-signed-out-text")),
        403 => (t!("answer-forbidden"), t!("answer-forbidden-text")),
        404 | 405 => (t!("answer-not-found"), t!("answer-not-found-text")),
        409 => (t!("answer-conflict"), t!("answer-conflict-text")),
        412 => (t!("answer-stale"), t!("answer-stale-text")),
        413 => (t!("answer-too-large"), t!("answer-too-large-text")),
        429 => (t!("answer-too-many"), t!("answer-too-many-text")),
        408 | 503 | 504 => (t!("answer-unavailable"), t!("answer-unavailable-text")),
        400..500 => (t!("answer-unreadable"), t!("answer-unreadable-text")),
        _ => (t!("answer-fault"), t!("answer-fault-text")),
    }
}
