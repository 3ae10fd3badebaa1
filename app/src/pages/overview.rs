use billing::{
    bills::{BillKind, ComingUp, Overview, PaymentLine},
    money::Money,
};
use leptos::prelude::*;

use crate::{
    components::{
        Amount, BillCard, Card, Load, Page, PaymentRow, Row, Rows, SentBack, UndecidedPayment,
        bill_reference, say_date, say_day, say_kind_short, sentence,
    },
    path::Path,
    sitting::seat,
    t,
};

#[component]
pub fn OverviewPage() -> impl IntoView {
    let overview = async { seat()?.member()?.overview().await };
    view! { <Load from=overview show=|overview| view! { <Home overview/> }/> }
}

#[component]
pub(super) fn Home(overview: Overview) -> impl IntoView {
    let lead = lead(&overview);
    let Overview {
        today,
        given_name: _,
        zone,
        needs_you_now,
        elsewhere,
        unfinished,
        unsure,
        sent_back,
        coming_up,
        done_lately,
        balances,
        credits,
    } = overview;

    let needs = if needs_you_now.is_empty() && unfinished.is_empty() && sent_back.is_empty() {
        view! { <p class="empty">{t!("overview-needs-none")}</p> }.into_any()
    } else {
        let bills = needs_you_now
            .into_iter()
            .enumerate()
            .map(|(index, bill)| {
                let online = !elsewhere.contains(&bill.id);
                view! { <BillCard bill today online primary=index == 0/> }
            })
            .collect_view();
        let sent_back = sent_back.into_iter().map(|line| view! { <SentBack line/> }).collect_view();
        view! { {sent_back} {undecided(unfinished)} {bills} }.into_any()
    };
    view! {
        <Page title=t!("overview-title") wide=true>
            <header class="page-head">
                <h1>{owes(&balances)}</h1>
                <p class="lead">{lead}</p>
                {undecided(unsure)}
            </header>
            <div class="main-column">
                <Card title=t!("overview-needs") id="needs-you-now">{needs}</Card>
                <Card title=t!("overview-coming") id="coming-up"><Ahead coming_up/></Card>
            </div>
            <div class="side-column">
                <Card title=t!("overview-balances") id="balances">
                    <Balances balances/>
                    <Credits credits/>
                    <p class="note">{t!("overview-balances-note")}</p>
                </Card>
                <Card title=t!("overview-done") id="done-lately"><Done done_lately zone/></Card>
            </div>
        </Page>
    }
}

/// "You owe $424.51 for your premium and $85.40 for medical care.": the kinds are never added up (rule R2).
fn owes(balances: &[(BillKind, Money, usize); 3]) -> impl IntoView + use<> {
    let owed: Vec<(Money, String, String)> = balances
        .iter()
        .filter(|(_, amount, _)| amount.is_positive())
        .map(|(kind, amount, _)| (*amount, "owed".to_owned(), kind.word().to_owned()))
        .collect();
    let text = match owed.as_slice() {
        [] => t!("overview-owes-nothing"),
        [_] => t!("overview-owes-one", first = sentence::FIRST),
        [(_, _, what), (_, _, also)] => t!(
            "overview-owes-two",
            first = sentence::FIRST,
            what = for_what(what),
            second = sentence::SECOND,
            also = for_what(also)
        ),
        [(_, _, what), (_, _, also), (_, _, last), ..] => t!(
            "overview-owes-three",
            first = sentence::FIRST,
            what = for_what(what),
            second = sentence::SECOND,
            also = for_what(also),
            third = sentence::THIRD,
            last = for_what(last)
        ),
    };
    sentence(&text, owed)
}

fn for_what(kind: &str) -> String {
    crate::words::say(&format!("overview-for-{kind}"))
}

