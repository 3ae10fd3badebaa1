//! All the Rust a browser downloads. Islands make a page nicer; nothing is known or done only through one. They take
//! no props: what they need stands in their own markup, so no reader of data comes along.

pub mod amount;
pub mod copy;
pub mod time_left;

pub use amount::AmountReading;
pub use copy::{CopyButton, PrintPage};
pub use time_left::TimeLeft;
