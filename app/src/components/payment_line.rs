use billing::{
    bills::{PaymentLine, Undecided},
    payments::PaymentState,
    words::{say_method, say_state},
};
use leptos::prelude::*;

use super::{Amount, Notice, Row, Status, Tone, bill_reference, dated::day_in, say_date, sentence};
use crate::{path::Path, sitting::language, t, words::say};

/// A payment as one line of a list: what for, how, and where it stands.
#[component]
pub fn PaymentRow(
    line: PaymentLine,
    /// Where its days are told.
    #[prop(into)]
    zone: String,
    /// Stands on the page of its own bill, which need not be named again.
    #[prop(optional)]
    of_this_bill: bool,
) -> impl IntoView {
    let (word, tone) = payment_status(line.state);
    let received_on = day_in(line.received_at, &zone);
    let (amount, payment_id) = (line.amount, line.payment_id);
    let method = method_name(&line);
    let channel = say(&format!("channel-{}", line.channel));
    let settled = line.settled_on.map(|on| t!("history-settled-on", date = say_date(on)));
    let (name, about) = if of_this_bill {
        (method, vec![Some(channel), settled])
    } else {
        (bill_reference(line.bill_kind, &line.bill_number), vec![Some(channel), Some(method), settled])
    };
    let about: Vec<String> = about.into_iter().flatten().collect();
    let receipt = line.receipt_number.map(|number| {
        view! { " · " <span class="reference">{number}</span> }
    });
    view! {
        <Row
            when=move || view! { <time datetime=received_on.to_string()>{say_date(received_on)}</time> }
            amount=move || view! { <Amount of=amount explain=("payment", payment_id)/> }
        >
            <a href=Path::Payment(payment_id).to_string()>{name}</a>
            <p class="row-under"><Status word tone/> " · " {about.join(" · ")} {receipt}</p>
        </Row>
    }
}

/// What a payment that is not decided asks of its payer, with the way to it.
#[component]
pub fn UndecidedPayment(line: PaymentLine) -> impl IntoView {
    let bill = bill_reference(line.bill_kind, &line.bill_number);
    line.undecided().map(|what| {
        let (title, text, link) = match what {
            Undecided::Unfinished => (
                t!("unfinished-title"),
                t!("unfinished", amount = sentence::FIRST, bill = bill),
                t!("unfinished-link"),
            ),
            Undecided::Unsure => (
                t!("overview-confirming-title"),
                t!("overview-confirming", amount = sentence::FIRST),
                t!("overview-confirming-link"),
            ),
        };
        view! {
            <Notice tone=Tone::Warn title>
                <p>{sentence(&text, [(line.amount, "payment", line.payment_id)])}</p>
                <p><a href=Path::Payment(line.payment_id).to_string()>{link}</a></p>
            </Notice>
        }
    })
}

/// A payment the bank sent back, whose bill is to be paid again: told where a person looks first.
#[component]
pub fn SentBack(line: PaymentLine) -> impl IntoView {
    let text =
        t!("sent-back", amount = sentence::FIRST, bill = bill_reference(line.bill_kind, &line.bill_number));
    view! {
        <Notice tone=Tone::Bad title=t!("payment-returned-bank-title")>
            <p>{sentence(&text, [(line.amount, "payment", line.payment_id)])}</p>
            <p><a href=Path::Payment(line.payment_id).to_string()>{t!("sent-back-link")}</a></p>
        </Notice>
    }
}

/// Where a payment stands, in a word, and its tone.
pub fn payment_status(state: PaymentState) -> (String, Tone) {
    use PaymentState as S;
    let tone = match state {
        S::Captured | S::Settled | S::DisputeWon => Tone::Good,
        S::Created | S::Voided | S::Expired | S::Rejected | S::Absent => Tone::Calm,
        S::Declined | S::Returned => Tone::Bad,
        S::RequiresAction
        | S::Submitting
        | S::Unknown
        | S::Authorized
        | S::CapturePending
        | S::Processing
        | S::Mismatch
        | S::NeedsReview
        | S::Disputed
        | S::DisputeLost => Tone::Warn,
    };
    (say_state(state, language()), tone)
}

/// How it was paid, with the last four where they are known.
pub fn method_name(line: &PaymentLine) -> String {
    say_method(line, language())
}
