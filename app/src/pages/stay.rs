use leptos::prelude::*;

use crate::{components::Page, path::Path, sitting::sitting, t};

/// Reads nothing and shows nothing: having been asked for is what carries the visit on.
#[component]
pub fn StayPage() -> impl IntoView {
    let signed_in = sitting().visit.is_some_and(|visit| visit.member.is_some());
    view! {
        <Page title=t!("stay-title")>
            {if signed_in {
                view! {
                    <h1>{t!("stay-title")}</h1>
                    <p class="lead">{t!("stay-text")}</p>
                }
                    .into_any()
            } else {
                view! {
                    <h1>{t!("answer-signed-out")}</h1>
                    <p class="lead">{t!("stay-ended-text")}</p>
                    <p><a class="button" href=Path::SignIn.to_string()>{t!("sign-in")}</a></p>
                }
                    .into_any()
            }}
        </Page>
    }
}
