//! Whether a form says again what was said before: such a one is answered from its row and not counted against its payer.

use super::store;
use crate::{error::Error, ids::PaymentId, plan::MemberScope};

impl MemberScope<'_> {
    /// Whether this payer has given this order already; with `sent`, whether it has left the check page already.
    pub async fn is_repeat(&self, payment: PaymentId, sent: bool) -> Result<bool, Error> {
        Ok(store::is_repeat(&self.billing.pools.read, self.member, payment, sent).await?)
    }
}
