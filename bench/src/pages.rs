//! `bench pages`: what each member page asks of the database. A real portal is started on the counting wire, a member
//! registers by the product's own verbs, and their pages are fetched as a browser would.

use std::{net::Ipv4Addr, process::Stdio, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use billing::{
    clock::Clock,
    error::Refusal,
    testing::TestPlan,
    testing::people::{self, Browser, PASSWORD, Post},
    visits::SessionKey,
};
use serde_json::json;
use sqlx::{ConnectOptions as _, PgPool, Row as _};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    process::{Child, Command},
};
use uuid::Uuid;

use crate::{
    Result,
    counters::{Gate, Line, median, of_the_portal},
    database::Cast,
    seed,
    wire::{Asked, Wire},
};

/// Who, then what.
const MOST: u64 = 2;
/// Times a page is fetched; the first prepares its statements.
const TIMES: usize = 6;
const PATIENCE: Duration = Duration::from_mins(1);
const PUT_BACK: Duration = Duration::from_millis(25);

pub async fn pages(url: &str, members: u32, verbose: bool) -> Result<Vec<Line>> {
    let cast = Cast::of(url, members).await?;
    let wire = Wire::before(&cast.options())?;
    let owner = cast.owner(&wire).await?;
    let (plan, post) = people::plan(owner.clone()).await;
    // The portal lives in our time.
    plan.clock.set(Clock::System.now());
    let key = registers(&plan, &post, &owner).await?;
    let paths = paths(&plan, key, &owner).await?;

    let portal = Portal::start(wire.lead(&cast.options()).to_url_lossy().as_str()).await?;
    let mut lines = Vec::new();
    for (name, path) in paths {
        let mut asked = Vec::new();
        for _ in 0..TIMES {
            of_the_portal(&wire);
            portal.page(&path, key).await?;
            // A connection goes back to its pool, with a ping, when the answer is on its way.
            tokio::time::sleep(PUT_BACK).await;
            asked.push(of_the_portal(&wire));
        }
        asked.remove(0);
        if verbose {
            tell(&path, &asked);
        }
        lines.push(line(&name, seed::tier(members), &asked));
    }

    drop(portal);
    plan.billing.pools().close().await;
    owner.close().await;
    drop(wire);
    cast.drop().await?;
    Ok(lines)
}

pub fn gate(gate: &mut Gate, lines: &[Line]) {
    for line in lines {
        gate.floor(line, "round_trips", MOST);
        gate.floor(line, "statements", MOST);
        gate.floor(line, "pings", MOST);
    }
}

fn line(name: &str, tier: &str, asked: &[Asked]) -> Line {
    let trips = median(asked.iter().map(|asked| asked.round_trips)).unwrap_or_default();
    let statements = median(asked.iter().map(|asked| asked.statements.len())).unwrap_or_default();
    Line::of(format!("pages.{name}"), tier)
        .with("goal", json!("G14"))
        .with("round_trips", json!(trips))
        .with("statements", json!(statements))
        .with("pings", json!(median(asked.iter().map(|asked| asked.pings)).unwrap_or_default()))
}

fn tell(path: &str, asked: &[Asked]) {
    let Some(asked) = asked.last() else { return };
    eprintln!("{path}: {} round trips", asked.round_trips);
    for sql in &asked.statements {
        let plain = sql.split_whitespace().collect::<Vec<_>>().join(" ");
        eprintln!("    {}", plain.chars().take(110).collect::<String>());
    }
}

/// A seeded member with thirteen bills registers, and is signed in.
async fn registers(plan: &TestPlan, post: &Post, owner: &PgPool) -> Result<SessionKey> {
    let row = sqlx::query("SELECT mrn, email FROM member WHERE region = 'NCA' ORDER BY mrn LIMIT 1")
        .fetch_one(owner)
        .await?;
    let (mrn, email): (String, String) = (row.try_get("mrn")?, row.try_get("email")?);
    let browser = Browser::open(&plan.billing).await;
    let door = plan.billing.door(Some(&browser.visit));
    let asked = door.start_registration(&mrn, "02/29/1980", &browser.client).await?;
    plan.job().tell_due().await?;
    let code = post.code_to(&email);
    Ok(door.finish_registration(asked.id, &code, PASSWORD, &browser.client).await?.key)
}

