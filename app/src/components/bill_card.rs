use billing::{
    bills::{Bill, BillKind, BillStatus},
    money,
};
use chrono::NaiveDate;
use leptos::prelude::*;

use super::{Amount, Status, Tone, say_date, say_day, say_month, zone_name};
use crate::{path::Path, t};

/// A bill as something to do: what it is, what is owed and by when, and the one button.
#[component]
pub fn BillCard(
    bill: Bill,
    today: NaiveDate,
    /// Whether its region takes this kind online. The page behind the button says how else.
    online: bool,
    /// The first thing to do on the page carries the one full button; others are outlined.
    #[prop(optional)]
    primary: bool,
) -> impl IntoView {
    let title = bill_title(&bill);
    let (word, tone) = bill_status(&bill, today);
    let payable = bill.payable();
    let under = say_under(&bill);
    let (pay, pay_label) = if online {
        let amount = money::say(payable);
        (t!("bill-pay", amount = amount.clone()), t!("bill-pay-label", amount = amount, bill = title.clone()))
    } else {
        (t!("ways-title-only"), t!("bill-how-to-pay-label", bill = title.clone()))
    };
    view! {
        <article class="bill-card">
            <h3><a href=Path::Bill(bill.id).to_string()>{title}</a></h3>
            <p class="bill-card-under">{under}</p>
            <p class="bill-card-amount"><Amount of=bill.owed() explain=("bill-owed", bill.id) strong=true/></p>
            <p class="bill-card-do">
                {payable
                    .is_positive()
                    .then(|| {
                        view! {
                            <a
                                class="button"
                                class:quiet=!primary
                                href=Path::Pay(bill.id).to_string()
                                aria-label=pay_label
                            >
                                {pay}
                            </a>
                        }
                    })}
                <Status word tone/>
            </p>
        </article>
    }
}

/// A bill as one line of the list.
#[component]
pub fn BillRow(bill: Bill, today: NaiveDate) -> impl IntoView {
    let (word, tone) = bill_status(&bill, today);
    let of_billed = bill.applied.is_positive().then(|| {
        let of = t!("bills-owed-of", amount = super::sentence::FIRST);
        view! { <span class="note">{super::sentence(&of, [(bill.due, "bill-due", bill.id)])}</span> }
    });
    view! {
        <li class="bill-row">
            <h2><a href=Path::Bill(bill.id).to_string()>{bill_title(&bill)}</a></h2>
            <p class="bill-card-under">{say_under(&bill)}</p>
            <p class="bill-card-amount"><Amount of=bill.owed() explain=("bill-owed", bill.id) strong=true/></p>
            <p class="bill-row-status">
                <Status word tone/>
                {of_billed}
                <span class="note">{t!("bills-issued-on", date = say_date(bill.issued_on))}</span>
            </p>
        </li>
    }
}

/// What a person calls this bill: "Premium for January 2027", "Visit on October 3, 2026".
pub fn bill_title(bill: &Bill) -> String {
    let (first, last) = bill.period;
    match bill.kind {
        BillKind::Premium => t!("bill-title-premium", month = say_month(first)),
        BillKind::Medical if first == last => t!("bill-title-visit", date = say_date(first)),
        BillKind::Medical => t!("bill-title-care", from = say_day(first), to = say_date(last)),
        BillKind::Pharmacy => t!("bill-title-pharmacy", date = say_date(first)),
    }
}

/// "Medical bill M-1042": where only kind and number are at hand.
pub fn bill_reference(kind: BillKind, number: &str) -> String {
    t!("bill-reference", kind = say_kind_of_bill(kind), number = number.to_owned())
}

pub fn say_kind_of_bill(kind: BillKind) -> String {
    match kind {
        BillKind::Premium => t!("kind-premium-bill"),
        BillKind::Medical => t!("kind-medical-bill"),
        BillKind::Pharmacy => t!("kind-pharmacy-bill"),
    }
}

/// The kind where "bill" is already said: in filters, beside balances.
pub fn say_kind_short(kind: BillKind) -> String {
    match kind {
        BillKind::Premium => t!("kind-short-premium"),
        BillKind::Medical => t!("kind-short-medical"),
        BillKind::Pharmacy => t!("kind-short-pharmacy"),
    }
}

fn say_under(bill: &Bill) -> String {
    let kind = say_kind_of_bill(bill.kind);
    match &bill.provider {
        Some(provider) => format!("{kind} · {provider}"),
        None => format!("{kind} · {}", bill.number),
    }
}

/// The status of a bill on a day, as word and tone.
pub fn bill_status(bill: &Bill, today: NaiveDate) -> (String, Tone) {
    match bill.status(today) {
        BillStatus::NothingOwed => (t!("bill-status-nothing-owed"), Tone::Calm),
        BillStatus::Paid => (t!("bill-status-paid"), Tone::Good),
        BillStatus::Pending => (t!("bill-status-pending"), Tone::Warn),
        BillStatus::Due => (t!("bill-status-due", date = say_date(bill.due_on)), Tone::Warn),
        BillStatus::PastDue => (t!("bill-status-past-due", date = say_date(bill.due_on)), Tone::Bad),
    }
}

/// The last minute of a due date, where it counts: "December 9, 2026, 11:59 PM Pacific time".
pub fn say_until(on: NaiveDate, zone: &str) -> String {
    let last_minute = t!("time-pm", clock = "11:59");
    t!("deadline", date = say_date(on), time = last_minute, zone = zone_name(zone))
}
