use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{World, charge_order, fresh_key, post_to};

/// Posts a charge and gives its status, or nothing when the line went dead.
async fn charge(world: &World, reference: &str) -> Option<u16> {
    let order = charge_order(reference, "5.00", "tok_test_visa");
    let answer = post_to(&world.client, &world.base, &fresh_key(), "/v1/charges", &order).await.ok()?;
    let status = answer.status().as_u16();
    answer.bytes().await.ok().map(|_| status)
}

async fn exists(world: &World, reference: &str) -> bool {
    world.get(&format!("/v1/charges/{reference}")).await.0 == 200
}

#[tokio::test]
async fn each_fault_strikes_before_or_after_the_money() {
    let world = World::new().await;
    for (fault, status, taken) in [
        ("timeout_before", None, false),
        ("timeout_after", None, true),
        ("5xx_before", Some(500), false),
        ("5xx_after", Some(500), true),
        ("cut", None, true),
        ("slow", Some(201), true),
        ("bad_json", Some(201), true),
        ("wrong_amount", Some(201), true),
    ] {
        let reference = format!("f-{}", fault.replace('_', "-"));
        let dial = json!({"prefix": reference, "op": "charges", "fault": fault, "count": 1, "ms": 100});
        world.dial("/faults", &dial).await;
        let start = Instant::now();
        assert_eq!(charge(&world, &reference).await, status, "{fault}");
        if fault.starts_with("timeout") || fault == "slow" {
            assert!(start.elapsed() >= Duration::from_millis(100), "{fault}");
        }
        assert_eq!(exists(&world, &reference).await, taken, "{fault}");
    }
    assert_eq!(world.get("/faults").await.1, json!({"faults": []}), "each was used up");
}

#[tokio::test]
async fn answers_can_lie() {
    let world = World::new().await;
    let order = charge_order("lie", "5.00", "tok_test_visa");
    world.dial("/faults", &json!({"prefix": "lie", "op": "*", "fault": "wrong_amount", "count": 2})).await;
    assert_eq!(world.post("/v1/charges", &order).await.1["amount"], "6.00");
    assert_eq!(world.charge("lie").await["amount"], "6.00");
    assert_eq!(world.charge("lie").await["amount"], "5.00");
    world.dial("/faults", &json!({"op": "query", "fault": "bad_json"})).await;
    let text = world.get_raw("/v1/charges/lie").await.text().await.unwrap();
    assert!(serde_json::from_str::<serde_json::Value>(&text).is_err());
}

#[tokio::test]
async fn accepted_and_for_a_while_not_to_be_found() {
    let world = World::new().await;
    world.dial("/faults", &json!({"prefix": "hid", "op": "charges", "fault": "not_found", "ms": 300})).await;
    assert_eq!(charge(&world, "hidden").await, Some(201));
    assert!(!exists(&world, "hidden").await);
    tokio::time::sleep(Duration::from_millis(350)).await;
    assert!(exists(&world, "hidden").await);
    world.dial("/faults", &json!({"op": "query", "fault": "not_found", "count": 2})).await;
    assert!(!exists(&world, "hidden").await);
    world.client.delete(format!("{}/faults", world.base)).send().await.unwrap();
    assert!(exists(&world, "hidden").await);
}

#[tokio::test]
async fn faults_meet_only_their_prefix_and_their_call() {
    let world = World::new().await;
    world.dial("/faults", &json!({"prefix": "mine-", "op": "void", "fault": "5xx_before", "count": 5})).await;
    assert_eq!(charge(&world, "mine-1").await, Some(201));
    assert_eq!(charge(&world, "other-1").await, Some(201));
    assert_eq!(world.post("/v1/charges/other-1/void", &json!({})).await.0, 200);
    assert_eq!(world.post("/v1/charges/mine-1/void", &json!({})).await.0, 500);
    assert_eq!(world.get("/faults").await.1["faults"][0]["count"], 4);
    let bad =
        world.client.post(format!("{}/faults", world.base)).json(&json!({"op": "charges", "fault": "fire"}));
    assert_eq!(bad.send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn the_persons_side_can_fail_too() {
    let world = World::new().await;
    let url = world.open("person", "5.00").await;
    world.dial("/faults", &json!({"prefix": "person", "op": "page_submit", "fault": "5xx_before"})).await;
    assert_eq!(world.pay_by_card(&url, "4242424242424242").await.status(), 500);
    assert_eq!(world.state("person").await, "open");
    world.dial("/faults", &json!({"prefix": "person", "op": "page_submit", "fault": "cut"})).await;
    assert!(
        world.client.post(&url).form(&crate::support::card_fields("4242424242424242")).send().await.is_err()
    );
    assert_eq!(world.state("person").await, "captured");
}
