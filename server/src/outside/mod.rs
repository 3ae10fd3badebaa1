//! The world outside, behind billing's traits.

pub mod gateway;
pub mod mail;
