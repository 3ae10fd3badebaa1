//! Counters: read from the server and from the wire, printed one JSON line each, held against floors and a baseline.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::Serialize;
use serde_json::{Map, Value, json};
use sqlx::{PgPool, Row as _};

use crate::{
    Result,
    wire::{Asked, Wire},
};

/// The roles a portal works in.
const ROLES: [&str; 4] = ["portal_read", "portal_write", "portal_worker", "portal_auth"];

/// What the server counts, of the whole cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wal {
    pub records: u64,
    pub bytes: u64,
    /// Images of whole pages, written at their first change after a checkpoint.
    pub pages: u64,
    /// Times the log was forced to disk.
    pub syncs: u64,
}

impl Wal {
    async fn read(owner: &PgPool) -> Result<Self> {
        // PostgreSQL 18 moved the count of syncs.
        let syncs = if major(owner).await? < 18 {
            "wal_sync"
        } else {
            "(SELECT coalesce(sum(fsyncs), 0) FROM pg_stat_io WHERE object = 'wal')"
        };
        let sql = format!(
            "SELECT wal_records::bigint, wal_bytes::bigint, wal_fpi::bigint, {syncs}::bigint FROM pg_stat_wal"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_one(owner).await?;
        let count = |column: usize| -> Result<u64> { Ok(u64::try_from(row.try_get::<i64, _>(column)?)?) };
        Ok(Self { records: count(0)?, bytes: count(1)?, pages: count(2)?, syncs: count(3)? })
    }

    fn since(self, before: Self) -> Self {
        Self {
            records: self.records.saturating_sub(before.records),
            bytes: self.bytes.saturating_sub(before.bytes),
            pages: self.pages.saturating_sub(before.pages),
            syncs: self.syncs.saturating_sub(before.syncs),
        }
    }
}

/// The server's major version: baselines are one each.
pub async fn major(owner: &PgPool) -> Result<u32> {
    let number: String = sqlx::query_scalar("SHOW server_version_num").fetch_one(owner).await?;
    Ok(number.parse::<u32>()?.checked_div(10_000).unwrap_or_default())
}

/// One block of equal work, counted.
#[derive(Clone, Debug)]
pub struct Block {
    pub asked: Asked,
    pub wal: Wal,
}

/// Counts blocks of work done through `pools`, on a cluster that does nothing else meanwhile.
pub struct Meter<'a> {
    pub wire: &'a Wire,
    pub owner: &'a PgPool,
    pub pools: &'a billing::Pools,
}

impl Meter<'_> {
    /// What this work asks of wire and server.
    pub async fn count(&self, work: impl Future<Output = Result<()>>) -> Result<Block> {
        self.at_rest().await?;
        self.tell().await?;
        let before = Wal::read(self.owner).await?;
        self.wire.take(&ROLES);
        work.await?;
        self.at_rest().await?;
        let asked = self.wire.take(&ROLES);
        self.tell().await?;
        Ok(Block { asked, wal: Wal::read(self.owner).await?.since(before) })
    }

    fn each(&self) -> [&PgPool; 4] {
        [&self.pools.read, &self.pools.write, &self.pools.work, &self.pools.auth]
    }

    /// A connection goes back to its pool in a task of its own.
    async fn at_rest(&self) -> Result<()> {
        for pool in self.each() {
            for _ in 0..400 {
                if usize::try_from(pool.size())? == pool.num_idle() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        Ok(())
    }

    /// A backend tells the server's counters at most once a second, and an idle one after ten: each is asked to tell
    /// now.
    async fn tell(&self) -> Result<()> {
        for pool in self.each() {
            let mut idle = Vec::new();
            while let Some(mut connection) = pool.try_acquire() {
                sqlx::raw_sql("SELECT pg_stat_force_next_flush()").execute(&mut *connection).await?;
                idle.push(connection);
            }
        }
        self.at_rest().await
    }
}

/// What a page asked, by any of the portal's roles.
pub fn of_the_portal(wire: &Wire) -> Asked {
    wire.take(&ROLES)
}

/// The middle one.
pub fn median<T: Ord + Copy>(all: impl IntoIterator<Item = T>) -> Option<T> {
    let mut all: Vec<T> = all.into_iter().collect();
    all.sort_unstable();
    all.get(all.len() / 2).copied()
}

/// `total` for each of `count`, in tenths.
pub fn tenths(total: u64, count: u64) -> u64 {
    total.saturating_mul(10).checked_div(count).unwrap_or_default()
}

fn in_json(tenths: u64) -> Value {
    let text = format!("{}.{}", tenths / 10, tenths % 10);
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

/// One line of output. Counters have no ratio.
#[derive(Clone, Debug)]
pub struct Line {
    pub bench: String,
    counters: Map<String, Value>,
}

/// A line as it is printed; counters alone have nothing to be compared with.
#[derive(Serialize)]
struct Said<'a> {
    bench: &'a str,
    a: &'a str,
    b: (),
    ratio_median: (),
    iqr: (),
    pairs: u32,
    counters: &'a Map<String, Value>,
}

impl Line {
    pub fn of(bench: impl Into<String>, tier: &str) -> Self {
        Self { bench: bench.into(), counters: [("tier".to_owned(), json!(tier))].into_iter().collect() }
    }

    #[must_use]
    pub fn with(mut self, counter: &str, value: Value) -> Self {
        self.counters.insert(counter.to_owned(), value);
        self
    }

    /// A count for each payment or page, in tenths.
    #[must_use]
    pub fn each(self, counter: &str, tenths: u64) -> Self {
        self.with(counter, in_json(tenths))
    }

    pub fn print(&self) {
        let said = Said {
            bench: &self.bench,
            a: "billing",
            b: (),
            ratio_median: (),
            iqr: (),
            pairs: 0,
            counters: &self.counters,
        };
        println!("{}", serde_json::to_string(&said).unwrap_or_default());
    }

    pub fn get(&self, counter: &str) -> Option<&Value> {
        self.counters.get(counter)
    }

    /// A count in tenths.
    fn tenths(&self, counter: &str) -> Option<u64> {
        self.get(counter).and_then(read_tenths)
    }
}

fn read_tenths(value: &Value) -> Option<u64> {
    let text = value.to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, "0"));
    whole.parse::<u64>().ok()?.checked_mul(10)?.checked_add(part.get(..1)?.parse().ok()?)
}

