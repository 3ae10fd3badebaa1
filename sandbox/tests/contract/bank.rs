use serde_json::json;

use crate::support::{World, charge_order};

async fn csv(world: &World, number: u32) -> Vec<String> {
    let answer = world.get_raw(&format!("/v1/settlements/{number}")).await;
    assert_eq!(answer.status(), 200);
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/csv"));
    answer.text().await.unwrap().lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn card_money_is_in_the_file_of_its_day_and_settles_the_second_business_day_after() {
    let world = World::new().await;
    world.post("/v1/charges", &charge_order("card", "85.40", "tok_test_visa")).await;
    world.post("/v1/charges", &charge_order("gone", "10.00", "tok_test_visa")).await;
    world.post("/v1/charges/gone/void", &json!({})).await;
    world.move_clock("2026-03-02T21:59:00Z").await;
    assert_eq!(world.get("/v1/settlements").await.1, json!({"files": []}));
    world.post("/v1/charges", &charge_order("late", "1.00", "tok_test_visa")).await;

    world.move_clock("2026-03-02T22:00:00Z").await;
    let (_, files) = world.get("/v1/settlements?after=0").await;
    assert_eq!(files, json!({"files": [{"number": 1, "settled_on": "2026-03-04", "lines": 2}]}));
    let lines = csv(&world, 1).await;
    assert_eq!(lines[0], "line,kind,reference,gross,fee,net,settled_on,return_code");
    assert_eq!(lines[1], "1,charge,card,85.40,2.78,82.62,2026-03-04,");
    assert_eq!(lines[2], "2,charge,late,1.00,0.33,0.67,2026-03-04,");
    assert_eq!(world.state("card").await, "captured");
    assert_eq!(world.post("/v1/charges/card/void", &json!({})).await.1["error"]["code"], "too_late");

    world.move_clock("2026-03-04T12:00:00Z").await;
    let charge = world.charge("card").await;
    assert_eq!((&charge["state"], &charge["settled_on"]), (&json!("settled"), &json!("2026-03-04")));
    assert_eq!(charge["at"], "2026-03-04T11:00:00Z");
    assert_eq!(world.lines("card").await.last().unwrap(), &("settle".into(), "settled".into()));
}

#[tokio::test]
async fn a_good_bank_debit_settles_after_four_business_days() {
    let world = World::new().await;
    let url = world.open("debit", "200.00").await;
    assert_eq!(world.pay_by_bank(&url, "000123456789").await.status(), 303);
    let charge = world.charge("debit").await;
    assert_eq!(
        (&charge["state"], &charge["method"], &charge["last4"]),
        (&json!("processing"), &json!("bank"), &json!("6789"))
    );

    world.move_clock("2026-03-06T10:00:00Z").await;
    assert_eq!(world.state("debit").await, "processing");
    assert_eq!(world.post("/v1/charges/debit/void", &json!({})).await.1["error"]["code"], "too_late");
    world.move_clock("2026-03-06T12:00:00Z").await;
    let charge = world.charge("debit").await;
    assert_eq!((&charge["state"], &charge["settled_on"]), (&json!("settled"), &json!("2026-03-06")));
    assert_eq!(csv(&world, 1).await[1], "1,charge,debit,200.00,0.25,199.75,2026-03-06,");
}

#[tokio::test]
async fn a_debit_can_be_voided_until_its_cut_off() {
    let world = World::new().await;
    world.post("/v1/charges", &charge_order("early", "9.00", "tok_test_bank")).await;
    assert_eq!(world.post("/v1/charges/early/void", &json!({})).await.1["state"], "voided");
    world.move_clock("2026-03-20T12:00:00Z").await;
    assert_eq!(world.get("/v1/settlements").await.1, json!({"files": []}));
}

#[tokio::test]
async fn every_bad_account_comes_back_with_its_code_on_the_third_business_day() {
    let world = World::new().await;
    let accounts = [
        ("000111111116", "R01"),
        ("000111111113", "R02"),
        ("000111111121", "R03"),
        ("000111111129", "R04"),
        ("000111111137", "R07"),
        ("000111111145", "R10"),
        ("000111111153", "R29"),
        ("000111111161", "R09"),
    ];
    for (number, code) in accounts {
        let url = world.open(&format!("back-{code}"), "40.00").await;
        world.pay_by_bank(&url, number).await;
    }
    world.move_clock("2026-03-05T10:59:00Z").await;
    for (_, code) in accounts {
        assert_eq!(world.state(&format!("back-{code}")).await, "processing");
    }
    world.move_clock("2026-03-05T11:00:00Z").await;
    for (_, code) in accounts {
        let reference = format!("back-{code}");
        let charge = world.charge(&reference).await;
        assert_eq!((&charge["state"], &charge["return_code"]), (&json!("returned"), &json!(code)));
        assert_eq!(world.lines(&reference).await.last().unwrap(), &("return".into(), "returned".into()));
    }
    // Never paid out, so never in a file.
    world.move_clock("2026-03-20T12:00:00Z").await;
    assert_eq!(world.get("/v1/settlements").await.1, json!({"files": []}));
}

#[tokio::test]
async fn a_settled_debit_comes_back_after_forty_five_days() {
    let world = World::new().await;
    let url = world.open("long", "40.00").await;
    world.pay_by_bank(&url, "000111111210").await;
    // One jump over all of it: everything happens on its own day, in order.
    world.move_clock("2026-06-01T12:00:00Z").await;
    let charge = world.charge("long").await;
    assert_eq!((&charge["state"], &charge["return_code"]), (&json!("returned"), &json!("R10")));
    // 45 days after March 6 is April 20, a Monday.
    assert_eq!(charge["at"], "2026-04-20T10:00:00Z");
    let lines = world.lines("long").await;
    let kinds: Vec<&str> = lines.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["page", "charge", "settle", "return"]);
    let (_, files) = world.get("/v1/settlements?after=1").await;
    assert_eq!(files["files"][0]["settled_on"], "2026-04-21");
    assert_eq!(csv(&world, 2).await[1], "1,return,long,-40.00,0.00,-40.00,2026-04-21,R10");
}

