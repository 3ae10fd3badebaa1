//! `bench post`: what one card payment costs the database, by the library's own verbs, in three commits: the order, the
//! way to the gateway, and the capture that moves the money. And the least: the posting alone.

use std::sync::Arc;

use billing::{
    ledger::{self, Account, Kind, Posting},
    money::Money,
    payments::{Method, PayBill, PaymentState},
    testing::TestPlan,
    visits::Visit,
};
use serde_json::json;
use sqlx::{PgPool, Row as _};
use uuid::Uuid;

use crate::{
    Result,
    counters::{Block, Gate, Line, Meter, median, tenths},
    database::Cast,
    seed,
    wire::Wire,
};

/// Payments of one block. The same payers in each, so that after the first block every page has been touched.
const PAYMENTS: usize = 100;
/// Counted blocks; one more before them is dropped.
const BLOCKS: i32 = 5;
/// Payers at once where syncs are counted.
const CLIENTS: usize = 8;

/// Statements that change money: the one that posts, or anything that moves its rows beside it.
const MONEY: [&str; 8] = [
    "ledger_post(",
    "into posting",
    "into transfer",
    "update account",
    "update bill ",
    "update payment ",
    "update payment_attempt",
    "into payment_event",
];

struct Payer {
    visit: Visit,
    bill: billing::ids::BillId,
    receivable: i64,
}

/// The counters of a payment, with a line for each commit.
pub async fn post(url: &str, members: u32, verbose: bool) -> Result<Vec<Line>> {
    let cast = Cast::of(url, members).await?;
    let wire = Wire::before(&cast.options())?;
    let owner = cast.owner(&wire).await?;
    quiet(&owner).await?;
    let plan = TestPlan::new(owner.clone()).await;
    let meter = Meter { wire: &wire, owner: &owner, pools: plan.billing.pools() };
    let payers = payers(&plan).await?;

    let (mut orders, mut confirms, mut captures, mut postings) = (vec![], vec![], vec![], vec![]);
    for block in 0..=BLOCKS {
        let placed: Vec<PayBill> = payers.iter().map(|payer| order(payer, block)).collect();
        let ordered = meter.count(async {
            for (payer, order) in payers.iter().zip(&placed) {
                plan.billing.member(&payer.visit)?.pay(order.clone()).await?;
            }
            Ok(())
        });
        orders.push(ordered.await?);
        let confirmed = meter.count(async {
            for (payer, order) in payers.iter().zip(&placed) {
                plan.billing.member(&payer.visit)?.confirm(order.payment_id, false).await?;
            }
            Ok(())
        });
        confirms.push(Box::pin(confirmed).await?);

        let attempts = attempts(&owner, &placed).await?;
        if attempts.iter().filter(|attempt| plan.gateway.person_pays(**attempt)).count() != PAYMENTS {
            return Err("not every page was open at the gateway".into());
        }
        let captured = meter.count(async {
            for attempt in &attempts {
                let state = plan.billing.job("bench").resolve(*attempt).await?;
                if state != PaymentState::Captured {
                    return Err(format!("{attempt} is {state:?}").into());
                }
            }
            Ok(())
        });
        captures.push(Box::pin(captured).await?);

        let posted = meter.count(async {
            let mut connection = plan.billing.pools().write.acquire().await?;
            for payer in &payers {
                let posting = settle(payer);
                ledger::post(&mut connection, &posting).await?.ok_or("it stands already")?;
            }
            Ok(())
        });
        postings.push(posted.await?);
    }

    let each = u64::try_from(PAYMENTS)?;
    let whole: Vec<Block> = orders
        .iter()
        .zip(&confirms)
        .zip(&captures)
        .map(|((order, confirm), capture)| sum(&[order, confirm, capture]))
        .collect();
    let mut lines = Vec::new();
    let tier = seed::tier(members);
    for (name, blocks) in [
        ("post.library", &postings),
        ("post.order", &orders),
        ("post.confirm", &confirms),
        ("post.capture", &captures),
        ("post.payment", &whole),
    ] {
        if verbose && name != "post.payment" {
            tell(name, blocks);
        }
        lines.push(line(name, tier, blocks, each));
    }
    if setting(&owner, "fsync").await? == "on" {
        lines.push(together(&plan, &meter, &payers, tier).await?);
    }

    plan.billing.pools().close().await;
    owner.close().await;
    drop(wire);
    cast.drop().await?;
    Ok(lines)
}

