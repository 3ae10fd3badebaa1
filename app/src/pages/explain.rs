use billing::{
    bills::BillKind,
    ledger::explain::{About, Explanation, Figure, Step},
    money,
};
use leptos::prelude::*;

use crate::{
    components::{Crumbs, LineName, Load, Page, Trail, bill_reference, say_date, say_kind_of_bill},
    path::{Path, Place},
    sitting::{in_path, seat},
    t,
    words::say,
};

#[component]
pub fn ExplainPage() -> impl IntoView {
    let explanation = async {
        let (kind, id): (String, String) = (in_path("kind")?, in_path("id")?);
        seat()?.member()?.explain(&kind, &id).await
    };
    view! { <Load from=explanation show=|explanation| view! { <ExplainShown explanation/> }/> }
}

#[component]
pub(super) fn ExplainShown(explanation: Explanation) -> impl IntoView {
    let name = say_figure(&explanation.figure, &explanation.about);
    let line = line_name(&explanation.about);
    let above = above(&explanation.about);
    let amount = explanation.amount;
    let moved = !explanation.rows.is_empty() || !explanation.later.is_empty();
    view! {
        <Page title=t!("trail-title")>
            <Crumbs above here=t!("trail-title")/>
            <h1>{name} {line.map(|line| view! { ": " {line} })}</h1>
            <p class="trail-figure"><data value=amount.to_string() data-total=amount.to_string()>{money::say(amount)}</data></p>
            <Trail explanation/>
            {moved.then(|| view! { <p class="note">{t!("trail-note")}</p> })}
        </Page>
    }
}

/// The page the figure stands on.
fn above(about: &About) -> Vec<(String, Place)> {
    match (about.payment, about.bill, &about.bill_number, about.bill_kind) {
        (Some(payment), ..) => vec![
            (t!("history-title"), Path::Payments.into()),
            (t!("trail-payment"), Path::Payment(payment).into()),
        ],
        (None, Some(bill), Some(number), Some(kind)) => vec![
            (t!("bills-title"), Path::Bills.into()),
            (bill_reference(kind, number), Path::Bill(bill).into()),
        ],
        (_, _, _, Some(kind)) => {
            vec![(t!("bills-title"), Path::Bills.into()), (say_kind_of_bill(kind), Path::bills_of(kind))]
        }
        _ => vec![(t!("history-title"), Path::Payments.into())],
    }
}

/// The line a figure belongs to.
fn line_name(about: &About) -> Option<impl IntoView + use<>> {
    let description = about.line.clone().filter(|line| !line.is_empty())?;
    let kind = about.line_kind.clone().unwrap_or_default();
    Some(view! { <LineName kind description/> })
}

/// What the figure is, as a name.
fn say_figure(figure: &Figure, about: &About) -> String {
    let bill = || match (about.bill_kind, &about.bill_number) {
        (Some(kind), Some(number)) => bill_reference(kind, number),
        _ => t!("trail-this-bill"),
    };
    let of_kind = |kind: BillKind| say(&format!("overview-for-{}", kind.word()));
    match figure {
        Figure::Owed(kind) => t!("figure-owed", what = of_kind(*kind)),
        Figure::Credit(kind) => t!("figure-credit", what = of_kind(*kind)),
        Figure::BillOwed(_) => t!("figure-bill-owed", bill = bill()),
        Figure::BillPayable(_) => t!("figure-bill-payable", bill = bill()),
        Figure::BillDue(_) => t!("figure-bill-due", bill = bill()),
        Figure::BillPaid(_) => t!("figure-bill-paid", bill = bill()),
        Figure::BillUnderway(_) => t!("figure-bill-underway", bill = bill()),
        Figure::BillProvisional(_) => t!("figure-bill-provisional", bill = bill()),
        Figure::Stated(_, Step::Billed) => t!("figure-bill-billed", bill = bill()),
        Figure::Stated(_, Step::Discount) => t!("figure-bill-discount", bill = bill()),
        Figure::Stated(_, Step::PlanPaid) => t!("figure-bill-plan-paid", bill = bill()),
        Figure::Stated(_, Step::PaidBefore) => t!("figure-bill-paid-before", bill = bill()),
        Figure::Line(_, _, amount) => say(&format!("figure-line-{}", amount.word().replace('_', "-"))),
        Figure::Payment(_) => t!("figure-payment", bill = bill()),
        Figure::After(_) => t!("figure-after", bill = bill()),
        Figure::Receipt(_, name) => match name.as_str() {
            "applied" => t!("figure-applied", bill = bill()),
            "credited" => t!("figure-credited", bill = bill()),
            "owed_after" => t!("figure-after", bill = bill()),
            _ => t!("figure-payment", bill = bill()),
        },
        Figure::History(filter) => match (filter.from, filter.to) {
            (Some(from), Some(to)) => t!("history-total-range", from = say_date(from), to = say_date(to)),
            (Some(from), None) => t!("history-total-since", date = say_date(from)),
            (None, Some(to)) => t!("history-total-until", date = say_date(to)),
            (None, None) => t!("history-total"),
        },
    }
}
