use billing::{
    money,
    payments::{CutOff, Method, PaymentView},
    rules::Mode,
};
use chrono::NaiveDate;
use leptos::prelude::*;

use super::{Act, Onward, Stands};
use crate::{
    components::{
        Again, Amount, Card, CopyText, Dated, Fact, Facts, PrintButton, Status, Timed, WhomToAsk,
        bill_reference, bill_title, method_name, payment_status, say_date, say_until, say_when, sentence,
    },
    path::{Path, Place},
    t,
    words::say,
};

/// The proof of one payment: what a member shows when someone says it never came (rule R35).
#[component]
pub(super) fn Receipt(
    payment: PaymentView,
    again: Again,
    cancel_until: Option<CutOff>,
    final_on: Option<NaiveDate>,
    settled: bool,
) -> impl IntoView {
    let pending = payment.line.method == Method::Bank && !settled;
    let title = match (pending, settled) {
        (true, _) => t!("payment-pending-title", amount = sentence::FIRST),
        (false, true) => t!("payment-settled-title", amount = sentence::FIRST),
        (false, false) => t!("payment-received-title", amount = sentence::FIRST),
    };
    let figures = [(payment.line.amount, "payment", payment.line.payment_id)];
    let (word, tone) = payment_status(payment.line.state);
    // Only who paid here was written to: a mailed check or a call has its own answer.
    let here = payment.line.channel == "web";
    let rest = payment.bill.payable();
    let rest = (rest.is_positive() && payment.ways.online == Mode::On).then(|| {
        let label = t!("payment-pay-rest", amount = money::say(rest));
        view! { <a class="button quiet" href=Path::Pay(payment.bill.id).to_string()>{label}</a> }
    });
    let mailed = if pending { t!("payment-mailed-pending") } else { t!("payment-mailed") };
    view! {
        <Stands title=t!("payment-receipt") again>
            <Status word tone/>
            <h1>{sentence(&title, figures)}</h1>
            <p class="lead">{left(&payment)}</p>
            {pending.then(|| view! { <p>{t!("payment-pending-lead")}</p> })}
            <ReceiptFacts payment=payment.clone() final_on settled/>
            <Undo payment=payment.clone() cancel_until/>
            {here.then(|| view! { <Card title=t!("payment-next")><p>{mailed}</p></Card> })}
            <p class="actions no-print">
                {rest}
                <PrintButton/>
                <a href=Path::Explain("payment".to_owned(), payment.line.payment_id.to_string()).to_string()>
                    {t!("payment-trail")}
                </a>
            </p>
            <Onward payment/>
        </Stands>
    }
}

/// What is left on the bill: now, or as it stood then where more has happened since.
fn left(payment: &PaymentView) -> impl IntoView + use<> {
    let bill = &payment.bill;
    let until = say_until(bill.due_on, &payment.zone);
    let text = if payment.owed_after.is_zero() {
        t!("payment-left-none")
    } else if payment.owed_after != bill.owed() {
        t!("payment-left-then", amount = sentence::FIRST)
    } else if payment.today > bill.due_on {
        t!("payment-left-some-past", amount = sentence::FIRST, when = until)
    } else {
        t!("payment-left-some", amount = sentence::FIRST, when = until)
    };
    let (kind, id) = left_cite(payment);
    sentence(&text, [(payment.owed_after, kind, id)])
}

/// What was left is kept with the receipt; without one it is worked out from the bill.
fn left_cite(payment: &PaymentView) -> (&'static str, String) {
    let id = payment.line.payment_id;
    match payment.line.receipt_number {
        Some(_) => ("receipt", format!("{id}:owed_after")),
        None => ("after", id.to_string()),
    }
}