/// What must hold, and what is held against the baseline.
pub fn gate(gate: &mut Gate, lines: &[Line]) {
    for line in lines {
        match line.bench.as_str() {
            "post.library" => {
                gate.floor(line, "statements", 1);
                gate.floor(line, "round_trips", 1);
                gate.floor(line, "wal_records", 20);
                gate.floor(line, "wal_bytes", 1_800);
            }
            // One statement a posting.
            "post.capture" => gate.floor(line, "writes", 1),
            // Payers that are slower than the disk have no sync to share.
            "post.together" if !cfg!(debug_assertions) => gate.floor(line, "fsyncs_of_100", 35),
            "post.together" => continue,
            _ => {}
        }
        gate.baseline(line);
    }
}

/// No vacuum in a block, and every page's first image after a checkpoint behind us once the first block is dropped.
async fn quiet(owner: &PgPool) -> Result<()> {
    sqlx::raw_sql(
        "DO $$
         DECLARE named record;
         BEGIN
             FOR named IN SELECT oid::regclass AS name FROM pg_class
                 WHERE relkind = 'r' AND relnamespace::regnamespace::text IN ('public', 'graphile_worker')
             LOOP
                 EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = off)', named.name);
             END LOOP;
         END $$",
    )
    .execute(owner)
    .await?;
    sqlx::raw_sql("CHECKPOINT").execute(owner).await?;
    Ok(())
}

/// Members of one region with their open bill.
async fn payers(plan: &TestPlan) -> Result<Vec<Payer>> {
    let rows = sqlx::query(
        "SELECT mrn, bill_id, receivable FROM member JOIN bill USING (member_id)
         WHERE member.region = 'NCA' AND applied = 0 ORDER BY mrn LIMIT $1",
    )
    .bind(i64::try_from(PAYMENTS)?)
    .fetch_all(plan.owner())
    .await?;
    let mut payers = Vec::new();
    for row in rows {
        let visit = plan.sits(row.try_get("mrn")?).await;
        let bill = billing::ids::BillId(row.try_get("bill_id")?);
        payers.push(Payer { visit, bill, receivable: row.try_get("receivable")? });
    }
    if payers.len() == PAYMENTS { Ok(payers) } else { Err("the seed has too few members for a block".into()) }
}

/// A part of the bill, another amount in each block: an equal one would look like a double click.
fn order(payer: &Payer, block: i32) -> PayBill {
    PayBill {
        payment_id: billing::ids::PaymentId::mint(),
        bill_id: payer.bill,
        // Each payment before it has changed the bill once.
        bill_version: block.saturating_add(1),
        amount: Money::from_cents(i64::from(block).saturating_add(1_000)),
        method: Method::Card,
    }
}

/// The least a payment can be: one movement, from a person's account.
fn settle(payer: &Payer) -> Posting {
    let source = billing::ids::SourceId::mint();
    let on = billing::testing::date("2027-01-05");
    Posting::new(source.0, Kind::ReturnPaid, on).by("bench", "the least").transfer_on(
        payer.bill,
        Account::CardInTransit,
        Account::Person(payer.receivable),
        Money::from_cents(100),
    )
}

async fn attempts(owner: &PgPool, orders: &[PayBill]) -> Result<Vec<billing::ids::AttemptId>> {
    let payments: Vec<Uuid> = orders.iter().map(|order| order.payment_id.0).collect();
    let found: Vec<Uuid> = sqlx::query_scalar(
        "SELECT attempt_id FROM unnest($1::uuid[]) WITH ORDINALITY AS placed (payment_id, n)
         JOIN payment_attempt USING (payment_id) ORDER BY n",
    )
    .bind(payments)
    .fetch_all(owner)
    .await?;
    Ok(found.into_iter().map(billing::ids::AttemptId).collect())
}

