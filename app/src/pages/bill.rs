use billing::{
    bills::{
        Bill, BillDetail, BillKind, BillLine, BillStatus, BilledTo, CoveredPerson, PaymentLine, Undecided,
        sent_back,
    },
    ids::BillId,
    money::{self, Money},
    rules::Mode,
};
use leptos::prelude::*;

use crate::{
    components::{
        Amount, BillWaterfall, Card, Crumbs, Dated, Fact, Facts, LineName, Load, Page, PaymentRow,
        PrintButton, Row, Rows, SentBack, Status, Taken, UndecidedPayment, Ways, WhomToAsk, bill_status,
        bill_title, say_date, say_kind_of_bill, say_kind_short, say_period, say_until, sentence,
    },
    path::{Path, Place},
    sitting::{in_path, seat},
    t,
    words::say,
};

#[component]
pub fn BillPage() -> impl IntoView {
    let bill = async { seat()?.member()?.bill(in_path("id")?).await };
    view! { <Load from=bill show=|detail| view! { <BillShown detail/> }/> }
}

#[component]
pub(super) fn BillShown(detail: BillDetail) -> impl IntoView {
    let lead = lead(&detail);
    let ask = detail.ways.ask.clone();
    let BillDetail { today, zone, member, bill, waterfall, lines, people, payments, ways } = detail;
    let undecided =
        payments.clone().into_iter().map(|line| view! { <UndecidedPayment line/> }).collect_view();
    let by_plan = waterfall.as_ref().map_or(Money::ZERO, |fall| fall.plan_paid);
    let covered = (by_plan.is_positive() && bill.due.is_positive()).then(|| {
        let text = t!("bill-plan-covered", amount = sentence::FIRST);
        view! { <p>{sentence(&text, [(by_plan, "bill-plan-paid", bill.id)])}</p> }
    });
    let sent_back = sent_back(&payments)
        .filter(|_| bill.payable().is_positive())
        .map(|line| view! { <SentBack line=line.clone()/> });
    let title = bill_title(&bill);
    let (word, tone) = bill_status(&bill, today);
    let source_is_short = waterfall.is_none() && bill.kind != BillKind::Premium;
    let shown = bill.clone();
    let paid_before = waterfall.as_ref().map_or(Money::ZERO, |fall| fall.paid_before);
    view! {
        <Page title=title.clone()>
            <Crumbs
                above=vec![
                    (t!("bills-title"), Place::from(Path::Bills)),
                    (say_kind_short(bill.kind), Path::bills_of(bill.kind)),
                ]
                here=bill.number.clone()
            />
            <h1>{title}</h1>
            <p class="bill-standing"><Status word tone/></p>
            <p class="lead">{lead}</p>
            {covered}
            {sent_back}
            {undecided}
            <ToPay bill=bill.clone() online=ways.online/>
            {waterfall.map(|fall| view! { <BillWaterfall bill=shown fall/> })}
            {source_is_short.then(|| view! { <p class="note">{t!("bill-not-stated")}</p> })}
            <Lines bill=bill.clone() lines paid_before/>
            <People people/>
            <Payments payments zone=zone.clone()/>
            <About bill=bill.clone() member zone/>
            {bill.owed().is_positive().then(|| view! { <Ways ways kind=bill.kind/> })}
            <Card title=t!("bill-questions")>
                <p>{t!("bill-wrong")}</p>
                <WhomToAsk ask/>
            </Card>
            <PrintButton/>
        </Page>
    }
}

