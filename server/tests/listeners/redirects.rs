//! Where forms lead (abuse cases 16 and 20): to pages of ours or to the gateway, whatever the request says.

use axum::http::StatusCode;
use billing::{
    ids::AttemptId,
    payments::{PayBill, PaymentState},
    testing::{Op, TestMember, Wrong, date, people::PASSWORD},
};
use chrono::TimeDelta;
use sqlx::PgPool;

use crate::desk::{Cookie, Portal};

const ELSEWHERE: [&str; 28] = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example",
    "http:evil.example",
    "HTTPS://EVIL.EXAMPLE/",
    "javascript:alert(1)",
    "data:text/html,x",
    "/bills/../../evil.example",
    "/%2f%2fevil.example",
    "/%5cevil.example",
    "//localhost:3000@evil.example",
    "http://localhost:3000.evil.example",
    "http://localhost:3000@evil.example",
    "http://127.0.0.1:4000.evil.example/",
    "/bills\r\nLocation: https://evil.example",
    "/bills%0d%0aLocation:%20https://evil.example",
    "\t//evil.example",
    " //evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/.//evil.example",
    "?next=//evil.example",
    "#//evil.example",
    "/bills?__err=You%20owe%20nothing",
    "/sign-in?__path=/x&__err=x",
    "/api/pay",
];

/// What parsers of addresses disagree on, before a name that is not ours.
const BEFORE: [&str; 24] = [
    "/\\/",
    "\\/",
    "/\\",
    "/ /",
    "/\u{b}/",
    "/\r/",
    "\u{0}//",
    "\u{feff}//",
    "\u{a0}//",
    "/\u{2028}/",
    "\u{ff0f}\u{ff0f}",
    "/\u{ff0f}",
    "/%09/",
    "/%0d%0a//",
    "/%2f",
    "/%5c",
    "%2f%2f",
    "/..//",
    "/bills/..//",
    "/%2e%2e//",
    "https:/",
    "https:///",
    "ht\ttps://",
    "//localhost:3000%2f@",
];

/// The names behind them.
const NAMES: [&str; 4] =
    ["evil.example", "evil.example/bills", "evil.example:3000", "EVIL.example%23.localhost:3000"];

