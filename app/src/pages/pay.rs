use billing::{
    bills::{Bill, BillKind, PaymentLine, Undecided},
    payments::{Method, PayForm},
    rules::Mode,
};
use leptos::prelude::*;

use crate::{
    components::{
        Again, AmountField, Choice, Choices, Crumbs, Fact, Facts, Load, Page, Refusals, Steps,
        UndecidedPayment, Ways, again, bill_title, say_until, say_when, sentence,
    },
    path::{Path, Place},
    sitting::{in_path, in_query, seat},
    t,
};

#[component]
pub fn PayPage() -> impl IntoView {
    let form = async {
        // "Pay part of it" was pressed: the amount is the question, so nothing stands in it.
        let part = in_query("step").as_deref() == Some("part");
        // Back from checking it: an order not sent yet is filled in again.
        let change = in_query("change").and_then(|id| id.parse().ok());
        let again = again();
        let form = seat()?.member()?.pay_form(in_path("id")?, change).await?;
        Ok((form, again, part))
    };
    view! { <Load from=form show=|(form, again, part)| view! { <PayShown form again part/> }/> }
}

#[component]
pub(super) fn PayShown(form: PayForm, again: Again, part: bool) -> impl IntoView {
    if form.ways.online != Mode::On || !form.bill.payable().is_positive() {
        return view! { <NothingToPay form again/> }.into_any();
    }
    let refused = again.is_refused();
    view! {
        <Page title=t!("pay-title") refused=refused>
            <Above bill=form.bill.clone()/>
            <Steps names=steps() current=0/>
            <Refusals again=again.clone()/>
            <h1>{t!("pay-title")}</h1>
            <PayQuestions form again part/>
        </Page>
    }
    .into_any()
}

/// The steps of paying, for its two pages and what follows.
pub(super) fn steps() -> Vec<String> {
    vec![t!("pay-step-amount"), t!("pay-step-check"), t!("pay-step-bank"), t!("pay-step-done")]
}

#[component]
fn Above(bill: Bill) -> impl IntoView {
    view! {
        <Crumbs
            above=vec![
                (t!("bills-title"), Place::from(Path::Bills)),
                (bill_title(&bill), Place::from(Path::Bill(bill.id))),
            ]
            here=t!("pay-crumb")
        />
    }
}

#[component]
fn PayQuestions(form: PayForm, again: Again, part: bool) -> impl IntoView {
    let PayForm { payment_id, today, bill, underway, ordered, cut_off, ways } = form;
    let late = today > bill.due_on;
    let payable = bill.payable();
    let until = say_until(bill.due_on, &ways.zone);
    let cancel_until = say_when(cut_off.at, &cut_off.zone);
    let hint = if payable == bill.owed() { t!("pay-amount-hint") } else { t!("pay-amount-hint-left") };
    let (value, method) = match ordered {
        Some((amount, method)) => (amount.to_string(), if method == Method::Bank { "bank" } else { "card" }),
        None if part => (String::new(), ""),
        None => (payable.to_string(), ""),
    };
    let owed_by = if late {
        t!("pay-owed-since", amount = sentence::FIRST, when = until.clone())
    } else {
        t!("pay-owed-by", amount = sentence::FIRST, when = until.clone())
    };
    let rest = if late { t!("pay-next-part-late") } else { t!("pay-next-part", when = until) };
    let owed_by = sentence(&owed_by, [(bill.owed(), "bill-owed", bill.id)]);
    let title = bill_title(&bill);
    view! {
        {undecided(underway)}
        <Facts>
            <Fact term=t!("pay-for")>{title}</Fact>
            <Fact term=t!("pay-owed-now")>{owed_by}</Fact>
        </Facts>
        <p class="note">{t!("pay-ready")}</p>
        <form class="form card" method="post" action="/api/pay" novalidate>
            <input type="hidden" name="payment_id" value=payment_id.to_string()/>
            <input type="hidden" name="bill_id" value=bill.id.to_string()/>
            <input type="hidden" name="bill_version" value=bill.version.to_string()/>
            <AmountField
                label=t!("pay-amount")
                hint
                value
                again=again.clone()
                owed=bill.owed().to_cents()
                most=payable.to_cents()
                reading=t!("pay-reading", amount = "{amount}")
                left=t!("pay-reading-left", amount = "{amount}")
                too_much=t!("pay-reading-too-much", amount = "{amount}")
            />
            <Choice
                name="method"
                question=t!("pay-method")
                value=method
                choices=vec![
                    Choices {
                        value: "card",
                        label: t!("pay-method-card"),
                        hint: Some(t!("pay-method-card-hint")),
                    },
                    Choices {
                        value: "bank",
                        label: t!("pay-method-bank"),
                        hint: Some(t!("pay-method-bank-hint")),
                    },
                ]
                again
            />
            <section class="consequences">
                <h2>{t!("pay-what-happens")}</h2>
                <ul>
                    <li>{t!("pay-next-check")}</li>
                    <li>{rest}</li>
                    <li>{t!("pay-next-cancel", when = cancel_until)}</li>
                </ul>
            </section>
            <p class="actions">
                <button class="button">{t!("pay-check-button")}</button>
                <a href=Path::Bill(bill.id).to_string()>{t!("pay-back")}</a>
            </p>
        </form>
    }
}

/// What each payment under way asks of its payer, with the way to it.
fn undecided(underway: Vec<PaymentLine>) -> impl IntoView {
    underway.into_iter().map(|line| view! { <UndecidedPayment line/> }).collect_view()
}

/// Paid meanwhile, on its way, or not to be paid here: says so, and what works.
#[component]
fn NothingToPay(form: PayForm, again: Again) -> impl IntoView {
    let PayForm { bill, underway, ways, .. } = form;
    let elsewhere = bill.payable().is_positive();
    let title = if elsewhere { t!("pay-elsewhere-title") } else { t!("pay-nothing-owed") };
    let (kind, id): (BillKind, _) = (bill.kind, bill.id);
    let has = |what: Undecided| underway.iter().any(|line| line.undecided() == Some(what));
    // Not to pay twice comes before what there is to do.
    let why = if !bill.owed().is_positive() {
        t!("pay-nothing-lead")
    } else if has(Undecided::Unsure) {
        t!("pay-nothing-unsure")
    } else if has(Undecided::Unfinished) {
        t!("pay-nothing-unfinished")
    } else {
        t!("pay-nothing-underway")
    };
    let left = [(bill.payable(), "bill-payable", bill.id)];
    view! {
        <Page title=title.clone()>
            <Above bill=bill/>
            <Refusals again/>
            <h1>{title}</h1>
            {if elsewhere {
                view! { <p class="lead">{sentence(&t!("pay-elsewhere", amount = sentence::FIRST), left)}</p> <Ways ways kind/> }.into_any()
            } else {
                view! { <p class="lead">{why}</p> {undecided(underway)} }.into_any()
            }}
            <p class="actions"><a class="button" href=Path::Bill(id).to_string()>{t!("pay-see-bill")}</a></p>
        </Page>
    }
}
