//! What is right: rows are read with a permit that the module in charge has given.

use billing::{
    Billing,
    access::{Action, Object, Permit},
    error::Error,
    members::{Profile, store},
    visits::Visit,
};

pub async fn look(billing: &Billing, visit: &Visit) -> Result<Profile, Error> {
    let permit = Permit::to_see(visit, Action::See, Object::Profile)?;
    store::profile(&billing.pools().read, &permit).await
}
