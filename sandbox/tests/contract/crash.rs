use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sandbox::Settings;
use serde_json::{Value, json};

use crate::support::{World, charge_order, client, fresh_key, post_to};

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("sandbox-test-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn at(folder: &Path) -> World {
    World::with(Settings { data: Some(folder.to_owned()), ..Settings::default() }).await
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let folder = Folder::new("restart");
    let world = at(&folder.0).await;
    let url = world.open("open", "5.00").await;
    let path = url.strip_prefix(&world.base).unwrap().to_owned();
    let order = charge_order("paid", "7.00", "tok_test_visa");
    let first: Value = world.post_as("kept-key", "/v1/charges", &order).await.json().await.unwrap();
    world.post("/v1/charges/fenced/cancel", &json!({})).await;
    let refund =
        json!({"reference": "back", "charge_reference": "paid", "amount": "2.00", "currency": "USD"});
    world.post("/v1/refunds", &refund).await;
    world.move_clock("2026-03-02T15:10:00Z").await;
    let journal = world.journal().await;
    let token = first["token"].as_str().unwrap().to_owned();
    world.running.stop().await;

    let world = at(&folder.0).await;
    assert_eq!(world.journal().await, journal);
    assert!(world.get("/clock").await.1["now"].as_str().unwrap().starts_with("2026-03-02T15:10:"));
    let again: Value = world.post_as("kept-key", "/v1/charges", &order).await.json().await.unwrap();
    assert_eq!(again, first);
    assert_eq!(
        world.post("/v1/charges", &charge_order("fenced", "1.00", &token)).await.1["error"]["code"],
        "fenced"
    );
    assert_eq!(world.post("/v1/charges", &charge_order("more", "1.00", &token)).await.0, 201);
    assert_eq!(world.get("/v1/refunds/back").await.1["state"], "succeeded");
    let mut over = refund.clone();
    over["reference"] = json!("over");
    over["amount"] = json!("5.01");
    assert_eq!(world.post("/v1/refunds", &over).await.0, 422);
    let url = format!("{}{path}", world.base);
    assert_eq!(world.pay_by_card(&url, "4242424242424242").await.status(), 303);
    assert_eq!(world.state("open").await, "captured");
}

#[tokio::test]
async fn a_journal_torn_at_any_byte_starts_and_tells_a_beginning_of_the_truth() {
    let folder = Folder::new("torn");
    let world = at(&folder.0).await;
    let url = world.open("one", "5.00").await;
    world.pay_by_card(&url, "4242424242424242").await;
    world.post("/v1/charges", &charge_order("two", "7.00", "tok_test_bank")).await;
    world.post("/v1/charges/two/cancel", &json!({})).await;
    let whole = world.journal().await;
    world.running.stop().await;
    let bytes = std::fs::read(folder.0.join("journal.jsonl")).unwrap();

    // Every byte around the ends of lines, and a sample of the rest.
    let ends: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] == b'\n').collect();
    let near = |cut: usize| ends.iter().any(|end| cut.abs_diff(*end) <= 2);
    for cut in (0..=bytes.len()).filter(|cut| near(*cut) || cut % 97 == 0) {
        let torn = Folder::new(&format!("torn-{cut}"));
        std::fs::write(torn.0.join("journal.jsonl"), &bytes[..cut]).unwrap();
        let world = at(&torn.0).await;
        let lines = world.journal().await;
        assert_eq!(lines[..], whole[..lines.len()], "cut at {cut}");
        // And it goes on from there.
        let (status, _) =
            world.post("/v1/charges", &charge_order("afterwards", "1.00", "tok_test_visa")).await;
        assert_eq!(status, 201);
        world.running.stop().await;
        let world = at(&torn.0).await;
        assert_eq!(world.journal().await.len(), lines.len() + 1);
        world.running.stop().await;
    }
}

struct Process {
    child: Child,
    base: String,
}

impl Process {
    /// The real binary, on free ports.
    fn start(folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sandbox"))
            .args(["--addr", "127.0.0.1:0", "--smtp-addr", "127.0.0.1:0", "--data"])
            .arg(folder)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let ready = lines.by_ref().map(Result::unwrap).find(|line| line.contains("\"ready\"")).unwrap();
        std::thread::spawn(move || lines.for_each(drop));
        let ready: Value = serde_json::from_str(&ready).unwrap();
        Self { child, base: ready["fields"]["base_url"].as_str().unwrap().to_owned() }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn what_was_answered_survives_kill_9_under_sixteen_writers() {
    let folder = Folder::new("kill");
    let mut told = Vec::new();
    // Making one takes as long as a hundred calls.
    let client = client();
    for round in 0..3 {
        let mut process = Process::start(&folder.0);
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..16 {
            let (client, base) = (client.clone(), process.base.clone());
            writers.spawn(async move {
                let mut accepted = Vec::new();
                for n in 0.. {
                    let reference = format!("k-{round}-{writer}-{n}");
                    let order = charge_order(&reference, "5.00", "tok_test_visa");
                    let key = format!("{reference}-{}", fresh_key());
                    let Ok(answer) = post_to(&client, &base, &key, "/v1/charges", &order).await else {
                        break;
                    };
                    let created = answer.status() == 201;
                    if !created || answer.bytes().await.is_err() {
                        break;
                    }
                    accepted.push(reference);
                }
                accepted
            });
        }
        tokio::time::sleep(Duration::from_millis(400)).await;
        process.child.kill().unwrap();
        process.child.wait().unwrap();
        told.extend(writers.join_all().await.into_iter().flatten());
    }
    assert!(told.len() > 100, "only {} charges in three rounds", told.len());

    let process = Process::start(&folder.0);
    let text = client.get(format!("{}/journal", process.base)).send().await.unwrap().text().await.unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut written: Vec<&str> = lines.iter().map(|line| line["reference"].as_str().unwrap()).collect();
    let all = written.len();
    written.sort_unstable();
    written.dedup();
    assert_eq!(written.len(), all, "nothing twice");
    for reference in &told {
        assert!(written.binary_search(&reference.as_str()).is_ok(), "{reference} was answered and is lost");
    }
    assert!(lines.iter().enumerate().all(|(at, line)| line["n"] == at + 1), "numbered without a gap");
}
