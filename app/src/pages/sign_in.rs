use leptos::prelude::*;

use crate::{
    components::{Field, Notice, Page, Refusals, Tone, again},
    path::{Path, Place},
    sitting::{in_query, sitting},
    t,
};

/// The door. Says what to have ready, and why one stands here when a visit has ended.
#[component]
pub fn SignInPage() -> impl IntoView {
    let again = again();
    let next = in_query("next").and_then(|next| Path::read(&next));
    let kept = in_query("kept");
    let ended = in_query("ended").is_some();
    let signed_out = in_query("done").is_some() && sitting().visit.is_none_or(|visit| visit.member.is_none());
    let form_waits = kept.is_some();
    // Why one stands here: after a notice or a refusal that is clear.
    let why = next.as_ref().filter(|_| !ended && !again.is_refused()).and_then(say_next);
    view! {
        <Page title=t!("sign-in-title") refused=again.is_refused()>
            <Refusals again=again.clone()/>
            {(ended && !again.is_refused())
                .then(|| {
                    view! {
                        <Notice tone=Tone::Warn title=t!("sign-in-ended")>
                            <p>{if form_waits { t!("sign-in-ended-kept") } else { t!("sign-in-ended-text") }}</p>
                        </Notice>
                    }
                })}
            {signed_out
                .then(|| {
                    view! {
                        <Notice tone=Tone::Good title=t!("sign-in-signed-out")><p>{t!("sign-in-signed-out-text")}</p></Notice>
                    }
                })}
            <h1>{t!("sign-in-title")}</h1>
            {why.map(|why| view! { <p class="lead">{why}</p> })}
            <p class="note">{t!("sign-in-ready")}</p>
            <form class="form card" method="post" action="/api/sign-in" autocomplete="on">
                <input type="hidden" name="next" value=next.map(|next| next.to_string()).unwrap_or_default()/>
                <input type="hidden" name="kept" value=kept.unwrap_or_default()/>
                <Field name="email" label=t!("field-email") kind="email" autocomplete="username" inputmode="email" again=again.clone()/>
                <Field name="password" label=t!("field-password") kind="password" autocomplete="current-password" again max_length=1024/>
                <p class="actions">
                    <button class="button">{t!("sign-in")}</button>
                    <a href=Path::Reset.to_string()>{t!("sign-in-forgot")}</a>
                </p>
            </form>
            <p>
                {t!("sign-in-first-time")} " "
                <a href=Place::from(Path::Register).to_string()>{t!("sign-in-register")}</a>
            </p>
            <p class="note">{t!("sign-in-other-ways")}</p>
        </Page>
    }
}

/// What waits behind the door, where it is no page that anybody sees.
fn say_next(next: &Path) -> Option<String> {
    Some(match next {
        Path::Bills => t!("sign-in-next-bills"),
        Path::Bill(_) => t!("sign-in-next-bill"),
        Path::Pay(_) => t!("sign-in-next-pay"),
        Path::Payments => t!("sign-in-next-payments"),
        Path::Payment(_) => t!("sign-in-next-payment"),
        Path::Explain(..) => t!("sign-in-next-explain"),
        Path::Profile => t!("sign-in-next-profile"),
        Path::Home
        | Path::SignIn
        | Path::Register
        | Path::RegisterFinish
        | Path::Reset
        | Path::Language
        | Path::Stay => return None,
    })
}
