//! Chance from a fixed seed: the same demo plan every time.

use chrono::{DateTime, NaiveTime, Utc};
use uuid::Uuid;

/// SplitMix64. Good enough to look alive; never for secrets.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A whole number in `from..=to`.
    pub(super) fn between(&mut self, from: i64, to: i64) -> i64 {
        let width = to.abs_diff(from).saturating_add(1);
        let offset = self.roll().checked_rem(width).unwrap_or(0);
        from.saturating_add_unsigned(offset)
    }

    /// True `percent` times in a hundred.
    pub(super) fn chance(&mut self, percent: i64) -> bool {
        self.between(1, 100) <= percent
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T], otherwise: T) -> T {
        let last = i64::try_from(from.len()).unwrap_or(0).saturating_sub(1).max(0);
        usize::try_from(self.between(0, last)).ok().and_then(|at| from.get(at)).copied().unwrap_or(otherwise)
    }

    /// A time of day in office hours.
    pub(super) fn time(&mut self) -> NaiveTime {
        let minutes = u32::try_from(self.between(0, 8 * 60)).unwrap_or(0);
        let seconds = minutes.saturating_add(9 * 60).saturating_mul(60);
        NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0).unwrap_or(NaiveTime::MIN)
    }

    /// An id of version 7 as of `at`.
    pub(super) fn id(&mut self, at: DateTime<Utc>) -> Uuid {
        let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
        let (a, b) = (self.roll(), self.roll());
        let mut random = [0; 10];
        let bytes = a.to_be_bytes().into_iter().chain(b.to_be_bytes());
        random.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    /// A receipt number in the form of `payments/receipt.rs`.
    pub(super) fn receipt(&mut self) -> String {
        const SIGNS: &[u8] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let mut sign =
            |count: usize| -> String { (0..count).map(|_| char::from(self.pick(SIGNS, b'0'))).collect() };
        format!("R-{}-{}", sign(4), sign(3))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_is_the_same_chance() {
        let at = "2027-01-05T18:00:00Z".parse().unwrap();
        let (mut one, mut other) = (Dice::new(7), Dice::new(7));
        for _ in 0..100 {
            assert_eq!(one.between(-5, 900), other.between(-5, 900));
            assert_eq!(one.id(at), other.id(at));
        }
    }

    #[test]
    fn numbers_stay_in_their_bounds() {
        let mut dice = Dice::new(1);
        for _ in 0..1000 {
            assert!((3..=7).contains(&dice.between(3, 7)));
        }
        assert_eq!(dice.id(DateTime::UNIX_EPOCH).get_version_num(), 7);
    }
}
