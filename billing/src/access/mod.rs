//! Who may do what. One table decides; a [`Permit`] is its answer and the only key to a person's rows; each answer,
//! yes or no, leaves an access row.
//!
//! Actors and relations are those of the security design that exist so far. Others join as rows of [`TABLE`].

mod store;

use serde_json::{Value, json};
use sqlx::{PgPool, PgTransaction};
use uuid::Uuid;

use crate::{
    error::Error,
    ids::{BillId, MemberId, PaymentId},
    plan::{DoorScope, JobScope, MemberScope},
    visits::Visit,
};

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Nobody has signed in at this browser (a1).
    Anonymous,
    /// Signed in with a password (a4).
    Member(MemberId),
    /// As a member, after cover has ended (a6).
    Former(MemberId),
    /// Disabled while a cookie still lives (a7).
    Disabled(MemberId),
    /// A worker or a gateway event, by the name of its job (a14).
    Machine(&'static str),
}

impl Actor {
    /// The word in access rows.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Member(_) => "member",
            Self::Former(_) => "former",
            Self::Disabled(_) => "disabled",
            Self::Machine(_) => "machine",
        }
    }

    pub const fn person(self) -> Option<MemberId> {
        match self {
            Self::Member(id) | Self::Former(id) | Self::Disabled(id) => Some(id),
            Self::Anonymous | Self::Machine(_) => None,
        }
    }

    fn relation_to(self, subject: Option<MemberId>) -> Relation {
        match (self.person(), subject) {
            (Some(person), Some(subject)) if person == subject => Relation::Oneself,
            _ => Relation::Stranger,
        }
    }
}

/// What the actor is to the person whose data it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// r1
    Oneself,
    /// r8; machines are strangers to all, and so is everybody to what belongs to no person.
    Stranger,
}

impl Relation {
    pub const ALL: [Self; 2] = [Self::Oneself, Self::Stranger];
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Look at a page.
    See,
    /// Take a copy away.
    Download,
    /// Give, confirm or continue an order to pay.
    Pay,
    /// Take an order to pay back.
    Cancel,
    /// Change a setting.
    Change,
    /// Sign in, register, ask for or make a new password.
    Enter,
    /// Sign out, here or everywhere.
    Leave,
    /// What a machine does unasked.
    Work,
}

impl Action {
    pub const ALL: [Self; 8] = [
        Self::See,
        Self::Download,
        Self::Pay,
        Self::Cancel,
        Self::Change,
        Self::Enter,
        Self::Leave,
        Self::Work,
    ];

    pub const fn word(self) -> &'static str {
        match self {
            Self::See => "see",
            Self::Download => "download",
            Self::Pay => "pay",
            Self::Cancel => "cancel",
            Self::Change => "change",
            Self::Enter => "enter",
            Self::Leave => "leave",
            Self::Work => "work",
        }
    }
}

/// What is acted on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Object {
    Overview,
    Bills,
    Bill(BillId),
    Payments,
    Payment(PaymentId),
    /// A figure of the money trail, by kind and id.
    Figure(String, String),
    Profile,
    Credential,
    Visits,
    /// What a machine works on, by kind and id.
    Task(&'static str, String),
}

impl Object {
    /// The word in access rows.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Bills => "bills",
            Self::Bill(_) => "bill",
            Self::Payments => "payments",
            Self::Payment(_) => "payment",
            Self::Figure(..) => "figure",
            Self::Profile => "profile",
            Self::Credential => "credential",
            Self::Visits => "visits",
            Self::Task(kind, _) => kind,
        }
    }

    pub fn id(&self) -> Option<String> {
        match self {
            Self::Bill(id) => Some(id.to_string()),
            Self::Payment(id) => Some(id.to_string()),
            // What was typed into the address is data of strangers until something was found under it.
            Self::Figure(kind, id) => Some(format!("{kind}/{id}").chars().take(120).collect()),
            Self::Task(_, id) => Some(id.clone()),
            Self::Overview
            | Self::Bills
            | Self::Payments
            | Self::Profile
            | Self::Credential
            | Self::Visits => None,
        }
    }
}

impl From<BillId> for Object {
    fn from(id: BillId) -> Self {
        Self::Bill(id)
    }
}

impl From<PaymentId> for Object {
    fn from(id: PaymentId) -> Self {
        Self::Payment(id)
    }
}

/// What the table says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Yes,
    /// As if it did not exist.
    NotFound,
    SignIn,
}

/// A row: this actor, in this relation, may do these; anything else ends in `otherwise`.
struct Row {
    actor: &'static str,
    relation: Relation,
    may: &'static [Action],
    otherwise: Outcome,
}

const OWN: &[Action] = &[
    Action::See,
    Action::Download,
    Action::Pay,
    Action::Cancel,
    Action::Change,
    Action::Enter,
    Action::Leave,
];

