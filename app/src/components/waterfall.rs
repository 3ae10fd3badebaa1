use billing::{
    bills::{Bill, BillKind, Waterfall},
    money::Money,
};
use leptos::prelude::*;

use super::{Amount, Column, Table, sentence};
use crate::t;

/// One step from the amount billed to what is owed.
struct Step {
    name: String,
    /// Kind of its explanation; the id is the bill's.
    explain: &'static str,
    amount: Money,
    /// A step takes its amount off; the others are levels and stand on the ground.
    takes_off: bool,
    /// Where its bar begins and ends, from the ground.
    from: Money,
    to: Money,
}

impl Step {
    fn level(name: String, explain: &'static str, amount: Money) -> Self {
        Self { name, explain, amount, takes_off: false, from: Money::ZERO, to: amount }
    }

    fn off(name: String, explain: &'static str, amount: Money, before: Money) -> Self {
        Self { name, explain, amount, takes_off: true, from: before.minus(amount), to: before }
    }

    fn class(&self) -> &'static str {
        match (self.takes_off, self.explain) {
            (true, _) => "off",
            (false, "bill-owed") => "owed",
            (false, _) => "level",
        }
    }
}

/// The steps in order. Earlier payments and payments of ours stand only where there are some, what the bill asked for
/// only where it is not what is owed.
fn steps(kind: BillKind, fall: &Waterfall) -> Vec<Step> {
    let billed = match kind {
        BillKind::Premium => t!("bill-step-billed-premium"),
        BillKind::Medical => t!("bill-step-billed-medical"),
        BillKind::Pharmacy => t!("bill-step-billed-pharmacy"),
    };
    let after_discount = fall.billed.minus(fall.discount);
    let after_plan = after_discount.minus(fall.plan_paid);
    let mut steps = vec![
        Step::level(billed, "bill-billed", fall.billed),
        Step::off(t!("bill-step-discount"), "bill-discount", fall.discount, fall.billed),
        Step::off(t!("bill-step-plan-paid"), "bill-plan-paid", fall.plan_paid, after_discount),
    ];
    if !fall.paid_before.is_zero() {
        steps.push(Step::off(t!("bill-step-paid-before"), "bill-paid-before", fall.paid_before, after_plan));
    }
    if !fall.payments.is_zero() {
        steps.push(Step::level(t!("bill-step-due"), "bill-due", fall.due));
        steps.push(Step::off(t!("bill-step-payments"), "bill-paid", fall.payments, fall.due));
    }
    steps.push(Step::level(t!("bill-step-owed"), "bill-owed", fall.owed));
    steps
}

