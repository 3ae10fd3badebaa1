//! Connections that take their role when they are made, and the schema they find.

use std::{str::FromStr, time::Duration};

use sqlx::{
    PgPool,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::{crash, error::Fault, jobs, plan::Pools};

/// The schema's story, in order.
pub static MIGRATOR: Migrator = sqlx::migrate!("../migrations");

/// How many connections each role may hold.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    pub read: u32,
    pub write: u32,
    pub work: u32,
    pub auth: u32,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { read: 8, write: 8, work: 4, auth: 3 }
    }
}

/// A request waits this long for a connection before it is told to come again.
const ACQUIRE: Duration = Duration::from_secs(3);
/// A connection idle for longer is asked whether it still lives.
const TRUSTED: Duration = Duration::from_secs(5);

impl Pools {
    /// Opens the pools of a process, each in its role. Nothing is connected before it is needed.
    pub fn connect(database_url: &str, sizes: Sizes) -> Result<Self, Fault> {
        Ok(Self::open(&PgConnectOptions::from_str(database_url)?, sizes))
    }

    pub(crate) fn open(options: &PgConnectOptions, sizes: Sizes) -> Self {
        Self {
            read: pool(options, "portal_read", sizes.read, "2s"),
            write: pool(options, "portal_write", sizes.write, "2s"),
            work: pool(options, "portal_worker", sizes.work, "30s"),
            auth: pool(options, "portal_auth", sizes.auth, "2s"),
        }
    }

    /// Fails where one of the pools could change what must never change: then it holds the owner's rights, or the grants
    /// are wrong.
    pub async fn refuse_owner(&self) -> Result<(), Fault> {
        for pool in [&self.read, &self.write, &self.work, &self.auth] {
            let found = sqlx::query!(
                r#"SELECT current_user::text AS "role!", array_agg(t.name || ' ' || r.name ORDER BY 1) AS rights
                   FROM unnest(ARRAY['account', 'posting', 'transfer', 'payment_event', 'access_row', 'seal', 'sealed_row',
                            'receipt', 'cited_figure']) AS t (name),
                        unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS r (name)
                   WHERE has_table_privilege('public.' || t.name, r.name)
                      -- one column of a row is enough to change it
                      OR (r.name = 'UPDATE' AND has_any_column_privilege('public.' || t.name, r.name))"#
            )
            .fetch_one(pool)
            .await?;
            if let Some(rights) = found.rights {
                return Err(Fault::broken(format!(
                    "refusing to start: {} could {}",
                    found.role,
                    rights.join(", ")
                )));
            }
        }
        Ok(())
    }

    /// Whether the database answers a page.
    pub async fn answer(&self) -> bool {
        sqlx::query!("SELECT 1 AS one").fetch_one(&self.read).await.is_ok()
    }

    pub async fn close(&self) {
        for pool in [&self.read, &self.write, &self.work, &self.auth] {
            pool.close().await;
        }
    }
}

fn pool(options: &PgConnectOptions, role: &'static str, size: u32, statement: &'static str) -> PgPool {
    let options = options.clone().application_name(role).options([
        ("role", role),
        ("statement_timeout", statement),
        ("lock_timeout", "1s"),
        ("idle_in_transaction_session_timeout", "10s"),
    ]);
    PgPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(ACQUIRE)
        // A ping before every use would be a round trip a page.
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for > TRUSTED {
                    return Ok(sqlx::Connection::ping(connection).await.is_ok());
                }
                Ok(true)
            })
        })
        .connect_lazy_with(options)
}

/// Brings the schema up to date: ours, the queue's, and the rights on the queue. Several may run it at once. `owner`
/// holds the owner's rights. What a later release has added already stays: while a deployment rolls, or is taken back, we
/// come after it.
pub async fn migrate(owner: &PgPool) -> Result<(), Fault> {
    let mut ours = Migrator::with_migrations(MIGRATOR.iter().cloned().collect());
    ours.set_ignore_missing(true);
    let mut one_at_a_time = owner.acquire().await?;
    sqlx::query!("SELECT 1 AS held FROM pg_advisory_lock(hashtext('portal migrations'))")
        .fetch_one(&mut *one_at_a_time)
        .await?;
    let done = async {
        crash::during(&["K26-inside"], ours.run(owner))
            .await
            .map_err(|error| Fault::broken(format!("migrations: {error}")))?;
        crash::point("K26-schema");
        jobs::migrate(owner).await?;
        crash::point("K26-queue");
        grant_check(owner).await
    }
    .await;
    sqlx::query!("SELECT pg_advisory_unlock(hashtext('portal migrations'))")
        .fetch_one(&mut *one_at_a_time)
        .await?;
    done
}

/// Whoever checks the books may read every promise of theirs, and nothing more through it.
pub(crate) async fn grant_check(owner: &PgPool) -> Result<(), Fault> {
    sqlx::raw_sql(
        r"DO $$
        DECLARE named record;
        BEGIN
            FOR named IN
                SELECT relname FROM pg_class
                WHERE relnamespace = 'public'::regnamespace AND relkind = 'v' AND relname LIKE 'invariant\_%'
                  AND NOT has_table_privilege('portal_check', oid, 'SELECT')
            LOOP
                EXECUTE format('GRANT SELECT ON %I TO portal_check', named.relname);
            END LOOP;
        END $$",
    )
    .execute(owner)
    .await?;
    Ok(())
}
