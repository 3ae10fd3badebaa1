//! The plan's rows against its published text, region by region, under both profiles. Expectations are the text itself.

use billing::{
    bills::BillKind,
    rules::{Hours, Line, Mode, Profile, RegionRows, WaysToPay, is_address},
    testing::{TestPlan, people::Browser},
    words::{Language, sentence},
};
use chrono::{DateTime, Utc};
use sqlx::{PgPool, types::Json};

const SIX: [&str; 6] = ["NCA", "SCA", "CO", "HI", "GA", "OR_SWWA"];
const ALL: [&str; 8] = ["NCA", "SCA", "CO", "HI", "GA", "OR_SWWA", "MAS", "WA"];

fn now() -> DateTime<Utc> {
    billing::testing::START.parse().unwrap()
}

async fn rows(pool: &PgPool, region: &str, profile: Profile) -> RegionRows {
    let Json(rows) = sqlx::query_scalar("SELECT region_json($1, $2, '2027-01-05')")
        .bind(region)
        .bind(profile.word())
        .fetch_one(pool)
        .await
        .unwrap();
    rows
}

async fn ways(pool: &PgPool, region: &str, profile: Profile, kind: BillKind) -> WaysToPay {
    rows(pool, region, profile).await.ways(kind, now())
}

/// Section 3.2: the six regions, Maryland and Virginia, Washington.
const FEATURES: [(&str, Mode, Mode, Mode); 16] = {
    use Mode::{Contact, HandOff, Off, On};
    [
        ("premium_online", On, HandOff, HandOff),
        ("premium_mail", On, On, On),
        ("premium_phone", On, On, On),
        ("medical_online", On, On, On),
        ("guest_medical", On, On, On),
        ("payment_plan", On, On, On),
        ("autopay", On, HandOff, HandOff),
        ("history_view", On, Contact, Contact),
        ("history_letter", Contact, Contact, Contact),
        ("history_range", Contact, Contact, Contact),
        ("tax_letter", Contact, Contact, Contact),
        ("paperless", On, HandOff, Off),
        ("bill_ready", On, Off, Off),
        ("status_notices", On, Off, Off),
        ("notification_settings", On, Off, Off),
        ("refund_request", Contact, Contact, Off),
    ]
};

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn features_are_as_published_and_all_on_is_all_on(pool: PgPool) {
    for region in ALL {
        let seed = rows(&pool, region, Profile::Seed).await;
        let all_on = rows(&pool, region, Profile::AllOn).await;
        assert_eq!((seed.features.len(), all_on.features.len()), (16, 16), "{region}");
        for (feature, six, mas, wa) in FEATURES {
            let published = match region {
                "MAS" => mas,
                "WA" => wa,
                _ => six,
            };
            assert_eq!(seed.mode(feature), published, "{region} {feature}");
            assert_eq!(all_on.mode(feature), Mode::On, "{region} {feature}");
            let says = seed.feature(feature).unwrap().text_key.is_some();
            assert_eq!(says, published != Mode::On, "{region} {feature} is not on and says nothing");
        }
        assert_eq!(seed.mode("teleportation"), Mode::Off);
    }
}

