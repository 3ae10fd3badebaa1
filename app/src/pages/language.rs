use billing::words::Language;
use leptos::prelude::*;

use crate::{
    components::{Page, own_name},
    path::Path,
    sitting::language,
    t,
};

/// The languages, each named in itself.
#[component]
pub fn LanguagePage() -> impl IntoView {
    let now = language();
    let choices = Language::ALL
        .into_iter()
        .map(|choice| {
            view! {
                <li>
                    <button
                        class="button"
                        class:quiet=choice != now
                        name="language"
                        value=choice.tag()
                        lang=choice.tag()
                        aria-pressed=if choice == now { "true" } else { "false" }
                    >
                        {own_name(choice)}
                    </button>
                </li>
            }
        })
        .collect_view();
    view! {
        <Page title=t!("language-title")>
            <h1>{t!("language-title")}</h1>
            <p class="lead">{t!("language-text")}</p>
            <form method="post" action="/api/language">
                <input type="hidden" name="back" value=Path::Language.to_string()/>
                <ul class="choices-row">{choices}</ul>
            </form>
        </Page>
    }
}
