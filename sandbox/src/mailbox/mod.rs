//! A mailbox for everyone: takes any mail by SMTP, keeps it, and shows it.

pub(crate) mod pages;
pub(crate) mod smtp;
pub(crate) mod store;
