//! What whoever watches the plan gets to see: one line for each decision and for each event at the doors, by ids and
//! words of ours, and an alarm where too many are refused.

use std::{
    collections::BTreeSet,
    io,
    sync::{Arc, Mutex},
};

use axum::http::StatusCode;
use billing::testing::people::PASSWORD;
use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::Value;
use server::commands::LOGGED;
use sqlx::PgPool;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::EnvFilter;

use crate::desk::{Cookie, Portal};

/// The lines of this thread, as the binary would write them.
#[derive(Clone, Default)]
pub struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Lines {
    pub fn listen() -> (Self, DefaultGuard) {
        let lines = Self::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .with_env_filter(EnvFilter::new(LOGGED))
            .with_writer(move || writer.clone())
            .finish();
        (lines, tracing::subscriber::set_default(subscriber))
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// The fields of the lines with this message; none are left.
    fn take(&self) -> Vec<Value> {
        let text = self.text();
        self.0.lock().unwrap().clear();
        text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
    }
}

fn of<'a>(lines: &'a [Value], message: &str) -> Vec<&'a Value> {
    lines.iter().map(|line| &line["fields"]).filter(|fields| fields["message"] == message).collect()
}

fn text<'a>(fields: &'a Value, name: &str) -> &'a str {
    fields[name].as_str().unwrap_or_default()
}