/// What follows from it: the next day that counts, or that nothing has to be done.
fn lead(overview: &Overview) -> String {
    let next_due = overview
        .coming_up
        .iter()
        .filter_map(|coming| match coming {
            ComingUp::BillDue { on, .. } => Some(*on),
            ComingUp::PaymentFinal { .. } => None,
        })
        .min();
    let is_owed = overview.balances.iter().any(|(_, amount, _)| amount.is_positive());
    let first = overview.needs_you_now.first();
    match (first.map(|bill| bill.due_on), next_due) {
        (Some(on), _) if on < overview.today => {
            let here = first.is_some_and(|bill| !overview.elsewhere.contains(&bill.id));
            let past = t!("overview-past-due", date = say_date(on));
            if here { format!("{past} {}", t!("overview-still-here")) } else { past }
        }
        _ if !overview.unfinished.is_empty() => t!("overview-unfinished-lead"),
        (Some(on), _) | (None, Some(on)) => t!("overview-next-due", date = say_date(on)),
        (None, None) if !overview.unsure.is_empty() => t!("overview-unsure-lead"),
        (None, None) if is_owed => t!("overview-on-its-way"),
        (None, None) => t!("overview-nothing-lead"),
    }
}

fn undecided(payments: Vec<PaymentLine>) -> impl IntoView {
    payments.into_iter().map(|line| view! { <UndecidedPayment line/> }).collect_view()
}

#[component]
fn Ahead(coming_up: Vec<ComingUp>) -> impl IntoView {
    if coming_up.is_empty() {
        return view! { <p class="empty">{t!("overview-coming-none")}</p> }.into_any();
    }
    let rows = coming_up
        .into_iter()
        .map(|coming| {
            let (on, amount, explain, href, text) = match coming {
                ComingUp::BillDue { bill, kind, number, on, amount } => (
                    on,
                    amount,
                    ("bill-payable", bill.to_string()),
                    Path::Bill(bill),
                    t!("overview-coming-bill", bill = bill_reference(kind, &number)),
                ),
                ComingUp::PaymentFinal { payment, bill, number, on, amount } => (
                    on,
                    amount,
                    ("payment", payment.to_string()),
                    Path::Payment(payment),
                    t!("overview-coming-final", bill = bill_reference(bill, &number)),
                ),
            };
            view! {
                <Row
                    when=move || view! { <time datetime=on.to_string()>{say_day(on)}</time> }
                    amount=move || view! { <Amount of=amount explain=explain.clone()/> }
                >
                    <a href=href.to_string()>{text}</a>
                </Row>
            }
        })
        .collect_view();
    view! { <Rows>{rows}</Rows> }.into_any()
}

#[component]
fn Done(done_lately: Vec<PaymentLine>, zone: String) -> impl IntoView {
    if done_lately.is_empty() {
        return view! { <p class="empty">{t!("overview-done-none")}</p> }.into_any();
    }
    let rows =
        done_lately.into_iter().map(|line| view! { <PaymentRow line zone=zone.clone()/> }).collect_view();
    view! {
        <Rows>{rows}</Rows>
        <p><a href=Path::Payments.to_string()>{t!("overview-done-all")}</a></p>
    }
    .into_any()
}

#[component]
fn Balances(balances: [(BillKind, Money, usize); 3]) -> impl IntoView {
    let rows = balances
        .into_iter()
        .map(|(kind, amount, open)| {
            let name = say_kind_short(kind);
            let href = Path::bills_of(kind).to_string();
            view! {
                <li class="balance">
                    <span class="balance-kind"><a href=href>{name}</a></span>
                    <Amount of=amount explain=("owed", kind.word())/>
                    <span class="note">{t!("overview-balance-open", count = open)}</span>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="balances">{rows}</ul> }
}

/// What the plan owes the member.
#[component]
fn Credits(credits: Vec<(BillKind, Money)>) -> impl IntoView {
    credits
        .into_iter()
        .map(|(kind, amount)| {
            let text = t!("overview-credit", amount = sentence::FIRST, what = for_what(kind.word()));
            view! { <p>{sentence(&text, [(amount, "credit", kind.word())])}</p> }
        })
        .collect_view()
}
