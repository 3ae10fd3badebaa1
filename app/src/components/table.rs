use leptos::prelude::*;

use crate::{path::Place, t};

/// One head of a table.
#[derive(Clone, Debug)]
pub struct Column {
    head: String,
    figures: bool,
}

impl Column {
    pub fn text(head: impl Into<String>) -> Self {
        Self { head: head.into(), figures: false }
    }

    /// Right-aligned, tabular figures.
    pub fn figures(head: impl Into<String>) -> Self {
        Self { head: head.into(), figures: true }
    }
}

/// A table with its caption. Children are its rows; cells with figures carry `class="figures"`, and each cell
/// `data-head` of its column, shown where the table folds on a phone.
#[component]
pub fn Table(
    #[prop(into)] caption: String,
    columns: Vec<Column>,
    /// Caption for the ear only: a heading above already says it.
    #[prop(optional)]
    quiet: bool,
    children: Children,
) -> impl IntoView {
    let heads = columns
        .into_iter()
        .map(|column| view! { <th scope="col" class:figures=column.figures>{column.head}</th> })
        .collect_view();
    view! {
        <table class="table">
            <caption class:unseen=quiet>{caption}</caption>
            <thead><tr>{heads}</tr></thead>
            <tbody>{children()}</tbody>
        </table>
    }
}

/// Links to the next page of a list, and back to its start.
#[component]
pub fn Pager(
    /// The next page, if there is one.
    next: Option<Place>,
    /// The first page, when this is a later one.
    start: Option<Place>,
) -> impl IntoView {
    (next.is_some() || start.is_some()).then(|| {
        view! {
            <nav class="pager" aria-label=t!("pager-label")>
                {start.map(|place| view! { <a href=place.to_string()>{t!("pager-start")}</a> })}
                {next.map(|place| view! { <a rel="next" href=place.to_string()>{t!("pager-next")}</a> })}
            </nav>
        }
    })
}
