use billing::{
    ledger::explain::{ExplainRow, Explanation, SourceKind, SourceLine},
    money::{self, Money},
    words,
};
use leptos::prelude::*;

use super::{Fact, Facts, LineName, dated::day_in, say_date};
use crate::{path::Path, sitting::language, t, words::say};

/// What makes a figure, line by line, with a sum that ends at it.
#[component]
pub fn Trail(explanation: Explanation) -> impl IntoView {
    let Explanation { amount, rows, sources, later, zone, .. } = explanation;
    let lead = match (rows.len(), sources.as_slice()) {
        (0, [only]) if only.kind == SourceKind::Nothing => t!("trail-lead-nothing"),
        (0, _) => t!("trail-lead-source"),
        (1, []) => t!("trail-lead-row"),
        (_, []) => t!("trail-lead-rows"),
        _ => t!("trail-lead-both"),
    };
    // A sum of one is the line itself.
    let sums = rows.len().saturating_add(sources.len()) > 1;
    let moves = rows.into_iter().map(|row| view! { <Move row zone=zone.clone() sums/> }).collect_view();
    let read = sources
        .into_iter()
        .filter(|source| source.kind != SourceKind::Nothing)
        .map(|source| view! { <Source source sums/> })
        .collect_view();
    let later = (!later.is_empty()).then(|| {
        let moves =
            later.into_iter().map(|row| view! { <Move row zone=zone.clone() sums=false/> }).collect_view();
        view! {
            <section class="section">
                <h2>{t!("trail-later")}</h2>
                <p class="note">{t!("trail-later-note")}</p>
                <ol class="card trail">{moves}</ol>
            </section>
        }
    });
    view! {
        <section class="section">
            <h2>{t!("trail-rows")}</h2>
            <p>{lead}</p>
            <ol class="card trail">
                {moves}
                {read}
                <li class="trail-total">
                    <span>{t!("trail-total")}</span>
                    <Figure of=amount/>
                </li>
            </ol>
        </section>
        {later}
    }
}

/// An amount that is itself part of an explanation, so it opens none.
#[component]
fn Figure(of: Money) -> impl IntoView {
    view! { <data class="figure" value=of.to_string()>{money::say(of)}</data> }
}

#[component]
fn Move(row: ExplainRow, zone: String, sums: bool) -> impl IntoView {
    let (received, posted) =
        (say_date(day_in(row.received_at, &zone)), say_date(day_in(row.posted_at, &zone)));
    let name = say(&format!("posting-{}", row.posting_kind.replace('_', "-")));
    let from_to = t!("trail-from-to", from = say_account(&row.from), to = say_account(&row.to));
    // Only a payment's money settles; a charge moves none between banks.
    let settled = (row.posting_kind == "payment").then(|| match (row.settled_on, row.undone) {
        (Some(on), _) => say_date(on),
        (None, Some((kind, on))) if kind == "payment_returned" => t!("trail-sent-back", date = say_date(on)),
        (None, Some((_, on))) => t!("trail-taken-back", date = say_date(on)),
        (None, None) => t!("trail-not-yet"),
    });
    view! {
        <li class="trail-step">
            <p class="trail-name">{name}</p>
            <p class="trail-amount"><Figure of=row.amount/></p>
            <p class="trail-way">{from_to}</p>
            <Facts>
                <Fact term=t!("trail-received")>{received}</Fact>
                <Fact term=t!("trail-posted")>{posted}</Fact>
                {settled.map(|settled| view! { <Fact term=t!("trail-settled")>{settled}</Fact> })}
                <Fact term=t!("trail-effective")>{say_date(row.effective_on)}</Fact>
                {sums.then(|| view! { <Fact term=t!("trail-running")><Figure of=row.running/></Fact> })}
            </Facts>
            <p class="note">
                {t!("trail-posting", number = row.posting_id.to_string())} " "
                <Onward link=row.link/>
            </p>
        </li>
    }
}

#[component]
fn Source(source: SourceLine, sums: bool) -> impl IntoView {
    let name = match source.kind {
        SourceKind::Line => t!("source-line"),
        SourceKind::Document => t!("source-document"),
        SourceKind::Order => t!("source-order"),
        SourceKind::Nothing => t!("source-nothing"),
    };
    let place = (!source.source.is_empty()).then(|| {
        view! { <Fact term=t!("trail-source")>{words::say_source(&source.source, language())}</Fact> }
    });
    view! {
        <li class="trail-step">
            <p class="trail-name">{name}</p>
            <p class="trail-amount"><Figure of=source.amount/></p>
            {(!source.description.is_empty())
                .then(|| {
                    let kind = source.line_kind.clone().unwrap_or_default();
                    view! { <p class="trail-way"><LineName kind description=source.description.clone()/></p> }
                })}
            <Facts>
                {source
                    .served_on
                    .map(|on| view! { <Fact term=t!("bill-fact-service")>{say_date(on)}</Fact> })}
                {place}
                {sums.then(|| view! { <Fact term=t!("trail-running")><Figure of=source.running/></Fact> })}
            </Facts>
            <p class="note"><Onward link=source.link/></p>
        </li>
    }
}

/// The page of what caused a line.
#[component]
fn Onward(link: Option<(String, String)>) -> impl IntoView {
    link.and_then(|(kind, id)| match kind.as_str() {
        "bill" => Some((Path::Bill(id.parse().ok()?), t!("trail-see-bill"))),
        "payment" => Some((Path::Payment(id.parse().ok()?), t!("trail-see-payment"))),
        _ => None,
    })
    .map(|(path, name)| view! { <a class="no-print" href=path.to_string()>{name}</a> })
}

/// A place money can be, in plain words; a person's own accounts are "yours".
fn say_account(kind: &str) -> String {
    say(&format!("account-{}", kind.replace('_', "-")))
}
