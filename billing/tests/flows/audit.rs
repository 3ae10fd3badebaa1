//! The chain over the access rows.

use std::time::Duration;

use billing::{
    access::{Action, Object, Who, authorize},
    testing::TestPlan,
};
use sqlx::PgPool;

async fn broken(plan: &TestPlan) -> Vec<String> {
    sqlx::query_scalar("SELECT seal_id || ' ' || why FROM invariant_audit_chain ORDER BY seal_id")
        .fetch_all(plan.owner())
        .await
        .unwrap()
}

/// Seals until so many rows are. Transactions of other tests' databases hold it up too: their numbers are the cluster's.
async fn seals(plan: &TestPlan, rows: usize) {
    let mut sealed = 0;
    for _ in 0..400 {
        let job = plan.job();
        let (one, two) = tokio::join!(job.seal(), job.seal());
        sealed += one.unwrap() + two.unwrap();
        if sealed >= rows {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(sealed, rows);
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn rows_are_sealed_once_in_a_chain(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    assert_eq!(plan.job().seal().await.unwrap(), 0, "nothing makes no seal");
    for round in 1..=5 {
        for _ in 0..round {
            ana.scope().profile().await.unwrap();
        }
        seals(&plan, round).await;
    }
    let (seals, rows): (i64, i64) =
        sqlx::query_as("SELECT (SELECT count(*) FROM seal), (SELECT count(*) FROM sealed_row)")
            .fetch_one(plan.owner())
            .await
            .unwrap();
    assert!(seals >= 5, "{seals}");
    assert_eq!(rows, 15);
    assert_eq!(broken(&plan).await, Vec::<String>::new());
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_row_that_commits_late_is_sealed_late(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let mut late = plan.billing.pools().write.begin().await.unwrap();
    authorize(&mut late, &Who::at(&ana.visit), ana.id, Action::Change, Object::Profile).await.unwrap();
    ana.scope().profile().await.unwrap();

    assert_eq!(plan.job().seal().await.unwrap(), 0, "an older transaction is still open");
    late.commit().await.unwrap();
    seals(&plan, 2).await;
    assert_eq!(broken(&plan).await, Vec::<String>::new());
}

/// So many rows, of 400 transactions that even a cluster just made has behind it.
async fn looks(plan: &TestPlan, many: i64) {
    sqlx::query(
        "INSERT INTO access_row (xid, actor_kind, action, object_kind, allowed, reason, channel)
         SELECT ((10 + n * 400 / $1)::text)::xid8, 'machine', 'see', 'profile', true, 'self', 'web'
         FROM generate_series(0, $1 - 1) AS n",
    )
    .bind(many)
    .execute(plan.owner())
    .await
    .unwrap();
}

/// Rows of the trail that seals have read so far.
async fn read_by_seals(plan: &TestPlan) -> i64 {
    let mut held = Vec::new();
    for _ in 0..4 {
        let mut one = plan.billing.pools().work.acquire().await.unwrap();
        sqlx::query("SELECT pg_stat_force_next_flush()").execute(&mut *one).await.unwrap();
        held.push(one);
    }
    sqlx::query_scalar(
        "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint FROM pg_stat_user_tables
         WHERE relname IN ('access_row', 'sealed_row')",
    )
    .fetch_one(plan.owner())
    .await
    .unwrap()
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_seal_reads_what_is_new_and_nothing_else(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    looks(&plan, 20_000).await;
    seals(&plan, 20_000).await;
    // Up to the hundredth, made by the version before.
    sqlx::query(
        "INSERT INTO seal (seal_id, root, previous, sealed_at)
         SELECT n, sha256(n::text::bytea), sha256(n::text::bytea), now()
         FROM generate_series((SELECT max(seal_id) + 1 FROM seal), 100) AS n",
    )
    .execute(plan.owner())
    .await
    .unwrap();
    sqlx::query("ANALYZE access_row, seal, sealed_row").execute(plan.owner()).await.unwrap();

    for round in 0..3 {
        ana.scope().profile().await.unwrap();
        let before = read_by_seals(&plan).await;
        seals(&plan, 1).await;
        let read = read_by_seals(&plan).await - before;
        assert!(read < 1_000, "round {round}: {read} rows read to seal one");
    }
    let plan: Vec<String> =
        sqlx::query_scalar("EXPLAIN SELECT FROM invariant_unsealed").fetch_all(plan.owner()).await.unwrap();
    assert!(plan.iter().any(|line| line.contains("access_row_xid")), "{plan:#?}");
    assert!(!plan.iter().any(|line| line.contains("Seq Scan on")), "{plan:#?}");
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_backlog_is_sealed_batch_by_batch(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    looks(&plan, 12_000).await;
    seals(&plan, 12_000).await;
    let largest: i64 =
        sqlx::query_scalar("SELECT max(count) FROM (SELECT count(*) FROM sealed_row GROUP BY seal_id) one")
            .fetch_one(plan.owner())
            .await
            .unwrap();
    // No more than the transaction in which it became full.
    assert!(largest <= 5_030, "{largest} rows in one seal");
    assert_eq!(broken(&plan).await, Vec::<String>::new());

    // A transaction is never cut in two, however many rows it has.
    sqlx::query(
        "INSERT INTO access_row (xid, actor_kind, action, object_kind, allowed, reason, channel)
         SELECT '500', 'machine', 'see', 'profile', true, 'self', 'web' FROM generate_series(1, 6000)",
    )
    .execute(plan.owner())
    .await
    .unwrap();
    seals(&plan, 6_000).await;
    assert_eq!(broken(&plan).await, Vec::<String>::new());
}

/// Several transactions open at once, ending in another order than they began, and seals all the while: each row is
/// sealed once, none is left behind by the head.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn no_seal_passes_over_a_transaction_still_open(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let mut open = Vec::new();
    for _ in 0..4 {
        let mut tx = plan.billing.pools().write.begin().await.unwrap();
        // It has its number, and no row yet.
        sqlx::query("SELECT pg_current_xact_id()").execute(&mut *tx).await.unwrap();
        open.push(tx);
        ana.scope().profile().await.unwrap();
        plan.job().seal().await.unwrap();
    }
    for which in [3, 1, 1, 0] {
        let mut tx = open.remove(which);
        let who = Who::at(&ana.visit);
        authorize(&mut tx, &who, ana.id, Action::Change, Object::Profile).await.unwrap();
        plan.job().seal().await.unwrap();
        tx.commit().await.unwrap();
        plan.job().seal().await.unwrap();
    }
    for _ in 0..400 {
        plan.job().seal().await.unwrap();
        let left: i64 = sqlx::query_scalar(
            "SELECT (SELECT count(*) FROM access_row) - (SELECT count(*) FROM sealed_row)",
        )
        .fetch_one(plan.owner())
        .await
        .unwrap();
        if left == 0 {
            assert_eq!(broken(&plan).await, Vec::<String>::new());
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("rows are left that nobody seals");
}

/// Rows not sealed that a seal would take now.
async fn sealable(plan: &TestPlan) -> i64 {
    sqlx::query_scalar(
        "SELECT count(*) FROM access_row WHERE xid < pg_snapshot_xmin(pg_current_snapshot())
           AND access_row_id NOT IN (SELECT access_row_id FROM sealed_row)",
    )
    .fetch_one(plan.owner())
    .await
    .unwrap()
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn every_tampering_is_found(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    for _ in 0..3 {
        ana.scope().profile().await.unwrap();
        ana.scope().profile().await.unwrap();
        // Both rows into one seal, so that the tamperings below name the right one.
        while sealable(&plan).await < 2 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        seals(&plan, 2).await;
    }

    // With the owner's rights and the triggers off, each in a transaction that is undone.
    for (tampering, found) in [
        ("UPDATE access_row SET allowed = false WHERE access_row_id = 1", "1 rows changed"),
        (
            "UPDATE access_row SET at = at + interval '1 microsecond' WHERE access_row_id = 3",
            "2 rows changed",
        ),
        ("UPDATE access_row SET object_id = 'x' WHERE access_row_id = 6", "3 rows changed"),
        ("UPDATE access_row SET reason = 'other' WHERE access_row_id = 2", "1 rows changed"),
        ("UPDATE access_row SET actor = gen_random_uuid() WHERE access_row_id = 4", "2 rows changed"),
        ("DELETE FROM sealed_row WHERE access_row_id = 5", "3 rows changed"),
        ("UPDATE sealed_row SET seal_id = 1 WHERE access_row_id = 3", "1 rows changed"),
        ("UPDATE seal SET root = sha256('x') WHERE seal_id = 3", "3 rows changed"),
        ("DELETE FROM sealed_row WHERE access_row_id = 5", "3 a row is left out"),
        (
            "INSERT INTO access_row (xid, actor_kind, action, object_kind, allowed, reason, channel) \
             VALUES ('3', 'x', 'x', 'x', true, 'x', 'x')",
            "1 a row is left out",
        ),
        ("DELETE FROM sealed_row WHERE seal_id = 2; DELETE FROM seal WHERE seal_id = 2", "3 does not follow"),
        ("DELETE FROM sealed_row WHERE seal_id = 1; DELETE FROM seal WHERE seal_id = 1", "2 does not follow"),
    ] {
        let mut tx = plan.owner().begin().await.unwrap();
        let sql = format!("SET LOCAL session_replication_role = replica; {tampering}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut *tx).await.unwrap();
        let broken: Vec<String> =
            sqlx::query_scalar("SELECT seal_id || ' ' || why FROM invariant_audit_chain ORDER BY seal_id")
                .fetch_all(&mut *tx)
                .await
                .unwrap();
        assert!(broken.iter().any(|one| one == found), "{tampering}: {broken:?}");
        tx.rollback().await.unwrap();
    }
    assert_eq!(broken(&plan).await, Vec::<String>::new());
}

/// The hourly look: what is broken is named, what cannot be looked at stops nothing, and all the rest is looked at.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn the_hourly_look_names_what_is_broken(pool: PgPool) {
    // Two seconds for each promise.
    let plan = TestPlan::with(pool, |settings| settings.haste = 60).await;
    plan.member("Ana").await.owes("120.00").await;
    let looked = plan.job().check_promises().await.unwrap();
    let names: Vec<String> = plan.billing.check().await.unwrap().into_iter().map(|view| view.name).collect();
    assert_eq!(looked.iter().map(|one| one.name.clone()).collect::<Vec<_>>(), names);
    assert!(names.len() > 20 && looked.iter().all(|one| one.broken == Some(0)), "{looked:?}");

    sqlx::raw_sql(
        "CREATE VIEW invariant_a_slow_one AS SELECT 1 AS one FROM pg_sleep(60);
         GRANT SELECT ON invariant_a_slow_one TO portal_check;
         UPDATE account SET version = version + 1 WHERE owner IS NOT NULL;",
    )
    .execute(plan.owner())
    .await
    .unwrap();
    let looked = plan.job().check_promises().await.unwrap();
    assert_eq!(looked.len(), names.len() + 1);
    let bad: Vec<(&str, Option<i64>)> = looked
        .iter()
        .filter(|one| one.broken != Some(0))
        .map(|one| (one.name.as_str(), one.broken))
        .collect();
    assert_eq!(bad, [("a_slow_one", None), ("account_balance", Some(1))]);
}
