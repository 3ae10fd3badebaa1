use billing::{money, payments::PaymentView};
use chrono::{DateTime, Utc};
use http::{HeaderValue, header};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use super::{Act, Help, Onward, Seen, Stands};
use crate::{
    components::{Again, Status, Steps, Tone, say_when, sentence},
    pages::pay::steps,
    path::{Path, Place},
    t,
};

/// The page looks again by itself: soon at first, then ever more slowly, by a number in its address that means nothing
/// else. The person can stop it.
#[derive(Clone, Copy)]
pub(crate) enum Look {
    Again {
        after: u32,
        next: u32,
    },
    /// Stopped by the person.
    Quiet,
}

/// Seconds until the page is asked for again.
const AFTER: [u32; 5] = [5, 10, 20, 40, 60];

impl Look {
    /// By the number in the page's address; whatever else stands there is a first look.
    pub(crate) fn read(step: Option<&str>) -> Self {
        if step == Some("quiet") {
            return Self::Quiet;
        }
        let count: u32 = step.and_then(|step| step.parse().ok()).unwrap_or(0);
        let index = usize::try_from(count).unwrap_or(usize::MAX);
        let after = AFTER.get(index).or(AFTER.last()).copied().unwrap_or(60);
        Self::Again { after, next: count.saturating_add(1).min(9) }
    }
}

/// Asks the browser to come back, in the answer's head: a `<meta>` would move the page under people who cannot stop it.
/// The way to stop it stands beside it.
#[component]
fn LookAgain(payment: PaymentView, look: Look) -> impl IntoView {
    let here = Place::from(Path::Payment(payment.line.payment_id));
    match look {
        Look::Again { after, next } => {
            let to = here.clone().with("step", next);
            if let Some(options) = use_context::<ResponseOptions>()
                && let Ok(when) = HeaderValue::from_str(&format!("{after}; url={to}"))
            {
                options.insert_header(header::REFRESH, when);
            }
            view! {
                <p>
                    {t!("payment-confirming-page")} " "
                    <a href=here.with("step", "quiet").to_string()>{t!("payment-confirming-quiet")}</a>
                </p>
            }
            .into_any()
        }
        Look::Quiet => view! { <p>{t!("payment-confirming-waiting")}</p> }.into_any(),
    }
}

/// On the gateway's page, or just back from it: nothing was learnt yet.
#[component]
pub(super) fn AtGateway(payment: PaymentView, again: Again, seen: Seen) -> impl IntoView {
    let Seen { back, .. } = seen;
    let id = payment.line.payment_id;
    let figures = [(payment.line.amount, "payment", id)];
    let go_on = t!("payment-gateway-button", amount = money::say(payment.line.amount));
    let shown = payment.clone();
    let words = if back {
        view! {
            <h1>{t!("payment-returned-title")}</h1>
            <p class="lead">{sentence(&t!("payment-returned-lead", amount = sentence::FIRST), figures)}</p>
            <div class="actions"><Act to="pay/check" payment=id label=t!("payment-check-again")/></div>
            <p>{t!("payment-returned-not")}</p>
            <div class="actions">
                <Act to="pay/continue" payment=id label=go_on quiet=true/>
                <Act to="pay/cancel" payment=id label=t!("payment-check-leave") quiet=true/>
            </div>
        }
        .into_any()
    } else {
        view! {
            <h1>{t!("payment-gateway-title")}</h1>
            <p class="lead">{sentence(&t!("payment-gateway-lead", amount = sentence::FIRST), figures)}</p>
            <div class="actions">
                <Act to="pay/continue" payment=id label=go_on/>
                <Act to="pay/cancel" payment=id label=t!("payment-check-leave") quiet=true/>
            </div>
            <p>{t!("payment-gateway-back")}</p>
            <div class="actions"><Act to="pay/check" payment=id label=t!("payment-check-again") quiet=true/></div>
        }
        .into_any()
    };
    let title = if back { t!("payment-returned-title") } else { t!("payment-gateway-title") };
    view! {
        <Stands title again>
            <Steps names=steps() current=2/>
            {words}
            {back.then(|| view! { <LookAgain payment=shown look=seen.look/> })}
            <Onward payment/>
        </Stands>
    }
}

/// We do not know whether the money was taken: do not pay again, and when we will know.
#[component]
pub(super) fn Confirming(
    payment: PaymentView,
    again: Again,
    seen: Seen,
    answer_by: DateTime<Utc>,
) -> impl IntoView {
    let id = payment.line.payment_id;
    let figures = [(payment.line.amount, "payment", id)];
    let late = seen.now > answer_by;
    let by = if late {
        t!("payment-confirming-late")
    } else {
        t!("payment-confirming-by", when = say_when(answer_by, &payment.zone))
    };
    view! {
        <Stands title=t!("payment-confirming-title") again>
            <Status word=t!("payment-state-confirming") tone=Tone::Warn/>
            <h1>{t!("payment-confirming-title")}</h1>
            <p class="lead">{sentence(&t!("payment-confirming-lead", amount = sentence::FIRST), figures)}</p>
            <p><strong>{by}</strong></p>
            <LookAgain payment=payment.clone() look=seen.look/>
            <div class="actions"><Act to="pay/check" payment=id label=t!("payment-check-again")/></div>
            <Onward payment=payment.clone()/>
            <Help payment/>
        </Stands>
    }
}

/// What is known does not fit together: people look, the payer waits and does not pay again.
#[component]
pub(super) fn InReview(payment: PaymentView) -> impl IntoView {
    let figures = [(payment.line.amount, "payment", payment.line.payment_id)];
    view! {
        <Stands title=t!("payment-review-title")>
            <Status word=t!("payment-state-review") tone=Tone::Warn/>
            <h1>{t!("payment-review-title")}</h1>
            <p class="lead">{sentence(&t!("payment-review-lead", amount = sentence::FIRST), figures)}</p>
            <Onward payment=payment.clone()/>
            <Help payment/>
        </Stands>
    }
}
