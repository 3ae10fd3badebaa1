//! T1: every verb of a member, asked by another member with somebody's ids: nothing is found, nothing moves.

use std::{collections::BTreeSet, fs, path::Path};

use billing::{
    MemberScope,
    bills::{BillFilter, BillKind},
    error::Error,
    ids::BillId,
    ledger::explain::{LineAmount, Step},
    payments::{HistoryFilter, PayBill},
    testing::{Op, TestMember, TestPlan, date},
    words::Language,
};
use chrono::TimeDelta;
use sqlx::PgPool;

/// Somebody's things: bills with lines, and payments at every stage a verb can move.
struct Things {
    bills: Vec<BillId>,
    payments: Vec<PayBill>,
    /// An order of theirs that nobody has sent.
    unsent: PayBill,
}

async fn things(plan: &TestPlan, owner: &TestMember) -> Things {
    let mut bills = Vec::new();
    let mut payments = Vec::new();
    let kinds =
        [BillKind::Medical, BillKind::Pharmacy, BillKind::Premium, BillKind::Medical, BillKind::Medical];
    for (number, kind) in kinds.into_iter().enumerate() {
        let bill = owner.is_billed(kind, "120.00").await;
        sqlx::query(
            "INSERT INTO bill_line (bill_id, line, kind, description, billed, discount, plan_paid, owed, detail, source)
             VALUES ($1, 1, 'service', 'Visit', 200, 50, 30, 120, '{\"copay\": \"20.00\"}', 'test')",
        )
        .bind(bill.id.0)
        .execute(plan.owner())
        .await
        .unwrap();
        bills.push(bill.id);
        let order = if number == 2 { bill.pay_by_bank("20.00") } else { bill.pay("20.00") };
        match number {
            // Waiting for its owner's word; waiting at the gateway's page; taken by the bank; taken and settled.
            0 => {
                owner.orders(&order).await.unwrap();
            }
            1 => {
                owner.starts(&order).await;
            }
            2 => {
                let attempt = owner.starts(&order).await;
                plan.gateway.person_pays(attempt);
                owner.scope().check_again(order.payment_id).await.unwrap();
            }
            3 => {
                owner.pay(&order).await.unwrap();
                plan.gateway.settles(date("2027-01-06"));
                plan.job().settle_files().await.unwrap();
            }
            _ => return Things { bills, payments, unsent: order },
        }
        plan.passes(TimeDelta::minutes(11));
        payments.push(order);
    }
    unreachable!("the last bill is not paid");
}

/// What a verb gave: nothing of anybody's, something, or a fault.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    Nothing,
    Something,
}

fn found<T>(answer: Result<T, Error>) -> Found {
    match answer {
        // A refusal is theirs to know, too: it says that the thing exists, and does not go.
        Ok(_) | Err(Error::Refused(_) | Error::Conflict | Error::Stale) => Found::Something,
        Err(Error::NotFound) => Found::Nothing,
        Err(error) => panic!("{error:?}"),
    }
}

/// Every verb that takes an id, with every id there is. Gives verb and id of each call, and what it found.
async fn asks(scope: &MemberScope<'_>, things: &Things) -> Vec<(&'static str, String, Found)> {
    let mut asked = Vec::new();
    for bill in &things.bills {
        asked.push(("bill", bill.to_string(), found(scope.bill(*bill).await)));
        asked.push(("pay_form", bill.to_string(), found(scope.pay_form(*bill, None).await)));
        let page = scope.bills(&BillFilter { after: Some(*bill), ..BillFilter::default() }).await.unwrap();
        asked.push((
            "bills",
            bill.to_string(),
            some(page.bills.iter().any(|row| things.bills.contains(&row.id))),
        ));
        let mut figures = ["owed", "payable", "due", "paid", "underway", "provisional"]
            .map(|figure| (format!("bill-{figure}"), bill.to_string()))
            .to_vec();
        let steps = ["bill-billed", "bill-discount", "bill-plan-paid", "bill-paid-before"];
        assert_eq!(steps.len(), Step::ALL.len());
        figures.extend(steps.map(|step| (step.to_owned(), bill.to_string())));
        figures
            .extend(LineAmount::ALL.map(|amount| ("line".to_owned(), format!("{bill}:1:{}", amount.word()))));
        for (kind, id) in figures {
            asked.push(("explain", format!("{kind}/{id}"), found(scope.explain(&kind, &id).await)));
        }
    }
    for order in &things.payments {
        let (payment, id) = (order.payment_id, order.payment_id.to_string());
        asked.push(("payment", id.clone(), found(scope.payment(payment).await)));
        for sent in [false, true] {
            let known = scope.is_repeat(payment, sent).await.unwrap();
            asked.push(("is_repeat", id.clone(), some(known)));
        }
        let after = HistoryFilter {
            after: Some(payment),
            from: Some(date("2026-01-01")),
            ..HistoryFilter::default()
        };
        let page = scope.payments(&after).await.unwrap();
        let theirs = |id| things.payments.iter().any(|order| order.payment_id == id);
        asked.push(("payments", id.clone(), some(page.payments.iter().any(|row| theirs(row.payment_id)))));
        let file = scope.payments_csv(&after, Language::English).await.unwrap();
        asked.push(("payments_csv", id.clone(), some(file.lines().count() > 1)));
        let parts = ["amount", "owed_after", "applied", "credited"];
        let mut figures = parts.map(|part| ("receipt", format!("{id}:{part}"))).to_vec();
        figures.extend([("payment", id.clone()), ("after", id.clone())]);
        for (kind, id) in figures {
            asked.push(("explain", format!("{kind}/{id}"), found(scope.explain(kind, &id).await)));
        }
    }
    for kind in BillKind::ALL {
        for figure in ["owed", "credit"] {
            let trail = scope.explain(figure, kind.word()).await.unwrap();
            asked.push(("explain", format!("{figure}/{}", kind.word()), some(!trail.rows.is_empty())));
        }
    }

    // What moves something, last: the owner's own would go.
    let order = &things.unsent;
    for again in [false, true] {
        asked.push(("pay", order.bill_id.to_string(), found(scope.pay(order.clone()).await)));
        for order in &things.payments {
            let id = order.payment_id.to_string();
            asked.push(("pay", id.clone(), found(scope.pay(order.clone()).await)));
            asked.push(("confirm", id.clone(), found(scope.confirm(order.payment_id, again).await)));
            asked.push((
                "continue_at_gateway",
                id.clone(),
                found(scope.continue_at_gateway(order.payment_id).await),
            ));
            asked.push(("check_again", id.clone(), found(scope.check_again(order.payment_id).await)));
            asked.push(("cancel", id, found(scope.cancel(order.payment_id).await)));
        }
    }
    asked
}