#[tokio::test]
async fn a_bad_bank_plays_with_its_files() {
    let world = World::new().await;
    for n in 0..4 {
        world.post("/v1/charges", &charge_order(&format!("play-{n}"), "10.00", "tok_test_visa")).await;
    }
    let answer = world.dial("/settle", &json!({"double": true, "split": 2, "wrong_amount": "play-1"})).await;
    assert_eq!(answer["files"].as_array().unwrap().len(), 4);
    assert_eq!(csv(&world, 1).await, csv(&world, 3).await);
    assert_eq!(csv(&world, 1).await[2], "2,charge,play-1,11.00,0.59,10.41,2026-03-04,");

    world.post("/v1/charges", &charge_order("held-back", "10.00", "tok_test_visa")).await;
    world.dial("/settle", &json!({"late": true})).await;
    assert_eq!(world.get("/v1/settlements/5").await.0, 404);
    world.move_clock("2026-03-03T22:00:00Z").await;
    assert_eq!(csv(&world, 5).await.len(), 2);
}

#[tokio::test]
async fn refunds_leave_with_their_day() {
    let world = World::new().await;
    world.post("/v1/charges", &charge_order("buy", "50.00", "tok_test_visa")).await;
    world.post("/v1/charges", &charge_order("debit", "50.00", "tok_test_bank")).await;
    let refund = |reference: &str, of: &str| json!({"reference": reference, "charge_reference": of, "amount": "20.00", "currency": "USD"});
    assert_eq!(
        world.post("/v1/refunds", &refund("too-soon", "debit")).await.1["error"]["code"],
        "wrong_state"
    );
    world.post("/v1/refunds", &refund("back", "buy")).await;
    world.dial("/settle", &json!({})).await;
    assert_eq!(csv(&world, 1).await[2], "2,refund,back,-20.00,0.00,-20.00,2026-03-04,");

    world.move_clock("2026-03-06T12:00:00Z").await;
    assert_eq!(
        world.post("/v1/refunds", &refund("bank-back", "debit")).await.1["refund"]["state"],
        "pending"
    );
    world.move_clock("2026-03-10T12:00:00Z").await;
    assert_eq!(world.get("/v1/refunds/bank-back").await.1["state"], "succeeded");
}

#[tokio::test]
async fn the_clock_does_not_go_back_except_to_the_wall() {
    let world = World::new().await;
    let url = format!("{}/clock", world.base);
    let back = world.client.post(&url).json(&json!({"now": "2026-03-01T12:00:00Z"})).send().await.unwrap();
    assert_eq!(back.status(), 400);
    // The same instant twice is no step back.
    world.move_clock("2026-03-03T12:00:00Z").await;
    world.move_clock("2026-03-03T12:00:00Z").await;
    let clock = world.get("/clock").await.1;
    assert!(clock["now"].as_str().unwrap().starts_with("2026-03-03T12:00:"));
    assert_eq!(clock["business_day"], "2026-03-03");
    assert_eq!(world.dial("/clock", &json!({"now": null})).await["ahead_ms"], 0);
}
