use hmac::{Hmac, KeyInit as _, Mac as _};
use sandbox::Settings;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::{Delivery, Receiver, World, charge_order};

async fn with_receiver(statuses: &[u16]) -> (World, Receiver) {
    let receiver = Receiver::new(statuses).await;
    let world = World::with(Settings {
        webhook_url: Some(receiver.url.clone()),
        webhook_secrets: vec!["new-secret".into(), "old-secret".into()],
        ..Settings::default()
    })
    .await;
    (world, receiver)
}

/// The signatures of a delivery, checked by hand.
fn is_signed_with(delivery: &Delivery, secret: &str) -> bool {
    let mut parts = delivery.signature.split(',');
    let t = parts.next().unwrap().strip_prefix("t=").unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{t}.{}", delivery.body).as_bytes());
    let expected = format!("v1={}", hex::encode(mac.finalize().into_bytes()));
    parts.any(|part| part == expected)
}

fn types(deliveries: &[Delivery]) -> Vec<String> {
    deliveries.iter().map(|delivery| delivery.json()["type"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn events_are_signed_with_every_live_secret_and_say_only_that_something_changed() {
    let (world, receiver) = with_receiver(&[]).await;
    world.post("/v1/charges", &charge_order("told", "5.00", "tok_test_visa")).await;
    let seen = receiver.wait_for(1).await;
    assert!(is_signed_with(&seen[0], "new-secret") && is_signed_with(&seen[0], "old-secret"));
    assert!(!is_signed_with(&seen[0], "sandbox-secret"));
    let event = seen[0].json();
    let mut keys: Vec<&str> = event.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["created_at", "id", "reference", "sequence", "type"]);
    assert_eq!(
        (&event["type"], &event["reference"], &event["sequence"]),
        (&json!("charge.captured"), &json!("told"), &json!(1))
    );
}

#[tokio::test]
async fn what_does_not_arrive_is_tried_again_on_the_sandbox_clock() {
    let (world, receiver) = with_receiver(&[500, 503]).await;
    world.post("/v1/charges", &charge_order("retry", "5.00", "tok_test_visa")).await;
    receiver.wait_for(1).await;
    world.move_clock("2026-03-02T15:00:30Z").await;
    receiver.wait_for(2).await;
    world.move_clock("2026-03-02T15:02:00Z").await;
    let seen = receiver.wait_for(3).await;
    assert_eq!(seen.len(), 3);
    assert!(seen.iter().all(|one| one.body == seen[0].body), "the same event under the same id");

    world.move_clock("2026-03-03T15:00:00Z").await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(receiver.seen().len(), 3, "a 2xx ends the retries");
    let events = world.get("/events").await.1;
    let outcomes: Vec<&Value> =
        events["events"][0]["tries"].as_array().unwrap().iter().map(|one| &one["outcome"]).collect();
    assert_eq!(outcomes, ["500", "503", "200"]);
}

#[tokio::test]
async fn events_are_doubled_dropped_and_sent_again_on_request() {
    let (world, receiver) = with_receiver(&[]).await;
    world.dial("/events", &json!({"double": true})).await;
    world.post("/v1/charges", &charge_order("double", "5.00", "tok_test_visa")).await;
    let seen = receiver.wait_for(2).await;
    assert_eq!(seen[0].body, seen[1].body);

    world.dial("/events", &json!({"double": false, "drop": "charge.void"})).await;
    world.post("/v1/charges/double/void", &json!({})).await;
    world.post("/v1/charges", &charge_order("next", "5.00", "tok_test_do_not_honour")).await;
    let seen = receiver.wait_for(3).await;
    assert_eq!(types(&seen), ["charge.captured", "charge.captured", "charge.declined"]);

    let answer = world.dial("/events", &json!({"drop": "", "redeliver": "double"})).await;
    assert_eq!(answer["redelivered"], 2);
    let seen = receiver.wait_for(5).await;
    assert!(types(&seen).contains(&"charge.voided".to_owned()));
}

#[tokio::test]
async fn shuffled_events_overtake_each_other_and_all_arrive() {
    let (world, receiver) = with_receiver(&[]).await;
    world.dial("/events", &json!({"shuffle": true})).await;
    for n in 0..12 {
        world.post("/v1/charges", &charge_order(&format!("mix-{n}"), "5.00", "tok_test_visa")).await;
    }
    let seen = receiver.wait_for(12).await;
    let order: Vec<String> =
        seen.iter().map(|one| one.json()["reference"].as_str().unwrap().to_owned()).collect();
    let mut sorted = order.clone();
    sorted.sort_by_key(|reference| reference[4..].parse::<u32>().unwrap());
    assert_eq!(sorted.len(), 12);
    assert_ne!(order, sorted, "one chance in 479 million");
}

#[tokio::test]
async fn a_lost_answer_means_the_event_comes_again() {
    let (world, receiver) = with_receiver(&[]).await;
    world.dial("/faults", &json!({"prefix": "lost-", "op": "webhook", "fault": "5xx_after"})).await;
    world.post("/v1/charges", &charge_order("lost-1", "5.00", "tok_test_visa")).await;
    receiver.wait_for(1).await;
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    world.move_clock("2026-03-02T15:00:30Z").await;
    let seen = receiver.wait_for(2).await;
    assert_eq!(seen[0].body, seen[1].body);
}

#[tokio::test]
async fn where_events_go_can_be_said_later() {
    let world = World::new().await;
    world.post("/v1/charges", &charge_order("before", "5.00", "tok_test_visa")).await;
    let receiver = Receiver::new(&[]).await;
    world.dial("/events", &json!({"url": receiver.url})).await;
    world.post("/v1/charges", &charge_order("after", "5.00", "tok_test_visa")).await;
    let seen = receiver.wait_for(1).await;
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert_eq!(receiver.seen().len(), 1);
    assert_eq!(seen[0].json()["reference"], "after");
}
