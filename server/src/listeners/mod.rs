//! One router for each listener; a route exists on one only.

pub mod desk;
pub mod member;
pub mod ops;
mod seats;