/// Counts that are the same on every machine are held exactly; the log's within this much of the baseline, in percent.
const SLACK: u64 = 3;
const EXACT: [&str; 4] = ["round_trips", "statements", "writes", "pings"];
const WITHIN: [&str; 2] = ["wal_records", "wal_bytes"];
/// The commits a payment is made of.
const COMMITS: [&str; 3] = ["post.order", "post.confirm", "post.capture"];

/// Holds lines against floors and the committed baseline, and keeps what drifted.
pub struct Gate {
    baseline: Value,
    major: String,
    drifted: Vec<String>,
}

impl Gate {
    pub fn read(major: u32) -> Result<Self> {
        let baseline = serde_json::from_str(&fs::read_to_string(path())?)?;
        Ok(Self { baseline, major: major.to_string(), drifted: Vec::new() })
    }

    /// No more than this, whatever the baseline says.
    pub fn floor(&mut self, line: &Line, counter: &str, most: u64) {
        match line.tenths(counter) {
            Some(found) if found <= most.saturating_mul(10) => {}
            found => self.drifted.push(format!(
                "{}: {counter} is {}, and may be {most} at most",
                line.bench,
                found.map_or(Value::Null, in_json)
            )),
        }
    }

    /// No more than the baseline of this server's major version. What a baseline leaves out is not held. On a version it
    /// does not know, the counts that are the same everywhere are held against the newest it knows.
    pub fn baseline(&mut self, line: &Line) {
        let counters: Vec<(&str, u64)> =
            EXACT.map(|it| (it, 0)).into_iter().chain(WITHIN.map(|it| (it, SLACK))).collect();
        let of_major =
            |major: &str| self.baseline.get(major).and_then(|major| major.get(&line.bench)).cloned();
        let (known, counters) = match (of_major(&self.major), self.newest()) {
            (Some(known), _) => (known, counters),
            (None, Some(newest)) if of_major(&newest).is_some() => {
                eprintln!(
                    "NOT HELD: {}: bench/baseline.json knows no log of PostgreSQL {}. Its counts are held against those \
                     of {newest}; `bench post --rebase` on this server makes its own.",
                    line.bench, self.major
                );
                let counts = counters.into_iter().filter(|(counter, _)| EXACT.contains(counter)).collect();
                (of_major(&newest).unwrap_or_default(), counts)
            }
            (None, _) => {
                eprintln!("NOT HELD: {}: bench/baseline.json knows nothing of it: floors only.", line.bench);
                return;
            }
        };
        for (counter, slack) in counters {
            let Some(kept) = known.get(counter).and_then(read_tenths) else { continue };
            let Some(found) = line.tenths(counter) else { continue };
            let most = kept.saturating_mul(slack.saturating_add(100));
            if found.saturating_mul(100) > most {
                self.drifted.push(format!(
                    "{}: {counter} is {}, the baseline {} ({slack} % more is allowed). Take the change back, or raise \
                     bench/baseline.json (`bench {} --rebase`) and give the reason in the commit",
                    line.bench,
                    in_json(found),
                    in_json(kept),
                    line.bench.split('.').next().unwrap_or_default(),
                ));
            }
        }
    }

