use leptos::prelude::*;

use super::Tone;

/// A framed word to the reader. What happened to the money stands first in its text.
#[component]
pub fn Notice(
    #[prop(optional)] tone: Tone,
    #[prop(into)] title: String,
    children: Children,
) -> impl IntoView {
    view! {
        <div class=format!("notice {}", tone.class())>
            <p class="notice-title">{title}</p>
            {children()}
        </div>
    }
}