const fn row(actor: &'static str, relation: Relation, may: &'static [Action], otherwise: Outcome) -> Row {
    Row { actor, relation, may, otherwise }
}

/// The authorisation matrix of the security design, section 2. What has no row is not found.
const TABLE: &[Row] = &[
    row("anonymous", Relation::Stranger, &[Action::Enter], Outcome::SignIn),
    row("member", Relation::Oneself, OWN, Outcome::NotFound),
    row("member", Relation::Stranger, &[], Outcome::NotFound),
    // Old bills can still be owed, and be paid.
    row("former", Relation::Oneself, OWN, Outcome::NotFound),
    row("former", Relation::Stranger, &[], Outcome::NotFound),
    // As if nobody had signed in.
    row("disabled", Relation::Oneself, &[], Outcome::SignIn),
    row("disabled", Relation::Stranger, &[Action::Enter], Outcome::SignIn),
    row("machine", Relation::Stranger, &[Action::Work], Outcome::NotFound),
];

/// Reads the table.
pub fn decide(actor: Actor, relation: Relation, action: Action) -> Outcome {
    TABLE
        .iter()
        .find(|row| row.actor == actor.kind() && row.relation == relation)
        .map_or(Outcome::NotFound, |row| if row.may.contains(&action) { Outcome::Yes } else { row.otherwise })
}

/// Who acts, from where: what an access row says beside the deed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Who {
    pub actor: Actor,
    pub visit_id: Option<Uuid>,
    /// `web | job`
    pub channel: &'static str,
}

impl Who {
    /// The person at a browser.
    pub fn at(visit: &Visit) -> Self {
        let actor =
            visit.member.as_ref().map_or(Actor::Anonymous, |signed_in| Actor::Member(signed_in.member_id));
        Self { actor, visit_id: Some(visit.visit_id), channel: "web" }
    }
}

impl MemberScope<'_> {
    pub(crate) fn who(&self) -> Who {
        Who::at(self.visit)
    }
}

impl DoorScope<'_> {
    pub(crate) fn who(&self) -> Who {
        Who { actor: Actor::Anonymous, visit_id: self.visit.map(|visit| visit.visit_id), channel: "web" }
    }
}

impl JobScope<'_> {
    pub(crate) fn who(&self) -> Who {
        Who { actor: Actor::Machine(self.name), visit_id: None, channel: "job" }
    }
}

/// Leave to touch one person's rows. Only this module makes one.
#[derive(Debug)]
pub struct Permit {
    who: Who,
    subject: Option<MemberId>,
    action: Action,
    object: Object,
    reason: String,
}

impl Permit {
    /// Leave for a page on one's own account, decided without the database. The page's one statement hands
    /// [`Permit::row`] to the SQL function `saw(permit, found)`, which writes the access row: refused where nothing of
    /// this person's was found under the id.
    ///
    /// `SignedOut` where nobody is signed in, `NotFound` where the table says so.
    pub fn to_see(visit: &Visit, action: Action, object: Object) -> Result<Self, Error> {
        let who = Who::at(visit);
        Self::decided(who, who.actor.person(), action, object)
    }

    /// What a page's statement found of this person's; the decision goes into the log as it went into the access row.
    ///
    /// `NotFound` where it found nothing.
    pub(crate) fn seen<T>(&self, rows: Option<T>) -> Result<T, Error> {
        let reason = if rows.is_some() { &self.reason } else { "not theirs" };
        log(&self.who, self.subject, self.action, &self.object, rows.is_some(), reason);
        rows.ok_or(Error::NotFound)
    }

    fn decided(who: Who, subject: Option<MemberId>, action: Action, object: Object) -> Result<Self, Error> {
        let outcome = decide(who.actor, who.actor.relation_to(subject), action);
        if outcome != Outcome::Yes {
            log(&who, subject, action, &object, false, "table");
        }
        match outcome {
            Outcome::Yes => {
                let reason = match who.actor {
                    Actor::Machine(name) => name.to_owned(),
                    _ => "self".to_owned(),
                };
                Ok(Self { who, subject, action, object, reason })
            }
            Outcome::NotFound => Err(Error::NotFound),
            Outcome::SignIn => Err(Error::SignedOut),
        }
    }

    /// Whose rows this opens.
    ///
    /// `NotFound` for a permit that opens no person's rows.
    pub fn subject(&self) -> Result<MemberId, Error> {
        self.subject.ok_or(Error::NotFound)
    }

    pub fn who(&self) -> Who {
        self.who
    }

    pub fn action(&self) -> Action {
        self.action
    }

    pub fn object(&self) -> &Object {
        &self.object
    }

    /// The access row to be, as the parameter of the SQL functions `saw` and `authorized`.
    pub fn row(&self) -> Value {
        access_row(&self.who, self.subject, self.action, &self.object, &self.reason)
    }
}

