//! People and where they live.

use carillon_domain::base::ids::LeadId;
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::Timestamp;
use carillon_domain::importing::LeadDraft;
use carillon_domain::records::campaign::Campaign;
use carillon_domain::records::lead::{Consent, FileOrder, Lead};

use crate::draw::Draw;

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

pub(super) struct Person {
    pub(super) numbers: Vec<E164>,
    own_zone: Option<&'static str>,
}

/// The places that a workspace calls.
pub(super) fn places(draw: &Draw) -> Vec<&'static str> {
    (0..1 + draw.place(3)).map(|_| *draw.pick(&PLACES)).collect()
}

/// Where some of its people say that they live.
pub(super) fn own_zone(draw: &Draw) -> Option<&'static str> {
    *draw.pick(&OWN_ZONES)
}

pub(super) fn draw_person(
    draw: &Draw,
    person: usize,
    places: &[&str],
    own_zone: Option<&'static str>,
) -> Person {
    let count = if draw.below(3) == 0 { 2 + draw.place(2) } else { 1 };
    let home = *draw.pick(places);
    let number = |turn: usize| {
        // Some have further numbers elsewhere, under other clocks and laws.
        let place = if turn > 0 && draw.below(3) == 0 { *draw.pick(places) } else { home };
        format!("{place}{:07}", 2_000_000 + person * 10 + turn).parse().expect("a number")
    };
    Person { numbers: (0..count).map(number).collect(), own_zone: own_zone.filter(|_| draw.below(8) == 0) }
}

/// A person's place in a campaign, which knows them by `numbers`.
pub(super) fn lead(
    draw: &Draw,
    campaign: &Campaign,
    person: &Person,
    numbers: &[E164],
    row: usize,
    now: Timestamp,
) -> Lead {
    let draft = LeadDraft {
        primary: numbers[0].clone(),
        others: numbers[1..].to_vec(),
        name: None,
        email: None,
        company: None,
        timezone: person.own_zone.map(|zone| zone.parse().expect("a zone")),
        consent: None,
        tags: Vec::new(),
        variables: Default::default(),
    };
    let id = LeadId::derive(&campaign.id, &draft.primary);
    let order = FileOrder { at: now, row: u64::try_from(row).unwrap_or_default() };
    let mut lead = draft.into_lead(id, order, None, now);
    let consent = Consent { source: "form".to_owned(), at: now, channel: None, proof: None };
    lead.profile.consent = (draw.below(4) > 0).then_some(consent);
    lead.is_first_submission = campaign.spec.first_submission_action.is_some() && draw.below(10) == 0;
    lead
}
