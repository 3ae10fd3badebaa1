use billing::{
    money,
    payments::{Method, PaymentView},
    rules::Mode,
};
use leptos::prelude::*;

use super::{Act, Help, Onward, Stands};
use crate::{
    components::{
        Again, Amount, CopyText, Fact, Facts, Status, Timed, bill_reference, bill_title, method_name,
        payment_status, say_until, sentence,
    },
    path::Path,
    t,
};

/// No money was taken, first; then why, and the way to try again.
#[component]
pub(super) fn Declined(payment: PaymentView, class: String) -> impl IntoView {
    let lead = t!("payment-declined-lead", amount = sentence::FIRST);
    let figures = [(payment.line.amount, "payment", payment.line.payment_id)];
    view! {
        <Stands title=t!("payment-declined-title")>
            <Standing payment=payment.clone()/>
            <h1>{t!("payment-declined-title")}</h1>
            <p class="lead">{sentence(&lead, figures)}</p>
            <p>{say_decline(&class)}</p>
            <OfPayment payment=payment.clone()/>
            <PayAgain payment=payment.clone() label=t!("payment-try-again")/>
            <Onward payment=payment.clone()/>
            <Help payment/>
        </Stands>
    }
}

/// The class of a decline in plain words. What the bank did not say is not guessed.
fn say_decline(class: &str) -> String {
    match class {
        "insufficient_funds" => t!("payment-decline-insufficient-funds"),
        "do_not_honour" => t!("payment-decline-do-not-honour"),
        "expired_card" => t!("payment-decline-expired-card"),
        "wrong_details" => t!("payment-decline-wrong-details"),
        "lost_or_stolen" => t!("payment-decline-lost-or-stolen"),
        "limit" => t!("payment-decline-limit"),
        "fraud" => t!("payment-decline-fraud"),
        "closed_account" => t!("payment-decline-closed-account"),
        "try_later" => t!("payment-decline-try-later"),
        _ => t!("payment-decline-other"),
    }
}

/// Taken back by its payer, before or after the money was.
#[component]
pub(super) fn Cancelled(payment: PaymentView) -> impl IntoView {
    let line = &payment.line;
    let lead = match (line.posted_at, line.method) {
        (None, _) => t!("payment-cancelled-never"),
        (Some(_), Method::Card) => t!("payment-cancelled-back-card", amount = sentence::FIRST),
        (Some(_), _) => t!("payment-cancelled-back-bank", amount = sentence::FIRST),
    };
    let figures = [(line.amount, "payment", line.payment_id)];
    view! {
        <Stands title=t!("payment-cancelled-title")>
            <Standing payment=payment.clone()/>
            <h1>{t!("payment-cancelled-title")}</h1>
            <p class="lead">{sentence(&lead, figures)}</p>
            <OfPayment payment=payment.clone()/>
            <PayAgain payment=payment.clone() label=t!("payment-expired-again")/>
            <Onward payment=payment.clone()/>
            <Help payment/>
        </Stands>
    }
}

/// Ran out of time. The payer may be sure of having paid: then we ask before they pay again.
#[component]
pub(super) fn Expired(payment: PaymentView, again: Again) -> impl IntoView {
    view! {
        <Stands title=t!("payment-expired-title") again>
            <Standing payment=payment.clone()/>
            <h1>{t!("payment-expired-title")}</h1>
            <p class="lead">{t!("payment-expired-lead")}</p>
            <p>{t!("payment-expired-doubt")}</p>
            <div class="actions">
                <Act to="pay/check" payment=payment.line.payment_id label=t!("payment-check-again")/>
            </div>
            <OfPayment payment=payment.clone()/>
            <PayAgain payment=payment.clone() label=t!("payment-expired-again") quiet=true/>
            <Onward payment=payment.clone()/>
            <Help payment/>
        </Stands>
    }
}

/// It never began, through our fault.
#[component]
pub(super) fn NotTaken(payment: PaymentView) -> impl IntoView {
    let lead = t!("payment-not-taken-lead", amount = sentence::FIRST);
    let figures = [(payment.line.amount, "payment", payment.line.payment_id)];
    view! {
        <Stands title=t!("payment-not-taken-title")>
            <Standing payment=payment.clone()/>
            <h1>{t!("payment-not-taken-title")}</h1>
            <p class="lead">{sentence(&lead, figures)}</p>
            <OfPayment payment=payment.clone()/>
            <PayAgain payment=payment.clone() label=t!("payment-try-again")/>
            <Onward payment=payment.clone()/>
            <Help payment/>
        </Stands>
    }
}