/// Every page of a member, with the ids of that member; those with a form also as they come back with it.
async fn paths(plan: &TestPlan, key: SessionKey, owner: &PgPool) -> Result<Vec<(String, String)>> {
    let row = sqlx::query(
        "SELECT open.bill_id AS open, paid.bill_id AS paid, payment_id
         FROM (SELECT member_id FROM member WHERE region = 'NCA' ORDER BY mrn LIMIT 1) m
         JOIN bill open ON open.member_id = m.member_id AND open.applied = 0
         JOIN bill paid ON paid.member_id = m.member_id AND paid.applied > 0
         JOIN payment ON payment.bill_id = paid.bill_id LIMIT 1",
    )
    .fetch_one(owner)
    .await?;
    let (open, paid, payment): (Uuid, Uuid, Uuid) =
        (row.try_get("open")?, row.try_get("paid")?, row.try_get("payment_id")?);
    let visit = plan.billing.visits().load(key).await?.ok_or("nobody is signed in")?;
    let forms = plan.billing.refused(visit.visit_id);
    let refusals = [Refusal::of("amount", "amount-unclear").with("reading", "$1.50")];
    let form = forms.keep("/", &refusals, &[("amount".to_owned(), "1,50".to_owned())]).await?;

    let range = "from=2026-02-01&to=2026-09-30&kind=premium";
    let mut paths = Vec::new();
    for page in pages_of_the_table()? {
        let mut named = |name: &str, path: String| paths.push((name.to_owned(), path));
        match page.as_str() {
            "/" => named("overview", page),
            "/bills/{id}" => named("bill", format!("/bills/{paid}")),
            "/bills/{id}/pay" => {
                named("pay", format!("/bills/{open}/pay"));
                named("pay-again", format!("/bills/{open}/pay?again={form}"));
            }
            "/payments" => {
                named("payments", page);
                named("payments-range", format!("/payments?{range}"));
            }
            "/payments.csv" => named("payments-file", format!("/payments.csv?{range}")),
            "/payments/{id}" => {
                named("payment", format!("/payments/{payment}"));
                named("payment-again", format!("/payments/{payment}?again={form}"));
            }
            "/explain/{kind}/{id}" => {
                named("explain", "/explain/owed/premium".to_owned());
                named("explain-bill", format!("/explain/bill-owed/{paid}"));
                named("explain-line", format!("/explain/line/{paid}:1"));
                named("explain-payment", format!("/explain/payment/{payment}"));
            }
            plain if !plain.contains('{') => named(&plain.trim_matches('/').replace('/', "-"), page.clone()),
            _ => return Err(format!("nobody has said with which ids to ask for {page}").into()),
        }
    }
    Ok(paths)
}

/// What a member can open, by the table of routes: a page more there is a page more here.
fn pages_of_the_table() -> Result<Vec<String>> {
    let table: toml::Table = include_str!("../../server/authz.toml").parse()?;
    let routes = table.get("route").and_then(toml::Value::as_array).ok_or("a table without routes")?;
    let word =
        |route: &toml::Value, name: &str| route.get(name).and_then(toml::Value::as_str).map(str::to_owned);
    let is_page = |route: &&toml::Value| {
        word(route, "listener").as_deref() == Some("member")
            && word(route, "method").as_deref() == Some("GET")
            && word(route, "path").is_some_and(|path| path != "/icon.svg")
    };
    Ok(routes.iter().filter(is_page).filter_map(|route| word(route, "path")).collect())
}

/// A portal of the same build as this bench, answering members and working no queue.
struct Portal {
    host: String,
    _process: Child,
}

impl Portal {
    async fn start(database_url: &str) -> Result<Self> {
        let me = std::env::current_exe()?;
        let folder = me.parent().ok_or("the bench has no folder")?;
        let program = folder.join("portal");
        let site = folder.parent().map(|target| target.join("site")).unwrap_or_default();
        let port = free_port().await?;
        let host = format!("localhost:{port}");
        let at = |port: u16| format!("{}:{port}", Ipv4Addr::LOCALHOST);
        let process = Command::new(&program)
            .args(["serve", "--no-work"])
            .env("DATABASE_URL", database_url)
            .env("PORTAL_ADDR", at(port))
            .env("PORTAL_DESK_ADDR", at(free_port().await?))
            .env("PORTAL_OPS_ADDR", at(free_port().await?))
            .env("PORTAL_BASE_URL", format!("http://{host}"))
            .env("PORTAL_PROFILE", "all_on")
            .env("PORTAL_SITE", site)
            .env("PORTAL_LOG", "warn")
            .env("PORTAL_SECRET", "07".repeat(32))
            .env("PORTAL_GATEWAY_KEY", "bench")
            .env("PORTAL_GATEWAY_WEBHOOK_SECRETS", "bench")
            // Only pages are counted: there is no rate to hold.
            .env("PORTAL_SLACK", "1000")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("{}: {error} (build the portal first)", program.display()))?;
        let portal = Self { host, _process: process };
        let answers = async {
            while TcpStream::connect(&portal.host).await.is_err() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(PATIENCE, answers).await.map_err(|_| "the portal does not answer")?;
        Ok(portal)
    }

    /// Fetches a page as this visit. Anything but the page itself is a fault.
    async fn page(&self, path: &str, key: SessionKey) -> Result<()> {
        let cookie = URL_SAFE_NO_PAD.encode(key.to_i128().to_le_bytes());
        let mut stream = TcpStream::connect(&self.host).await?;
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nCookie: session={cookie}\r\nAccept: text/html\r\nConnection: close\r\n\r\n",
            self.host
        );
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer))
            .await
            .map_err(|_| "no answer in time")??;
        let answer = String::from_utf8_lossy(&answer);
        if answer.starts_with("HTTP/1.1 200") {
            return Ok(());
        }
        Err(format!("{path}: {}", answer.lines().take(12).collect::<Vec<_>>().join(" | ")).into())
    }
}

async fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?.local_addr()?.port())
}