fn ways_out() -> Vec<String> {
    let made = BEFORE.iter().flat_map(|before| NAMES.map(|name| format!("{before}{name}")));
    ELSEWHERE.map(str::to_owned).into_iter().chain(made).collect()
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn no_form_leads_elsewhere(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let ana = portal.person("Ana").await;
    let ways = ways_out();
    assert!(ways.len() >= 120, "only {} ways out", ways.len());
    for way in &ways {
        let way = way.as_str();
        let language = portal
            .post("/api/language", &Cookie::of(ana.browser.key), &[("language", "en"), ("back", way)])
            .await;
        let right = [("email", ana.email.as_str()), ("password", PASSWORD), ("next", way)];
        let enter = portal.post("/api/sign-in", &Cookie::default(), &right).await;
        let wrong = [("email", ana.email.as_str()), ("password", "x"), ("next", way)];
        let stay = portal.post("/api/sign-in", &Cookie::default(), &wrong).await;
        // Where a page asks to sign in first, and where signing in then leads.
        let asked = way.parse::<axum::http::Uri>().ok().filter(|_| way.starts_with('/'));
        let turned = match asked {
            Some(uri) => portal.get(&uri.to_string(), &Cookie::default()).await,
            None => portal.get("/", &Cookie::default()).await,
        };
        let location = turned.location();
        assert!(location.is_empty() || location.starts_with("/sign-in"), "{way}: {location}");
        for answer in [language, enter, stay] {
            assert!(answer.status == StatusCode::SEE_OTHER || answer.status.is_client_error(), "{way}");
            let location = answer.location();
            assert!(
                location.is_empty() || (location.starts_with('/') && !location.starts_with("//")),
                "{way}: {location}"
            );
            for word in ["evil", "__err", "__path", "\\", "%5c", "%2f", "\t"] {
                assert!(!location.to_lowercase().contains(word), "{way}: {location}");
            }
        }
    }
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn the_words_of_an_address_are_never_shown_as_ours(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let ana = portal.person("Ana").await;
    let cookie = Cookie::of(ana.browser.key);
    let spoof = "__err=eyJFcnJvciI6IllvdSBhcmUgY3V0IG9mZiJ9&__path=/api/pay&again=YouAreCutOff&ended=YouAreCutOff&done=YouAreCutOff";
    for path in ["/", "/bills", "/payments", "/profile", "/sign-in", "/register", "/reset"] {
        for cookie in [&cookie, &Cookie::default()] {
            let answer = portal.get(&format!("{path}?{spoof}"), cookie).await;
            assert!(!answer.status.is_server_error(), "{path}");
            let body = answer.body.replace("&amp;", "&");
            let main = body.split("<main").nth(1).unwrap_or_default();
            let shown = main.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text);
            for text in shown {
                assert!(!text.contains("YouAreCutOff"), "{path} shows {text}");
            }
        }
    }
}

/// What a return may say: as the gateway words it, and as anybody could.
fn returns(order: &PayBill, attempt: AttemptId) -> Vec<String> {
    let path = format!("/payments/{}", order.payment_id);
    let mut ways = vec![path.clone()];
    for query in [
        format!("reference={attempt}"),
        format!("reference={attempt}&status=success&amount={}&currency=USD", order.amount),
        format!("reference={}&state=captured", order.payment_id),
        "reference=x".to_owned(),
        "success=true&amount=0.01".to_owned(),
        "reference=&reference=".to_owned(),
        "state=captured&state=declined&state=voided".to_owned(),
        "cancelled=1&expired=1&declined=1".to_owned(),
        "again=yes&payment_id=x&method=card".to_owned(),
        "again=0193f7a0-0000-7000-8000-000000000001".to_owned(),
        "sig=%00%ff&t=99999999999&v1=00".to_owned(),
        "__path=/api/pay/cancel&__err=x&_method=POST".to_owned(),
        "amount=-1&amount=1e3&amount=%EF%BC%91".to_owned(),
        format!("x={}", "9".repeat(3000)),
        "paid=1#paid".to_owned(),
        "%".to_owned(),
    ] {
        ways.push(format!("{path}?{query}"));
    }
    ways.extend(PaymentState::ALL.map(|state| format!("{path}?state={}", state.word())));
    ways.extend(
        ["/", "/captured", "/..", "/%2e%2e/x", ";state=captured"].map(|tail| format!("{path}{tail}")),
    );
    ways
}

/// Moves an attempt along `payment_edge` where no verb of the plan does it yet, as the owner: the database refuses a
/// move that is none.
async fn walks(portal: &Portal, attempt: AttemptId, states: &[PaymentState]) {
    for state in states {
        sqlx::query(
            "WITH moved AS (
                 UPDATE payment_attempt SET state = $2, seq = seq + 1 WHERE attempt_id = $1
                 RETURNING seq, (SELECT state FROM payment_attempt WHERE attempt_id = $1) AS was
             )
             INSERT INTO payment_event (attempt_id, seq, from_state, to_state, event, evidence, actor, at)
             SELECT $1, seq, was, $2, 'planted', 'ours', 'test', $3 FROM moved",
        )
        .bind(attempt.0)
        .bind(state.word())
        .bind(portal.plan.now())
        .execute(portal.plan.owner())
        .await
        .expect("a move along an edge");
    }
}

