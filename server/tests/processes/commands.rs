//! `portal` as scripts and people at a terminal run it: what it prints, and how it exits.

use std::fs;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use billing::clock::Clock;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{Pace, Person, Stack, card, fields, household, patience};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn commands_say_what_they_did_and_exit_by_it() {
    let stack = Stack::start("commands", 1, Pace::chosen()).await;
    let mut people = household(&stack, 3, 1).await;

    every_subcommand_helps(&stack, &[]);
    the_demo_says_who_can_sign_in(&stack);
    a_file_with_a_refused_line_exits_1(&stack);
    time_can_be_moved(&stack, &mut people[0]).await;
    two_people_decide(&stack, &mut people[1]).await;
    secrets_come_from_files(&stack);
    nothing_starts_with_rights_over_the_ledger(&stack).await;
    a_schema_of_a_later_release_stays(&stack).await;
    stack.check();
    a_broken_promise_exits_1_with_every_row(&stack).await;
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn errors(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Walks down the commands each help names.
fn every_subcommand_helps(stack: &Stack, path: &[&str]) {
    let output = stack.try_portal(&[path, &["--help"]].concat());
    let text = out(&output);
    assert!(output.status.success() && text.contains("Usage: portal"), "{path:?} --help: {output:?}");
    let listed = text.split_once("Commands:\n").map_or("", |(_, rest)| rest);
    let named = listed.lines().take_while(|line| line.starts_with("  "));
    let names: Vec<_> = named.filter_map(|line| line.split_whitespace().next()).collect();
    if path.is_empty() {
        let known = ["serve", "work", "migrate", "demo", "load", "review", "check", "help"];
        assert_eq!(names, known, "commands");
    }
    for name in names.into_iter().filter(|name| *name != "help") {
        every_subcommand_helps(stack, &[path, &[name]].concat());
    }
}

fn the_demo_says_who_can_sign_in(stack: &Stack) {
    let accounts: Value = serde_json::from_str(&stack.portal(&["demo", "accounts", "--json"])).unwrap();
    let accounts = accounts.as_array().unwrap();
    assert!(accounts.len() >= 5, "{accounts:?}");
    let mut keys = ["role", "email", "password", "mrn", "birth_date", "billing_unit_id", "region", "story"];
    keys.sort_unstable();
    for account in accounts {
        let named: Vec<_> = account.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(named, keys);
    }
}

/// What is good of it goes in, what is not is named by its line; a second time says the same, with nothing new.
fn a_file_with_a_refused_line_exits_1(stack: &Stack) {
    let file = stack.file("members.ndjson");
    let good = json!({ "resourceType": "Patient", "id": "from-a-file", "birthDate": "1980-04-12",
        "name": [{ "given": ["Noa"], "family": "File" }] });
    fs::write(&file, format!("{good}\n{{\"resourceType\": \"Patient\", \"id\": \n{good}\n")).unwrap();
    for _ in 0..2 {
        let output = stack.try_portal(&["load", "fhir", "--json", file.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let mut said: Value = serde_json::from_str(&out(&output)).unwrap();
        let refused = said["refused"].take();
        assert_eq!(
            said,
            json!({ "file": file.to_str(), "members": 1, "eobs": 0, "bills": 0, "not_derivable": 0,
                "patient_responsibility": "0.00", "new_bills": 0, "refused": null })
        );
        assert_eq!((refused.as_array().unwrap().len(), &refused[0]["line"]), (1, &json!(2)), "{refused}");
        assert!(refused[0]["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{refused}");
    }
    // One that is not there does not cost those after it.
    let three = [file.to_str().unwrap(), "no-such-file.json", file.to_str().unwrap()];
    let missing = stack.try_portal(&[&["load", "fhir", "--json"], &three[..]].concat());
    assert_eq!(missing.status.code(), Some(1));
    let said: Vec<Value> = out(&missing).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(said.iter().map(|it| it["file"].as_str().unwrap()).collect::<Vec<_>>(), three);
    assert_eq!(said[1]["refused"][0]["line"], 0);
    assert!(said[1]["refused"][0]["reason"].as_str().unwrap().contains("cannot be read"), "{missing:?}");
}

/// An intent nobody confirms ends after ninety minutes, whenever those are over.
async fn time_can_be_moved(stack: &Stack, person: &mut Person) {
    let order = person.fill_in(person.bills[0], "card").await.unwrap().unwrap();
    person.browser.post("/api/pay", &order.form).await.unwrap();
    let work_in = |minutes: i64| {
        let then = Clock::System.now() + TimeDelta::minutes(minutes);
        let said = stack.portal(&["work", "--once", "--at", &then.to_rfc3339()]);
        serde_json::from_str::<Value>(&said).unwrap()["done"].as_u64().unwrap()
    };
    work_in(60);
    let waits = person.look(order.payment).await.unwrap();
    assert_eq!(waits.heading(), "Check before you pay");
    assert_eq!(work_in(95), 1, "one intent is over");
    let over = person.look(order.payment).await.unwrap();
    assert_eq!(over.heading(), "This payment ran out of time.");

    for wrong in [&["work", "--at", "2027-01-05T18:00:00Z"][..], &["work", "--once", "--at", "tomorrow"]] {
        assert_eq!(stack.try_portal(wrong).status.code(), Some(2), "{wrong:?}");
    }
}

/// The gateway tells another amount once: frozen, listed, and moved on by two people with a reason.
async fn two_people_decide(stack: &Stack, person: &mut Person) {
    assert_eq!(stack.portal(&["review", "list"]), "");
    assert_eq!(stack.portal(&["review", "lines"]), "");
    let close = |second: &str| {
        let people = ["--by", "rosa", "--second", second, "--reason", "sent back"];
        stack.try_portal(&[&["review", "close", "1", "1"][..], &people].concat())
    };
    assert!(out(&close("Rosa")).starts_with("refused: "));
    assert!(errors(&close("sam")).contains("no line that waits has this number"));
    let (order, url) = person.order_and_confirm(person.bills[0], "card").await;
    stack.send_events_to(None).await;
    person.browser.pay_at_gateway(&url, &card("4242424242424242")).await.unwrap();
    let wrong = json!({ "prefix": "", "op": "query", "fault": "wrong_amount", "count": 1 });
    stack.dial("/faults", &wrong).await;
    let form = fields([("payment_id", &order.payment.to_string())]);
    person.browser.post("/api/pay/check", &form).await.unwrap();
    stack.clear_faults().await;
    stack.send_events_to(Some(0)).await;

    let listed = stack.portal(&["review", "list"]);
    let item: Value = serde_json::from_str(listed.trim()).unwrap_or_else(|why| panic!("{why}: {listed:?}"));
    assert_eq!((&item["payment_id"], &item["state"]), (&json!(order.payment), &json!("mismatch")), "{item}");
    let id = item["attempt_id"].as_str().unwrap().to_owned();
    let decide = |id: &str, state: &str, second: &str| {
        let people = ["--by", "rosa", "--second", second, "--reason", "the gateway said so by phone"];
        stack.try_portal(&[&["review", "decide", id, state][..], &people].concat())
    };
    let alone = decide(&id, "captured", "Rosa");
    assert_eq!(alone.status.code(), Some(1));
    assert!(out(&alone).starts_with("refused: "), "{alone:?}");
    assert_eq!(decide(&id, "paid", "sam").status.code(), Some(2), "no such state");
    let unknown = decide("01a20e37-0000-7000-8000-000000000000", "captured", "sam");
    assert_eq!(unknown.status.code(), Some(1), "{unknown:?}");

    let decided = decide(&id, "captured", "sam");
    assert_eq!((decided.status.code(), out(&decided).as_str()), (Some(0), "captured\n"), "{decided:?}");
    assert_eq!(stack.portal(&["review", "list"]), "");
    let again = decide(&id, "captured", "sam");
    assert_eq!(again.status.code(), Some(1), "decided twice: {again:?}");
    stack.settle_down(patience()).await;
}

/// The gateway knows us by the key of a file. Of what is wrong with a file, its name is said and nothing that is in it.
fn secrets_come_from_files(stack: &Stack) {
    let work = |key: &str, secret: &str| {
        let (key_file, secret_file) = (stack.file("key"), stack.file("portal-secret"));
        fs::write(&key_file, key).unwrap();
        fs::write(&secret_file, secret).unwrap();
        let mut command = stack.command(&["work", "--once"]);
        command.env_remove("PORTAL_GATEWAY_KEY").env_remove("PORTAL_SECRET");
        command.env("PORTAL_GATEWAY_KEY_FILE", key_file).env("PORTAL_SECRET_FILE", secret_file);
        command.output().unwrap()
    };
    let good = "5e".repeat(32);
    let output = work("key\n", &format!("{good}\n"));
    assert!(output.status.success(), "{output:?}");
    let output = work("another", &good);
    assert_eq!(output.status.code(), Some(1), "the gateway takes any key: {output:?}");
    let output = work("key", "too-short-a-secret");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = format!("{}{}", out(&output), errors(&output));
    assert!(said.contains("PORTAL_SECRET must be") && !said.contains("too-short"), "{said}");

    let mut command = stack.command(&["work", "--once"]);
    command.env_remove("PORTAL_GATEWAY_KEY").env("PORTAL_GATEWAY_KEY_FILE", stack.file("no-such-key"));
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(errors(&output).contains("PORTAL_GATEWAY_KEY cannot be read from"), "{output:?}");
}

/// One column of a transfer is enough: neither pages nor workers start while their role could change it.
async fn nothing_starts_with_rights_over_the_ledger(stack: &Stack) {
    let owner = stack.owner().await;
    sqlx::query("GRANT UPDATE (amount) ON transfer TO portal_worker").execute(&owner).await.unwrap();
    for args in [&["serve"][..], &["serve", "--no-work"], &["work"], &["work", "--once"]] {
        let nowhere =
            ["PORTAL_ADDR", "PORTAL_DESK_ADDR", "PORTAL_OPS_ADDR"].map(|name| (name, "127.0.0.1:0"));
        let mut command = stack.command(args);
        let mut started = command.envs(nowhere).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let start = Instant::now();
        while started.try_wait().unwrap().is_none() && start.elapsed() < Duration::from_secs(30) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // One that went on would go on for ever.
        let _ = started.kill();
        let output = started.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?} started: {}", errors(&output));
        let why = "refusing to start: portal_worker could transfer UPDATE";
        assert!(errors(&output).contains(why), "{args:?}: {}", errors(&output));
    }
    sqlx::query("REVOKE UPDATE (amount) ON transfer FROM portal_worker").execute(&owner).await.unwrap();
    owner.close().await;
    stack.portal(&["work", "--once"]);
}

/// More rows than anybody would read: each is printed. The owner alone can break the books like this, and mend them.
async fn a_broken_promise_exits_1_with_every_row(stack: &Stack) {
    let owner = stack.owner().await;
    let sql = "INSERT INTO account (kind, owner, balance, version)
               SELECT 'broken_' || n, member_id, 1, 0
               FROM (SELECT member_id FROM member ORDER BY mrn LIMIT 1) AS one, generate_series(1, 1500) AS n";
    sqlx::query(sql).execute(&owner).await.unwrap();
    let output = stack.try_portal(&["check", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let said: Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!(said["ok"], false);
    let rows = |name: &str| {
        let views = said["views"].as_array().unwrap();
        let view = views.iter().find(|view| view["name"] == name).unwrap();
        view["rows"].as_array().unwrap().len()
    };
    assert_eq!((rows("account_balance"), rows("trial_balance"), rows("posted_once")), (1500, 1, 0));
    let plain = stack.try_portal(&["check"]);
    assert_eq!(plain.status.code(), Some(1));
    let lines = out(&plain);
    assert!(lines.contains("BROKEN account_balance") && lines.contains("holds  posted_once"), "{lines}");

    sqlx::query("DELETE FROM account WHERE kind LIKE 'broken\\_%'").execute(&owner).await.unwrap();
    owner.close().await;
    stack.check();
}

/// Whoever goes back to the release before migrates with it first.
async fn a_schema_of_a_later_release_stays(stack: &Stack) {
    let owner = stack.owner().await;
    let later = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
        VALUES (9999, 'of a later release', true, '\\x00', 0)";
    sqlx::query(later).execute(&owner).await.unwrap();
    stack.portal(&["migrate"]);
    let taken_back =
        sqlx::query("DELETE FROM _sqlx_migrations WHERE version = 9999").execute(&owner).await.unwrap();
    assert_eq!(taken_back.rows_affected(), 1);
    owner.close().await;
}
