//! People who pay on and on, whatever happens to the portal.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use uuid::Uuid;

use super::{Person, Told, card, patience};

/// What they share.
#[derive(Default)]
struct Tally {
    over: AtomicBool,
    taken: AtomicUsize,
}

pub(crate) struct Payers {
    tally: Arc<Tally>,
    paying: JoinSet<Vec<(Uuid, Told)>>,
}

impl Payers {
    /// Everybody pays the first of their bills, part after part.
    pub(crate) fn start(people: Vec<Person>) -> Self {
        Self::each(people, pay_on_and_on)
    }

    /// The same, and one error shown to them is one too many.
    pub(crate) fn undisturbed(people: Vec<Person>) -> Self {
        Self::each(people, pay_without_error)
    }

    fn each<Paying>(people: Vec<Person>, pay: fn(Person, Arc<Tally>) -> Paying) -> Self
    where
        Paying: Future<Output = Vec<(Uuid, Told)>> + Send + 'static,
    {
        let tally = Arc::new(Tally::default());
        let mut paying = JoinSet::new();
        for person in people {
            paying.spawn(pay(person, Arc::clone(&tally)));
        }
        Self { tally, paying }
    }

    /// Waits until one more of them has been told that their money was received.
    pub(crate) async fn one_more(&self, within: Duration) {
        self.some_more(1, within).await;
    }

    /// The same with so many of their payments.
    pub(crate) async fn some_more(&self, payments: usize, within: Duration) {
        let (before, start) = (self.tally.taken.load(Ordering::Relaxed), Instant::now());
        while self.tally.taken.load(Ordering::Relaxed) < before + payments {
            assert!(start.elapsed() < within, "nobody can pay");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Lets everybody end. Gives what they were told, by payment.
    pub(crate) async fn stop(self) -> Vec<(Uuid, Told)> {
        self.tally.over.store(true, Ordering::Relaxed);
        self.paying.join_all().await.concat()
    }
}

async fn pay_on_and_on(mut person: Person, tally: Arc<Tally>) -> Vec<(Uuid, Told)> {
    let mut told = Vec::new();
    let bill = person.bills[0];
    while !tally.over.load(Ordering::Relaxed) {
        let Ok(Some(order)) = person.fill_in(bill, "card").await else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let mut hear = |heard| told.push((order.payment, heard));
        let end = person.see_through(&order, &card("4242424242424242"), patience(), &mut hear).await;
        let end = end.unwrap_or_else(|| panic!("no page says how payment {} ended", order.payment));
        tally.taken.fetch_add(usize::from(end.is_taken()), Ordering::Relaxed);
    }
    told
}

async fn pay_without_error(mut person: Person, tally: Arc<Tally>) -> Vec<(Uuid, Told)> {
    let mut told = Vec::new();
    let bill = person.bills[0];
    while !tally.over.load(Ordering::Relaxed) {
        for path in ["/".to_owned(), format!("/bills/{bill}"), "/payments".to_owned()] {
            let page = person.browser.get(&path).await.unwrap_or_else(|why| panic!("{path}: {why:?}"));
            assert_eq!(page.status, 200, "{path}: {page}");
        }
        let order = person.fill_in(bill, "card").await.unwrap().unwrap();
        let mut hear = |heard| told.push((order.payment, heard));
        let patience = Duration::from_secs(20);
        let end = person.see_through(&order, &card("4242424242424242"), patience, &mut hear).await;
        assert!(end.is_some_and(Told::is_taken), "{end:?}");
        tally.taken.fetch_add(1, Ordering::Relaxed);
        assert_eq!(person.browser.troubles, 0, "an error was seen");
    }
    told
}
