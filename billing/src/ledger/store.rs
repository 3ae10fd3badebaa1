//! The one way a posting is written, and how one is read back.

use rust_decimal::Decimal;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Account, Posting, Transfer};
use crate::{ids::BillId, money::Money};

/// A posting's transfers as the arrays `ledger_post` takes.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    pub debits: Vec<i64>,
    pub credits: Vec<i64>,
    pub amounts: Vec<Decimal>,
    pub bills: Vec<Option<Uuid>>,
}

impl Lines {
    pub fn of(posting: &Posting) -> Self {
        let mut lines = Self::default();
        for transfer in &posting.transfers {
            lines.debits.push(transfer.debit.id());
            lines.credits.push(transfer.credit.id());
            lines.amounts.push(transfer.amount.decimal());
            lines.bills.push(transfer.bill.map(|bill| bill.0));
        }
        lines
    }
}

/// Writes a posting and moves the persons' balances, in one statement. `None`: it stands already; read it, never post
/// the same fact under another kind.
pub async fn post(conn: &mut PgConnection, posting: &Posting) -> Result<Option<i64>, sqlx::Error> {
    let lines = Lines::of(posting);
    sqlx::query_scalar!(
        "SELECT ledger_post($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        posting.kind.word(),
        posting.kind.source_kind(),
        posting.source,
        posting.effective_on,
        posting.received_at,
        posting.actor,
        posting.reason,
        &lines.debits,
        &lines.credits,
        &lines.amounts,
        &lines.bills as &[Option<Uuid>],
        posting.reverses,
    )
    .fetch_one(conn)
    .await
}

/// The posting of `kind` for `source`, if it was written: its number and its transfers in order.
pub async fn written(
    conn: &mut PgConnection,
    kind: super::Kind,
    source: Uuid,
) -> Result<Option<(i64, Vec<Transfer>)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT posting_id, debit_account, credit_account, amount AS "amount: Money", bill_id AS "bill_id: BillId"
           FROM posting JOIN transfer USING (posting_id)
           WHERE source_kind = $1 AND source_id = $2 AND kind = $3 ORDER BY line"#,
        kind.source_kind(),
        source,
        kind.word(),
    )
    .fetch_all(conn)
    .await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let posting = first.posting_id;
    let transfers = rows
        .into_iter()
        .map(|row| Transfer {
            debit: account(row.debit_account),
            credit: account(row.credit_account),
            amount: row.amount,
            bill: row.bill_id,
        })
        .collect();
    Ok(Some((posting, transfers)))
}

fn account(id: i64) -> Account {
    Account::SYSTEM
        .into_iter()
        .map(|(account, _)| account)
        .find(|account| account.id() == id)
        .unwrap_or(Account::Person(id))
}
