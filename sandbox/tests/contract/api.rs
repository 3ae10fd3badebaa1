use serde_json::{Value, json};

use crate::support::{World, charge_order, page_order, post_to};

#[tokio::test]
async fn only_the_right_key_gets_in() {
    let world = World::new().await;
    let url = format!("{}/v1/charges/x", world.base);
    for key in [None, Some("wrong"), Some("sandbox-key-and-more"), Some("")] {
        let call = world.client.get(&url);
        let call = if let Some(key) = key { call.bearer_auth(key) } else { call };
        assert_eq!(call.send().await.unwrap().status(), 401, "{key:?}");
    }
    let call = world.client.post(format!("{}/v1/pages", world.base)).json(&page_order("x", "1.00"));
    assert_eq!(call.header("idempotency-key", "k").send().await.unwrap().status(), 401);
    assert_eq!(world.get("/v1/charges/x").await.1["error"]["code"], "not_found");
}

#[tokio::test]
async fn one_key_gives_one_answer() {
    let world = World::new().await;
    let order = charge_order("idem", "12.00", "tok_test_visa");
    let first: Value = world.post_as("one", "/v1/charges", &order).await.json().await.unwrap();
    let again = world.post_as("one", "/v1/charges", &order).await;
    assert_eq!(again.status(), 201);
    assert_eq!(again.json::<Value>().await.unwrap(), first);

    let mut other = order.clone();
    other["amount"] = json!("13.00");
    let mismatch = world.post_as("one", "/v1/charges", &other).await;
    assert_eq!(mismatch.status(), 409);
    assert_eq!(mismatch.json::<Value>().await.unwrap()["error"]["code"], "idempotency_mismatch");

    let (status, taken) = world.post("/v1/charges", &order).await;
    assert_eq!((status, &taken["error"]["code"]), (409, &json!("reference_taken")));

    // After a day the key is forgotten, the reference is not.
    world.move_clock("2026-03-03T15:00:01Z").await;
    let later = world.post_as("one", "/v1/charges", &order).await;
    assert_eq!(later.json::<Value>().await.unwrap()["error"]["code"], "reference_taken");
    let none =
        world.client.post(format!("{}/v1/charges", world.base)).bearer_auth("sandbox-key").json(&order);
    assert_eq!(none.send().await.unwrap().status(), 400);
    assert_eq!(world.lines("idem").await, [("charge".into(), "captured".into())]);
}

#[tokio::test]
async fn a_hundred_ways_at_once_charge_once() {
    let world = World::new().await;
    let mut calls = tokio::task::JoinSet::new();
    for way in 0..100 {
        let (client, base) = (world.client.clone(), world.base.clone());
        // Half of them with one key, half each with its own.
        let key = if way % 2 == 0 { "shared".to_owned() } else { format!("own-{way}") };
        calls.spawn(async move {
            let order = charge_order("race", "12.00", "tok_test_visa");
            post_to(&client, &base, &key, "/v1/charges", &order).await.unwrap().status().as_u16()
        });
    }
    let statuses = calls.join_all().await;
    assert!(statuses.iter().all(|status| matches!(status, 201 | 409)), "{statuses:?}");
    assert_eq!(world.lines("race").await, [("charge".into(), "captured".into())]);
}

