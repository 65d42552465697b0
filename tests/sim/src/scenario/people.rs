//! People and where they live.

use carillon_domain::base::ids::{CampaignId, LeadId};
use carillon_domain::base::phone::E164;

use crate::rng::Rng;

/// How numbers of a place begin; they end in seven digits. Some lie in one zone, some may lie in
/// several; some are under laws of their own, with hours, holidays and caps.
const PLACES: [&str; 19] = [
    "+4930", "+4420", "+3316", "+3314", "+1212", "+1213", "+1305", "+1512", "+1405", "+1808", "+1800",
    "+5511", "+9122", "+8135", "+6129", "+6421", "+7495", "+2711", "+8831",
];
/// Zones in which some people say that they live, wherever their number lies.
const OWN_ZONES: [Option<&str>; 6] = [
    None,
    None,
    Some("Asia/Kathmandu"),
    Some("America/St_Johns"),
    Some("Pacific/Apia"),
    Some("Europe/Lisbon"),
];

/// Somebody, as a file or a client knows them.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) numbers: Vec<E164>,
    pub(crate) own_zone: Option<&'static str>,
    pub(crate) has_consented: bool,
}

impl Person {
    pub(crate) fn lead(&self, campaign: &CampaignId) -> LeadId {
        LeadId::derive(campaign, &self.numbers[0])
    }

    /// Whether a client adds them to try things out, where nothing else is looked for. It is in the number, so that it
    /// draws no chance.
    pub(crate) fn is_test(&self) -> bool {
        self.numbers[0].as_str().bytes().map(u32::from).sum::<u32>().is_multiple_of(5)
    }

    /// Who is known by these numbers only.
    pub(super) fn known_by(&self, numbers: &[E164]) -> Self {
        Self { numbers: numbers.to_vec(), ..self.clone() }
    }
}

/// The places that a workspace calls.
pub(super) fn places(rng: &Rng) -> Vec<&'static str> {
    (0..1 + rng.place(3)).map(|_| *rng.pick(&PLACES)).collect()
}

/// Where some of its people say that they live.
pub(super) fn own_zone(rng: &Rng) -> Option<&'static str> {
    *rng.pick(&OWN_ZONES)
}

pub(super) fn person(rng: &Rng, person: usize, places: &[&str], own_zone: Option<&'static str>) -> Person {
    let count = if rng.below(3) == 0 { 2 + rng.place(2) } else { 1 };
    let home = *rng.pick(places);
    let number = |turn: usize| {
        // Some have further numbers elsewhere, under other clocks and laws.
        let place = if turn > 0 && rng.below(3) == 0 { *rng.pick(places) } else { home };
        format!("{place}{:07}", 2_000_000 + person * 10 + turn).parse().expect("a number")
    };
    Person {
        numbers: (0..count).map(number).collect(),
        own_zone: own_zone.filter(|_| rng.below(8) == 0),
        has_consented: rng.below(4) > 0,
    }
}
