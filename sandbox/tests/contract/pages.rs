use serde_json::json;

use crate::support::{RETURN_URL, World, bank_fields, card_fields, page_order};

#[tokio::test]
async fn a_person_pays_by_card_and_the_caller_finds_the_money() {
    let world = World::new().await;
    let url = world.open("pay-1", "85.40").await;

    let page = world.client.get(&url).send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(
        policy.starts_with("default-src 'none';")
            && policy.contains("form-action 'self' http://localhost:3000;")
    );
    let html = page.text().await.unwrap();
    for part in ["Sandbox Pay", "$85.40", "Premium, March", "cc-number", "4242 4242 4242 4242", "lang=\"en\""]
    {
        assert!(html.contains(part), "{part}");
    }
    assert!(!html.contains("<script") && !html.contains("style="));

    let answer = world.pay_by_card(&url, "4242 4242 4242 4242").await;
    assert_eq!(answer.status(), 303);
    assert_eq!(answer.headers()["location"], format!("{RETURN_URL}?reference=pay-1").as_str());

    let charge = world.charge("pay-1").await;
    assert_eq!(charge["state"], "captured");
    assert_eq!(
        (&charge["brand"], &charge["last4"], &charge["expires"]),
        (&json!("Visa"), &json!("4242"), &json!("12/2030"))
    );
    assert_eq!((&charge["sequence"], &charge["amount"]), (&json!(2), &json!("85.40")));
    assert!(charge["token"].as_str().unwrap().starts_with("tok_"));

    let lines = world.journal().await;
    assert_eq!(lines.len(), 2);
    let keys: Vec<&String> = lines[1].as_object().unwrap().keys().collect();
    assert_eq!(keys.len(), 7, "{keys:?}");
    assert_eq!(lines[1]["n"], 2);
    assert_eq!(lines[1]["kind"], "charge");
    assert_eq!(lines[1]["amount"], "85.40");
    assert_eq!(lines[1]["state"], "captured");
}

#[tokio::test]
async fn submitting_twice_charges_once() {
    let world = World::new().await;
    let url = world.open("twice", "10.00").await;
    let tries = (0..16).map(|_| world.pay_by_card(&url, "5555555555554444"));
    let answers = futures_join(tries.collect()).await;
    assert!(answers.iter().all(|answer| answer.status() == 303));
    assert_eq!(world.lines("twice").await.len(), 2);
    // The back button and one more press lead back to the caller, too.
    assert_eq!(world.client.get(&url).send().await.unwrap().status(), 303);
    assert_eq!(world.pay_by_card(&url, "5555555555554444").await.status(), 303);
    assert_eq!(world.charge("twice").await["brand"], "Mastercard");
}

async fn futures_join<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut pinned: Vec<_> = futures.into_iter().map(Box::pin).collect();
    let mut outputs: Vec<Option<F::Output>> = pinned.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, output) in pinned.iter_mut().zip(&mut outputs) {
            if output.is_none()
                && let std::task::Poll::Ready(done) = future.as_mut().poll(context)
            {
                *output = Some(done);
            }
        }
        if outputs.iter().all(Option::is_some) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    outputs.into_iter().flatten().collect()
}

#[tokio::test]
async fn every_decline_number_is_declined_for_its_reason_and_three_close_the_page() {
    let world = World::new().await;
    for (number, class) in [
        ("4000000000009995", "insufficient_funds"),
        ("4000000000000002", "do_not_honour"),
        ("4000000000000069", "expired_card"),
        ("4000000000000127", "wrong_details"),
        ("4000000000009979", "lost_or_stolen"),
        ("4000000000006975", "limit"),
        ("4100000000000019", "fraud"),
        ("4000000000000119", "try_later"),
        ("000111111227", "closed_account"),
        // No test number at all.
        ("4111111111111111", "wrong_details"),
    ] {
        let reference = format!("no-{number}");
        let url = world.open(&reference, "20.00").await;
        let pay = async || match number.len() {
            16 => world.pay_by_card(&url, number).await,
            _ => world.pay_by_bank(&url, number).await,
        };
        for left in [2, 1] {
            let answer = pay().await;
            assert_eq!(answer.status(), 303);
            assert!(answer.headers()["location"].to_str().unwrap().starts_with("/pay/"));
            let html = world.client.get(&url).send().await.unwrap().text().await.unwrap();
            assert!(html.contains("No money was taken."));
            assert!(html.contains(if left == 2 { "twice more" } else { "once more" }));
            let charge = world.charge(&reference).await;
            assert_eq!((&charge["state"], &charge["decline"]), (&json!("open"), &json!(class)));
        }
        let last = pay().await;
        assert_eq!(last.headers()["location"], format!("{RETURN_URL}?reference={reference}").as_str());
        let charge = world.charge(&reference).await;
        assert_eq!((&charge["state"], &charge["decline"]), (&json!("declined"), &json!(class)));
        assert_eq!(charge["captured_at"], json!(null));
        // A good card comes too late now.
        assert_eq!(world.pay_by_card(&url, "4242424242424242").await.status(), 303);
        assert_eq!(world.state(&reference).await, "declined");
    }
}

