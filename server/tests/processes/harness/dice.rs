//! Chance that can be had again: the seed stands in the message of a red test, and `PORTAL_SEED` throws the same.

/// The tests' dice, with the seed they were thrown by.
pub(crate) struct Dice {
    pub(crate) seed: u64,
    dice: billing::testing::Dice,
}

impl Dice {
    pub(crate) fn new() -> Self {
        let given = std::env::var("PORTAL_SEED").ok().and_then(|text| text.parse().ok());
        let seed = given.unwrap_or_else(|| {
            let nanos = std::time::UNIX_EPOCH.elapsed().unwrap().subsec_nanos();
            u64::from(nanos) + 1
        });
        println!("PORTAL_SEED={seed}");
        Self { seed, dice: billing::testing::Dice::new(seed) }
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.dice.below(end)
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        self.dice.shuffle(items);
    }
}
