use leptos::prelude::*;
use uuid::Uuid;

use crate::{
    components::{Again, Field, Load, Page, Refusals, Steps, again},
    path::Path,
    sitting::{in_query, seat},
    t,
};

/// First step: who you are on our books.
#[component]
pub fn RegisterPage() -> impl IntoView {
    view! { <Ask again=again()/> }
}

#[component]
fn Ask(again: Again) -> impl IntoView {
    view! {
        <Page title=t!("register-title") refused=again.is_refused()>
            <Steps names=steps() current=0/>
            <Refusals again=again.clone()/>
            <h1>{t!("register-title")}</h1>
            <p class="lead">{t!("register-lead")}</p>
            <form class="form card" method="post" action="/api/register">
                <Field
                    name="mrn"
                    label=t!("register-mrn")
                    hint=t!("register-mrn-hint")
                    inputmode="numeric"
                    autocomplete="off"
                    width="short"
                    max_length=20
                    again=again.clone()
                />
                <Field
                    name="birth_date"
                    label=t!("register-birth-date")
                    hint=t!("register-birth-date-hint")
                    autocomplete="bday"
                    width="short"
                    max_length=20
                    again
                />
                <button class="button">{t!("register-send")}</button>
            </form>
            <p>{t!("register-known")} " " <a href=Path::SignIn.to_string()>{t!("sign-in")}</a></p>
        </Page>
    }
}

/// Second step: the mailed code, and a password of one's own. Says the same to everybody who asked.
#[component]
pub fn RegisterFinishPage() -> impl IntoView {
    let sent: Option<Uuid> = in_query("sent").and_then(|text| text.parse().ok());
    let form = async move {
        let again = again();
        let Some(sent) = sent else { return Ok((None, again)) };
        let open = seat()?.door().registration_open(sent).await? || again.is_refused();
        Ok((open.then_some(sent), again))
    };
    view! {
        <Load
            from=form
            show=|(open, again)| match open {
                Some(sent) => view! { <Finish sent again/> }.into_any(),
                None => view! { <Over/> }.into_any(),
            }
        />
    }
}

#[component]
fn Finish(sent: Uuid, again: Again) -> impl IntoView {
    view! {
        <Page title=t!("register-finish-title") refused=again.is_refused()>
            <Steps names=steps() current=1/>
            <Refusals again=again.clone()/>
            <h1>{t!("register-finish-title")}</h1>
            <p class="lead">{t!("register-finish-lead")}</p>
            <p>{t!("register-finish-none")}</p>
            <form class="form card" method="post" action="/api/register-finish">
                <input type="hidden" name="sent" value=sent.to_string()/>
                <Field
                    name="code"
                    label=t!("field-code")
                    hint=t!("register-code-hint")
                    autocomplete="one-time-code"
                    inputmode="numeric"
                    width="code"
                    max_length=20
                    again=again.clone()
                />
                <Field
                    name="password"
                    label=t!("field-new-password")
                    hint=t!("field-new-password-hint")
                    kind="password"
                    autocomplete="new-password"
                    max_length=1024
                    again
                />
                <button class="button">{t!("register-finish-send")}</button>
            </form>
            <p><a href=Path::Register.to_string()>{t!("register-again")}</a></p>
        </Page>
    }
}

#[component]
fn Over() -> impl IntoView {
    view! {
        <Page title=t!("register-over-title")>
            <h1>{t!("register-over-title")}</h1>
            <p class="lead">{t!("register-over-text")}</p>
            <p><a class="button" href=Path::Register.to_string()>{t!("register-again")}</a></p>
        </Page>
    }
}

fn steps() -> Vec<String> {
    vec![t!("register-step-who"), t!("register-step-password")]
}
