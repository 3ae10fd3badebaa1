//! The page of one payment, from "check before you pay" to its receipt. What it says follows from what is known of the
//! payment, never from the address it was opened by: coming back from the gateway proves nothing.

mod check;
mod ended;
mod receipt;
pub(super) mod waiting;

use billing::{
    ids::PaymentId,
    payments::{PaymentView, Stage},
};
use chrono::{DateTime, Utc};
use leptos::prelude::*;

use crate::{
    components::{Again, Card, Load, Page, Refusals, WhomToAsk, again},
    path::Path,
    sitting::{in_path, in_query, seat},
    t,
};

#[component]
pub fn PaymentPage() -> impl IntoView {
    let payment = async {
        let seat = seat()?;
        let step = in_query("step");
        let seen = Seen {
            // The gateway adds its reference to the address it sends people back to: a hint for the words alone.
            back: in_query("reference").is_some() || step.is_some(),
            look: waiting::Look::read(step.as_deref()),
            undo: step.as_deref() == Some("undo"),
            now: seat.billing().clock().now(),
        };
        let again = again();
        let payment = seat.member()?.payment(in_path("id")?).await?;
        Ok((payment, again, seen))
    };
    view! { <Load from=payment show=|(payment, again, seen)| view! { <PaymentShown payment again seen/> }/> }
}

/// How this page is looked at: matters to waiting pages alone.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    pub(super) back: bool,
    pub(super) look: waiting::Look,
    /// The payer wants to take it back, and has not said so for good.
    pub(super) undo: bool,
    pub(super) now: DateTime<Utc>,
}

#[component]
pub(super) fn PaymentShown(payment: PaymentView, again: Again, seen: Seen) -> impl IntoView {
    match payment.stage.clone() {
        Stage::Check => view! { <check::Check payment again/> }.into_any(),
        Stage::LooksAlike { other } => view! { <check::LooksAlike payment other=*other again/> }.into_any(),
        Stage::AtGateway => view! { <waiting::AtGateway payment again seen/> }.into_any(),
        Stage::Confirming { answer_by } => {
            view! { <waiting::Confirming payment again seen answer_by/> }.into_any()
        }
        Stage::InReview => view! { <waiting::InReview payment/> }.into_any(),
        Stage::Received { cancel_until: Some(_), .. } if seen.undo => {
            view! { <receipt::TakeBack payment again/> }.into_any()
        }
        Stage::Received { cancel_until, final_on } => {
            view! { <receipt::Receipt payment again cancel_until final_on settled=false/> }.into_any()
        }
        Stage::Settled => {
            view! { <receipt::Receipt payment again cancel_until=None final_on=None settled=true/> }
                .into_any()
        }
        Stage::Declined { class } => view! { <ended::Declined payment class/> }.into_any(),
        Stage::Cancelled => view! { <ended::Cancelled payment/> }.into_any(),
        Stage::Expired => view! { <ended::Expired payment again/> }.into_any(),
        Stage::NotTaken => view! { <ended::NotTaken payment/> }.into_any(),
        Stage::Returned { code } => view! { <ended::Returned payment code/> }.into_any(),
    }
}

/// One button that does one thing with one payment.
#[component]
fn Act(
    /// The endpoint, without `/api/`.
    to: &'static str,
    payment: PaymentId,
    #[prop(into)] label: String,
    #[prop(optional)] quiet: bool,
    /// The payer's yes to a second payment like one already made.
    #[prop(optional)]
    again: bool,
) -> impl IntoView {
    view! {
        <form class="act" method="post" action=format!("/api/{to}")>
            <input type="hidden" name="payment_id" value=payment.to_string()/>
            {again.then(|| view! { <input type="hidden" name="again" value="yes"/> })}
            <button class="button" class:quiet=quiet id=again.then_some("field-again")>{label}</button>
        </form>
    }
}

/// Whom to ask, at the end of each page of a payment that went its own way.
#[component]
fn Help(payment: PaymentView) -> impl IntoView {
    view! { <Card title=t!("payment-help")><WhomToAsk ask=payment.ways.ask/></Card> }
}

/// The frame the pages of a payment share: title, what came back, heading.
#[component]
fn Stands(#[prop(into)] title: String, #[prop(optional)] again: Again, children: Children) -> impl IntoView {
    let refused = again.is_refused();
    view! {
        <Page title refused=refused>
            <Refusals again/>
            {children()}
        </Page>
    }
}

/// Ways on from a page of a payment.
#[component]
fn Onward(payment: PaymentView) -> impl IntoView {
    view! {
        <p class="actions no-print">
            <a href=Path::Bill(payment.bill.id).to_string()>{t!("payment-see-bill")}</a>
            <a href=Path::Payments.to_string()>{t!("payment-see-history")}</a>
        </p>
    }
}
