//! The demo plan's members: some with a story and a way to sign in, and a few hundred in the eight regions.

use chrono::NaiveDate;

use super::dice::Dice;

/// A person of the demo plan, the same every time.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) mrn: String,
    pub(super) unit: String,
    pub(super) given: &'static str,
    pub(super) family: &'static str,
    pub(super) birth_on: NaiveDate,
    pub(super) region: &'static str,
    pub(super) email: Option<String>,
    pub(super) language: &'static str,
    pub(super) product: &'static str,
    /// Covered beside the subscriber: given name, relation, monthly price in cents.
    pub(super) family_members: Vec<(&'static str, &'static str, i64)>,
    /// The subscriber's own monthly price in cents.
    pub(super) price: i64,
    pub(super) story: Option<Story>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Story {
    Overdue,
    PendingBank,
    PartPaid,
    DueSoon,
    NoBills,
    Spanish,
    Large,
    Many,
    Returned,
    Unregistered,
    NoEmail,
    Credit,
}

pub(super) struct Told {
    pub(super) story: Story,
    given: &'static str,
    family: &'static str,
    region: &'static str,
    birth_on: (i32, u32, u32),
    language: &'static str,
    pub(super) text: &'static str,
}

const fn told(
    story: Story,
    (given, family, region): (&'static str, &'static str, &'static str),
    birth_on: (i32, u32, u32),
    text: &'static str,
) -> Told {
    Told { story, given, family, region, birth_on, language: "en", text }
}

pub(super) const STORIES: [Told; 12] = [
    told(Story::Overdue, ("Ana", "Reyes", "NCA"), (1984, 3, 12), "A medical bill is overdue."),
    told(Story::PendingBank, ("Ben", "Okafor", "SCA"), (1979, 11, 2), "A bank payment is still pending."),
    told(Story::PartPaid, ("Chloe", "Martin", "CO"), (1991, 6, 25), "A medical bill is paid in part."),
    told(Story::DueSoon, ("Dora", "Kim", "GA"), (1968, 1, 30), "The next premium is due in six days."),
    told(Story::NoBills, ("Emil", "Novak", "OR_SWWA"), (2001, 8, 9), "A new member without any bill yet."),
    Told {
        language: "es",
        ..told(
            Story::Spanish,
            ("Gabriela", "Fuentes", "WA"),
            (1975, 12, 17),
            "Reads Spanish; a pharmacy bill and a medical bill are open.",
        )
    },
    told(
        Story::Large,
        ("Wilhelmina-Alexandrina", "Featherstonehaugh-Cholmondeley-Kealoha", "HI"),
        (1952, 2, 29),
        "A long name and a very large hospital bill.",
    ),
    told(Story::Many, ("Priya", "Raman", "MAS"), (1988, 4, 4), "More than 40 bills, over several pages."),
    told(
        Story::Returned,
        ("Marcus", "Bell", "GA"),
        (1995, 10, 21),
        "A bank debit came back; the bill is open again.",
    ),
    told(
        Story::Unregistered,
        ("Nora", "Silva", "NCA"),
        (1983, 5, 6),
        "Has not registered yet; an e-mail address is on file.",
    ),
    told(
        Story::NoEmail,
        ("Otto", "Lindqvist", "SCA"),
        (1949, 7, 14),
        "Has not registered and has no e-mail on file: is told to call.",
    ),
    told(
        Story::Credit,
        ("Tessa", "Wright", "OR_SWWA"),
        (1990, 9, 18),
        "Paid too much by mail: has a credit.",
    ),
];

const REGIONS: [&str; 8] = ["NCA", "SCA", "CO", "GA", "HI", "MAS", "OR_SWWA", "WA"];
const IN_EACH_REGION: i64 = 38;

const GIVEN: [&str; 36] = [
    "Aaron", "Alicia", "Amara", "Bao", "Beatriz", "Caleb", "Camila", "Daniel", "Destiny", "Elena", "Esther",
    "Felix", "Grace", "Hana", "Hector", "Imani", "Isaac", "Jade", "Jorge", "Kai", "Keisha", "Lucia", "Malik",
    "Mei", "Noah", "Olga", "Paolo", "Quinn", "Rosa", "Samir", "Sofia", "Tomás", "Uma", "Victor", "Yara",
    "Zoe",
];
const FAMILY: [&str; 36] = [
    "Abbott", "Alvarez", "Anders", "Banks", "Bauer", "Chen", "Cruz", "Dang", "Diaz", "Ellis", "Farah",
    "Fischer", "García", "Green", "Hale", "Huang", "Ito", "Jackson", "Kamaka", "Khan", "Lopez", "Lund",
    "Moreno", "Nguyen", "O'Neil", "Ortiz", "Park", "Patel", "Quiroz", "Rossi", "Santos", "Singh", "Torres",
    "Vance", "Weber", "Young",
];

pub(super) fn story_of(index: usize) -> Option<&'static Told> {
    STORIES.get(index)
}

