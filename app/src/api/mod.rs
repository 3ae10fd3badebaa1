//! The forms' endpoints: POST and form encoding only, a file per noun. Each says who, does, and answers; the arguments
//! are text as typed, so that nothing fails to be read before our own code runs.

pub mod form;
pub mod language;
pub mod payments;
pub mod register;
pub mod reset;
pub mod sign_in;

use leptos::server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

pub use form::{Form, Onward};

/// What the framework makes of a request it could not read. Says nothing: no text of a library leaves this house.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault;

impl FromServerFnError for Fault {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(_: ServerFnErrorErr) -> Self {
        Self
    }
}
