//! Databases of the bench's own on the cluster of `DATABASE_URL`: a seeded one, kept as the mould, and casts of it.

use std::str::FromStr as _;

use sqlx::{
    AssertSqlSafe, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::{Result, seed, wire::Wire};

/// A cast of the seeded database. Dropped with [`Cast::drop`].
pub struct Cast {
    pub name: String,
    cluster: PgConnectOptions,
}

impl Cast {
    /// A fresh database with these members, by way of the mould, which is made where there is none.
    pub async fn of(url: &str, members: u32) -> Result<Self> {
        let cluster = PgConnectOptions::from_str(url)?;
        let mould = mould(&cluster, members).await?;
        let name = format!("portal_bench_{}", std::process::id());
        run(&cluster, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        run(&cluster, &format!("CREATE DATABASE {name} TEMPLATE {mould}")).await?;
        Ok(Self { name, cluster })
    }

    /// How its owner connects.
    pub fn options(&self) -> PgConnectOptions {
        self.cluster.clone().database(&self.name)
    }

    /// The owner, by way of the wire: pools made from its options are heard too.
    pub async fn owner(&self, wire: &Wire) -> Result<PgPool> {
        Ok(PgPoolOptions::new().max_connections(2).connect_with(wire.lead(&self.options())).await?)
    }

    pub async fn drop(self) -> Result<()> {
        run(&self.cluster, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)).await
    }
}

/// The seeded database of this size: made, or found as it was made by these migrations and this seed.
pub async fn mould(cluster: &PgConnectOptions, members: u32) -> Result<String> {
    let name = format!("portal_bench_s_{members}");
    let mark = seed::mark(members);
    let owner = one(cluster.clone()).await?;
    let found: Option<String> = sqlx::query_scalar(
        "SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database WHERE datname = $1",
    )
    .bind(&name)
    .fetch_optional(&owner)
    .await?;
    owner.close().await;
    if found.as_deref() == Some(mark.as_str()) {
        return Ok(name);
    }
    run(cluster, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
    run(cluster, &format!("CREATE DATABASE {name}")).await?;
    let owner = one(cluster.clone().database(&name)).await?;
    seed::fill(&owner, members).await?;
    owner.close().await;
    run(cluster, &format!("COMMENT ON DATABASE {name} IS '{mark}'")).await?;
    Ok(name)
}

/// A pool of few connections; migrations hold one and use another.
pub async fn one(options: PgConnectOptions) -> Result<PgPool> {
    Ok(PgPoolOptions::new().max_connections(2).connect_with(options).await?)
}

/// Names are our own, made of letters and numbers.
async fn run(cluster: &PgConnectOptions, sql: &str) -> Result<()> {
    let owner = one(cluster.clone()).await?;
    let done = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&owner).await;
    owner.close().await;
    done?;
    Ok(())
}
