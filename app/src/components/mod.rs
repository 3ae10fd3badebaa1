//! What pages are made of. Components take data and give HTML.

mod amount;
mod answer;
mod bill_card;
mod button;
mod card;
mod dated;
mod field;
mod form;
mod island_scripts;
mod layout;
mod line_name;
mod load;
mod notice;
mod page;
mod payment_line;
pub mod sentence;
mod status;
mod table;
mod trail;
mod waterfall;
mod ways;

pub use amount::{Amount, Cite};
pub use answer::{AnswerPage, say_answer};
pub use bill_card::{
    BillCard, BillRow, bill_reference, bill_status, bill_title, say_kind_of_bill, say_kind_short, say_until,
};
pub use button::{CopyText, PrintButton};
pub use card::{Card, Fact, Facts, Row, Rows};
pub use dated::{Dated, Timed, say_date, say_day, say_month, say_period, say_time, say_when, zone_name};
pub use field::{AmountField, Choice, Choices, Field};
pub use form::{Again, Refusals, again};
pub use layout::Layout;
pub(crate) use layout::own_name;
pub use line_name::LineName;
pub use load::{Load, Stopped};
pub(crate) use load::{headers_of, log, sign_in_and_back, status_of};
pub use notice::Notice;
pub use page::{Crumbs, Page, Steps};
pub use payment_line::{PaymentRow, SentBack, UndecidedPayment, method_name, payment_status};
pub use sentence::sentence;
pub use status::{Status, Tone};
pub use table::{Column, Pager, Table};
pub use trail::Trail;
pub use waterfall::{BillWaterfall, Taken};
pub use ways::{Ways, WhomToAsk};
