//! A person's rows cannot be read without a permit.

use billing::{
    Billing,
    error::Error,
    members::{Profile, store},
};

pub async fn peek(billing: &Billing) -> Result<Profile, Error> {
    store::profile(&billing.pools().read).await
}