fn access_row(who: &Who, subject: Option<MemberId>, action: Action, object: &Object, reason: &str) -> Value {
    json!({
        "actor_kind": who.actor.kind(),
        "actor": who.actor.person(),
        "subject": subject,
        "action": action.word(),
        "object_kind": object.kind(),
        "object_id": object.id(),
        "reason": reason,
        "channel": who.channel,
        "visit_id": who.visit_id,
    })
}

/// One line of the log for each decision, by ids and words of ours alone. The access row says the same and is the proof;
/// the line is for whoever watches.
fn log(who: &Who, subject: Option<MemberId>, action: Action, object: &Object, allowed: bool, reason: &str) {
    // Of a figure the address says the id, and an address can say anything.
    let id = object.id().filter(|_| !matches!(object, Object::Figure(..)));
    tracing::info!(
        actor = who.actor.kind(),
        person = who.actor.person().map(tracing::field::display),
        subject = subject.map(tracing::field::display),
        action = action.word(),
        object = object.kind(),
        object_id = id,
        decision = if allowed { "allowed" } else { "refused" },
        reason,
        channel = who.channel,
        visit = who.visit_id.map(tracing::field::display),
        "decided"
    );
}

/// Decides, and writes the access row into this transaction. Call it first in the transaction: a bill or payment must
/// be the subject's, and a refusal rolls back, so that its own row can stay.
///
/// `SignedOut` or `NotFound` as the table says; `NotFound` also for another's bill or payment, or none at all.
pub async fn authorize(
    tx: &mut PgTransaction<'_>,
    who: &Who,
    subject: impl Into<Option<MemberId>>,
    action: Action,
    object: impl Into<Object>,
) -> Result<Permit, Error> {
    let (subject, object) = (subject.into(), object.into());
    let (permit, refusal) = match Permit::decided(*who, subject, action, object.clone()) {
        Ok(permit) => {
            let theirs = store::authorized(tx, &permit).await?;
            if permit.seen(theirs.then_some(())).is_ok() {
                return Ok(permit);
            }
            (permit.row(), Error::NotFound)
        }
        Err(refusal) => (access_row(who, subject, action, &object, "table"), refusal),
    };
    store::refuse(tx, &permit).await?;
    Err(refusal)
}

/// Leaves the row of a try that failed for another reason than the table, such as a wrong password.
pub(crate) async fn refused(
    pool: &PgPool,
    who: &Who,
    subject: Option<MemberId>,
    action: Action,
    object: Object,
    reason: &str,
) -> Result<(), Error> {
    log(who, subject, action, &object, false, reason);
    Ok(store::saw(pool, &access_row(who, subject, action, &object, reason), false).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actors() -> [Actor; 5] {
        let id = MemberId(Uuid::nil());
        [
            Actor::Anonymous,
            Actor::Member(id),
            Actor::Former(id),
            Actor::Disabled(id),
            Actor::Machine("resolve"),
        ]
    }

    /// Every cell, written out once more by hand: rows are actor and relation, columns the actions.
    #[test]
    fn the_table_says_what_the_matrix_says() {
        use Outcome::{NotFound as N, SignIn as S, Yes as Y};
        use Relation::{Oneself, Stranger};

        //                          see down pay cancel change enter leave work
        let matrix = [
            ("anonymous", Oneself, [N, N, N, N, N, N, N, N]),
            ("anonymous", Stranger, [S, S, S, S, S, Y, S, S]),
            ("member", Oneself, [Y, Y, Y, Y, Y, Y, Y, N]),
            ("member", Stranger, [N, N, N, N, N, N, N, N]),
            ("former", Oneself, [Y, Y, Y, Y, Y, Y, Y, N]),
            ("former", Stranger, [N, N, N, N, N, N, N, N]),
            ("disabled", Oneself, [S, S, S, S, S, S, S, S]),
            ("disabled", Stranger, [S, S, S, S, S, Y, S, S]),
            ("machine", Oneself, [N, N, N, N, N, N, N, N]),
            ("machine", Stranger, [N, N, N, N, N, N, N, Y]),
        ];

        assert_eq!(matrix.len(), actors().len() * Relation::ALL.len());
        for (actor, relation, outcomes) in matrix {
            let actor = actors().into_iter().find(|known| known.kind() == actor).unwrap();
            for (action, outcome) in Action::ALL.into_iter().zip(outcomes) {
                assert_eq!(decide(actor, relation, action), outcome, "{actor:?} {relation:?} {action:?}");
            }
        }
    }

    #[test]
    fn another_person_is_a_stranger_and_so_is_nobody() {
        let (ana, ben) = (MemberId::mint(), MemberId::mint());
        assert_eq!(Actor::Member(ana).relation_to(Some(ana)), Relation::Oneself);
        assert_eq!(Actor::Member(ana).relation_to(Some(ben)), Relation::Stranger);
        assert_eq!(Actor::Member(ana).relation_to(None), Relation::Stranger);
        assert_eq!(Actor::Machine("settle").relation_to(Some(ana)), Relation::Stranger);
    }
}
