//! All the Rust a browser downloads. Islands make a page nicer; nothing is known or done only through one. They take
//! no props and draw nothing: what they need and what they show stands in the markup around them, so neither a reader
//! of data nor a drawer of views comes along.

pub mod amount;
pub mod copy;
mod page;
pub mod time_left;

pub use amount::AmountReading;
pub use copy::{CopyButton, PrintPage};
pub use time_left::TimeLeft;