#[tokio::test]
async fn a_fence_holds_for_ever_and_takes_nothing_back() {
    let world = World::new().await;
    let (status, body) = world.post("/v1/charges/never-seen/cancel", &json!({})).await;
    assert_eq!((status, body), (200, json!({"reference": "never-seen", "fenced": true, "charge": null})));
    let order = charge_order("never-seen", "1.00", "tok_test_visa");
    assert_eq!(world.post("/v1/charges", &order).await.1["error"]["code"], "fenced");
    assert_eq!(world.post("/v1/pages", &page_order("never-seen", "1.00")).await.1["error"]["code"], "fenced");
    assert_eq!(world.get("/v1/charges/never-seen").await.0, 404);

    let url = world.open("on-page", "5.00").await;
    let (_, body) = world.post("/v1/charges/on-page/cancel", &json!({})).await;
    assert_eq!(body["charge"]["state"], "cancelled");
    assert_eq!(world.pay_by_card(&url, "4242424242424242").await.status(), 303);
    assert_eq!(world.state("on-page").await, "cancelled");
    assert_eq!(world.post("/v1/pages", &page_order("on-page", "5.00")).await.1["error"]["code"], "fenced");

    world.post("/v1/charges", &charge_order("paid", "7.00", "tok_test_visa")).await;
    let (_, body) = world.post("/v1/charges/paid/cancel", &json!({})).await;
    assert_eq!(body["charge"]["state"], "captured");
    assert_eq!(world.lines("paid").await.last().unwrap(), &("cancel".into(), "captured".into()));
    let twice = world.post("/v1/charges/paid/cancel", &json!({})).await;
    assert_eq!(twice.0, 200);
    assert_eq!(world.lines("paid").await.len(), 2);
}

#[tokio::test]
async fn fence_and_payment_race_and_agree_on_who_won() {
    let world = World::new().await;
    for round in 0..20 {
        let reference = format!("duel-{round}");
        let url = world.open(&reference, "5.00").await;
        let fence = format!("/v1/charges/{reference}/cancel");
        let nothing = json!({});
        let (paid, fenced) =
            tokio::join!(world.pay_by_card(&url, "4242424242424242"), world.post(&fence, &nothing));
        assert_eq!((paid.status().as_u16(), fenced.0), (303, 200));
        let told = fenced.1["charge"]["state"].as_str().unwrap().to_owned();
        let state = world.state(&reference).await;
        assert!(state == "captured" || state == "cancelled");
        assert_eq!(told, state, "the fence's answer is the last word");
    }
}

#[tokio::test]
async fn authorise_capture_void() {
    let world = World::new().await;
    let hold = |reference: &str| {
        let mut order = charge_order(reference, "30.00", "tok_test_visa");
        order["capture"] = json!(false);
        order
    };
    let nothing = json!({});
    assert_eq!(world.post("/v1/charges", &hold("held")).await.1["state"], "authorised");
    assert_eq!(world.post("/v1/charges/held/capture", &nothing).await.1["state"], "captured");
    assert_eq!(world.post("/v1/charges/held/capture", &nothing).await.1["state"], "captured");
    assert_eq!(world.post("/v1/charges/held/void", &nothing).await.1["state"], "voided");
    assert_eq!(world.post("/v1/charges/held/capture", &nothing).await.1["error"]["code"], "wrong_state");
    let lines = world.lines("held").await;
    let kinds: Vec<&str> = lines.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["authorise", "capture", "void"]);

    // A fence lets a hold go.
    world.post("/v1/charges", &hold("dropped")).await;
    assert_eq!(world.post("/v1/charges/dropped/cancel", &nothing).await.1["charge"]["state"], "voided");

    // A hold nobody captured ends by itself.
    world.post("/v1/charges", &hold("forgotten")).await;
    world.move_clock("2026-03-10T15:00:00Z").await;
    assert_eq!(world.state("forgotten").await, "expired");
    assert_eq!(world.post("/v1/charges/nobody/void", &nothing).await.0, 404);
}

