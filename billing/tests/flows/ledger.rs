//! The ledger and the promises of the books: what cannot be written, and that each view sees what is wrong.

use billing::{
    error::Error,
    ledger::{self, Account, Kind, Posting},
    money::Money,
    payments::{PaymentState, card::holds_card},
    testing::{Dice, START, TestPlan, date},
};
use sqlx::{AssertSqlSafe, PgPool, Row};

fn money(text: &str) -> Money {
    Money::read(text).unwrap()
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn the_machine_and_the_table_have_the_same_edges(pool: PgPool) {
    for from in PaymentState::ALL {
        for to in PaymentState::ALL.into_iter().filter(|to| *to != from) {
            let known: bool = sqlx::query_scalar(
                "SELECT EXISTS (SELECT FROM payment_edge WHERE from_state = $1 AND to_state = $2)",
            )
            .bind(from.word())
            .bind(to.word())
            .fetch_one(&pool)
            .await
            .unwrap();
            assert_eq!(from.may_become(to), known, "{from:?} to {to:?}");
        }
    }
    let all: i64 = sqlx::query_scalar("SELECT count(*) FROM payment_edge").fetch_one(&pool).await.unwrap();
    assert_eq!(all, 79);
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn the_plans_accounts_are_those_of_the_migration(pool: PgPool) {
    for (account, kind) in Account::SYSTEM {
        let found: String =
            sqlx::query_scalar("SELECT kind FROM account WHERE account_id = $1 AND owner IS NULL")
                .bind(account.id())
                .fetch_one(&pool)
                .await
                .unwrap();
        assert_eq!(found, kind);
    }
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_posting_is_written_once(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let bill = ana.owes("120.00").await;
    let mut tx = plan.owner().begin().await.unwrap();
    let (_, transfers) = ledger::written(&mut tx, Kind::Charge, bill.id.0).await.unwrap().unwrap();
    let again = Posting::new(bill.id, Kind::Charge, date("2027-01-05"));
    let again = Posting { transfers, ..again };
    assert_eq!(ledger::post(&mut tx, &again).await.unwrap(), None);
    tx.commit().await.unwrap();
    assert_eq!(ana.owed().await, money("120.00"));
    plan.check().await;
}

/// What the database itself refuses, whoever asks.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn what_is_no_movement_is_refused(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    plan.member("Ana").await.owes("120.00").await;
    for (what, sql) in [
        (
            "nothing",
            "SELECT ledger_post('x', 'x', gen_random_uuid(), '2027-01-05', now(), 'a', 'r', '{3}', '{1}', '{0}', '{NULL}')",
        ),
        (
            "less",
            "SELECT ledger_post('x', 'x', gen_random_uuid(), '2027-01-05', now(), 'a', 'r', '{3}', '{1}', '{-1}', '{NULL}')",
        ),
        (
            "no number",
            "SELECT ledger_post('x', 'x', gen_random_uuid(), '2027-01-05', now(), 'a', 'r', '{3}', '{1}', '{NaN}', '{NULL}')",
        ),
        (
            "in a circle",
            "SELECT ledger_post('x', 'x', gen_random_uuid(), '2027-01-05', now(), 'a', 'r', '{3}', '{3}', '{1}', '{NULL}')",
        ),
        (
            "from nowhere",
            "SELECT ledger_post('x', 'x', gen_random_uuid(), '2027-01-05', now(), 'a', 'r', '{3}', '{999}', '{1}', '{NULL}')",
        ),
        (
            "undone twice",
            "SELECT ledger_post('x', 'x', gen_random_uuid(), '2027-01-05', now(), 'a', 'r', '{3}', '{1}', '{1}', '{NULL}', 1), \
            ledger_post('y', 'x', gen_random_uuid(), '2027-01-05', now(), 'a', 'r', '{3}', '{1}', '{1}', '{NULL}', 1)",
        ),
        ("changed", "UPDATE transfer SET amount = 1"),
        ("deleted", "DELETE FROM posting"),
        ("emptied", "TRUNCATE payment_event"),
    ] {
        assert!(sqlx::query(sql).execute(plan.owner()).await.is_err(), "{what}");
    }
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_pool_with_the_owners_rights_is_refused(pool: PgPool) {
    let plan = TestPlan::new(pool.clone()).await;
    let pools = plan.billing.pools().clone();
    pools.refuse_owner().await.unwrap();
    let as_owner = billing::Pools { write: pool.clone(), ..pools.clone() };
    assert!(as_owner.refuse_owner().await.is_err());

    // The right to one column is enough to change what must never change.
    for right in ["UPDATE", "UPDATE (amount)", "DELETE", "TRUNCATE"] {
        let grant = format!("GRANT {right} ON transfer TO portal_worker");
        sqlx::query(AssertSqlSafe(grant)).execute(&pool).await.unwrap();
        assert!(pools.refuse_owner().await.is_err(), "{right}");
        assert!(plan.broken().await.iter().any(|broken| broken.starts_with("append_only")), "{right}");
        let revoke = format!("REVOKE {right} ON transfer FROM portal_worker");
        sqlx::query(AssertSqlSafe(revoke)).execute(&pool).await.unwrap();
        pools.refuse_owner().await.unwrap();
    }
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn no_role_writes_the_ledger_but_through_its_function(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    plan.member("Ana").await.owes("120.00").await;
    let pools = plan.billing.pools();
    for pool in [&pools.read, &pools.write, &pools.work, &pools.auth] {
        for sql in [
            "INSERT INTO transfer (posting_id, line, debit_account, credit_account, amount) VALUES (1, 9, 1, 2, 1)",
            "INSERT INTO posting (kind, source_kind, source_id, effective_on, received_at, actor, reason) \
             VALUES ('x', 'x', gen_random_uuid(), '2027-01-05', now(), 'x', 'x')",
            "UPDATE account SET balance = 0",
            "UPDATE transfer SET amount = 1",
            "DELETE FROM payment_event",
            "TRUNCATE access_row",
            "UPDATE receipt SET issued_at = now()",
        ] {
            let refused = sqlx::query(sql).execute(pool).await.unwrap_err();
            assert!(
                refused.as_database_error().is_some_and(|e| e.code().as_deref() == Some("42501")),
                "{sql}: {refused}"
            );
        }
    }
    assert!(
        sqlx::query("SELECT ledger_post('x', 'x', gen_random_uuid(), '2027-01-05', now(), 'a', 'r', '{3}', '{1}', '{1}', '{NULL}')")
            .execute(&pools.read)
            .await
            .is_err(),
        "pages post nothing"
    );
}

/// Postings of one account from many sides at once: each is counted.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn balances_add_up_under_load(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let writers: Vec<_> = (0..16)
        .map(|_| {
            let ana = ana.clone();
            tokio::spawn(async move {
                for _ in 0..5 {
                    ana.owes("1.25").await;
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(ana.owed().await, money("100.00"));
    plan.check().await;
}

/// A plan with something of everything in it.
async fn busy(pool: PgPool) -> TestPlan {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    ana.pay(&ana.owes("120.00").await.pay("100.00")).await.unwrap();
    let returned = ana.owes("80.00").await.pay_by_bank("80.00");
    ana.pay(&returned).await.unwrap();
    plan.gateway.bank_returns(ana.attempt(&returned).await, "R01");
    let settled = ana.owes("70.00").await.pay_in_full();
    ana.pay(&settled).await.unwrap();
    plan.gateway.settles(date("2027-01-07"));
    ana.starts(&ana.owes("30.00").await.pay_in_full()).await;
    plan.hears().await;
    plan.works().await;
    // Transactions of other tests' databases hold a seal up too: their numbers are the cluster's.
    for _ in 0..400 {
        if plan.job().seal().await.unwrap() > 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    plan.check().await;
    plan
}

/// Views with the texts by which their rows say what is wrong: sentences, or the names of places.
const WAYS: &str = r"SELECT DISTINCT replace(viewname, 'invariant_', ''), coalesce(found[1], '(' || found[2] || ',')
    FROM pg_views, regexp_matches(definition,
        $$'([a-z_]+(?: [a-z0-9]+)+)[,: ]*'::text|SELECT '([a-z_]+)'::text AS place$$, 'g') AS found
    WHERE viewname LIKE 'invariant\_%'";

/// Each promise broken by hand, as nobody but the owner could, and seen.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn every_promise_sees_its_break(pool: PgPool) {
    let plan = busy(pool).await;
    let planted: &[(&str, &str)] = &[
        (
            "posting_shape: its lines are not 1 to n",
            "INSERT INTO posting (kind, source_kind, source_id, effective_on, received_at, actor, reason) \
            VALUES ('x', 'x', gen_random_uuid(), '2027-01-05', now(), 'x', 'x')",
        ),
        (
            "posting_shape: its lines are not 1 to n",
            "UPDATE transfer SET line = line + 1 WHERE transfer_id = (SELECT max(transfer_id) FROM transfer)",
        ),
        (
            "posting_shape: it does not mirror what it reverses",
            "UPDATE transfer SET amount = amount + 1 WHERE posting_id = (SELECT posting_id FROM posting WHERE reverses IS NOT NULL LIMIT 1)",
        ),
        (
            "trial_balance",
            "UPDATE account SET balance = balance + 1 WHERE account_id = (SELECT min(account_id) FROM account WHERE owner IS NOT NULL)",
        ),
        (
            "account_balance",
            "UPDATE account SET version = version + 1 WHERE account_id = (SELECT min(account_id) FROM account WHERE owner IS NOT NULL)",
        ),
        (
            "append_only: nothing refuses a change",
            "ALTER TABLE payment_event DISABLE TRIGGER payment_event_append_only",
        ),
        ("append_only", "GRANT DELETE ON receipt TO portal_write"),
        ("append_only", "GRANT UPDATE (reason) ON access_row TO portal_auth"),
        (
            "posted_once: money taken and not in the ledger",
            "UPDATE payment_attempt SET state = 'captured' WHERE state = 'requires_action'",
        ),
        (
            "posted_once: in the ledger and not taken",
            "UPDATE payment_attempt SET state = 'declined' WHERE state = 'settled'",
        ),
        (
            "posted_once: a posting without its attempt",
            "INSERT INTO posting (kind, source_kind, source_id, effective_on, received_at, actor, reason) \
            VALUES ('payment', 'attempt', gen_random_uuid(), '2027-01-05', now(), 'x', 'x')",
        ),
        (
            "posted_once: a bill that is not charged as it says",
            "UPDATE bill SET due = due + 1 WHERE bill_id = (SELECT min(bill_id::text)::uuid FROM bill)",
        ),
        (
            "posted_once: a charge without its bill",
            "DELETE FROM bill WHERE bill_id = (SELECT min(bill_id::text)::uuid FROM bill)",
        ),
        (
            "posted_once: a posting without its settlement line",
            "INSERT INTO posting (kind, source_kind, source_id, effective_on, received_at, actor, reason) \
            VALUES ('suspense', 'settlement_line', gen_random_uuid(), '2027-01-05', now(), 'x', 'x')",
        ),
        (
            "posted_once: a settlement line that is not posted",
            "DELETE FROM posting p USING payment_attempt a WHERE p.kind = 'settle' AND p.source_id = a.attempt_id",
        ),
        ("allocation", "UPDATE payment SET amount = amount + 1 WHERE receipt_number IS NOT NULL"),
        ("bill_applied", "UPDATE bill SET applied = applied - 1 WHERE applied > 0"),
        (
            "suspense: past its deadline",
            "INSERT INTO suspense_item VALUES (gen_random_uuid(), 'lost', 5, now(), '2026-01-01')",
        ),
        (
            "suspense: the account holds",
            "SELECT ledger_post('x', 'x', gen_random_uuid(), '2027-01-05', now(), 'a', 'r', '{3}', '{4}', '{1}', '{NULL}')",
        ),
        ("cited_figure", "UPDATE cited_figure SET amount = amount + 1 WHERE figure = 'owed_after'"),
        (
            "cited_figure",
            "UPDATE cited_figure SET transfers = transfers || 999999::bigint WHERE figure = 'amount'",
        ),
        ("cited_figure", "DELETE FROM cited_figure WHERE figure = 'amount'"),
        ("cited_figure", "DELETE FROM cited_figure WHERE figure = 'owed_after'"),
        ("cited_figure: applied and credited", "DELETE FROM cited_figure WHERE figure = 'applied'"),
        (
            "cited_figure",
            "INSERT INTO cited_figure (document_kind, document_id, figure, amount, account_id, account_version) \
            SELECT 'letter', 'x', 'owed', balance + 1, account_id, version FROM account WHERE owner IS NOT NULL LIMIT 1",
        ),
        (
            "cited_figure: (letter,x,owed",
            "INSERT INTO cited_figure (document_kind, document_id, figure, amount, source) \
            VALUES ('letter', 'x', 'owed', 1, ' ')",
        ),
        (
            "one_live_attempt",
            "DROP INDEX one_live_attempt; INSERT INTO payment_attempt (attempt_id, payment_id, number, state, changed_at) \
            SELECT gen_random_uuid(), payment_id, 2, 'created', now() FROM payment_attempt WHERE state = 'settled' LIMIT 1",
        ),
        (
            "idempotency: its contents are not those of its key",
            "UPDATE payment SET bill_version = bill_version + 1",
        ),
        (
            "idempotency: its attempts are not 1 to n",
            "UPDATE payment_attempt SET number = 7 WHERE state = 'settled'",
        ),
        ("gateway_match", "UPDATE gateway_listing SET amount = amount + 1 WHERE state = 'settled'"),
        ("gateway_match", "UPDATE gateway_listing SET currency = 'CAD' WHERE state = 'settled'"),
        (
            "gateway_match",
            "DELETE FROM gateway_listing WHERE state = 'settled'; UPDATE gateway_listing SET listed_at = listed_at + interval '1 hour'",
        ),
        (
            "gateway_match",
            "INSERT INTO gateway_listing VALUES ('stray', 'captured', 5, 'USD', 999, '2027-01-05T17:00:00Z')",
        ),
        (
            "gateway_match",
            "UPDATE gateway_listing SET state = 'voided', listed_at = '2027-01-01T00:00:00Z' WHERE state = 'settled'; \
            UPDATE payment_attempt SET changed_at = '2026-12-31T00:00:00Z'",
        ),
        ("gateway_match", "UPDATE payment_attempt SET state = 'absent' WHERE state = 'settled'"),
        (
            "event_chain: it is not where its events lead",
            "UPDATE payment_attempt SET state = 'mismatch' WHERE state = 'requires_action'",
        ),
        ("event_chain: its events are not one chain", "DELETE FROM payment_event WHERE seq = 2"),
        (
            "event_chain: its events are not one chain",
            "UPDATE payment_event SET from_state = NULL WHERE seq = 3",
        ),
        (
            "event_chain: an event after its last",
            "INSERT INTO payment_event (attempt_id, seq, from_state, to_state, event, evidence, actor, at) \
            SELECT attempt_id, seq + 1, 'requires_action', 'captured', 'paid', 'query', 'x', now() \
            FROM payment_attempt WHERE state = 'requires_action'",
        ),
        (
            "event_chain: no such move",
            "UPDATE payment_event e SET to_state = 'returned' FROM payment_attempt a \
            WHERE e.attempt_id = a.attempt_id AND e.seq = a.seq AND a.state = 'requires_action'; \
            UPDATE payment_attempt SET state = 'returned' WHERE state = 'requires_action'",
        ),
        (
            "unknown_evidence",
            "INSERT INTO payment_event (attempt_id, seq, from_state, to_state, event, evidence, actor, at) \
            SELECT attempt_id, 99, 'unknown', 'absent', 'guessed', 'ours', 'x', now() FROM payment_attempt LIMIT 1",
        ),
        (
            "outbox: neither sent nor given up",
            "INSERT INTO notice (notice_id, key, address, template, language, created_at) \
            VALUES (gen_random_uuid(), 'k', 'a@example.test', 'receipt', 'en', '2026-12-01')",
        ),
        ("outbox: a receipt nobody was told of", "DELETE FROM notice WHERE template = 'receipt'"),
        ("outbox: a receipt number without its receipt", "DELETE FROM receipt"),
        ("outbox: a receipt without its posting", "DELETE FROM posting WHERE kind = 'payment'"),
        (
            "overdue",
            "UPDATE payment_attempt SET deadline_at = '2027-01-05T16:00:00Z' WHERE state = 'requires_action'",
        ),
        ("overdue", "UPDATE payment_attempt SET next_check_at = NULL WHERE state = 'requires_action'"),
        (
            "inbox",
            "INSERT INTO gateway_event VALUES ('test', 'evt_x', 'charge.captured', 'nobody', '2027-01-01T00:00:00Z')",
        ),
        (
            "look_alike",
            "UPDATE payment SET amount = 30, receivable = (SELECT receivable FROM payment LIMIT 1)",
        ),
        (
            "file_line",
            "INSERT INTO settlement_line (file_number, line, source_id, outcome, loaded_at) \
            VALUES (99, 1, gen_random_uuid(), 'unreadable', '2027-01-01T00:00:00Z')",
        ),
        (
            "card_digits: (settlement_line,",
            "INSERT INTO settlement_line (file_number, line, source_id, outcome, loaded_at, why) \
            VALUES (99, 1, gen_random_uuid(), 'unreadable', now(), '4242 4242 4242 4242')",
        ),
        (
            "access_row: a move without its access row",
            "DELETE FROM access_row WHERE xid IN (SELECT xid FROM payment_event)",
        ),
        (
            "audit_chain: rows changed",
            "UPDATE access_row SET reason = 'nothing to see' WHERE access_row_id = (SELECT min(access_row_id) FROM sealed_row)",
        ),
        (
            "unsealed: not sealed",
            "UPDATE seal SET up_to = '3'; \
            INSERT INTO access_row (xid, at, actor_kind, action, object_kind, allowed, reason, channel) \
            VALUES ('4', now() - interval '4 hours', 'x', 'x', 'x', true, 'x', 'x')",
        ),
        ("unsealed: the numbers of transactions went back", "UPDATE seal SET up_to = '9000000000000000000'"),
        ("audit_chain: does not follow", "UPDATE seal SET previous = sha256('x')"),
        (
            "audit_chain: a seal is missing",
            "UPDATE seal SET seal_id = seal_id + 1; UPDATE sealed_row SET seal_id = seal_id + 1",
        ),
        (
            "audit_chain: a row is left out",
            "DELETE FROM sealed_row WHERE access_row_id = (SELECT max(access_row_id) FROM sealed_row)",
        ),
        ("card_digits: (member,", "UPDATE member SET family_name = '4242 4242 4242 4242'"),
        ("card_digits: (bill,", "UPDATE bill SET provider = 'Dr. 4242424242424242'"),
        (
            "card_digits: (credential,",
            "INSERT INTO credential SELECT member_id, '4242424242424242@x', 'x', now() FROM member LIMIT 1 ON CONFLICT (member_id) DO UPDATE SET email = excluded.email",
        ),
        (
            "card_digits: (claim,",
            "INSERT INTO claim VALUES ('x', 'x', 'x', '[{\"description\": \"4242.4242.4242.4242\"}]', 'x', 1)",
        ),
        (
            "card_digits: (bill_line,",
            "INSERT INTO bill_line (bill_id, line, kind, description, owed, source) \
            SELECT bill_id, 99, 'service', 'by 4242424242424242', 0, 'x' FROM bill LIMIT 1",
        ),
        (
            "card_digits: (bill_person,",
            "INSERT INTO bill_person (bill_id, line, given_name, family_name, relation) \
            SELECT bill_id, 99, '4242424242424242', 'x', 'other' FROM bill LIMIT 1",
        ),
        ("card_digits: (payment_event,", "UPDATE payment_event SET reason = '4242424242424242'"),
        ("card_digits: (posting,", "UPDATE posting SET reason = '4242424242424242'"),
        ("card_digits: (payment_attempt,", "UPDATE payment_attempt SET token = '4242424242424242'"),
        (
            "card_digits: (gateway_event,",
            "INSERT INTO gateway_event VALUES ('test', 'evt_x', 'charge.captured', '4242424242424242', now(), now())",
        ),
        ("card_digits: (settlement_line,", "UPDATE settlement_line SET reference = '4242424242424242'"),
        (
            "card_digits: (gateway_listing,",
            "INSERT INTO gateway_listing VALUES ('4242424242424242', 'captured', 5, 'USD', 999, now())",
        ),
        (
            "card_digits: (suspense_item,",
            "INSERT INTO suspense_item VALUES (gen_random_uuid(), '4242424242424242', 5, now(), '2099-01-01')",
        ),
        (
            "card_digits: (notice,",
            "UPDATE notice SET words = '{\"said\": \"my card is 4000-0025-0000-3155.\"}'",
        ),
        (
            "card_digits: (refused_form,",
            "INSERT INTO refused_form VALUES (gen_random_uuid(), gen_random_uuid(), NULL, '/', '[]', \
            '{\"amount\": \"4242424242424242\"}', now())",
        ),
        ("card_digits: (access_row,", "UPDATE access_row SET reason = '4242424242424242'"),
        (
            "eob_lines",
            "INSERT INTO eob (bill_id, source_set, patient_id, sequences, method, responsibility, stated, file, line) \
            SELECT bill_id, 'x', 'x', '{}', 'total', due::text, '{}', 'x', 1 FROM bill LIMIT 1; \
            INSERT INTO bill_line (bill_id, line, kind, description, owed, source) \
            SELECT bill_id, 1, 'service', 'x', due + 0.01, 'x' FROM bill JOIN eob USING (bill_id)",
        ),
        (
            "known_person: (proof,",
            "INSERT INTO proof (proof_id, token_hash, purpose, member_id, code_hash, created_at, expires_at) \
            VALUES (gen_random_uuid(), 'x', 'reset', gen_random_uuid(), 'x', now(), now())",
        ),
        ("known_person: (notice,", "UPDATE notice SET member_id = notice_id"),
        (
            "separation: approved by its owner",
            "UPDATE region_feature SET approved_by = owner WHERE region_feature_id = 1",
        ),
        (
            "separation: one person twice",
            "ALTER TABLE payment_event DROP CONSTRAINT payment_event_check; UPDATE payment_event SET evidence = 'two', second = upper(actor), reason = 'x' WHERE seq = 1",
        ),
    ];
    let mut seen = std::collections::BTreeSet::new();
    // A view with several ways to be broken says which one it was.
    for (promise, sql) in planted {
        let (view, way) = promise.split_once(": ").unwrap_or((promise, ""));
        let mut tx = plan.owner().begin().await.unwrap();
        // Only the owner can: triggers and foreign keys of this session are off.
        sqlx::query("SET LOCAL session_replication_role = replica").execute(&mut *tx).await.unwrap();
        sqlx::query("SELECT set_config('app.now', $1, true)").bind(START).execute(&mut *tx).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe((*sql).to_owned()))
            .execute(&mut *tx)
            .await
            .unwrap_or_else(|e| panic!("{sql}: {e}"));
        let count =
            format!("SELECT count(*) FROM invariant_{view} AS broken WHERE position($1 in broken::text) > 0");
        let rows: i64 = sqlx::query(AssertSqlSafe(count)).bind(way).fetch_one(&mut *tx).await.unwrap().get(0);
        assert!(rows > 0, "{promise} does not see: {sql}");
        tx.rollback().await.unwrap();
        seen.insert((*view).to_owned());
    }
    let unseen: Vec<String> = plan
        .billing
        .check()
        .await
        .unwrap()
        .into_iter()
        .map(|view| view.name)
        .filter(|name| !seen.contains(name))
        .collect();
    assert!(unseen.is_empty(), "promises nobody tried to break: {unseen:?}");

    // Each way a view names, and each place in which it looks for cards, stands as a text in its definition.
    let ways: Vec<(String, String)> = sqlx::query_as(WAYS).fetch_all(plan.owner()).await.unwrap();
    assert!(ways.len() > 30, "{ways:?}");
    let untried: Vec<_> = ways
        .iter()
        .filter(|(view, way)| {
            !planted.iter().any(|(promise, _)| {
                promise.starts_with(&format!("{view}: ")) && promise.contains(way.as_str())
            })
        })
        .collect();
    assert!(untried.is_empty(), "ways to break a promise nobody tried: {untried:?}");
    plan.check().await;
}

/// A Luhn number is a card only in a run of its own; our ids and amounts are none.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn cards_are_told_from_other_digits(pool: PgPool) {
    for (text, card) in [
        ("4242424242424242", true),
        ("4242 4242 4242 4242", true),
        ("4242-4242-4242-4242", true),
        ("call me, 4000000000009995, now", true),
        ("378282246310005", true),
        ("4242424242424241", false),
        ("12345678", false),
        ("01a20c7a-c0f6-71ad-9d91-111518740001", false),
        ("2027-01-05T18:00:00Z", false),
        ("1 877 365 9900", false),
        ("x4242424242424242", true),
        ("2019-03-05 2019-03-17", false),
        ("", false),
    ] {
        let holds: bool =
            sqlx::query_scalar("SELECT holds_card($1)").bind(text).fetch_one(&pool).await.unwrap();
        assert_eq!(holds, card, "{text}");
    }
}

/// A statement that fails half way leaves no half.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_capture_that_fails_leaves_nothing(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let order = ana.owes("120.00").await.pay_in_full();
    let attempt = ana.starts(&order).await;
    plan.gateway.person_pays(attempt);
    sqlx::query(
        "CREATE FUNCTION no_receipt() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'full'; END $$",
    )
    .execute(plan.owner())
    .await
    .unwrap();
    sqlx::query(
        "CREATE TRIGGER no_receipt BEFORE INSERT ON notice FOR EACH ROW EXECUTE FUNCTION no_receipt()",
    )
    .execute(plan.owner())
    .await
    .unwrap();
    assert!(matches!(ana.scope().check_again(order.payment_id).await, Err(Error::Fault(_))));
    assert_eq!(plan.state(attempt).await, PaymentState::RequiresAction);
    assert_eq!(ana.owed().await, money("120.00"));
    plan.check().await;

    sqlx::query("DROP TRIGGER no_receipt ON notice").execute(plan.owner()).await.unwrap();
    ana.scope().check_again(order.payment_id).await.unwrap();
    assert_eq!(plan.state(attempt).await, PaymentState::Captured);
    plan.check().await;
}

/// Q3: the wall in the database tells a card number exactly as `holds_card` does.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn the_database_knows_a_card_number_as_the_code_does(pool: PgPool) {
    const PIECES: [&str; 24] = [
        "4242",
        "4242",
        "4242",
        "42",
        "4",
        "378282246310005",
        "4222222222222",
        "0",
        "19",
        "2027-01-05",
        " ",
        " ",
        "-",
        ".",
        "\t",
        "\u{a0}",
        "\u{200b}",
        "\u{2013}",
        "/",
        "x",
        "４２４２",
        "٤٢",
        ",",
        "01a2106e-381e-7c3e-b32f-9608e13021c0",
    ];
    let mut dice = Dice::new(1);
    let texts: Vec<String> =
        (0..4000).map(|_| (0..=dice.below(11)).map(|_| PIECES[dice.below(PIECES.len())]).collect()).collect();
    let found: Vec<bool> = sqlx::query_scalar(
        "SELECT holds_card(text) FROM unnest($1::text[]) WITH ORDINALITY AS one (text, at) ORDER BY at",
    )
    .bind(&texts)
    .fetch_all(&pool)
    .await
    .unwrap();
    let other: Vec<_> =
        texts.iter().zip(&found).filter(|(text, found)| holds_card(text) != **found).collect();
    assert!(other.is_empty(), "the database says otherwise: {other:?}");
    let cards = found.iter().filter(|found| **found).count();
    assert!((400..3600).contains(&cards), "{cards} of 4000");
}

/// Q3 reads every column free text can come to.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn no_column_of_free_text_is_left_unread(pool: PgPool) {
    // Ids and keys, words of ours that a table or a CHECK lists, amounts, and rows that people approve.
    const NO_FREE_TEXT: &str = "_sqlx_migrations. access_row.action access_row.actor_kind access_row.channel \
        access_row.object_kind account. bill.billing_unit_id bill.kind bill.number bill.region bill.source_id \
        bill.source_set bill_line.detail bill_line.kind bill_line.source bill_person.relation billing_unit. \
        cited_figure. claim.file claim.patient_id claim.source_id claim.source_set credential.password_hash eob. \
        gateway_event.gateway gateway_listing.currency gateway_listing.state member.language member.mrn member.region \
        member.source_id member.source_set notice.key notice.language notice.template payment. payment_attempt.last4 \
        payment_attempt.state payment_edge. payment_event.evidence payment_event.from_state payment_event.to_state \
        posting.kind posting.source_kind proof.purpose rate_count. receipt. refused_form.path region. region_contact. \
        region_feature. rule. settlement_line.kind settlement_line.outcome visit.language";
    let unread: Vec<String> = sqlx::query_scalar(
        "SELECT c.table_name || '.' || c.column_name
         FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
         WHERE table_schema = 'public' AND t.table_type = 'BASE TABLE'
           AND (c.data_type IN ('text', 'json', 'jsonb', 'character varying') OR c.udt_name = '_text')
           AND NOT EXISTS (SELECT FROM information_schema.view_column_usage u
                           WHERE u.view_name = 'invariant_card_digits'
                             AND (u.table_name, u.column_name) = (c.table_name, c.column_name))",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let known: Vec<&str> = NO_FREE_TEXT.split_whitespace().collect();
    let new: Vec<_> = unread
        .iter()
        .filter(|column| {
            let table = column.split_once('.').map_or("", |(table, _)| table);
            !known.contains(&column.as_str()) && !known.contains(&format!("{table}.").as_str())
        })
        .collect();
    assert!(new.is_empty(), "nothing looks for a card number in {new:?}");
}
