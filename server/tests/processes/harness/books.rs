//! The books held against each other: the gateway's journal, our ledger, and what people were told.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::Deserialize;
use sqlx::Row as _;
use uuid::Uuid;

use super::{Stack, Told};

/// One line of the sandbox's journal.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Line {
    pub(crate) reference: String,
    pub(crate) kind: String,
    pub(crate) amount: String,
    pub(crate) state: String,
}

/// What the gateway has written down, forced to disk before it answered anybody.
pub(crate) struct Journal(pub(crate) Vec<Line>);

impl Journal {
    pub(crate) async fn of(stack: &Stack) -> Self {
        let text =
            stack.http.get(format!("{}/journal", stack.gateway)).send().await.unwrap().text().await.unwrap();
        Self(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
    }

    /// References by where they stand, with their amounts.
    fn standing(&self) -> BTreeMap<Uuid, (&str, &str)> {
        let charges = self.0.iter().filter(|line| line.kind != "refund");
        charges
            .map(|line| (line.reference.parse().unwrap(), (line.state.as_str(), line.amount.as_str())))
            .collect()
    }

    /// Where a reference stands; `None`: never heard of.
    pub(crate) fn state_of(&self, reference: Uuid) -> Option<&str> {
        self.standing().get(&reference).map(|(state, _)| *state)
    }

    fn is_fenced(&self, reference: Uuid) -> bool {
        let reference = reference.to_string();
        self.0.iter().any(|line| line.kind == "cancel" && line.reference == reference)
    }

    /// What the gateway took and still has.
    pub(crate) fn holds(&self) -> BTreeMap<Uuid, String> {
        let standing = self.standing().into_iter();
        let held = standing.filter(|(_, (state, _))| matches!(*state, "captured" | "processing" | "settled"));
        held.map(|(reference, (_, amount))| (reference, amount.to_owned())).collect()
    }
}

/// One attempt in our books.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) id: Uuid,
    pub(crate) payment: Uuid,
    pub(crate) state: String,
}

/// Our books in one look.
pub(crate) struct Books {
    pub(crate) attempts: Vec<Attempt>,
    /// Attempts with a posting that is not reversed, and the sum of its transfers.
    pub(crate) posted: BTreeMap<Uuid, String>,
    pub(crate) open_events: i64,
    pub(crate) unsent_mail: i64,
}

impl Books {
    pub(crate) async fn of(stack: &Stack) -> Self {
        let owner = stack.owner().await;
        let mut tx = owner.begin().await.unwrap();
        sqlx::query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").execute(&mut *tx).await.unwrap();
        let attempts = sqlx::query("SELECT attempt_id, payment_id, state FROM payment_attempt");
        let posted = sqlx::query(
            "SELECT p.source_id, sum(t.amount)::text AS amount FROM posting p JOIN transfer t USING (posting_id)
              WHERE p.kind = 'payment' AND p.source_kind = 'attempt'
                AND NOT EXISTS (SELECT FROM posting back WHERE back.reverses = p.posting_id)
              GROUP BY 1",
        );
        let waiting = sqlx::query(
            "SELECT (SELECT count(*) FROM gateway_event WHERE worked_at IS NULL) AS events,
                    (SELECT count(*) FROM notice WHERE sent_at IS NULL AND failed_at IS NULL) AS mail",
        );
        let attempts = attempts.fetch_all(&mut *tx).await.unwrap();
        let posted = posted.fetch_all(&mut *tx).await.unwrap();
        let waiting = waiting.fetch_one(&mut *tx).await.unwrap();
        tx.rollback().await.unwrap();
        owner.close().await;
        let attempt = |row: &sqlx::postgres::PgRow| Attempt {
            id: row.get("attempt_id"),
            payment: row.get("payment_id"),
            state: row.get("state"),
        };
        Self {
            attempts: attempts.iter().map(attempt).collect(),
            posted: posted.iter().map(|row| (row.get("source_id"), row.get("amount"))).collect(),
            open_events: waiting.get("events"),
            unsent_mail: waiting.get("mail"),
        }
    }

    /// Attempts that somebody still has to move. One on an open page waits for its person, one not sent for its form.
    fn moving(&self) -> Vec<&Attempt> {
        let rests = |state: &str| {
            matches!(
                state,
                "created"
                    | "requires_action"
                    | "captured"
                    | "processing"
                    | "settled"
                    | "declined"
                    | "rejected"
                    | "absent"
                    | "voided"
                    | "expired"
                    | "returned"
            )
        };
        self.attempts.iter().filter(|attempt| !rests(&attempt.state)).collect()
    }
}

/// What a comparison counted.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) attempts: usize,
    pub(crate) taken: usize,
}

impl Stack {
    /// Works whatever is due until nothing moves any more.
    pub(crate) async fn settle_down(&self, within: Duration) {
        let start = Instant::now();
        loop {
            self.portal(&["work", "--once"]);
            let books = Books::of(self).await;
            let moving = books.moving();
            if moving.is_empty() && books.open_events == 0 && books.unsent_mail == 0 {
                return;
            }
            assert!(
                start.elapsed() < within,
                "stuck: {moving:?}, {} events, {} mails",
                books.open_events,
                books.unsent_mail
            );
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// The same, but nobody helps: the portals that run have to do it by themselves.
    pub(crate) async fn wait_for_rest(&self, within: Duration) {
        let start = Instant::now();
        loop {
            let books = Books::of(self).await;
            let moving = books.moving();
            if moving.is_empty() && books.open_events == 0 && books.unsent_mail == 0 {
                return;
            }
            assert!(
                start.elapsed() < within,
                "stuck: {moving:?}, {} events, {} mails",
                books.open_events,
                books.unsent_mail
            );
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// Journal and ledger one to one, every invariant holds, and whatever anybody was told is true.
    pub(crate) async fn books_agree(&self, told: &[(Uuid, Told)]) -> Figures {
        let books = Books::of(self).await;
        let journal = Journal::of(self).await;
        let held = journal.holds();
        assert_eq!(held, books.posted, "the gateway's journal (left) and our ledger (right) differ");

        // "Absent" is a promise of the gateway's, not an answer of "not found": a late request must find the door shut.
        for attempt in books.attempts.iter().filter(|attempt| attempt.state == "absent") {
            assert!(journal.is_fenced(attempt.id), "{attempt:?} was given up without a fence");
        }
        for (payment, told) in told {
            let taken = books.attempts.iter().any(|it| it.payment == *payment && held.contains_key(&it.id));
            assert!(taken || !told.is_taken(), "payment {payment}: told {told:?}, and no money was taken");
            assert!(!taken || !told.is_not_taken(), "payment {payment}: told {told:?}, and money was taken");
        }
        self.check();
        Figures { attempts: books.attempts.len(), taken: held.len() }
    }

    /// Every invariant view is empty.
    pub(crate) fn check(&self) {
        let output = self.try_portal(&["check", "--json"]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let said: serde_json::Value = serde_json::from_str(&text)
            .unwrap_or_else(|_| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)));
        let broken: Vec<_> = said["views"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|view| view["rows"].as_array().is_none_or(|rows| !rows.is_empty()))
            .collect();
        assert!(broken.is_empty() && said["ok"] == true && output.status.success(), "broken: {broken:#?}");
        assert!(said["views"].as_array().unwrap().len() >= 20, "views are missing: {said}");
    }
}