fn some(any: bool) -> Found {
    if any { Found::Something } else { Found::Nothing }
}

/// The verbs of a member as the sources have them, with whether they name something by an id.
fn verbs() -> BTreeSet<(String, bool)> {
    fn read(folder: &Path, verbs: &mut BTreeSet<(String, bool)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, verbs);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            assert!(
                !text.contains("for MemberScope"),
                "{}: a verb of a trait is not asked here",
                path.display()
            );
            for scope in text.split("\nimpl MemberScope<'_> {").skip(1) {
                let scope = scope.split("\n}").next().unwrap();
                for verb in scope.split("\n    pub ").skip(1) {
                    let Some(verb) = verb.strip_prefix("async fn ").or_else(|| verb.strip_prefix("fn "))
                    else {
                        continue;
                    };
                    let (name, rest) = verb.split_once('(').unwrap();
                    let takes = rest.split_once(')').unwrap().0;
                    let by_id = ["Id", "PayBill", "Filter", "&str"].iter().any(|kind| takes.contains(kind));
                    verbs.insert((name.to_owned(), by_id));
                }
            }
        }
    }
    let mut found = BTreeSet::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn every_verb_with_anothers_ids_finds_nothing_and_moves_nothing(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let (ana, ben) = (plan.member("Ana").await, plan.member("Ben").await);
    let things = things(&plan, &ana).await;
    let ops = || [Op::OpenPage, Op::Find, Op::Void, Op::Cancel].map(|op| plan.gateway.calls(op));
    // A refusal leaves its row in the trail, and nothing else anywhere.
    let everything = async || {
        let mut sums = plan.everything().await;
        sums.retain(|(table, _)| table != "access_row");
        sums
    };
    let before = (everything().await, ops());

    let asked = asks(&ben.scope(), &things).await;
    for (verb, id, found) in &asked {
        assert_eq!(*found, Found::Nothing, "{verb} {id}");
    }
    // Those that name nothing give or change what is Ben's.
    let seen = format!(
        "{:?}{:?}{:?}",
        ben.scope().overview().await.unwrap(),
        ben.scope().bills(&BillFilter::default()).await.unwrap(),
        ben.scope().profile().await.unwrap()
    );
    for theirs in things.bills.iter().map(ToString::to_string).chain([ana.id.to_string(), "Ana".to_owned()]) {
        assert!(!seen.contains(&theirs), "{theirs}");
    }
    assert_eq!((everything().await, ops()), before);
    ben.scope().set_language(Language::Spanish).await.unwrap();
    ben.scope().sign_out().await.unwrap();
    ben.scope().sign_out_everywhere().await.unwrap();
    assert_eq!(ana.scope().profile().await.unwrap().language, Language::English);

    // Each of them was asked, a new one too; and each finds what it names for whoever it belongs to.
    let by_id: BTreeSet<String> = asked.iter().map(|(verb, ..)| (*verb).to_owned()).collect();
    let (known, alone): (Vec<_>, Vec<_>) = verbs().into_iter().partition(|(_, by_id)| *by_id);
    assert_eq!(by_id, known.into_iter().map(|(name, _)| name).collect());
    let alone: Vec<String> = alone.into_iter().map(|(name, _)| name).collect();
    assert_eq!(alone, ["overview", "profile", "set_language", "sign_out", "sign_out_everywhere"]);
    let own = asks(&ana.scope(), &things).await;
    for verb in &by_id {
        assert!(
            own.iter().any(|(name, _, found)| name == verb && *found == Found::Something),
            "{verb} finds nothing for anybody"
        );
    }
    println!("{} calls of {} verbs with another's ids: 0 rows", asked.len(), by_id.len());
}
