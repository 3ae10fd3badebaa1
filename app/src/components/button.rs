use leptos::prelude::*;

use crate::{
    islands::{CopyButton, PrintPage},
    t,
};

/// Prints this page, also from a paragraph of other ways on. Appears once its script runs: without one, the browser's own menu prints.
#[component]
pub fn PrintButton() -> impl IntoView {
    view! {
        <span class="print-button">
            <button type="button" class="button quiet print-page" hidden>{t!("print")}</button>
            <PrintPage/>
        </span>
    }
}

/// A text people pass on (a receipt's number), with a button to copy it once its script runs.
#[component]
pub fn CopyText(#[prop(into)] text: String) -> impl IntoView {
    view! {
        <span class="copy-text">
            <span class="reference">{text}</span>
            <button type="button" class="link" data-done=t!("copied") hidden>{t!("copy")}</button>
            <CopyButton/>
        </span>
    }
}