/// Section 3.1, letter by letter.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn premium_bills_are_paid_as_published(pool: PgPool) {
    let published: [(&str, Option<&[&str]>, &str, &str); 8] = [
        (
            "NCA",
            Some(&["Kaiser Permanente", "P.O. Box 7165", "Pasadena, CA 91109-7165"]),
            "1 877 365 9900",
            "America/Los_Angeles",
        ),
        (
            "SCA",
            Some(&["Kaiser Permanente", "P.O. Box 7165", "Pasadena, CA 91109-7165"]),
            "1 866 288 6729",
            "America/Los_Angeles",
        ),
        (
            "CO",
            Some(&["Kaiser Foundation Health Plan, Inc.", "P.O. Box 910374", "Denver, CO 80291-0374"]),
            "1 877 799 4700",
            "America/Denver",
        ),
        (
            "HI",
            Some(&["Kaiser Foundation Health Plan, Inc.", "P.O. Box 30820", "Honolulu, HI 96820-0820"]),
            "1 877 578 2700",
            "Pacific/Honolulu",
        ),
        (
            "GA",
            Some(&["Kaiser Foundation Health Plan, Inc.", "P.O. Box 100661", "Atlanta, GA 30384-0661"]),
            "1 877 699 7407",
            "America/New_York",
        ),
        (
            "OR_SWWA",
            Some(&["Kaiser Foundation Health Plan, Inc.", "P.O. Box 34157", "Seattle, WA 98124"]),
            "1 877 729 5590",
            "America/Los_Angeles",
        ),
        // A2: what is published is no address. "Use the address on your payment slip."
        ("MAS", None, "1 800 777 7902", "America/New_York"),
        (
            "WA",
            Some(&[
                "Membership Premiums",
                "Kaiser Permanente",
                "P.O. Box 740008",
                "Los Angeles, CA 90074-0008",
            ]),
            "1 844 632 2045",
            "America/Los_Angeles",
        ),
    ];
    for profile in [Profile::Seed, Profile::AllOn] {
        for (region, mail, number, zone) in published {
            let ways = ways(&pool, region, profile, BillKind::Premium).await;
            let mail = mail.map(|lines| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>());
            assert_eq!(ways.mail, mail, "{region}");
            let phone = ways.phone.unwrap();
            assert_eq!((phone.number.as_str(), phone.tty.as_str()), (number, "711"), "{region}");
            assert_eq!((phone.hours.as_deref(), phone.office), (Some("hours-always"), None));
            assert_eq!((ways.region.as_str(), ways.zone.as_str()), (region, zone));
        }
    }
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn two_regions_hand_premiums_over_to_their_sites(pool: PgPool) {
    for region in SIX {
        let ways = ways(&pool, region, Profile::Seed, BillKind::Premium).await;
        assert_eq!((ways.online, ways.online_target), (Mode::On, None), "{region}");
    }
    for (region, site) in [
        ("MAS", "https://kp.org/mas/onlinebilling"),
        ("WA", "https://www.velocitypayment.com/vbills/kfhpwoptions/login.go"),
    ] {
        let seed = ways(&pool, region, Profile::Seed, BillKind::Premium).await;
        assert_eq!((seed.online, seed.online_target.as_deref()), (Mode::HandOff, Some(site)));
        let own = ways(&pool, region, Profile::AllOn, BillKind::Premium).await;
        assert_eq!((own.online, own.online_target), (Mode::On, None));
    }
}

/// S21, S26, S81, A1, A10: one automated line for all bills in California, and a person on it in office hours; for the
/// others and for medical bills nothing is published, and nothing is invented.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn only_california_has_a_line_for_all_bills_and_a_person(pool: PgPool) {
    for profile in [Profile::Seed, Profile::AllOn] {
        for region in ALL {
            let california = matches!(region, "NCA" | "SCA");
            for kind in [BillKind::Medical, BillKind::Pharmacy] {
                let ways = ways(&pool, region, profile, kind).await;
                assert_eq!((ways.online, ways.mail, ways.other_phone), (Mode::On, None, None), "{region}");
                let number = ways.phone.map(|phone| phone.number);
                assert_eq!(number.as_deref(), california.then_some("1-800-464-4000"), "{region}");
            }
            let premium = ways(&pool, region, profile, BillKind::Premium).await;
            let second = premium.other_phone.map(|phone| phone.number);
            assert_eq!(second.as_deref(), california.then_some("1-800-464-4000"), "{region}");
            assert_eq!(premium.ask.rep.is_some(), california, "{region}");
        }
    }

    let rep = |now: &str| {
        let (pool, now) = (pool.clone(), now.parse().unwrap());
        async move { rows(&pool, "SCA", Profile::Seed).await.rep(now).unwrap() }
    };
    // Tuesday ten in the morning; Tuesday five in the afternoon; the third Thursday at three.
    assert!(rep("2027-01-05T18:00:00Z").await.office.unwrap().open_now);
    let evening = rep("2027-01-06T01:00:00Z").await;
    assert_eq!((evening.number.as_str(), evening.tty.as_str()), ("1-800-464-4000", "711"));
    let office = evening.office.unwrap();
    assert_eq!((office.open_now, office.opens_at), (false, "2027-01-06T17:00:00Z".parse().ok()));
    let third_thursday = rep("2027-01-21T23:00:00Z").await.office.unwrap();
    assert_eq!(third_thursday.opens_at, "2027-01-22T17:00:00Z".parse().ok());
}

/// S25, S46, S76, S81, A1: people are named as Member Services only on the line of the row `rep_phone`; a machine is
/// named as a machine, and is nowhere what a question is sent to.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn no_machine_is_called_member_services(pool: PgPool) {
    let published: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT region, contact, lines[1] FROM region_contact WHERE contact LIKE '%_phone' AND status = 'active'",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let is = |region: &str, line: Line, number: &str| {
        let contact = match line {
            Line::Premiums => "premium_phone",
            Line::AllBills => "bill_phone",
            Line::MemberServices => "rep_phone",
        };
        published.contains(&(region.to_owned(), contact.to_owned(), number.to_owned()))
    };
    for profile in [Profile::Seed, Profile::AllOn] {
        for region in ALL {
            let california = matches!(region, "NCA" | "SCA");
            for kind in BillKind::ALL {
                let at = format!("{} {region} {}", profile.word(), kind.word());
                let ways = ways(&pool, region, profile, kind).await;
                for phone in [&ways.phone, &ways.other_phone, &ways.ask.automated].into_iter().flatten() {
                    assert_ne!(phone.line, Line::MemberServices, "{at}");
                    assert!(phone.office.is_none(), "{at}: a machine keeps no office hours");
                    assert!(is(region, phone.line, &phone.number), "{at}: {phone:?}");
                }
                let ask = ways.ask;
                assert_eq!((ask.about, ask.rep.is_some()), (Some(kind), california), "{at}");
                if let Some(people) = &ask.rep {
                    assert_eq!((people.line, &people.hours), (Line::MemberServices, &None), "{at}");
                    assert!(is(region, people.line, &people.number), "{at}: {people:?}");
                }
                let machine = kind == BillKind::Premium && !california;
                assert_eq!(ask.automated.is_some(), machine, "{at}");
            }
        }
    }
}

