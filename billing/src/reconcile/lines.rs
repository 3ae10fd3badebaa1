//! Lines of settlement files that wait: tried again when their attempt has moved, and closed by two people where nothing
//! can be posted.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::{Outcome, store};
use crate::{
    access::{Action, Object, authorize},
    error::Error,
    money::Money,
    payments::review::two_people,
    plan::JobScope,
};

/// One line that is neither matched nor closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OpenLine {
    pub file_number: i64,
    pub line: i32,
    /// `unknown_reference | wrong_amount | wrong_state | unreadable | failed`
    pub outcome: String,
    /// What could not be read, or what failed.
    pub why: Option<String>,
    /// Nothing is known of an unreadable line but its place.
    pub kind: Option<String>,
    pub reference: Option<String>,
    pub gross: Option<Money>,
    pub fee: Option<Money>,
    pub net: Option<Money>,
    pub settled_on: Option<NaiveDate>,
    pub return_code: Option<String>,
    /// Where the attempt of this reference stands.
    pub state: Option<String>,
    pub loaded_at: DateTime<Utc>,
}

/// So many lines in one look; the next look takes the rest.
const ROUND: i64 = 200;

impl JobScope<'_> {
    /// Lines that wait, by file and number.
    pub async fn open_lines(&self) -> Result<Vec<OpenLine>, Error> {
        Ok(store::open_lines(&self.billing.pools.work).await?)
    }

    /// Tries those lines again whose attempt has moved since, and those that failed. Gives how many are done with.
    pub async fn retry_lines(&self) -> Result<usize, Error> {
        let pool = &self.billing.pools.work;
        let mut done = 0_usize;
        let mut after = (0, 0);
        loop {
            let lines = store::moved_lines(pool, after, ROUND).await?;
            let Some((file, last)) = lines.last() else { return Ok(done) };
            after = (*file, last.line);
            for (file, line) in &lines {
                if matches!(
                    self.kept_line(*file, line, true).await?,
                    Some(Outcome::Matched | Outcome::Repeated)
                ) {
                    done = done.saturating_add(1);
                }
            }
        }
    }

    /// Closes a line that can never match, on the word of two different people, with what became of the money. Nothing is
    /// posted.
    ///
    /// Refused: as `two_people`. Not found: a line that does not wait.
    pub async fn close_line(
        &self,
        file: i64,
        line: i32,
        by: &str,
        second: &str,
        reason: &str,
    ) -> Result<(), Error> {
        let (by, second, reason) = (by.trim(), second.trim(), reason.trim());
        two_people(by, second, reason)?;
        let mut tx = self.billing.pools.work.begin().await?;
        let object = Object::Task("settlement_line", format!("{file}/{line}"));
        authorize(&mut tx, &self.who(), None, Action::Work, object).await?;
        let people = (format!("staff:{by}"), format!("staff:{second}"));
        if !store::close(&mut tx, (file, line), &people, reason, self.billing.clock.now()).await? {
            return Err(Error::NotFound);
        }
        Ok(tx.commit().await?)
    }
}