/// From the amount billed, step by step, down to what is owed: a bar a step, each beginning where the one above it
/// ends, and the same facts as a table one tap away.
#[component]
pub fn BillWaterfall(bill: Bill, fall: Waterfall) -> impl IntoView {
    let steps = steps(bill.kind, &fall);
    let top = steps.iter().map(|step| step.from.max(step.to)).max().unwrap_or_default();
    let bottom = steps.iter().map(|step| step.from.min(step.to)).min().unwrap_or_default();
    let scale = Scale { bottom: bottom.min(Money::ZERO), top };

    let title = sentence(
        &t!("bill-how", from = sentence::FIRST, to = sentence::SECOND),
        [(fall.billed, "bill-billed", bill.id.to_string()), (fall.owed, "bill-owed", bill.id.to_string())],
    );
    let bars = steps
        .iter()
        .map(|step| {
            let share = t!("bill-step-share", percent = percent(step.amount, fall.billed));
            view! {
                <li class=format!("fall-step {}", step.class())>
                    <span class="fall-name">{step.name.clone()}</span>
                    <span class="fall-amount">
                        <Taken taken=step.takes_off/>
                        <Amount of=step.amount explain=(step.explain, bill.id)/>
                    </span>
                    <Bar name=step.name.clone() share x=scale.at(step.from.min(step.to)) end=scale.at(step.from.max(step.to))/>
                </li>
            }
        })
        .collect_view();
    let rows = steps
        .iter()
        .map(|step| {
            view! {
                <tr>
                    <th scope="row">{step.name.clone()}</th>
                    <td class="figures" data-head=t!("bill-table-amount")>
                        <Taken taken=step.takes_off/>
                        <Amount of=step.amount explain=(step.explain, bill.id)/>
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="section">
            <h2 id="how">{title}</h2>
            <figure class="card waterfall" aria-labelledby="how">
                <ol class="fall">{bars}</ol>
                <figcaption class="note">
                    {t!("bill-how-note")} <span class="no-print">" " {t!("bill-how-opens")}</span>
                </figcaption>
                <details>
                    <summary>{t!("bill-as-table")}</summary>
                    <Table
                        caption=t!("bill-as-table")
                        quiet=true
                        columns=vec![Column::text(t!("bill-table-step")), Column::figures(t!("bill-table-amount"))]
                    >
                        {rows}
                    </Table>
                </details>
            </figure>
        </section>
    }
}

/// "Minus" before an amount taken off, for eye and ear.
#[component]
pub fn Taken(taken: bool) -> impl IntoView {
    taken.then(|| {
        view! {
            <span aria-hidden="true">"\u{2212}"</span>
            <span class="unseen">{t!("bill-minus")} " "</span>
        }
    })
}

/// One bar. Its place is in attributes: the content security policy forbids style ones.
#[component]
fn Bar(name: String, share: String, x: i64, end: i64) -> impl IntoView {
    // A few cents of a large bill are still there to be seen.
    let width = if end > x { end.saturating_sub(x).max(60) } else { 0 };
    let x = x.min(FULL.saturating_sub(width));
    view! {
        <svg class="fall-bar" width="100%" height="18" role="img">
            <title>{name}</title>
            <desc>{share}</desc>
            <rect class="fall-ground" x="0" y="8" width="100%" height="2"></rect>
            <rect class="fall-block" x=attribute(x) y="1" width=attribute(width) height="16" rx="3"></rect>
        </svg>
    }
}

/// The whole width, in hundredths of a percent.
const FULL: i64 = 10_000;

struct Scale {
    bottom: Money,
    top: Money,
}

impl Scale {
    /// Where an amount stands between the ends, in hundredths of a percent.
    fn at(&self, amount: Money) -> i64 {
        let cents = |money: Money| i128::from(money.to_cents());
        let span = cents(self.top.minus(self.bottom));
        let above = cents(amount.minus(self.bottom));
        let place = above.saturating_mul(i128::from(FULL)).checked_div(span).unwrap_or_default();
        i64::try_from(place).unwrap_or_default().clamp(0, FULL)
    }
}

fn attribute(hundredths: i64) -> String {
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

/// Whole percent of the amount billed, for the ear.
fn percent(part: Money, whole: Money) -> String {
    let cents = |money: Money| i128::from(money.to_cents());
    cents(part).saturating_mul(100).checked_div(cents(whole)).unwrap_or_default().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dollars(text: &str) -> Money {
        Money::read(text).unwrap()
    }

    #[test]
    fn bars_keep_their_place_between_the_ends() {
        let scale = Scale { bottom: Money::ZERO, top: dollars("1240.00") };
        assert_eq!(attribute(scale.at(dollars("1240.00"))), "100.00%");
        assert_eq!(attribute(scale.at(dollars("85.40"))), "6.88%");
        assert_eq!(attribute(scale.at(Money::ZERO)), "0.00%");
    }

    #[test]
    fn a_bill_of_nothing_has_no_width() {
        let scale = Scale { bottom: Money::ZERO, top: Money::ZERO };
        assert_eq!(scale.at(Money::ZERO), 0);
        assert_eq!(percent(Money::ZERO, Money::ZERO), "0");
    }
}