#[component]
fn ReceiptFacts(payment: PaymentView, final_on: Option<NaiveDate>, settled: bool) -> impl IntoView {
    let left_cite = left_cite(&payment);
    let PaymentView { line, bill, payer_name, zone, allocation, owed_after, .. } = payment;
    let id = line.payment_id;
    let settles = match (line.settled_on, final_on) {
        (Some(on), _) => view! { <Dated on/> }.into_any(),
        (None, Some(on)) if !settled => t!("payment-settled-by", date = say_date(on)).into_any(),
        (None, _) => t!("payment-settled-not").into_any(),
    };
    let parts = allocation
        .into_iter()
        .map(|(what, amount)| {
            let credit = what == "credit";
            let (name, figure) = if credit {
                (t!("payment-paid-credit"), "credited")
            } else {
                (format!("{} · {}", bill_title(&bill), bill_reference(bill.kind, &what)), "applied")
            };
            view! {
                <p class="allocation">
                    <span>{name}</span>
                    <Amount of=amount explain=("receipt", format!("{id}:{figure}"))/>
                </p>
                {credit.then(|| view! { <p class="note">{t!("payment-paid-rest-credit")}</p> })}
            }
        })
        .collect_view();
    let amount = line.amount;
    let number = match line.receipt_number.clone() {
        Some(number) => view! { <CopyText text=number/> }.into_any(),
        None => t!("payment-number-none").into_any(),
    };
    let method = method_name(&line);
    let payer = format!("{payer_name}, {}", say(&format!("channel-{}", line.channel)));
    let received = view! { <Timed at=line.received_at zone=zone.clone()/> };
    let posted = match line.posted_at {
        Some(at) => view! { <Timed at zone/> }.into_any(),
        None => t!("trail-not-yet").into_any(),
    };
    let effective_on = line.effective_on;
    view! {
        <div class="card receipt">
            <Facts>
                <Fact term=t!("payment-number")>{number}</Fact>
                <Fact term=t!("payment-amount")><Amount of=amount explain=("payment", id)/></Fact>
                <Fact term=t!("payment-paid-to")>{parts}</Fact>
                <Fact term=t!("payment-method")>{method}</Fact>
                <Fact term=t!("payment-payer")>{payer}</Fact>
                <Fact term=t!("payment-received-at")>{received}</Fact>
                <Fact term=t!("payment-posted-at")>{posted}</Fact>
                <Fact term=t!("payment-settled-on")>{settles}</Fact>
                <Fact term=t!("payment-effective-on")><Dated on=effective_on/></Fact>
                <Fact term=t!("payment-left")><Amount of=owed_after explain=left_cite/></Fact>
            </Facts>
        </div>
    }
}

/// How to undo it: by oneself until the cut-off, afterwards with people.
#[component]
fn Undo(payment: PaymentView, cancel_until: Option<CutOff>) -> impl IntoView {
    let line = payment.line.clone();
    let here = Place::from(Path::Payment(line.payment_id));
    let button = t!("payment-undo-button", amount = money::say(line.amount));
    let how = match cancel_until {
        Some(cut_off) => {
            let comes_back =
                if line.method == Method::Bank { t!("payment-undo-bank") } else { t!("payment-undo-card") };
            view! {
                <p>{t!("payment-undo-until", when = say_when(cut_off.at, &cut_off.zone))} " " {comes_back}</p>
                <p class="actions no-print">
                    <a class="button quiet" href=here.with("step", "undo").to_string()>{button}</a>
                </p>
                <div class="no-print">
                    <p>{t!("payment-undo-after")}</p>
                    <WhomToAsk ask=payment.ways.ask brief=true/>
                </div>
                // The foot of the page says whom, and a receipt fits one page.
                <p class="print-only">{t!("payment-undo-after-foot")}</p>
            }
            .into_any()
        }
        None => view! { <p>{t!("payment-undo-late")}</p> <WhomToAsk ask=payment.ways.ask/> }.into_any(),
    };
    view! { <Card title=t!("payment-undo-title")>{how}</Card> }
}

/// Before it is taken back: what that does to the money and to the bill.
#[component]
pub(super) fn TakeBack(payment: PaymentView, again: Again) -> impl IntoView {
    let PaymentView { line, bill, zone, today, .. } = payment;
    let (id, amount) = (line.payment_id, line.amount);
    let until = say_until(bill.due_on, &zone);
    let lead = t!("payment-takeback-lead", amount = sentence::FIRST, bill = bill_title(&bill));
    let comes_back =
        if line.method == Method::Bank { t!("payment-undo-bank") } else { t!("payment-undo-card") };
    let due = if today > bill.due_on {
        t!("payment-takeback-past", when = until)
    } else {
        t!("payment-takeback-due", when = until)
    };
    view! {
        <Stands title=t!("payment-takeback-title") again>
            <h1>{t!("payment-takeback-title")}</h1>
            <p class="lead">{sentence(&lead, [(amount, "payment", id)])}</p>
            <p>{comes_back} " " {due}</p>
            <div class="actions">
                <Act to="pay/cancel" payment=id label=t!("payment-undo-button", amount = money::say(amount))/>
                <a href=Path::Payment(id).to_string()>{t!("payment-takeback-keep")}</a>
            </div>
        </Stands>
    }
}