#[tokio::test]
async fn a_declined_form_posted_twice_counts_once_and_the_next_card_works() {
    let world = World::new().await;
    let url = world.open("again", "20.00").await;
    let first = |number| {
        let mut fields = card_fields(number).to_vec();
        fields.push(("attempt", "0"));
        fields
    };
    world.submit(&url, &first("4000000000009995")).await;
    world.submit(&url, &first("4000000000009995")).await;
    let html = world.client.get(&url).send().await.unwrap().text().await.unwrap();
    assert!(html.contains("twice more") && html.contains("name=\"attempt\" value=\"1\""));
    world.pay_by_card(&url, "4242424242424242").await;
    assert_eq!(world.state("again").await, "captured");
    assert_eq!(world.charge("again").await["decline"], json!(null));
    let lines = world.lines("again").await;
    let lines: Vec<_> = lines.iter().map(|(kind, state)| (kind.as_str(), state.as_str())).collect();
    assert_eq!(lines, [("page", "open"), ("charge", "declined"), ("charge", "captured")]);
}

#[tokio::test]
async fn three_d_secure_asks_and_believes_the_answer() {
    let world = World::new().await;
    let url = world.open("asks", "20.00").await;
    assert_eq!(
        world.pay_by_card(&url, "4000002500003155").await.headers()["location"],
        url[world.base.len()..]
    );
    assert_eq!(world.state("asks").await, "action");
    let html = world.client.get(&url).send().await.unwrap().text().await.unwrap();
    assert!(html.contains("3-D Secure") && html.contains("3155"));

    world.submit(&format!("{url}/verify"), &[("answer", "refuse")]).await;
    assert_eq!(world.state("asks").await, "open");
    world.pay_by_card(&url, "4000002500003155").await;
    let answer = world.submit(&format!("{url}/verify"), &[("answer", "approve")]).await;
    assert_eq!(answer.headers()["location"], format!("{RETURN_URL}?reference=asks").as_str());
    let charge = world.charge("asks").await;
    assert_eq!(charge["state"], "captured");

    // The token of a card whose bank has asked once is charged without asking.
    let order = crate::support::charge_order("asks-2", "5.00", charge["token"].as_str().unwrap());
    let (status, again) = world.post("/v1/charges", &order).await;
    assert_eq!((status, &again["state"]), (201, &json!("captured")));
}

#[tokio::test]
async fn the_slow_card_takes_twenty_seconds_of_the_clock() {
    let world = World::new().await;
    let url = world.open("slow", "20.00").await;
    world.pay_by_card(&url, "4000000000000341").await;
    let page = world.client.get(&url).send().await.unwrap();
    let html = page.text().await.unwrap();
    assert!(html.contains("http-equiv=\"refresh\"") && html.contains("do not pay again"));
    assert_eq!(world.state("slow").await, "open");
    // Pressing cancel does not take it back.
    assert_eq!(world.submit(&format!("{url}/cancel"), &[]).await.status(), 303);
    world.move_clock("2026-03-02T15:01:00Z").await;
    assert_eq!(world.state("slow").await, "captured");
    assert_eq!(world.client.get(&url).send().await.unwrap().status(), 303);
}

#[tokio::test]
async fn the_silent_card_takes_the_money_and_never_answers() {
    let world = World::new().await;
    let url = world.open("silent", "20.00").await;
    let call = world.client.post(&url).form(&card_fields("4000000000000259"));
    let answer = call.timeout(std::time::Duration::from_millis(400)).send().await;
    assert!(answer.unwrap_err().is_timeout());
    assert_eq!(world.state("silent").await, "captured");
}

