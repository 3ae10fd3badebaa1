//! K26: a migration that dies on its way while people go on paying. The next one finishes it, and what stands then is the
//! schema nobody disturbed.

use std::time::{Duration, Instant};

use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection as _, PgConnection};

use crate::harness::{Halting, Pace, Payers, Stack, VICTIMS, Victim, household, patience};

/// Inside the transaction of one migration.
const INSIDE: &str = "K26-inside";
/// There; between our schema and the queue's; between the queue's and the rights on it.
const POINTS: [&str; 3] = [INSIDE, "K26-schema", "K26-queue"];

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_migration_that_dies_is_finished_by_the_next() {
    let mut stack = Stack::start("migrations", 1, Pace::chosen()).await;
    let people = household(&stack, 3, 1).await;
    let undisturbed = schema(&stack.cluster.url).await;
    let payers = Payers::start(people);
    let started = Instant::now();
    for point in POINTS {
        for victim in VICTIMS {
            die_on_the_way(&mut stack, point, victim, &payers, &undisturbed).await;
        }
    }

    let told = payers.stop().await;
    stack.settle_down(patience()).await;
    let figures = stack.books_agree(&told).await;
    println!(
        "migrations: {} points × {} victims in {:.0?}, {} payments taken meanwhile; each finished by the next",
        POINTS.len(),
        VICTIMS.len(),
        started.elapsed(),
        figures.taken
    );
}

/// Two migrations stand at the point: that of a database of the release before or of none, and that of the database people
/// pay from, which has nothing left to do inside.
async fn die_on_the_way(
    stack: &mut Stack,
    point: &str,
    victim: Victim,
    payers: &Payers,
    undisturbed: &[String],
) {
    let case = format!("{point} × {victim:?}");
    let name = format!("{point}_{victim:?}").to_lowercase().replace('-', "_");
    let (old, live) = (stack.empty_database(&name).await, stack.cluster.url.clone());
    let held_up = if point == INSIDE { Some(hold_up_the_newest(&old).await) } else { None };
    let mut migrations = vec![stack.migration("old", &old, Some(point))];
    if point != INSIDE {
        migrations.push(stack.migration("live", &live, Some(point)));
    }
    for migration in &mut migrations {
        let reached = migration.reached(point, Duration::from_secs(20));
        assert!(reached, "{point} was not reached:\n{}", migration.words());
    }
    payers.one_more(patience()).await;
    strike(stack, &mut migrations, victim);
    // Gone with a Postgres that died.
    drop(held_up.map(PgConnection::close_hard));

    // Two at once, as two nodes do that start together: one works, the other waits, both are content.
    let mut next = [("next", &old), ("other", &old), ("live", &live)]
        .map(|(name, url)| stack.migration(name, url, None));
    for migration in &mut next {
        let ended = migration.ends(Duration::from_secs(30));
        assert!(ended.is_some_and(|it| it.success()), "{case}: not finished:\n{}", migration.words());
    }
    let found = schema(&old).await;
    let extra: Vec<_> = found.iter().filter(|it| !undisturbed.contains(it)).collect();
    let missing: Vec<_> = undisturbed.iter().filter(|it| !found.contains(it)).collect();
    assert!(extra.is_empty() && missing.is_empty(), "{case}: extra {extra:#?}, missing {missing:#?}");
    let checked = stack.command(&["check"]).env("DATABASE_URL", &old).output().unwrap();
    assert!(checked.status.success(), "{case}: {checked:?}");
    payers.one_more(patience()).await;
}

/// The app is here whatever migrates. Where its Postgres alone died it goes on, and says that it failed.
fn strike(stack: &mut Stack, migrations: &mut [Halting], victim: Victim) {
    if victim != Victim::Portal {
        stack.cluster.kill();
    }
    if victim != Victim::Postgres {
        migrations.iter_mut().for_each(Halting::kill);
    }
    if victim != Victim::Portal {
        stack.cluster.restart();
    }
    if victim == Victim::Postgres {
        for migration in migrations {
            migration.go_on();
            let ended = migration.ends(Duration::from_secs(20));
            assert!(ended.is_some_and(|it| !it.success()), "content without a database: {ended:?}");
        }
    }
}

/// Brings a database to the migration before the newest, and holds the list of migrations as a slow reader would: the
/// newest has done its work when it waits to be written down there.
async fn hold_up_the_newest(url: &str) -> PgConnection {
    let owner = PgPoolOptions::new().max_connections(1).connect(url).await.unwrap();
    let versions: Vec<_> = billing::MIGRATOR.iter().map(|migration| migration.version).collect();
    billing::MIGRATOR.run_to(versions[versions.len() - 2], &owner).await.unwrap();
    owner.close().await;
    let mut held = PgConnection::connect(url).await.unwrap();
    sqlx::raw_sql("BEGIN; LOCK TABLE _sqlx_migrations IN SHARE MODE").execute(&mut held).await.unwrap();
    held
}

/// Everything a migration makes, a line each.
async fn schema(url: &str) -> Vec<String> {
    const SQL: &str = "
        WITH ours AS (SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'graphile_worker'))
        SELECT concat_ws(' ', 'relation', c.oid::regclass, relkind, relrowsecurity, relacl, reloptions,
                CASE WHEN relkind = 'v' THEN md5(pg_get_viewdef(c.oid)) WHEN relkind = 'i' THEN pg_get_indexdef(c.oid) END)
            FROM pg_class c WHERE relnamespace IN (TABLE ours)
        UNION ALL SELECT concat_ws(' ', 'column', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull,
                attacl, pg_get_expr(adbin, adrelid))
            FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
            LEFT JOIN pg_attrdef d ON (adrelid, adnum) = (attrelid, attnum)
            WHERE relnamespace IN (TABLE ours) AND attnum > 0 AND NOT attisdropped
        UNION ALL SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid))
            FROM pg_constraint WHERE connamespace IN (TABLE ours)
        UNION ALL SELECT concat_ws(' ', 'function', oid::regprocedure, prosecdef, proconfig, proacl, md5(prosrc))
            FROM pg_proc WHERE pronamespace IN (TABLE ours)
        UNION ALL SELECT concat_ws(' ', 'trigger', pg_get_triggerdef(t.oid))
            FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid WHERE relnamespace IN (TABLE ours) AND NOT tgisinternal
        UNION ALL SELECT concat_ws(' ', 'policy', polrelid::regclass, polname, polcmd, polroles::regrole[],
                pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) FROM pg_policy
        UNION ALL SELECT concat_ws(' ', 'migration', version, success, encode(checksum, 'hex')) FROM _sqlx_migrations";
    let mut owner = PgConnection::connect(url).await.unwrap();
    let lines = sqlx::query_scalar(SQL).fetch_all(&mut owner).await.unwrap();
    owner.close().await.unwrap();
    assert!(lines.len() > 500, "too little of a schema: {}", lines.len());
    lines
}
