//! Whether somebody has an account cannot be told from how long an answer takes (abuse case 6): the doors cost the same
//! for addresses and numbers we know and for those we do not.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use billing::testing::people::Browser;
use sqlx::PgPool;

use crate::desk::{Cookie, Portal};

/// Pairs of one known and one unknown request. Long runs see finer differences and take their time.
const PAIRS: usize = 150;
const PAIRS_OF_A_LONG_RUN: usize = 20_000;
/// The first ones fill caches and prepare statements.
const WARM_UP: usize = 10;

/// Red beyond the goal of 0.5 ± 0.03, three in a hundred, where chance cannot explain it: beyond so many standard errors,
/// squared, too. 4.5 of them.
///
/// What a stranger gains from one answer's time is the AUC: the share U / n² of all n² (known, unknown) pairs in which
/// the unknown one took longer. Where nothing differs, U has the mean n²/2 and the variance n²(2n+1)/12, so the AUC has
/// a standard error of about 1/√(6n): 0.033 for 150 pairs, 0.0029 for 20,000. What slows both requests of a pair alike
/// only makes it smaller. By chance alone a form is red 7 times in a million runs; a path that skips its hash is red
/// with an AUC of 0, one that writes nothing with less than 0.2. A long run tells the goal itself: there 4.5 standard
/// errors are 0.013.
const GOAL_IN_A_HUNDRED: i128 = 3;
const STANDARD_ERRORS_SQUARED: i128 = 20;

/// How long the two kinds of request took.
#[derive(Default)]
struct Times {
    known: Vec<Duration>,
    unknown: Vec<Duration>,
}

impl Times {
    /// Twice Mann-Whitney's U: for each known time, the unknown ones above it, with ties by half.
    fn twice_u(&self) -> usize {
        let over = |known: &Duration| {
            let not_above = self.unknown.partition_point(|time| time <= known);
            let below = self.unknown.partition_point(|time| time < known);
            2 * (self.unknown.len() - not_above) + (not_above - below)
        };
        self.known.iter().map(over).sum()
    }

    /// Fails where the ranks of the two kinds differ by more than the goal allows and chance explains.
    fn are_alike(mut self, form: &str) {
        self.known.sort_unstable();
        self.unknown.sort_unstable();
        let (n, twice_u) = (self.known.len(), self.twice_u());
        let said = format!(
            "{form}: AUC 0.{:03} over {n} pairs, medians {:?} known and {:?} unknown",
            twice_u * 1000 / (2 * n * n),
            self.known.get(n / 2).unwrap(),
            self.unknown.get(n / 2).unwrap()
        );
        println!("{said}");

        let (n, twice_u) = (i128::try_from(n).unwrap(), i128::try_from(twice_u).unwrap());
        let off = twice_u - n * n;
        // |U − n²/2| ≤ goal · n², and (U − n²/2)² ≤ z² · n²(2n+1)/12, times twelve.
        let within_goal = 100 * off.abs() <= 2 * GOAL_IN_A_HUNDRED * n * n;
        let by_chance = 3 * off * off <= STANDARD_ERRORS_SQUARED * n * n * (2 * n + 1);
        assert!(within_goal || by_chance, "{said}");
    }
}

/// A form with what somebody types into it.
type Typed = Vec<(&'static str, String)>;

/// Sends the form for known and unknown people in turn. Who comes first changes by the Thue-Morse sequence, which keeps
/// step with no drift and no period.
async fn timed(portal: &Portal, form: &str, known: &[Typed], unknown: &[Typed]) -> Times {
    let soak = std::env::var_os("PORTAL_SOAK").is_some();
    let pairs = WARM_UP + if soak { PAIRS_OF_A_LONG_RUN } else { PAIRS };
    let browser = Cookie::of(Browser::open(&portal.plan.billing).await.key);
    let mut times = Times::default();
    for pair in 0..pairs {
        let unknown_first = pair.count_ones() % 2 == 1;
        for is_unknown in [unknown_first, !unknown_first] {
            let people = if is_unknown { unknown } else { known };
            let typed = people.get(pair % people.len()).expect("somebody");
            let fields: Vec<(&str, &str)> = typed.iter().map(|(name, text)| (*name, text.as_str())).collect();
            // Each try is a first one: waits are not what is timed here.
            sqlx::query("DELETE FROM throttle").execute(portal.plan.owner()).await.unwrap();

            let began = Instant::now();
            let answer = portal.post(form, &browser, &fields).await;
            let took = began.elapsed();

            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{form}");
            if pair >= WARM_UP {
                if is_unknown { &mut times.unknown } else { &mut times.known }.push(took);
            }
        }
    }
    times
}

const NAMES: [&str; 4] = ["Ana", "Ben", "Cai", "Dee"];

fn nobody(number: usize) -> String {
    format!("nobody{number}@example.test")
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn signing_in_takes_as_long_for_unknown_addresses(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let typed = |email: String| vec![("email", email), ("password", "not the one it is 42".to_owned())];
    let mut known = Vec::new();
    for name in NAMES {
        known.push(typed(portal.person(name).await.email));
    }
    let unknown: Vec<_> = (0..NAMES.len()).map(|number| typed(nobody(number))).collect();

    timed(&portal, "/api/sign-in", &known, &unknown).await.are_alike("sign-in");
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn asking_for_a_new_password_takes_as_long_for_unknown_addresses(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let typed = |email: String| vec![("email", email)];
    let mut known = Vec::new();
    for name in NAMES {
        known.push(typed(portal.person(name).await.email));
    }
    let unknown: Vec<_> = (0..NAMES.len()).map(|number| typed(nobody(number))).collect();

    timed(&portal, "/api/reset", &known, &unknown).await.are_alike("reset");
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn registering_takes_as_long_for_unknown_numbers(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let typed = |mrn: String| vec![("mrn", mrn), ("birth_date", "02/29/1980".to_owned())];
    let (mut new, mut registered) = (Vec::new(), Vec::new());
    for name in NAMES {
        new.push(typed(portal.plan.member(name).await.scope().profile().await.unwrap().mrn));
        registered.push(typed(portal.person(name).await.mrn));
    }
    let unknown: Vec<_> = (0..NAMES.len()).map(|number| typed(format!("9999999{number}"))).collect();

    timed(&portal, "/api/register", &new, &unknown).await.are_alike("register");
    timed(&portal, "/api/register", &registered, &unknown).await.are_alike("register, with an account");
}
