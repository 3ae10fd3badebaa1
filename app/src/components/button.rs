use leptos::prelude::*;

use crate::{
    islands::{CopyButton, PrintPage},
    t,
};

/// Prints this page. Appears once its script runs: without one, the browser's own menu prints.
#[component]
pub fn PrintButton() -> impl IntoView {
    view! { <span class="print-button" data-label=t!("print")><PrintPage/></span> }
}

/// A text people pass on (a receipt's number), with a button to copy it.
#[component]
pub fn CopyText(#[prop(into)] text: String) -> impl IntoView {
    view! {
        <span class="copy-text" data-label=t!("copy") data-done=t!("copied")>
            <span class="reference">{text}</span>
            <CopyButton/>
        </span>
    }
}
