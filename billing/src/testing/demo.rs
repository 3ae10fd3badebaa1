//! The demo's members in a test plan.

use chrono::TimeDelta;
use uuid::Uuid;

use super::TestPlan;
use crate::{
    demo::accounts,
    ids::MemberId,
    rules::Ask,
    visits::{SignedIn, Visit},
};

impl TestPlan {
    /// Loads the demo plan.
    pub async fn loads_demo(&self) {
        let loaded = self.billing.job("demo").load_demo(&self.owner).await.expect("the demo plan");
        assert!(loaded.new, "the demo plan was loaded before");
    }

    /// A visit of the demo member whose story says this.
    pub async fn sits_with(&self, story: &str) -> Visit {
        let account = accounts().into_iter().find(|account| account.story.contains(story)).expect("a story");
        self.sits(&account.mrn).await
    }

    /// A visit of the member with this MRN.
    pub async fn sits(&self, mrn: &str) -> Visit {
        let member = sqlx::query!(
            "SELECT member_id, given_name, family_name, region, time_zone FROM member JOIN region USING (region)
             WHERE mrn = $1",
            mrn
        )
        .fetch_one(&self.owner)
        .await
        .expect("a member");
        let now = self.now();
        let later = now.checked_add_signed(TimeDelta::hours(1)).expect("an instant");
        Visit {
            visit_id: Uuid::from_u128(1),
            language: None,
            member: Some(SignedIn {
                member_id: MemberId(member.member_id),
                given_name: member.given_name,
                family_name: member.family_name,
                region: member.region,
                zone: member.time_zone,
                ask: Ask::default(),
                signed_in_at: now,
            }),
            idle_end: later,
            absolute_end: later,
        }
    }
}