#[tokio::test]
async fn refunds_never_exceed_the_charge() {
    let world = World::new().await;
    world.post("/v1/charges", &charge_order("buy", "50.00", "tok_test_visa")).await;
    let refund = |reference: &str, amount: &str| json!({"reference": reference, "charge_reference": "buy", "amount": amount, "currency": "USD"});
    let (status, body) = world.post("/v1/refunds", &refund("back-1", "20.00")).await;
    assert_eq!((status, &body["refund"]["state"]), (201, &json!("succeeded")));
    assert_eq!(world.post("/v1/refunds", &refund("back-2", "30.01")).await.0, 422);
    assert_eq!(
        world.post("/v1/refunds", &refund("back-1", "1.00")).await.1["error"]["code"],
        "reference_taken"
    );
    assert_eq!(world.post("/v1/refunds", &refund("back-3", "30.00")).await.0, 201);
    assert_eq!(world.get("/v1/refunds/back-1").await.1["amount"], "20.00");
    assert_eq!(world.post("/v1/charges/buy/void", &json!({})).await.1["error"]["code"], "wrong_state");

    // Bounced money is there to be refunded again.
    world.dial("/refunds/bounce", &json!({"reference": "back-1"})).await;
    assert_eq!(world.get("/v1/refunds/back-1").await.1["state"], "failed");
    assert_eq!(world.post("/v1/refunds", &refund("back-4", "20.00")).await.0, 201);

    world.post("/v1/charges", &charge_order("no", "50.00", "tok_test_insufficient_funds")).await;
    assert_eq!(world.state("no").await, "declined");
    let of_declined =
        json!({"reference": "b", "charge_reference": "no", "amount": "1.00", "currency": "USD"});
    assert_eq!(world.post("/v1/refunds", &of_declined).await.1["error"]["code"], "wrong_state");
}

#[tokio::test]
async fn the_listing_pages_through_every_change_in_order() {
    let world = World::new().await;
    for n in 0..5 {
        world.post("/v1/charges", &charge_order(&format!("list-{n}"), "5.00", "tok_test_visa")).await;
    }
    let (_, first) = world.get("/v1/charges?after=0&limit=2").await;
    assert_eq!(first["charges"].as_array().unwrap().len(), 2);
    assert_eq!(first["next"], first["charges"][1]["seq"]);
    let (_, rest) = world.get(&format!("/v1/charges?after={}&limit=100", first["next"])).await;
    assert_eq!(rest["charges"].as_array().unwrap().len(), 3);
    assert_eq!(rest["next"], rest["charges"][2]["seq"]);
    let (_, end) = world.get(&format!("/v1/charges?after={}", rest["next"])).await;
    assert_eq!(end, json!({"charges": [], "next": rest["next"]}));

    // A change moves a charge to the end.
    world.post("/v1/charges/list-0/void", &json!({})).await;
    let (_, all) = world.get("/v1/charges").await;
    assert_eq!(all["charges"][4]["reference"], "list-0");
    assert_eq!(all["charges"][4]["state"], "voided");
}

#[tokio::test]
async fn dials_are_closed_to_pages_of_other_sites() {
    let world = World::new().await;
    let call = world.client.post(format!("{}/clock", world.base)).header("sec-fetch-site", "cross-site");
    assert_eq!(call.json(&json!({"now": null})).send().await.unwrap().status(), 403);
    let call = world.client.get(format!("{}/mailbox.json", world.base)).header("host", "evil.example:4000");
    assert_eq!(call.send().await.unwrap().status(), 403);
    assert_eq!(world.get_raw("/healthz").await.status(), 200);
    for page in ["/", "/mailbox", "/overview.css", "/pay.css"] {
        assert_eq!(world.get_raw(page).await.status(), 200, "{page}");
    }
}

#[tokio::test]
async fn the_overview_shows_a_payment_and_its_history() {
    let world = World::new().await;
    let url = world.open("seen", "85.40").await;
    world.pay_by_card(&url, "4242424242424242").await;
    let html = world.get_raw("/").await.text().await.unwrap();
    for part in ["/look/seen", "$85.40", "captured", "Visa •••• 4242", "charge.captured", "Mar 2, 2026"]
    {
        assert!(html.contains(part), "{part}");
    }
    let html = world.get_raw("/look/seen").await.text().await.unwrap();
    assert!(html.contains("In the journal") && html.contains("charge.captured"));
    let moved =
        world.client.post(format!("{}/clock/forward", world.base)).form(&[("by", "cut_off")]).send().await;
    assert_eq!(moved.unwrap().status(), 303);
    let html = world.get_raw("/").await.text().await.unwrap();
    assert!(html.contains("File 1: 1 line, $82.62 paid out on 2026-03-04"), "{html}");
}
