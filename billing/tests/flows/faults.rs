//! What a fault says of itself: enough to find it, and nothing of what stands in a row (security design, section 5).

use billing::error::{Error, Fault, Refusal};
use sqlx::{AssertSqlSafe, PgPool};

/// What the database says of this statement, as our own fault.
async fn fault(pool: &PgPool, sql: &str) -> Fault {
    let refused = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(pool).await.unwrap_err();
    Fault::from(refused)
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_fault_names_its_place_and_no_value(pool: PgPool) {
    for (sql, said) in [
        (
            "INSERT INTO throttle VALUES ('canary', 1, now(), now()); INSERT INTO throttle VALUES ('canary', 1, now(), now())",
            "database 23505 throttle_pkey on throttle",
        ),
        (
            "INSERT INTO proof VALUES (gen_random_uuid(), 'canary', 'canary', NULL, 'x', NULL, 0, now(), now())",
            "database 23514 proof_purpose_check on proof",
        ),
        (
            "INSERT INTO known_device VALUES ('canary', gen_random_uuid(), now())",
            "database 23503 known_device_member_id_fkey on known_device",
        ),
        ("INSERT INTO throttle VALUES ('canary', NULL, now(), now())", "database 23502 on throttle"),
        // The message itself carries the value.
        ("SELECT 'canary'::uuid", "database 22P02"),
        ("DO $$ BEGIN RAISE EXCEPTION 'canary' USING DETAIL = 'canary'; END $$", "database P0001"),
        ("SELECT FROM no_such_table", "database 42P01 relation \"no_such_table\" does not exist"),
    ] {
        let fault = fault(&pool, sql).await;
        assert_eq!(fault.to_string(), said, "{sql}");
        let error = Error::from(fault);
        assert_eq!(error.to_string(), format!("fault: {said}"), "{sql}");
        // Nor in what an error says it comes from, which whoever prints a chain prints too.
        let mut cause: Option<&dyn std::error::Error> = Some(&error);
        while let Some(one) = cause {
            assert!(!one.to_string().contains("canary"), "{sql}: {one}");
            cause = one.source();
        }
    }
    assert_eq!(Fault::from(sqlx::Error::PoolTimedOut).to_string(), "database: PoolTimedOut");
    assert_eq!(Fault::broken("no words").to_string(), "no words");
}

#[test]
fn a_refusal_says_its_codes_and_not_what_was_typed() {
    let refused = Error::Refused(vec![
        Refusal::of("amount", "more-than-owed").with("owed", "canary"),
        Refusal::of("", "sign-in-wrong"),
    ]);
    assert_eq!(refused.to_string(), "refused: amount more-than-owed, sign-in-wrong");
}
