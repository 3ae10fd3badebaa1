use billing::error::Error;
use leptos::prelude::*;

use crate::{
    components::{Again, Field, Load, Notice, Page, Refusals, Tone, again},
    path::Path,
    sitting::{in_query, seat, sitting},
    t,
};

/// A forgotten password, at its four moments: asking, the code to keep at hand, the mailed link, done. The page of the
/// link reveals nothing and uses nothing up: mail scanners open links, too.
#[component]
pub fn ResetPage() -> impl IntoView {
    let (sent, token, done) = (in_query("sent"), in_query("token"), in_query("done"));
    let moment = async move {
        let again = again();
        Ok::<_, Error>(match (sent, token, done) {
            (_, Some(token), _) => Moment::Link { token, again },
            (Some(sent), ..) => {
                let id = sent.parse().map_err(|_| Error::NotFound)?;
                Moment::Sent(seat()?.door().shown_code(id).await?)
            }
            (_, _, Some(_)) => Moment::Done,
            _ => Moment::Ask(again),
        })
    };
    view! {
        <Load
            from=moment
            show=|moment| match moment {
                Moment::Ask(again) => view! { <Ask again/> }.into_any(),
                Moment::Sent(Some(code)) => view! { <Sent code/> }.into_any(),
                Moment::Sent(None) => view! { <Over/> }.into_any(),
                Moment::Link { token, again } => view! { <Link token again/> }.into_any(),
                Moment::Done => view! { <Done/> }.into_any(),
            }
        />
    }
}

enum Moment {
    Ask(Again),
    /// The code, as long as it can be used.
    Sent(Option<String>),
    Link {
        token: String,
        again: Again,
    },
    Done,
}

#[component]
pub(super) fn Ask(again: Again) -> impl IntoView {
    // Whoever is signed in has forgotten nothing: they came here to change it.
    let signed_in = sitting().visit.is_some_and(|visit| visit.member.is_some());
    let (title, lead) = if signed_in {
        (t!("profile-password"), t!("profile-password-lead"))
    } else {
        (t!("reset-title"), t!("reset-lead"))
    };
    let (back, back_to) = if signed_in {
        (Path::Profile, t!("profile-password-back"))
    } else {
        (Path::SignIn, t!("reset-back"))
    };
    view! {
        <Page title=title.clone() refused=again.is_refused()>
            <Refusals again=again.clone()/>
            <h1>{title}</h1>
            <p class="lead">{lead}</p>
            <p class="note">{t!("reset-ready")}</p>
            <form class="form card" method="post" action="/api/reset">
                <Field name="email" label=t!("field-email") kind="email" autocomplete="username" inputmode="email" again/>
                <button class="button">{t!("reset-send")}</button>
            </form>
            <p><a href=back.to_string()>{back_to}</a></p>
        </Page>
    }
}

#[component]
fn Sent(code: String) -> impl IntoView {
    view! {
        <Page title=t!("reset-sent-title")>
            <h1>{t!("reset-sent-title")}</h1>
            <p class="lead">{t!("reset-sent-lead")}</p>
            <Notice title=t!("reset-sent-code")>
                <p class="code-shown">{code}</p>
                <p>{t!("reset-sent-code-text")}</p>
            </Notice>
            <p>{t!("reset-sent-none")}</p>
            <p><a href=Path::Reset.to_string()>{t!("reset-again")}</a></p>
        </Page>
    }
}

#[component]
fn Link(token: String, again: Again) -> impl IntoView {
    view! {
        <Page title=t!("reset-link-title") refused=again.is_refused()>
            <Refusals again=again.clone()/>
            <h1>{t!("reset-link-title")}</h1>
            <p class="lead">{t!("reset-link-lead")}</p>
            <form class="form card" method="post" action="/api/reset-finish">
                <input type="hidden" name="token" value=token/>
                <Field
                    name="code"
                    label=t!("reset-link-code")
                    hint=t!("reset-link-code-hint")
                    autocomplete="off"
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
                <button class="button">{t!("reset-link-send")}</button>
            </form>
            <p><a href=Path::Reset.to_string()>{t!("reset-again")}</a></p>
        </Page>
    }
}

#[component]
fn Over() -> impl IntoView {
    view! {
        <Page title=t!("reset-over-title")>
            <h1>{t!("reset-over-title")}</h1>
            <p class="lead">{t!("reset-over-text")}</p>
            <p><a class="button" href=Path::Reset.to_string()>{t!("reset-again")}</a></p>
        </Page>
    }
}

#[component]
fn Done() -> impl IntoView {
    view! {
        <Page title=t!("reset-done-title")>
            <Notice tone=Tone::Good title=t!("reset-done-title")><p>{t!("reset-done-text")}</p></Notice>
            <h1>{t!("reset-done-next")}</h1>
            <p><a class="button" href=Path::SignIn.to_string()>{t!("sign-in")}</a></p>
        </Page>
    }
}
