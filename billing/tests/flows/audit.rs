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