#[tokio::test]
async fn what_is_wrong_is_said_and_secrets_are_not_repeated() {
    let world = World::new().await;
    let url = world.open("wrong", "20.00").await;
    let fields = [
        ("method", "card"),
        ("card_number", "4242424242424241"),
        ("expiry", "01/26"),
        ("cvc", "987"),
        ("name", "Ana <b>"),
    ];
    let answer = world.submit(&url, &fields).await;
    assert_eq!(answer.status(), 422);
    let html = answer.text().await.unwrap();
    assert!(html.contains("href=\"#card_number\"") && html.contains("id=\"card_number-error\""));
    assert!(html.contains("This card has expired") && html.contains("value=\"01/26\""));
    assert!(html.contains("Ana &#60;b&#62;") && !html.contains("Ana <b>"));
    assert!(!html.contains("4242424242424241") && !html.contains("987"));

    let mut bank = bank_fields("000123456789").to_vec();
    bank.retain(|(name, _)| *name != "mandate");
    bank[3].1 = "110000001";
    let html = world.submit(&url, &bank).await.text().await.unwrap();
    assert!(html.contains("href=\"#mandate\"") && html.contains("href=\"#routing_number\""));
    assert!(html.contains("value=\"110000001\"") && !html.contains("value=\"000123456789\""));
    // Nothing of it was a try.
    assert_eq!(world.charge("wrong").await["sequence"], 1);
}

#[tokio::test]
async fn leaving_closes_the_page_and_so_does_time() {
    let world = World::new().await;
    let url = world.open("left", "20.00").await;
    let answer = world.submit(&format!("{url}/cancel"), &[]).await;
    assert_eq!(answer.headers()["location"], format!("{RETURN_URL}?reference=left").as_str());
    assert_eq!(world.state("left").await, "cancelled");

    let url = world.open("late", "20.00").await;
    world.move_clock("2026-03-02T15:20:00Z").await;
    assert_eq!(world.state("late").await, "expired");
    assert_eq!(world.pay_by_card(&url, "4242424242424242").await.status(), 303);
    assert_eq!(world.state("late").await, "expired");
    assert_eq!(world.charge("late").await["at"], "2026-03-02T15:20:00Z");

    let missing = world.client.get(format!("{}/pay/page_nonsense", world.base)).send().await.unwrap();
    assert_eq!(missing.status(), 404);
}

#[tokio::test]
async fn a_page_is_opened_once_and_speaks_the_language_asked_for() {
    let world = World::new().await;
    let mut order = page_order("once", "20.00");
    order["language"] = json!("es");
    order["methods"] = json!(["bank"]);
    let (status, first) = world.post("/v1/pages", &order).await;
    assert_eq!(status, 201);
    order["expires_at"] = json!("2026-03-02T15:25:00Z");
    let (status, second) = world.post("/v1/pages", &order).await;
    assert_eq!((status, &second["url"]), (200, &first["url"]));
    order["amount"] = json!("20.01");
    assert_eq!(world.post("/v1/pages", &order).await.1["error"]["code"], "reference_taken");

    let html = world.client.get(second["url"].as_str().unwrap()).send().await.unwrap().text().await.unwrap();
    assert!(html.contains("lang=\"es\"") && html.contains("Usted permite un solo retiro de"));
    assert!(!html.contains("?method=card"), "one way to pay needs no choice");
    // A card on a page that takes none is no way in.
    world.pay_by_card(second["url"].as_str().unwrap(), "4242424242424242").await;
    assert_eq!(world.state("once").await, "open");
}

#[tokio::test]
async fn bad_orders_are_refused_by_name() {
    let world = World::new().await;
    for (field, value, code) in [
        ("amount", json!("0.00"), "amount"),
        ("amount", json!("-5.00"), "amount"),
        ("amount", json!("1e3"), "amount"),
        ("amount", json!("5.000"), "amount"),
        ("amount", json!(5), "invalid"),
        ("currency", json!("EUR"), "invalid"),
        ("reference", json!("a b"), "invalid"),
        ("reference", json!("x".repeat(65)), "invalid"),
        ("methods", json!([]), "invalid"),
        ("methods", json!(["cash"]), "invalid"),
        ("return_url", json!("javascript:alert(1)"), "invalid"),
        ("return_url", json!("http://localhost:3000/?a=b"), "invalid"),
        ("return_url", json!("http://me@localhost:3000/"), "invalid"),
        ("expires_at", json!("2025-01-01T00:00:00Z"), "invalid"),
        ("language", json!("fr"), "invalid"),
        ("surprise", json!(1), "invalid"),
    ] {
        let mut order = page_order("bad", "20.00");
        order[field] = value.clone();
        let (status, body) = world.post("/v1/pages", &order).await;
        assert!(status == 400 || status == 422, "{field} {value}: {status}");
        assert_eq!(body["error"]["code"], code, "{field} {value}");
    }
    assert!(world.journal().await.is_empty());
}