/// What may stand in a line, by its message. Anything else is not for a log.
const ALLOWED: [(&str, &[&str]); 3] = [
    ("answered", &["id", "method", "route", "status", "millis"]),
    ("at the door", &["event", "code", "wait", "member", "visit"]),
    (
        "decided",
        &[
            "actor",
            "person",
            "subject",
            "action",
            "object",
            "object_id",
            "decision",
            "reason",
            "channel",
            "visit",
        ],
    ),
];

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn every_event_at_the_doors_and_every_decision_is_a_line_that_names_nobody(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let (lines, _guard) = Lines::listen();
    let own = portal.person("Xochitl").await;
    let other = portal.person("Quetzalli").await.member.owes("120.00").await;
    let new = portal.plan.member("Yolotzin").await.scope().profile().await.unwrap();
    let nobody = Cookie::default();
    let sign_in = async |email: &str, password: &str| {
        portal.post("/api/sign-in", &nobody, &[("email", email), ("password", password)]).await
    };
    let all = lines.take();

    // Refused, locked out, throttled.
    for _ in 0..6 {
        sign_in(&own.email, "not the one it is 42").await;
    }
    for number in 0..16 {
        sign_in(&format!("nobody{number}@example.test"), PASSWORD).await;
    }
    let refused = lines.take();
    sqlx::query("DELETE FROM throttle").execute(portal.plan.owner()).await.unwrap();

    // In, a look at one's own and at another's, and out.
    let cookie = sign_in(&own.email, PASSWORD).await.session().unwrap();
    assert_eq!(portal.get("/bills", &cookie).await.status, StatusCode::OK);
    assert_eq!(portal.get(&format!("/bills/{}", other.id), &cookie).await.status, StatusCode::NOT_FOUND);
    assert_eq!(portal.get("/explain/xochitl/quetzalli", &cookie).await.status, StatusCode::NOT_FOUND);
    portal.post("/api/sign-out", &cookie, &[]).await;

    // A new password.
    let asked = portal.post("/api/reset", &nobody, &[("email", &own.email)]).await;
    let browser = asked.session().unwrap();
    let page = portal.get(asked.location(), &browser).await.body;
    let code = regex_lite::Regex::new("[0-9]{3} [0-9]{3}").unwrap().find(&page).expect("a code").as_str();
    portal.plan.job().tell_due().await.unwrap();
    let token = portal.post.token_to(&own.email);
    for code in ["000 000", code] {
        let fields =
            [("token", token.as_str()), ("code", code), ("password", "copper lantern on the 9th pier")];
        portal.post("/api/reset-finish", &browser, &fields).await;
    }

    // Somebody new, and out everywhere.
    let fields = [("mrn", new.mrn.as_str()), ("birth_date", "02/29/1980")];
    let asked = portal.post("/api/register", &nobody, &fields).await;
    let browser = asked.session().unwrap();
    portal.plan.job().tell_due().await.unwrap();
    let mailed = portal.post.code_to(new.email.as_deref().unwrap());
    let sent = asked.location().split_once("sent=").unwrap().1;
    let fields = [("sent", sent), ("code", mailed.as_str()), ("password", PASSWORD)];
    let cookie = portal.post("/api/register-finish", &browser, &fields).await.session().unwrap();
    portal.post("/api/sign-out-everywhere", &cookie, &[]).await;

    let events = |lines: &[Value]| -> Vec<String> {
        let event = |fields: &&Value| format!("{} {}", text(fields, "event"), text(fields, "code"));
        of(lines, "at the door").iter().map(event).collect()
    };
    let wrong = |times| std::iter::repeat_n("refused wrong-password".to_owned(), times);
    let mut expected: Vec<String> = wrong(5).collect();
    expected.push("locked-out sign-in".to_owned());
    expected.extend(wrong(15));
    expected.push("throttled sign-in".to_owned());
    assert_eq!(events(&refused), expected);
    let known = of(&refused, "at the door").into_iter().filter(|fields| !fields["member"].is_null());
    assert!(known.map(|fields| text(fields, "member")).eq(vec![own.member.id.to_string(); 6]));
    assert!(
        of(&refused, "at the door")
            .iter()
            .all(|fields| (fields["wait"].is_u64()) == (text(fields, "event") != "refused"))
    );

    let after = lines.take();
    assert_eq!(
        events(&after),
        [
            "signed-in ",
            "signed-out ",
            "reset-asked ",
            "refused code-wrong",
            "reset-done ",
            "registration-asked ",
            "registered ",
            "signed-in ",
            "signed-out-everywhere ",
        ]
    );
    let decisions: Vec<String> = of(&after, "decided")
        .iter()
        .filter(|fields| text(fields, "channel") == "web" && text(fields, "object") != "credential")
        .map(|fields| ["action", "object", "decision", "reason"].map(|name| text(fields, name)).join(" "))
        .collect();
    assert_eq!(
        decisions,
        [
            "see bills allowed self",
            "see bill refused not theirs",
            "leave visits allowed self",
            "leave visits allowed self"
        ]
    );

    // Only what may stand there, and nothing of a person.
    // An id, or the millionths of a second, can hold the digits of a year of birth.
    let ids = regex_lite::Regex::new(r#"[0-9a-f]{8}-[0-9a-f-]{27}|"timestamp":"[^"]*""#).unwrap();
    for line in all.iter().chain(&refused).chain(&after) {
        let fields = line["fields"].as_object().unwrap();
        let message = fields["message"].as_str().unwrap();
        let (_, names) =
            ALLOWED.iter().find(|(known, _)| *known == message).unwrap_or_else(|| panic!("{line}"));
        let found: BTreeSet<&str> =
            fields.keys().map(String::as_str).filter(|name| *name != "message").collect();
        assert!(found.iter().all(|name| names.contains(name)), "{line}");
        let line = ids.replace_all(&line.to_string().to_lowercase(), "id").into_owned();
        let secrets = [code, mailed.as_str(), token.as_str(), PASSWORD, &new.mrn, &own.mrn];
        for secret in ["xochitl", "quetzalli", "yolotzin", "nobody", "@", "1980"].iter().chain(&secrets) {
            assert!(!line.contains(&secret.to_lowercase()), "{secret} in {line}");
        }
    }
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn too_many_refused_sign_ins_on_all_nodes_raise_one_alarm_a_window(pool: PgPool) {
    let nodes = [Portal::open(pool.clone()).await, Portal::open(pool).await];
    let owner = nodes[0].plan.owner();
    sqlx::query("UPDATE rule SET value = '4' WHERE rule = 'sign_in_alarm'").execute(owner).await.unwrap();
    let recorder = PrometheusBuilder::new().build_recorder();
    let _metrics = metrics::set_default_local_recorder(&recorder);
    let (lines, _guard) = Lines::listen();
    let refuse = async |times: usize| {
        for number in 0..times {
            sqlx::query("DELETE FROM throttle").execute(owner).await.unwrap();
            let email = format!("nobody{number}@example.test");
            let fields = [("email", email.as_str()), ("password", PASSWORD)];
            nodes[number % 2].post("/api/sign-in", &Cookie::default(), &fields).await;
        }
    };
    let alarms = |lines: &[Value]| of(lines, "sign-in alarm").len();

    refuse(3).await;
    assert_eq!(alarms(&lines.take()), 0);
    refuse(5).await;
    let raised = lines.take();
    assert_eq!(
        of(&raised, "sign-in alarm"),
        [&serde_json::json!({
            "message": "sign-in alarm", "refused": 4, "code": "many-refused"
        })]
    );
    assert!(recorder.handle().render().contains("sign_in_alarms_total 1"), "{}", recorder.handle().render());

    // The next window counts anew.
    for node in &nodes {
        node.plan.passes(chrono::TimeDelta::minutes(10));
    }
    refuse(3).await;
    assert_eq!(alarms(&lines.take()), 0);
    refuse(1).await;
    assert_eq!(alarms(&lines.take()), 1);
    assert!(recorder.handle().render().contains("sign_in_alarms_total 2"));
}
