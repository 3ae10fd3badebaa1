//! The machine one attempt moves through. Twenty states, 79 edges; every other pair is refused here and by the
//! database's table `payment_edge`.

use super::PaymentState;

/// On whose word an attempt moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Evidence {
    /// Our own durable step.
    Ours,
    /// The gateway's reply to this very call.
    Answer,
    /// The gateway's snapshot, asked for by our reference.
    Query,
    /// A line of a settlement file.
    Bank,
    /// A deadline, a query and a fence.
    Sweep,
    /// The payer.
    Person,
    /// Two people of the plan.
    Two,
}

impl Evidence {
    /// The word in `payment_event.evidence`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Answer => "answer",
            Self::Query => "query",
            Self::Bank => "bank",
            Self::Sweep => "sweep",
            Self::Person => "person",
            Self::Two => "two",
        }
    }
}

impl PaymentState {
    pub const ALL: [Self; 20] = [
        Self::Created,
        Self::Submitting,
        Self::RequiresAction,
        Self::Unknown,
        Self::Authorized,
        Self::CapturePending,
        Self::Captured,
        Self::Processing,
        Self::Settled,
        Self::Declined,
        Self::Rejected,
        Self::Absent,
        Self::Voided,
        Self::Expired,
        Self::Returned,
        Self::Mismatch,
        Self::Disputed,
        Self::DisputeWon,
        Self::DisputeLost,
        Self::NeedsReview,
    ];

    /// The word in rows and addresses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Submitting => "submitting",
            Self::RequiresAction => "requires_action",
            Self::Unknown => "unknown",
            Self::Authorized => "authorized",
            Self::CapturePending => "capture_pending",
            Self::Captured => "captured",
            Self::Processing => "processing",
            Self::Settled => "settled",
            Self::Declined => "declined",
            Self::Rejected => "rejected",
            Self::Absent => "absent",
            Self::Voided => "voided",
            Self::Expired => "expired",
            Self::Returned => "returned",
            Self::Mismatch => "mismatch",
            Self::Disputed => "disputed",
            Self::DisputeWon => "dispute_won",
            Self::DisputeLost => "dispute_lost",
            Self::NeedsReview => "needs_review",
        }
    }

    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Where it may go from here.
    pub const fn leaves_to(self) -> &'static [Self] {
        use PaymentState::{
            Absent, Authorized, CapturePending, Captured, Declined, DisputeLost, DisputeWon, Disputed,
            Expired, Mismatch, NeedsReview, Processing, Rejected, RequiresAction, Returned, Settled,
            Submitting, Unknown, Voided,
        };
        match self {
            Self::Created => &[Submitting, Voided, Expired],
            Self::Submitting => &[
                RequiresAction,
                Unknown,
                Authorized,
                CapturePending,
                Captured,
                Processing,
                Declined,
                Rejected,
                Mismatch,
            ],
            Self::RequiresAction => &[
                Unknown,
                Authorized,
                CapturePending,
                Captured,
                Processing,
                Declined,
                Voided,
                Expired,
                Mismatch,
            ],
            Self::Unknown => &[
                RequiresAction,
                Authorized,
                CapturePending,
                Captured,
                Processing,
                Declined,
                Rejected,
                Absent,
                Voided,
                Mismatch,
                NeedsReview,
            ],
            Self::Authorized => &[Unknown, CapturePending, Voided, Expired, Mismatch],
            Self::CapturePending => &[Unknown, Captured, Voided, Mismatch, NeedsReview],
            Self::Captured => &[Settled, Voided, Mismatch, Disputed, NeedsReview],
            Self::Processing => &[Settled, Voided, Returned, Mismatch, NeedsReview],
            Self::Settled => &[Returned, Mismatch, Disputed],
            Self::Declined | Self::Rejected | Self::Absent | Self::Voided | Self::Returned => &[Mismatch],
            Self::Expired => &[Captured, Processing],
            Self::Mismatch => &[NeedsReview],
            Self::Disputed => &[DisputeWon, DisputeLost, NeedsReview],
            Self::DisputeWon | Self::DisputeLost => &[Disputed],
            Self::NeedsReview => &[
                Unknown,
                Captured,
                Processing,
                Settled,
                Declined,
                Absent,
                Voided,
                Returned,
                Disputed,
                DisputeWon,
                DisputeLost,
            ],
        }
    }

    pub fn may_become(self, next: Self) -> bool {
        self.leaves_to().contains(&next)
    }

    /// Ended without our money: a new attempt may be made.
    pub const fn is_dead(self) -> bool {
        matches!(
            self,
            Self::Declined
                | Self::Rejected
                | Self::Absent
                | Self::Voided
                | Self::Expired
                | Self::Returned
                | Self::DisputeLost
        )
    }

    /// Nothing moves it but a correction, a return or a dispute: nobody has to look at it again.
    pub const fn is_at_rest(self) -> bool {
        self.is_dead() || matches!(self, Self::Settled | Self::DisputeWon)
    }

    /// The gateway has, or has promised, the money: it is in the ledger.
    pub const fn holds_money(self) -> bool {
        matches!(self, Self::Captured | Self::Processing | Self::Settled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_79_edges_in_380_pairs() {
        let mut edges = 0;
        let mut pairs = 0;
        for from in PaymentState::ALL {
            for to in PaymentState::ALL {
                if from == to {
                    assert!(!from.may_become(to), "{from:?} stays where it is without a move");
                    continue;
                }
                pairs += 1;
                edges += usize::from(from.may_become(to));
            }
        }
        assert_eq!((edges, pairs), (79, 380));
    }

    #[test]
    fn what_is_dead_comes_back_only_by_a_correction() {
        for state in PaymentState::ALL.into_iter().filter(|state| state.is_dead()) {
            assert!(state.leaves_to().iter().all(|to| matches!(
                to,
                PaymentState::Mismatch
                    | PaymentState::Captured
                    | PaymentState::Processing
                    | PaymentState::Disputed
            )));
        }
    }

    #[test]
    fn words_are_read_back() {
        for state in PaymentState::ALL {
            assert_eq!(PaymentState::read(state.word()), Some(state));
        }
    }
}