/// What is owed and by when, first and in words.
fn lead(detail: &BillDetail) -> impl IntoView + use<> {
    let bill = &detail.bill;
    let until = say_until(bill.due_on, &detail.zone);
    let has = |what: Undecided| detail.payments.iter().any(|line| line.undecided() == Some(what));
    let text = match bill.status(detail.today) {
        BillStatus::NothingOwed => t!("bill-lead-nothing-owed"),
        BillStatus::Paid => t!("bill-lead-paid"),
        BillStatus::Pending if bill.owed().is_zero() => t!("bill-lead-pending-posted"),
        BillStatus::Pending if has(Undecided::Unsure) => t!("bill-lead-unsure", amount = sentence::FIRST),
        BillStatus::Pending if has(Undecided::Unfinished) => {
            t!("bill-lead-unfinished", amount = sentence::FIRST)
        }
        BillStatus::Pending => t!("bill-lead-pending-underway", amount = sentence::FIRST),
        BillStatus::Due | BillStatus::PastDue if bill.payable() < bill.owed() => {
            t!("bill-lead-part-pending", amount = sentence::FIRST)
        }
        BillStatus::Due => t!("bill-lead-owed", amount = sentence::FIRST, when = until),
        BillStatus::PastDue => t!("bill-lead-past-due", amount = sentence::FIRST, when = until),
    };
    let provider = bill.provider.clone().map(|name| format!("{name}. "));
    let late = bill.status(detail.today) == BillStatus::PastDue;
    let still_here = (late && bill.payable() == bill.owed() && detail.ways.online == Mode::On)
        .then(|| format!(" {}", t!("bill-lead-still-here")));
    view! { {provider} {sentence(&text, [(bill.owed(), "bill-owed", bill.id)])} {still_here} }
}

/// The one button, where this bill can be paid here.
#[component]
fn ToPay(bill: Bill, online: Mode) -> impl IntoView {
    let payable = bill.payable();
    (payable.is_positive() && online == Mode::On).then(|| {
        let pay = Path::Pay(bill.id);
        view! {
            <p class="actions">
                <a class="button" href=pay.to_string()>{t!("bill-pay", amount = money::say(payable))}</a>
                <a href=Place::from(pay).with("step", "part").to_string()>{t!("bill-pay-part")}</a>
            </p>
        }
    })
}

#[component]
fn Lines(
    bill: Bill,
    lines: Vec<BillLine>,
    /// What the source took off before it made the bill.
    paid_before: Money,
) -> impl IntoView {
    let title = if bill.kind == BillKind::Premium { t!("bill-lines-premium") } else { t!("bill-lines") };
    if lines.is_empty() {
        return view! { <Card title><p class="empty">{t!("bill-lines-none")}</p></Card> }.into_any();
    }
    let (due, id) = (bill.due, bill.id);
    // Lines sum to the bill; where their source shows them before earlier payments, the step between stands here.
    let shares: Money = lines.iter().map(|line| line.owed).sum();
    let steps_down = !paid_before.is_zero() && shares.minus(paid_before) == due;
    let rows = lines.into_iter().map(|line| view! { <Line bill=bill.id line/> }).collect_view();
    view! {
        <Card title>
            <Rows>
                {rows}
                {steps_down
                    .then(|| {
                        view! {
                            <Row amount=move || {
                                view! {
                                    <Taken taken=true/>
                                    <Amount of=paid_before explain=("bill-paid-before", id)/>
                                }
                            }>{t!("bill-step-paid-before")}</Row>
                        }
                    })}
                <Row amount=move || view! { <Amount of=due explain=("bill-due", id) strong=true/> }>
                    <strong>{t!("bill-lines-total")}</strong>
                </Row>
            </Rows>
        </Card>
    }
    .into_any()
}