/// The hours a page says are the ones the row holds, from the day it holds on, and so are those at the foot of a page.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn office_hours_are_those_of_their_row(pool: PgPool) {
    let plan = TestPlan::new(pool.clone()).await;
    let hours =
        || async { rows(&pool, "SCA", Profile::Seed).await.rep(now()).unwrap().office.unwrap().hours };
    assert_eq!(Some(hours().await), Hours::read("Mon-Fri 09:00-16:30; 3rd Thu 09:00-15:00"));

    sqlx::raw_sql(
        "UPDATE rule SET valid = '(,2027-01-05)' WHERE rule = 'rep_hours' AND region = 'SCA';
         INSERT INTO rule (rule, region, value, valid, status, source)
         VALUES ('rep_hours', 'SCA', 'Mon-Sat 07:00-19:00', '[2027-01-05,)', 'active', 'test'),
                ('rep_hours', NULL, 'Sun 10:00-11:00', '(,)', 'active', 'test')",
    )
    .execute(&pool)
    .await
    .unwrap();
    assert_eq!(Some(hours().await), Hours::read("Mon-Sat 07:00-19:00"));

    for (region, foot) in [("SCA", Some("Mon-Sat 07:00-19:00")), ("CO", None)] {
        let ana = plan.member_in("Ana", region).await;
        let browser = Browser::open(&plan.billing).await;
        sqlx::query("UPDATE visit SET member_id = $1, signed_in_at = created_at WHERE visit_id = $2")
            .bind(ana.id.0)
            .bind(browser.visit.visit_id)
            .execute(&pool)
            .await
            .unwrap();
        let ask = browser.load(&plan.billing).await.unwrap().member.unwrap().ask;
        assert_eq!(ask.rep.and_then(|rep| rep.office).map(|office| office.hours), foot.and_then(Hours::read));
        assert_eq!((ask.about, ask.automated), (None, None));
    }
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn what_cannot_be_an_address_is_kept_and_never_printed(pool: PgPool) {
    let stored: Vec<(String, Vec<String>)> = sqlx::query_as(
        "SELECT status, lines FROM region_contact WHERE region = 'MAS' AND contact = 'premium_mail' ORDER BY status",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let [(invalid, published), (proposed, reading)] = stored.as_slice() else { panic!("{stored:?}") };
    assert_eq!(
        (invalid.as_str(), published.last().unwrap().as_str()),
        ("invalid", "Baltimore, MC 2164-4199")
    );
    assert_eq!(
        (proposed.as_str(), reading.last().unwrap().as_str()),
        ("proposed", "Baltimore, MD 21264-4199")
    );
    assert!(!is_address(published));
    assert!(is_address(reading));

    // Every address in force is one the post can find.
    let in_force: Vec<(String, Vec<String>)> = sqlx::query_as(
        "SELECT region, lines FROM region_contact WHERE contact = 'premium_mail' AND status = 'active'",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(in_force.len(), 7);
    assert!(in_force.iter().all(|(_, lines)| is_address(lines)), "{in_force:?}");

    // Should the published string ever be made active, it is still not printed.
    sqlx::query("UPDATE region_contact SET status = 'active' WHERE region = 'MAS' AND status = 'invalid'")
        .execute(&pool)
        .await
        .unwrap();
    assert_eq!(ways(&pool, "MAS", Profile::Seed, BillKind::Premium).await.mail, None);
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn later_pages_wait_as_proposals(pool: PgPool) {
    let proposed: Vec<String> = sqlx::query_scalar(
        "SELECT concat_ws(' ', 'feature', region, feature, mode, target) FROM region_feature WHERE status = 'proposed'
         UNION ALL SELECT concat_ws(' ', 'contact', region, contact, array_to_string(lines, ', ')) FROM region_contact
             WHERE status = 'proposed'
         UNION ALL SELECT concat_ws(' ', 'rule', rule, region, state, bill_kind, value) FROM rule WHERE status = 'proposed'
         ORDER BY 1",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    for expected in [
        "feature WA premium_online on https://kp.org/payonline",
        "feature WA autopay on https://kp.org/payonline",
        "feature WA paperless on https://kp.org/payonline",
        "contact NCA premium_mail P.O. Box 7158",
        "contact SCA premium_mail P.O. Box 7158",
        "rule chc_name Community Health Coverage Program",
        "rule returned_payment_fee OR_SWWA OR premium 20.00",
        "rule returned_payment_fee OR_SWWA WA premium 0.00",
        "rule returned_payment_fee WA WA premium 0.00",
        "rule returned_payment_fee GA GA premium 20.00",
        "rule paperless_carries_over NCA yes",
        "rule paperless_carries_over HI no",
        "rule pay_above_owed medical refused",
    ] {
        assert!(proposed.iter().any(|row| row == expected), "{expected}: {proposed:#?}");
    }

    // A7: nothing until confirmed, anywhere.
    for region in ALL {
        for kind in BillKind::ALL {
            let rows = rows(&pool, region, Profile::Seed).await;
            assert_eq!(rows.setting("returned_payment_fee", Some(kind.word())), Some("0.00"), "{region}");
        }
    }
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn settings_in_force_are_found_by_the_more_particular_row(pool: PgPool) {
    let ga = rows(&pool, "GA", Profile::AllOn).await;
    assert_eq!(ga.setting("cancel_cut_off", None), Some("16:00 America/New_York"));
    assert_eq!(ga.setting("gateway_close", Some("medical")), Some("17:00 America/New_York"));
    assert_eq!(ga.setting("payment_floor", Some("premium")), Some("0.01"));
    assert_eq!(ga.setting("pay_above_owed", Some("premium")), None);
    assert_eq!(ga.setting("pay_above_owed", Some("medical")), Some("refused"));
    assert_eq!(ga.setting("chc_name", None), Some("Charitable Health Coverage"));

    sqlx::query(
        "INSERT INTO rule (rule, region, bill_kind, value, valid, status, source)
         VALUES ('payment_floor', 'GA', NULL, '1.00', '[2027-01-05,)', 'active', 'test'),
                ('payment_floor', NULL, 'medical', '2.00', '[2027-01-06,)', 'active', 'test')",
    )
    .execute(&pool)
    .await
    .unwrap();
    let ga = rows(&pool, "GA", Profile::AllOn).await;
    assert_eq!(ga.setting("payment_floor", Some("medical")), Some("1.00"), "the medical row starts tomorrow");
    assert_eq!(rows(&pool, "CO", Profile::AllOn).await.setting("payment_floor", None), Some("0.01"));
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn rows_in_force_never_overlap(pool: PgPool) {
    for sql in [
        "INSERT INTO region_feature (profile, region, feature, mode, valid, status, source, owner)
         VALUES ('seed', 'WA', 'autopay', 'on', '[2027-06-01,)', 'active', 'test', 'test')",
        "INSERT INTO region_contact (region, contact, lines, valid, status, source)
         VALUES ('NCA', 'premium_phone', '{1}', '[2027-06-01,)', 'active', 'test')",
        "INSERT INTO rule (rule, value, valid, status, source)
         VALUES ('payment_floor', '5.00', '[2027-06-01,)', 'active', 'test')",
    ] {
        let error = sqlx::query(sql).execute(&pool).await.unwrap_err();
        let code = error.as_database_error().unwrap().code().unwrap().into_owned();
        assert_eq!(code, "23P01", "{sql}");
    }
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn every_row_that_says_something_has_its_sentence(pool: PgPool) {
    let keys: Vec<String> = sqlx::query_scalar(
        "SELECT text_key FROM region_feature WHERE text_key IS NOT NULL
         UNION SELECT hours FROM region_contact WHERE hours IS NOT NULL ORDER BY 1",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert!(keys.len() > 10);
    for key in keys {
        for language in Language::ALL {
            assert!(!sentence(language, &key, &[]).is_empty(), "{key} {}", language.tag());
        }
    }
}

/// A bill says how it is paid in its own region, whatever the member's.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_bill_is_paid_as_its_region_says(pool: PgPool) {
    for (profile, online) in [(Profile::Seed, Mode::HandOff), (Profile::AllOn, Mode::On)] {
        let plan = TestPlan::with(pool.clone(), |settings| settings.profile = profile).await;
        let gus = plan.member_in("Gus", "WA").await;
        let premium = gus.is_billed(BillKind::Premium, "412.20").await;
        let medical = gus.owes("20.00").await;
        assert_eq!(gus.scope().bill(premium.id).await.unwrap().ways.online, online);
        assert_eq!(gus.scope().bill(medical.id).await.unwrap().ways.online, Mode::On);
    }
}
