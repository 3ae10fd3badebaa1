use billing::{
    bills::{PaymentLine, Undecided},
    money,
    payments::{Method, PaymentView},
};
use leptos::prelude::*;

use super::{Act, Stands};
use crate::{
    components::{
        Again, Amount, Card, Fact, Facts, PaymentRow, Rows, Steps, bill_title, say_until, say_when, sentence,
    },
    pages::pay::steps,
    path::{Path, Place},
    t,
};

/// Nothing was sent: what will happen, and the button that does it.
#[component]
pub(super) fn Check(payment: PaymentView, again: Again) -> impl IntoView {
    let PaymentView { line, bill, owed_after, cut_off, ways, today, .. } = payment;
    let bank = line.method == Method::Bank;
    let id = line.payment_id;
    let until = say_until(bill.due_on, &ways.zone);
    let rest = if today > bill.due_on {
        t!("payment-check-left-late", when = until)
    } else {
        t!("payment-check-left-due", when = until)
    };
    let (amount, owed, bill_id) = (line.amount, bill.owed(), bill.id);
    let (title, number, provider) = (bill_title(&bill), bill.number.clone(), bill.provider.clone());
    view! {
        <Stands title=t!("payment-check-title") again>
            <Steps names=steps() current=1/>
            <h1>{t!("payment-check-title")}</h1>
            <div class="card">
                <Facts>
                    <Fact term=t!("payment-check-pay")>
                        <span class="big"><Amount of=amount explain=("payment", id) strong=true/></span>
                    </Fact>
                    <Fact term=t!("payment-check-for")>
                        <p>{title}</p>
                        <p class="note">{provider} " " <span class="reference">{number}</span></p>
                    </Fact>
                    <Fact term=t!("payment-check-with")>
                        {if bank { t!("payment-with-new-bank") } else { t!("payment-with-new-card") }}
                    </Fact>
                    <Fact term=t!("payment-check-owed")>
                        <Amount of=owed explain=("bill-owed", bill_id)/>
                    </Fact>
                    <Fact term=t!("payment-check-left")>
                        <p><Amount of=owed_after explain=("after", id)/></p>
                        {owed_after
                            .is_positive()
                            .then(|| view! { <p class="note">{rest}</p> })}
                    </Fact>
                    <Fact term=t!("payment-check-final")>
                        {if bank { t!("payment-final-bank") } else { t!("payment-final-card") }}
                    </Fact>
                    <Fact term=t!("payment-check-undo")>
                        {t!("payment-check-undo-until", when = say_when(cut_off.at, &cut_off.zone))}
                    </Fact>
                </Facts>
            </div>
            <p>{t!("payment-check-next")}</p>
            <div class="actions">
                <Act to="pay/confirm" payment=id label=t!("bill-pay", amount = money::say(amount))/>
                <a href=Place::from(Path::Pay(bill_id)).with("change", id).to_string()>{t!("payment-check-change")}</a>
                <Act to="pay/cancel" payment=id label=t!("payment-check-leave") quiet=true/>
            </div>
        </Stands>
    }
}

/// A payment like this one was made, or begun, minutes ago: says which, shows it, and asks.
#[component]
pub(super) fn LooksAlike(payment: PaymentView, other: PaymentLine, again: Again) -> impl IntoView {
    let PaymentView { line, zone, .. } = payment;
    let id = line.payment_id;
    let (amount, when) = (sentence::FIRST, say_when(other.received_at, &zone));
    let (title, lead, see) = match other.undecided() {
        Some(Undecided::Unfinished) => (
            t!("payment-alike-begun-title"),
            t!("payment-alike-begun", amount = amount, when = when),
            t!("payment-alike-begun-see"),
        ),
        Some(Undecided::Unsure) => (
            t!("overview-confirming-title"),
            t!("payment-alike-unsure", amount = amount, when = when),
            t!("overview-confirming-link"),
        ),
        None => (
            t!("payment-alike-title"),
            t!("payment-alike-lead", amount = amount, when = when),
            t!("payment-alike-see"),
        ),
    };
    let first = Path::Payment(other.payment_id);
    let figures = [(other.amount, "payment", other.payment_id)];
    view! {
        <Stands title=title.clone() again>
            <h1>{title}</h1>
            <p class="lead">{sentence(&lead, figures)}</p>
            <p>{t!("payment-alike-not-sent")}</p>
            <Card title=t!("payment-alike-first")>
                <Rows><PaymentRow line=other zone/></Rows>
            </Card>
            <div class="actions">
                <a class="button" href=first.to_string()>{see}</a>
                <Act
                    to="pay/confirm"
                    payment=id
                    label=t!("payment-alike-yes", amount = money::say(line.amount))
                    quiet=true
                    again=true
                />
                <Act to="pay/cancel" payment=id label=t!("payment-alike-stop") quiet=true/>
            </div>
        </Stands>
    }
}
