use std::fmt::Write as _;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::support::World;

/// A mail program that speaks by hand.
struct Caller(BufReader<TcpStream>);

impl Caller {
    async fn new(world: &World) -> Self {
        let mut caller = Self(BufReader::new(TcpStream::connect(world.running.smtp).await.unwrap()));
        assert!(caller.answer().await.starts_with("220 "));
        caller
    }

    /// The last line of the answer.
    async fn answer(&mut self) -> String {
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).await.unwrap();
            if line.as_bytes().get(3) != Some(&b'-') {
                return line;
            }
        }
    }

    async fn say(&mut self, text: &str) -> String {
        self.0.get_mut().write_all(format!("{text}\r\n").as_bytes()).await.unwrap();
        self.answer().await
    }

    async fn send(&mut self, to: &str, message: &str) -> String {
        assert!(self.say("MAIL FROM:<plan@portal.example> BODY=8BITMIME").await.starts_with("250 "));
        let taken = self.say(&format!("RCPT TO:<{to}>")).await;
        if !taken.starts_with("250 ") {
            self.say("RSET").await;
            return taken;
        }
        assert!(self.say("DATA").await.starts_with("354 "));
        self.say(&format!("{message}\r\n.")).await
    }
}

fn letter(id: &str, to: &str, subject: &str) -> String {
    format!(
        "Message-ID: <{id}@portal.example>\r\nFrom: The plan <plan@portal.example>\r\nTo: {to}\r\nSubject: {subject}\r\n\
         List-Unsubscribe: <http://localhost:3000/stop>\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: 8bit\r\n\r\nYour code is 123456. Go to http://localhost:3000/reset?t=abc.\r\n\
         ..a line with a dot, señora\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\
         <p>Your code</p><script>alert(1)</script>\r\n--b--"
    )
}

async fn mailbox(world: &World, to: &str) -> Vec<Value> {
    world.get_raw(&format!("/mailbox.json?to={to}")).await.json().await.unwrap()
}

#[tokio::test]
async fn a_mail_goes_in_by_smtp_and_comes_out_for_tests_and_eyes() {
    let world = World::new().await;
    let mut caller = Caller::new(&world).await;
    assert!(caller.say("EHLO portal.example").await.starts_with("250 "));
    let answer =
        caller.send("ana@example.org", &letter("1", "ana@example.org", "=?utf-8?q?Su_c=C3=B3digo?=")).await;
    assert!(answer.starts_with("250 "), "{answer}");
    assert!(caller.say("QUIT").await.starts_with("221 "));

    let mails = mailbox(&world, "ANA@example.org").await;
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert_eq!(
        (&mail["from"], &mail["to"], &mail["subject"]),
        (&json!("plan@portal.example"), &json!("ana@example.org"), &json!("Su código"))
    );
    assert!(mail["text"].as_str().unwrap().contains("\n.a line with a dot, señora"));
    assert!(mail["html"].as_str().unwrap().contains("<p>Your code</p>"));
    assert_eq!(mail["headers"]["List-Unsubscribe"], "<http://localhost:3000/stop>");
    assert!(mailbox(&world, "other@example.org").await.is_empty());

    let id = mail["id"].as_str().unwrap();
    let html = world.get_raw(&format!("/mailbox/{id}")).await.text().await.unwrap();
    assert!(html.contains("<a href=\"http://localhost:3000/reset?t=abc\" rel=\"noreferrer\">"));
    assert!(!html.contains("<script"));
    let boxed = world.get_raw(&format!("/mailbox/{id}/html")).await;
    assert!(boxed.headers()["content-security-policy"].to_str().unwrap().starts_with("sandbox"));
    assert!(world.get_raw("/mailbox").await.text().await.unwrap().contains("Su código"));
}

