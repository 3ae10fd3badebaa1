//! The binary `portal` as a library, so that tests call its routers.

pub mod accept;
pub mod answers;
pub mod beside;
pub mod commands;
pub mod config;
pub mod guard;
pub mod hooks;
pub mod listeners;
pub mod outside;
pub mod session;
pub mod site;
pub mod table;
pub mod work;