/// The bank took it back: the bill is as if it had never been paid.
#[component]
pub(super) fn Returned(payment: PaymentView, code: String) -> impl IntoView {
    let lead = t!("payment-returned-bank-lead", amount = sentence::FIRST);
    let figures = [(payment.line.amount, "payment", payment.line.payment_id)];
    let again = t!("payment-try-smaller", amount = money::say(payment.bill.payable()));
    view! {
        <Stands title=t!("payment-returned-bank-title")>
            <Standing payment=payment.clone()/>
            <h1>{t!("payment-returned-bank-title")}</h1>
            <p class="lead">{sentence(&lead, figures)}</p>
            <p>{say_return(&code)}</p>
            <OfPayment payment=payment.clone()/>
            <PayAgain payment=payment.clone() label=again/>
            <Onward payment=payment.clone()/>
            <Help payment/>
        </Stands>
    }
}

/// Why the bank sent it back (rule R13): may be tried again, another account, or not by debit at all.
fn say_return(code: &str) -> String {
    match code {
        "R01" => t!("payment-return-R01"),
        "R09" => t!("payment-return-R09"),
        "R02" => t!("payment-return-R02"),
        "R03" => t!("payment-return-R03"),
        "R04" => t!("payment-return-R04"),
        "R07" | "R10" | "R29" => t!("payment-return-stop"),
        _ => t!("payment-return-other", code = code.to_owned()),
    }
}

/// Which payment this was, and what is owed on its bill now.
#[component]
fn OfPayment(payment: PaymentView) -> impl IntoView {
    let PaymentView { line, bill, zone, today, changed_at, payer_name, .. } = payment;
    let (id, owed, until) = (line.payment_id, bill.owed(), say_until(bill.due_on, &zone));
    let number = line.receipt_number.clone().map(|number| {
        view! { <Fact term=t!("payment-number")><CopyText text=number/></Fact> }
    });
    let (title, reference) = (bill_title(&bill), bill_reference(bill.kind, &bill.number));
    let (amount, method, bill_id) = (line.amount, method_name(&line), bill.id);
    let started = view! { <Timed at=line.received_at zone=zone.clone()/> };
    let ended = view! { <Timed at=changed_at zone/> };
    let due = if today > bill.due_on {
        t!("payment-check-left-late", when = until)
    } else {
        t!("payment-check-left-due", when = until)
    };
    view! {
        <div class="card">
            <Facts>
                {number}
                <Fact term=t!("payment-amount")><Amount of=amount explain=("payment", id)/></Fact>
                <Fact term=t!("payment-check-for")>
                    <p>{title}</p>
                    <p class="note">{reference}</p>
                </Fact>
                <Fact term=t!("payment-check-with")>{method}</Fact>
                <Fact term=t!("payment-started-by")>{payer_name}</Fact>
                <Fact term=t!("payment-started-at")>{started}</Fact>
                <Fact term=t!("payment-ended-at")>{ended}</Fact>
                <Fact term=t!("payment-check-owed")>
                    <p><Amount of=owed explain=("bill-owed", bill_id)/></p>
                    {owed.is_positive().then(|| view! { <p class="note">{due}</p> })}
                </Fact>
            </Facts>
        </div>
    }
}

#[component]
fn Standing(payment: PaymentView) -> impl IntoView {
    let (word, tone) = payment_status(payment.line.state);
    view! { <Status word tone/> }
}

/// A new payment of the same bill, where it can still be paid here.
#[component]
fn PayAgain(
    payment: PaymentView,
    #[prop(into)] label: String,
    #[prop(optional)] quiet: bool,
) -> impl IntoView {
    let can = payment.bill.payable().is_positive() && payment.ways.online == Mode::On;
    can.then(|| {
        view! {
            <p class="actions no-print">
                <a class="button" class:quiet=quiet href=Path::Pay(payment.bill.id).to_string()>{label}</a>
            </p>
        }
    })
}