/// One line: what it was in plain words, the member's share, and how that share came about one tap away.
#[component]
fn Line(bill: BillId, line: BillLine) -> impl IntoView {
    let number = line.line;
    let cite = move |figure: &str| ("line", format!("{bill}:{number}{figure}"));
    let owed_cite = cite("");
    let owed = line.owed;
    let about: Vec<String> = [
        line.served_on.map(|on| t!("bill-line-on", date = say_date(on))),
        line.person.clone().map(|person| t!("bill-line-for", person = person)),
        line.quantity.clone().map(|quantity| t!("bill-line-quantity", quantity = quantity)),
    ]
    .into_iter()
    .flatten()
    .collect();

    let stated = [
        (t!("bill-line-billed"), line.billed, cite(":billed")),
        (t!("bill-line-discount"), line.discount, cite(":discount")),
        (t!("bill-line-plan-paid"), line.plan_paid, cite(":plan_paid")),
    ]
    .into_iter()
    .filter_map(|(name, amount, cite)| Some((name, amount?, cite)));
    let shares =
        line.shares.iter().map(|(share, amount)| (say_share(share), *amount, cite(&format!(":{share}"))));
    let sums: Vec<(String, Money, (&str, String))> = stated.chain(shares).collect();
    let sums = (!sums.is_empty()).then(|| {
        let facts = sums
            .into_iter()
            .map(|(name, amount, cite)| view! { <Fact term=name><Amount of=amount explain=cite/></Fact> })
            .collect_view();
        view! {
            <details>
                <summary>{t!("bill-line-sums")}</summary>
                <Facts>
                    {facts}
                    <Fact term=t!("bill-line-owed")><Amount of=owed explain=cite("") strong=true/></Fact>
                </Facts>
            </details>
        }
    });
    view! {
        <Row amount=move || view! { <Amount of=owed explain=owed_cite.clone()/> }>
            <p><LineName kind=line.kind.clone() description=line.description.clone()/></p>
            {(!about.is_empty()).then(|| view! { <p class="row-under">{about.join(" · ")}</p> })}
            {sums}
        </Row>
    }
}

fn say_share(share: &str) -> String {
    match share {
        "deductible" => t!("bill-share-deductible"),
        "copay" => t!("bill-share-copay"),
        "coinsurance" => t!("bill-share-coinsurance"),
        _ => t!("bill-share-other"),
    }
}

#[component]
fn People(people: Vec<CoveredPerson>) -> impl IntoView {
    (!people.is_empty()).then(|| {
        let rows = people
            .into_iter()
            .map(|person| {
                let relation = match person.relation.as_str() {
                    known @ ("subscriber" | "spouse" | "child") => say(&format!("bill-relation-{known}")),
                    _ => t!("bill-relation-other"),
                };
                view! { <li>{person.name} " · " <span class="note">{relation}</span></li> }
            })
            .collect_view();
        view! { <Card title=t!("bill-people")><ul class="people">{rows}</ul></Card> }
    })
}

#[component]
fn Payments(payments: Vec<PaymentLine>, zone: String) -> impl IntoView {
    let list = if payments.is_empty() {
        view! { <p class="empty">{t!("bill-payments-none")}</p> }.into_any()
    } else {
        let rows = payments
            .into_iter()
            .map(|line| view! { <PaymentRow line zone=zone.clone() of_this_bill=true/> })
            .collect_view();
        view! { <Rows>{rows}</Rows> }.into_any()
    };
    view! { <Card title=t!("bill-payments")>{list}</Card> }
}

#[component]
fn About(bill: Bill, member: BilledTo, zone: String) -> impl IntoView {
    let period = match bill.kind {
        BillKind::Premium => t!("bill-fact-period"),
        BillKind::Pharmacy => t!("bill-fact-filled"),
        BillKind::Medical => t!("bill-fact-service"),
    };
    view! {
        <Card title=t!("bill-facts")>
            <Facts>
                <Fact term=t!("bill-fact-member")>{member.name}</Fact>
                <Fact term=t!("register-mrn")><span class="reference">{member.mrn}</span></Fact>
                <Fact term=t!("bill-fact-number")><span class="reference">{bill.number.clone()}</span></Fact>
                <Fact term=t!("bill-fact-kind")>{say_kind_of_bill(bill.kind)}</Fact>
                {bill
                    .provider
                    .clone()
                    .map(|provider| view! { <Fact term=t!("bill-fact-provider")>{provider}</Fact> })}
                <Fact term=period>{say_period(bill.period)}</Fact>
                {bill
                    .billing_unit_id
                    .clone()
                    .map(|unit| {
                        view! { <Fact term=t!("bill-fact-unit")><span class="reference">{unit}</span></Fact> }
                    })}
                <Fact term=t!("bill-fact-issued")><Dated on=bill.issued_on/></Fact>
                <Fact term=t!("bill-fact-due")>
                    <time datetime=bill.due_on.to_string()>{say_until(bill.due_on, &zone)}</time>
                </Fact>
            </Facts>
        </Card>
    }
}