/// All persons: those with a story first.
pub(super) fn all() -> Vec<Person> {
    let mut dice = Dice::new(0x00b1_11b1);
    let mut people: Vec<Person> =
        STORIES.iter().enumerate().map(|(index, told)| known(index, told, &mut dice)).collect();
    for region in REGIONS {
        for _ in 0..IN_EACH_REGION {
            let number = people.len();
            people.push(anyone(number, region, &mut dice));
        }
    }
    people
}

fn known(index: usize, told: &Told, dice: &mut Dice) -> Person {
    let (year, month, day) = told.birth_on;
    let local = told.given.to_lowercase().chars().take_while(|c| *c != '-').collect::<String>();
    let email = (told.story != Story::NoEmail).then(|| format!("{local}@example.test"));
    Person {
        given: told.given,
        family: told.family,
        birth_on: NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default(),
        email,
        language: told.language,
        story: Some(told.story),
        ..anyone(index, told.region, dice)
    }
}

fn anyone(index: usize, region: &'static str, dice: &mut Dice) -> Person {
    let number = i64::try_from(index).unwrap_or(0);
    let (given, family) = (dice.pick(&GIVEN, "Kim"), dice.pick(&FAMILY, "Lee"));
    let birth_on = NaiveDate::from_yo_opt(
        i32::try_from(dice.between(1945, 2004)).unwrap_or(1980),
        u32::try_from(dice.between(1, 365)).unwrap_or(1),
    )
    .unwrap_or_default();
    let mut family_members = Vec::new();
    if dice.chance(45) {
        family_members.push((dice.pick(&GIVEN, "Sam"), "spouse", dice.between(31_000, 78_000)));
    }
    for _ in 0..dice.between(0, 3).saturating_sub(1) {
        family_members.push((dice.pick(&GIVEN, "Max"), "child", dice.between(19_000, 26_000)));
    }
    Person {
        mrn: format!("{}", 20_100_000_i64.saturating_add(number.saturating_mul(37))),
        unit: format!("{}", 700_400_000_i64.saturating_add(number.saturating_mul(53))),
        given,
        family,
        birth_on,
        region,
        email: dice.chance(70).then(|| format!("member{number}@example.test")),
        language: if dice.chance(15) { "es" } else { "en" },
        product: dice.pick(&["individual", "exchange", "employer"], "individual"),
        family_members,
        price: dice.between(33_000, 81_000),
        story: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn everyone_is_told_apart() {
        let people = all();
        let mrns: HashSet<_> = people.iter().map(|person| &person.mrn).collect();
        let units: HashSet<_> = people.iter().map(|person| &person.unit).collect();
        let emails: Vec<_> = people.iter().filter_map(|person| person.email.as_ref()).collect();
        assert_eq!(mrns.len(), people.len());
        assert_eq!(units.len(), people.len());
        assert_eq!(emails.iter().collect::<HashSet<_>>().len(), emails.len());
        assert!(people.len() > 300);
    }

    #[test]
    fn every_region_has_members_and_a_story() {
        for region in REGIONS {
            assert!(STORIES.iter().any(|told| told.region == region), "{region}");
        }
    }
}