/// Captures by eight payers at once, who come back from the gateway: how many commits share a sync.
async fn together(plan: &TestPlan, meter: &Meter<'_>, payers: &[Payer], tier: &str) -> Result<Line> {
    let mut blocks = Vec::new();
    for block in (1..=3).map(|more| BLOCKS.saturating_add(more)) {
        let placed: Vec<PayBill> = payers.iter().map(|payer| order(payer, block)).collect();
        for (payer, order) in payers.iter().zip(&placed) {
            let scope = plan.billing.member(&payer.visit)?;
            scope.pay(order.clone()).await?;
            scope.confirm(order.payment_id, false).await?;
        }
        for attempt in attempts(plan.owner(), &placed).await? {
            plan.gateway.person_pays(attempt);
        }
        let counted = meter.count(async {
            let mut clients = tokio::task::JoinSet::new();
            for client in 0..CLIENTS {
                let own = payers.iter().zip(&placed).skip(client).step_by(CLIENTS);
                let own: Vec<_> = own.map(|(payer, order)| (payer.visit.clone(), order.payment_id)).collect();
                let billing = plan.billing.clone();
                clients.spawn(async move {
                    for (visit, payment) in own {
                        billing.member(&visit)?.check_again(payment).await?;
                    }
                    Ok::<_, billing::error::Error>(())
                });
            }
            while let Some(ended) = clients.join_next().await {
                ended??;
            }
            Ok(())
        });
        blocks.push(counted.await?);
    }
    let each = u64::try_from(PAYMENTS)?;
    let syncs = blocks.iter().skip(1).map(|block| block.wal.syncs).min().unwrap_or_default();
    let of_a_hundred = syncs.saturating_mul(100).checked_div(each);
    Ok(Line::of("post.together", tier)
        .with("goal", json!("G3"))
        .with("clients", json!(CLIENTS))
        .with("fsyncs_of_100", json!(of_a_hundred)))
}

fn line(name: &str, tier: &str, blocks: &[Block], each: u64) -> Line {
    // The first block warms caches and pages.
    let counted = || blocks.iter().skip(1);
    let middle = |count: fn(&Block) -> u64| tenths(median(counted().map(count)).unwrap_or_default(), each);
    // Whatever else the server writes can only add to the log.
    let least = |count: fn(&Block) -> u64| tenths(counted().map(count).min().unwrap_or_default(), each);
    Line::of(name, tier)
        .with("goal", json!("G3"))
        .each("round_trips", middle(|block| block.asked.round_trips))
        .each("pings", middle(|block| block.asked.pings))
        .each("statements", middle(|block| count(&block.asked.statements, |_| true)))
        .each("writes", middle(|block| count(&block.asked.statements, moves_money)))
        .each("wal_records", least(|block| block.wal.records))
        .each("wal_bytes", least(|block| block.wal.bytes))
        .each("page_images", least(|block| block.wal.pages))
        .each("fsyncs", least(|block| block.wal.syncs))
}

fn count(statements: &[Arc<str>], wanted: fn(&str) -> bool) -> u64 {
    u64::try_from(statements.iter().filter(|sql| wanted(sql)).count()).unwrap_or(u64::MAX)
}

fn moves_money(sql: &str) -> bool {
    let plain = sql.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    MONEY.iter().any(|word| plain.contains(word))
}

fn sum(blocks: &[&Block]) -> Block {
    let mut whole = Block { asked: crate::wire::Asked::default(), wal: crate::counters::Wal::default() };
    for block in blocks {
        let (asked, wal) = (&mut whole.asked, &mut whole.wal);
        asked.round_trips = asked.round_trips.saturating_add(block.asked.round_trips);
        asked.prepared = asked.prepared.saturating_add(block.asked.prepared);
        asked.pings = asked.pings.saturating_add(block.asked.pings);
        asked.statements.extend(block.asked.statements.iter().cloned());
        wal.records = wal.records.saturating_add(block.wal.records);
        wal.bytes = wal.bytes.saturating_add(block.wal.bytes);
        wal.pages = wal.pages.saturating_add(block.wal.pages);
        wal.syncs = wal.syncs.saturating_add(block.wal.syncs);
    }
    whole
}

/// The statements of one, and the blocks as they were counted.
fn tell(name: &str, blocks: &[Block]) {
    for block in blocks {
        eprintln!("{name}: {:?}", block.wal);
    }
    let Some(block) = blocks.last() else { return };
    for sql in block.asked.statements.iter().take(block.asked.statements.len() / PAYMENTS) {
        let plain = sql.split_whitespace().collect::<Vec<_>>().join(" ");
        eprintln!("    {}", plain.chars().take(110).collect::<String>());
    }
}

async fn setting(owner: &PgPool, name: &str) -> Result<String> {
    Ok(sqlx::query_scalar("SELECT current_setting($1)").bind(name).fetch_one(owner).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_posting_is_known_among_the_statements_around_it() {
        for sql in [
            "SELECT ledger_post($1)",
            "WITH moved AS (\n UPDATE payment_attempt\n SET",
            "UPDATE bill SET applied",
        ] {
            assert!(moves_money(sql), "{sql}");
        }
        for sql in [
            "BEGIN",
            "SELECT 1 FROM payment p JOIN payment_attempt a FOR NO KEY UPDATE OF p, a",
            "SELECT saw($1)",
        ] {
            assert!(!moves_money(sql), "{sql}");
        }
    }
}