    /// The newest major version the baseline knows.
    fn newest(&self) -> Option<String> {
        let majors = self.baseline.as_object()?.keys().filter_map(|major| major.parse::<u32>().ok());
        majors.max().map(|major| major.to_string())
    }

    /// The seed holds what it always held: the counters of two runs are of the same rows.
    pub fn pinned(&mut self, seed: &Line) {
        let members = seed.get("members").map(ToString::to_string).unwrap_or_default();
        let pinned = self.baseline.get("seed").and_then(|seeds| seeds.get(&members));
        if pinned.is_some() && pinned != seed.get("checksum") {
            self.drifted.push(format!(
                "seed: the checksum of {members} members is {}, and {} is pinned",
                seed.get("checksum").unwrap_or(&Value::Null),
                pinned.unwrap_or(&Value::Null)
            ));
        }
    }

    /// What drifted, one sentence each.
    pub fn drifted(self) -> Vec<String> {
        self.drifted
    }
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("baseline.json")
}

/// Writes these lines into the baseline of `major`.
pub fn rebase(major: u32, lines: &[Line]) -> Result<()> {
    let mut baseline: BTreeMap<String, BTreeMap<String, Value>> =
        serde_json::from_str(&fs::read_to_string(path())?)?;
    for line in lines {
        let (section, key, kept) = if line.bench == "seed" {
            let members = line.get("members").map(ToString::to_string).unwrap_or_default();
            ("seed".to_owned(), members, line.get("checksum").cloned().unwrap_or_default())
        } else {
            // One commit alone writes more or less, by where pages are pruned and split: of the log the whole is held.
            let log: &[&str] = if COMMITS.contains(&line.bench.as_str()) { &[] } else { &WITHIN };
            let kept =
                EXACT.iter().chain(log).filter_map(|it| Some(((*it).to_owned(), line.get(it)?.clone())));
            (major.to_string(), line.bench.clone(), Value::Object(kept.collect()))
        };
        if kept.as_object().is_some_and(Map::is_empty) {
            continue;
        }
        baseline.entry(section).or_default().insert(key, kept);
    }
    fs::write(path(), format!("{}\n", serde_json::to_string_pretty(&baseline)?))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate() -> Gate {
        let baseline = json!({
            "15": {"post.capture": {"round_trips": 8.0, "wal_bytes": 2000.0, "wal_records": 20.5}},
            "seed": {"10000": "abc"},
        });
        Gate { baseline, major: "15".to_owned(), drifted: Vec::new() }
    }

    fn line(trips: u64, bytes: u64) -> Line {
        Line::of("post.capture", "S").each("round_trips", trips).each("wal_bytes", bytes)
    }

    #[test]
    fn counts_of_the_wire_are_held_exactly_and_the_log_within_three_percent() {
        for (trips, bytes, red) in
            [(80, 20_000, 0), (80, 20_600, 0), (80, 20_601, 1), (81, 20_000, 1), (90, 30_000, 2)]
        {
            let mut gate = gate();
            gate.baseline(&line(trips, bytes));
            assert_eq!(gate.drifted().len(), red, "{trips} {bytes}");
        }
    }

    #[test]
    fn on_an_unknown_version_the_counts_are_held_all_the_same() {
        for (trips, bytes, red) in [(80, 30_000, 0), (81, 20_000, 1)] {
            let mut gate = Gate { major: "19".to_owned(), ..gate() };
            gate.baseline(&line(trips, bytes));
            assert_eq!(gate.drifted().len(), red, "{trips} {bytes}");
        }
    }

    #[test]
    fn a_floor_holds_whatever_the_baseline_says_and_a_counter_not_taken_is_no_pass() {
        let mut gate = gate();
        gate.floor(&line(20, 0), "round_trips", 2);
        assert!(gate.drifted.is_empty());
        gate.floor(&line(21, 0), "round_trips", 2);
        gate.floor(&line(0, 0), "statements", 1);
        assert_eq!(gate.drifted().len(), 2);
    }

    #[test]
    fn a_seed_with_other_rows_is_red() {
        let seed =
            |sum: &str| Line::of("seed", "S").with("members", json!(10_000)).with("checksum", json!(sum));
        let mut gate = gate();
        gate.pinned(&seed("abc"));
        assert!(gate.drifted.is_empty());
        gate.pinned(&seed("abd"));
        assert_eq!(gate.drifted().len(), 1);
    }

    #[test]
    fn tenths_are_read_as_they_are_written() {
        for tenths in [0, 1, 10, 17, 14_705] {
            assert_eq!(read_tenths(&in_json(tenths)), Some(tenths));
        }
        assert_eq!(read_tenths(&json!(3)), Some(30));
    }
}