/// A payment of this person in this state: by the plan's verbs, and from there by the owner's hand.
async fn payment_in(portal: &Portal, ana: &TestMember, state: PaymentState) -> (PayBill, AttemptId) {
    use PaymentState as S;
    let (plan, gateway) = (&portal.plan, &portal.plan.gateway);
    let bill = ana.owes("120.00").await;
    // Two orders of one amount would look alike.
    let amount = format!("{}.00", 20 + S::ALL.iter().position(|one| *one == state).expect("a state"));
    let order = if matches!(state, S::Processing | S::Returned) {
        bill.pay_by_bank(&amount)
    } else {
        bill.pay(&amount)
    };
    match state {
        S::Unknown | S::Absent => gateway.goes_wrong(Op::OpenPage, Wrong::TimeOutBefore),
        S::Rejected => gateway.goes_wrong(Op::OpenPage, Wrong::Reject),
        _ => {}
    }
    let attempt = match state {
        S::Created | S::Submitting | S::Expired => {
            ana.orders(&order).await.expect("ordered");
            ana.attempt(&order).await
        }
        S::Mismatch | S::NeedsReview => ana.is_frozen(&order).await,
        _ => ana.starts(&order).await,
    };
    match state {
        S::Captured
        | S::Processing
        | S::Settled
        | S::Returned
        | S::Voided
        | S::Disputed
        | S::DisputeWon
        | S::DisputeLost => assert!(gateway.person_pays(attempt)),
        S::Declined => assert!(gateway.person_is_declined(attempt, "insufficient")),
        _ => {}
    }
    if !matches!(state, S::Created | S::Submitting | S::Unknown | S::Absent) {
        ana.scope().check_again(order.payment_id).await.expect("asked");
    }
    match state {
        S::Settled => {
            gateway.settles(date("2027-01-06"));
            plan.job().settle_files().await.expect("the file");
        }
        S::Returned => {
            gateway.bank_returns(attempt, "R01");
            plan.job().resolve(attempt).await.expect("resolved");
        }
        S::Voided => {
            ana.scope().cancel(order.payment_id).await.expect("cancelled");
        }
        S::Expired => {
            plan.passes(TimeDelta::hours(2));
            plan.job().expire_due().await.expect("the janitor");
        }
        S::Absent => {
            plan.passes(TimeDelta::minutes(2));
            plan.job().resolve(attempt).await.expect("resolved");
        }
        S::Submitting => walks(portal, attempt, &[S::Submitting]).await,
        S::Authorized => walks(portal, attempt, &[S::Authorized]).await,
        S::CapturePending => walks(portal, attempt, &[S::Authorized, S::CapturePending]).await,
        S::NeedsReview => walks(portal, attempt, &[S::NeedsReview]).await,
        S::Disputed => walks(portal, attempt, &[S::Disputed]).await,
        S::DisputeWon => walks(portal, attempt, &[S::Disputed, S::DisputeWon]).await,
        S::DisputeLost => walks(portal, attempt, &[S::Disputed, S::DisputeLost]).await,
        _ => {}
    }
    assert_eq!(plan.state(attempt).await, state);
    (order, attempt)
}

/// T16: whatever a return says, in whatever state the payment is, for whoever comes back: nothing moves.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn coming_back_from_the_gateway_moves_nothing_in_any_state(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let (ana, ben) = (portal.person("Ana").await, portal.person("Ben").await);
    // Those that take the whole plan through a night, or a day's file, first.
    let first = [PaymentState::Settled, PaymentState::Expired, PaymentState::Absent];
    let others = PaymentState::ALL.into_iter().filter(|state| !first.contains(state));
    let mut payments = Vec::new();
    for state in first.into_iter().chain(others) {
        payments.push((state, payment_in(&portal, &ana.member, state).await));
    }
    assert_eq!(payments.len(), 20);
    let sign_in = async |email: &str| {
        let fields = [("email", email), ("password", PASSWORD)];
        portal.post("/api/sign-in", &Cookie::default(), &fields).await.session().expect("signed in")
    };
    let people = [
        ("the payer", sign_in(&ana.email).await),
        ("a stranger", sign_in(&ben.email).await),
        ("nobody", Cookie::default()),
    ];

    // A look leaves its row in the trail, and nothing else anywhere.
    let all = async || {
        let mut all = portal.plan.everything().await;
        all.retain(|(table, _)| table != "access_row");
        all
    };
    let calls = || [Op::OpenPage, Op::Find, Op::Void, Op::Cancel].map(|op| portal.plan.gateway.calls(op));
    let before = (all().await, calls());
    let mut asked = 0;
    for (state, (order, attempt)) in &payments {
        for (number, way) in returns(order, *attempt).into_iter().enumerate() {
            // A look by others ends before the payment is read: some of the ways will do.
            let who = if number % 10 == 0 { people.as_slice() } else { &people[..1] };
            for (who, cookie) in who {
                let Ok(uri) = way.parse::<axum::http::Uri>() else { continue };
                let answer = portal.get(&uri.to_string(), cookie).await;
                assert!(!answer.status.is_server_error(), "{way} in {state:?} for {who}: {}", answer.status);
                if uri.path() == format!("/payments/{}", order.payment_id) {
                    let expected = match *who {
                        "the payer" => StatusCode::OK,
                        "a stranger" => StatusCode::NOT_FOUND,
                        _ => StatusCode::SEE_OTHER,
                    };
                    assert_eq!(answer.status, expected, "{way} in {state:?} for {who}");
                }
                asked += 1;
            }
        }
        assert_eq!(portal.plan.state(*attempt).await, *state);
        assert_eq!((all().await, calls()), before, "a return moved something in {state:?}");
    }
    println!("{asked} returns in 20 states, nothing moved");
}