#[tokio::test]
async fn one_message_id_is_kept_once_and_outlives_a_restart() {
    let folder = std::env::temp_dir().join(format!("sandbox-test-mail-{}", std::process::id()));
    let settings = sandbox::Settings { data: Some(folder.clone()), ..sandbox::Settings::default() };
    let world = World::with(settings.clone()).await;
    let mut caller = Caller::new(&world).await;
    caller.say("EHLO x").await;
    for id in ["1", "2", "1", "2"] {
        assert!(caller.send("ana@example.org", &letter(id, "ana@example.org", id)).await.starts_with("250 "));
    }
    let mails = mailbox(&world, "ana@example.org").await;
    let subjects: Vec<&Value> = mails.iter().map(|mail| &mail["subject"]).collect();
    assert_eq!(subjects, ["2", "1"], "newest first");
    drop(caller);
    world.running.stop().await;

    let world = World::with(settings).await;
    assert_eq!(mailbox(&world, "ana@example.org").await, mails);
    let mut caller = Caller::new(&world).await;
    caller.say("EHLO x").await;
    caller.send("ana@example.org", &letter("1", "ana@example.org", "1")).await;
    assert_eq!(mailbox(&world, "ana@example.org").await.len(), 2);
    drop(caller);
    world.running.stop().await;
    let _ = std::fs::remove_dir_all(folder);
}

#[tokio::test]
async fn recipients_are_refused_on_request() {
    let world = World::new().await;
    world.dial("/mailbox/refuse", &json!({"to": "ana@example.org", "times": 2, "code": 451})).await;
    let mut caller = Caller::new(&world).await;
    caller.say("EHLO x").await;
    let message = letter("1", "ana@example.org", "1");
    assert!(caller.send("ana@example.org", &message).await.starts_with("451 "));
    assert!(caller.send("ben@example.org", &letter("2", "ben@example.org", "2")).await.starts_with("250 "));
    assert!(caller.send("ana@example.org", &message).await.starts_with("451 "));
    assert!(caller.send("ana@example.org", &message).await.starts_with("250 "));
}

#[tokio::test]
async fn the_order_of_commands_and_the_size_are_watched() {
    let world = World::new().await;
    let mut caller = Caller::new(&world).await;
    assert!(caller.say("MAIL FROM:<a@b.example>").await.starts_with("503 "));
    assert!(caller.say("HELO x").await.starts_with("250 "));
    assert!(caller.say("DATA").await.starts_with("503 "));
    assert!(caller.say("RCPT TO:<a@b.example>").await.starts_with("503 "));
    assert!(caller.say("NONSENSE").await.starts_with("500 "));
    assert!(caller.say("STARTTLS").await.starts_with("502 "));
    assert!(caller.say("MAIL FROM:<a@b.example> SIZE=99999999").await.starts_with("552 "));
    assert!(caller.say("NOOP").await.starts_with("250 "));

    let mut long = String::from("Subject: long\r\n\r\n");
    for _ in 0..120_000 {
        write!(long, "{}\r\n", "x".repeat(100)).unwrap();
    }
    assert!(caller.send("a@b.example", &long).await.starts_with("552 "));
    // The line still works.
    assert!(caller.send("a@b.example", "Subject: short\r\n\r\nhi").await.starts_with("250 "));
    assert_eq!(mailbox(&world, "a@b.example").await.len(), 1);
}

#[tokio::test]
async fn commands_may_come_many_at_once() {
    let world = World::new().await;
    let mut caller = Caller::new(&world).await;
    let all = "EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nRCPT TO:<e@f.example>\r\nDATA";
    assert!(caller.say(all).await.starts_with("250 "));
    for code in ["250", "250", "250", "354"] {
        assert!(caller.answer().await.starts_with(code));
    }
    assert!(caller.say("Subject: both\r\n\r\nhi\r\n.\r\nQUIT").await.starts_with("250 "));
    assert!(caller.answer().await.starts_with("221 "));
    assert_eq!(mailbox(&world, "e@f.example").await[0]["to"], "c@d.example, e@f.example");
    assert_eq!(mailbox(&world, "e@f.example").await[0]["html"], "");
}
