//! Who may do what: a permit for every row, and an access row for every answer.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use billing::{
    access::{Action, Actor, Object, Permit, Who, authorize},
    error::Error,
    ids::{BillId, MemberId, PaymentId},
    testing::{TestPlan, people::Browser},
};
use serde_json::Value;
use sqlx::PgPool;

/// The built libraries these tests may be linked with, newest first.
fn libraries() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(deps())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension().is_some_and(|extension| extension == "rlib")
                && path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("libbilling-"))
        })
        .collect();
    found.sort_by_key(|path| std::cmp::Reverse(path.metadata().unwrap().modified().unwrap()));
    found
}

fn deps() -> PathBuf {
    std::env::current_exe().unwrap().parent().unwrap().to_owned()
}

/// Compiles a file of `tests/permits` against a library. `Err`: the compiler's errors.
fn compiles(file: &str, billing: &Path) -> Result<(), String> {
    let output = Command::new("rustc")
        .args(["--edition", "2024", "--crate-type", "lib", "--emit", "metadata", "-o"])
        .arg(std::env::temp_dir().join(format!("portal-{}-{file}.rmeta", std::process::id())))
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/permits").join(file))
        .args(["--extern", &format!("billing={}", billing.display())])
        .args(["-L", &format!("dependency={}", deps().display())])
        .output()
        .unwrap();
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

/// As trybuild would, without building every dependency a second time.
#[test]
fn nobody_makes_a_permit_and_nothing_is_read_without_one() {
    // What is right compiles, so the others fail for their own reasons.
    let libraries = libraries();
    let billing = libraries.iter().find(|library| compiles("with_permit.rs", library).is_ok());
    let billing = billing
        .unwrap_or_else(|| panic!("{:?}", libraries.first().map(|one| compiles("with_permit.rs", one))));
    for (file, error) in [("no_permit.rs", "E0061"), ("home_made.rs", "E0451"), ("copied.rs", "E0308")] {
        let errors = compiles(file, billing).unwrap_err();
        assert!(errors.contains(error), "{file}: {errors}");
    }
}

/// The access rows, oldest first, without what differs from run to run.
async fn rows(plan: &TestPlan) -> Vec<Value> {
    sqlx::query_scalar(
        "SELECT to_jsonb(r) - 'access_row_id' - 'xid' - 'at' - 'visit_id' FROM access_row r ORDER BY access_row_id",
    )
    .fetch_all(plan.owner())
    .await
    .unwrap()
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_change_of_ones_own_leaves_one_row_with_it(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let bill = ana.owes("120.00").await;
    let who = Who::at(&ana.visit);
    // The role behind forms: it may insert a row only through the function.
    let mut tx = plan.billing.pools().write.begin().await.unwrap();

    let permit = authorize(&mut tx, &who, ana.id, Action::Pay, bill.id).await.unwrap();
    assert_eq!(permit.subject().unwrap(), ana.id);
    assert_eq!(rows(&plan).await, Vec::<Value>::new(), "nothing before the commit");
    tx.commit().await.unwrap();

    let rows = rows(&plan).await;
    assert_eq!(rows.len(), 1);
    assert_eq!(
        rows[0],
        serde_json::json!({
            "actor_kind": "member", "actor": ana.id, "subject": ana.id, "action": "pay", "object_kind": "bill",
            "object_id": bill.id, "allowed": true, "reason": "self", "channel": "web",
        })
    );
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn anothers_and_none_are_refused_alike_and_the_refusal_stays(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let (ana, ben) = (plan.member("Ana").await, plan.member("Ben").await);
    let bill = ben.owes("120.00").await;
    let who = Who::at(&ana.visit);

    let objects: [Object; 4] =
        [bill.id.into(), BillId::mint().into(), PaymentId::mint().into(), PaymentId::mint().into()];
    for object in objects {
        let mut tx = plan.billing.pools().write.begin().await.unwrap();
        sqlx::query("UPDATE member SET given_name = 'Eve'").execute(&mut *tx).await.unwrap();
        let refused = authorize(&mut tx, &who, ana.id, Action::Pay, object).await;
        assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
        drop(tx);
    }

    let rows = rows(&plan).await;
    assert_eq!(rows.len(), 4, "{rows:#?}");
    for row in rows {
        assert_eq!((&row["allowed"], &row["reason"]), (&false.into(), &"not theirs".into()));
    }
    let changed: i64 = sqlx::query_scalar("SELECT count(*) FROM member WHERE given_name = 'Eve'")
        .fetch_one(plan.owner())
        .await
        .unwrap();
    assert_eq!(changed, 0, "what was done before in the transaction is undone");
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn the_table_refuses_with_a_row_too(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let (ana, ben) = (plan.member("Ana").await, plan.member("Ben").await);
    let anonymous = Who { actor: Actor::Anonymous, visit_id: None, channel: "web" };
    let machine = Who { actor: Actor::Machine("resolve"), visit_id: None, channel: "job" };
    let answer = async |who: &Who, subject: MemberId, action| {
        let mut tx = plan.billing.pools().work.begin().await.unwrap();
        let answer = authorize(&mut tx, who, subject, action, Object::Profile).await.map(|_| ());
        tx.commit().await.unwrap();
        answer
    };

    assert!(matches!(answer(&anonymous, ana.id, Action::See).await, Err(Error::SignedOut)));
    assert!(matches!(answer(&Who::at(&ben.visit), ana.id, Action::Change).await, Err(Error::NotFound)));
    assert!(matches!(answer(&machine, ana.id, Action::Pay).await, Err(Error::NotFound)));
    answer(&machine, ana.id, Action::Work).await.unwrap();
    answer(&Who::at(&ana.visit), ana.id, Action::Change).await.unwrap();

    let allowed: Vec<bool> = rows(&plan).await.iter().map(|row| row["allowed"].as_bool().unwrap()).collect();
    assert_eq!(allowed, [false, false, false, true, true]);
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_page_of_ones_own_is_one_statement_with_its_row(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let profile = ana.scope().profile().await.unwrap();
    assert_eq!((profile.given_name.as_str(), profile.region.as_str()), ("Ana", "NCA"));
    let rows = rows(&plan).await;
    assert_eq!(rows.len(), 1);
    assert_eq!((&rows[0]["action"], &rows[0]["object_kind"]), (&"see".into(), &"profile".into()));

    let nobody = Browser::open(&plan.billing).await;
    assert!(matches!(Permit::to_see(&nobody.visit, Action::See, Object::Overview), Err(Error::SignedOut)));
    assert!(matches!(plan.billing.member(&nobody.visit).map(|_| ()), Err(Error::SignedOut)));
}

/// No role of ours can write, change or remove an access row but through the functions.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn no_role_can_touch_the_rows_themselves(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    plan.member("Ana").await.scope().profile().await.unwrap();
    let pools = plan.billing.pools();
    for pool in [&pools.read, &pools.write, &pools.work, &pools.auth] {
        for sql in [
            "INSERT INTO access_row (actor_kind, action, object_kind, allowed, reason, channel)
             VALUES ('member', 'see', 'bill', true, 'self', 'web')",
            "UPDATE access_row SET allowed = true",
            "DELETE FROM access_row",
            "TRUNCATE access_row CASCADE",
            "DELETE FROM seal",
        ] {
            assert!(sqlx::raw_sql(sql).execute(pool).await.is_err(), "{sql}");
        }
    }
    for pool in [&pools.read, &pools.write, &pools.work] {
        // The role that signs people in writes visits, and forgets old ones.
        for sql in ["UPDATE visit SET member_id = NULL, id_hash = ''::bytea WHERE false", "DELETE FROM visit"]
        {
            assert!(sqlx::raw_sql(sql).execute(pool).await.is_err(), "{sql}");
        }
        for table in
            ["password_hash FROM credential", "* FROM proof", "* FROM throttle", "* FROM known_device"]
        {
            let sql = sqlx::AssertSqlSafe(format!("SELECT {table}"));
            assert!(sqlx::raw_sql(sql).execute(pool).await.is_err(), "{table}");
        }
    }
    assert!(sqlx::raw_sql("UPDATE access_row SET allowed = true").execute(plan.owner()).await.is_err());
}

/// Q6: what a page can do at all. Its role reads; what it leaves behind it leaves through the functions named here.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn the_role_of_pages_can_only_read_and_leave_its_trace(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let names = async |sql: &'static str| -> Vec<String> {
        sqlx::query_scalar(sql).fetch_all(plan.owner()).await.unwrap()
    };
    let rights = names(
        "SELECT c.relname || ' ' || r.name FROM pg_class c,
             unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS r (name)
         WHERE c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
           AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
           AND (has_table_privilege('portal_read', c.oid, r.name)
                OR r.name IN ('INSERT', 'UPDATE', 'REFERENCES') AND has_any_column_privilege('portal_read', c.oid, r.name))",
    )
    .await;
    assert_eq!(rights, Vec::<String>::new());
    let sequences = names(
        "SELECT relname::text FROM pg_class
         WHERE CASE WHEN relkind = 'S' THEN has_sequence_privilege('portal_read', oid, 'USAGE, UPDATE') END",
    )
    .await;
    assert_eq!(sequences, Vec::<String>::new());
    let writing = names(
        "SELECT proname::text FROM pg_proc
         WHERE pronamespace = 'public'::regnamespace AND provolatile = 'v' AND prosecdef
           AND has_function_privilege('portal_read', oid, 'EXECUTE') ORDER BY 1",
    )
    .await;
    assert_eq!(writing, ["authorized", "leave_access", "saw", "visit_seen"]);
}
