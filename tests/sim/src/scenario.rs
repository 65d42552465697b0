//! Who and what there is in a run, drawn by its seed.

mod campaigns;
mod people;
mod workspaces;

use carillon_domain::base::time::{DAY_MS, HOUR_MS, Timestamp};
use carillon_domain::policy::assistant::{Assistant, CallerNumber};
use carillon_domain::records::campaign::Campaign;
use carillon_domain::records::workspace::Workspace;

use crate::bug::Bug;
use crate::rng::Rng;

pub(crate) use campaigns::PARTNERS;
pub(crate) use people::Person;

/// 2026-01-01: the year in which runs begin.
const YEAR: Timestamp = Timestamp::from_millis(1_767_225_600_000);
/// Numbers of people that a workspace knows.
const CROWDS: [usize; 4] = [100, 600, 1_500, 4_000];
/// The same of runs that are to find a bug soon.
const SMALL_CROWDS: [usize; 4] = [100, 200, 300, 400];
/// A wait in which nothing happens but the clock, in milliseconds: most of a night.
const LONG_WAIT_MS: i64 = 8 * HOUR_MS;
/// One in so many runs is watched to its very end.
const PATIENT_ONE_IN: u64 = 40;
/// People of one workspace share no number with those of another.
const PEOPLE_APART: usize = 20_000;

pub(crate) struct Scenario {
    pub(crate) starts_at: Timestamp,
    /// Who has to wait longer than that, in milliseconds, is not waited for.
    pub(crate) patience_ms: i64,
    pub(crate) tenants: Vec<Tenant>,
}

/// A workspace and all that belongs to it.
pub(crate) struct Tenant {
    pub(crate) workspace: Workspace,
    /// One for each provider of whom there are numbers.
    pub(crate) assistants: Vec<Assistant>,
    pub(crate) numbers: Vec<CallerNumber>,
    /// With the people that each is to call.
    pub(crate) campaigns: Vec<(Campaign, Vec<Person>)>,
    /// Everybody, with all of their numbers.
    pub(crate) people: Vec<Person>,
}

impl Scenario {
    /// Draws a run; one that brings a bug out, if any does more than others.
    pub(crate) fn draw(rng: &Rng, bug: Option<Bug>) -> Self {
        let starts_at = YEAR.plus_ms(rng.between(0, 360 * DAY_MS));
        let is_patient = bug.is_none() && rng.below(PATIENT_ONE_IN) == 0;
        let patience_ms = if is_patient { i64::MAX / 2 } else { LONG_WAIT_MS };
        let tenants = (0..1 + rng.place(2)).map(|ws| tenant(rng, ws, bug, starts_at)).collect();
        Self { starts_at, patience_ms, tenants }
    }
}

fn tenant(rng: &Rng, ws: usize, bug: Option<Bug>, now: Timestamp) -> Tenant {
    let places = people::places(rng);
    let crowd = *rng.pick(if bug.is_some() { &SMALL_CROWDS } else { &CROWDS });
    // Where one number serves many campaigns, its failures are more than each of them has.
    let is_doubled = matches!(bug, Some(Bug::OverlapAllowed | Bug::ListsDialledNumberOnly));
    let (lines, drafts) = match bug {
        Some(Bug::NumberFailuresNotCounted) => (1, 4),
        _ if is_doubled => (1 + rng.place(4), 2 + rng.place(3)),
        _ => (1 + rng.place(4), 1 + rng.place(4)),
    };
    let mut numbers: Vec<CallerNumber> =
        (0..lines).map(|line| workspaces::caller_number(rng, now, &places, crowd, line)).collect();
    if let Some(reserved) = bug.and_then(Bug::reserved_per_minute) {
        numbers = numbers.into_iter().map(|number| workspaces::paced(number, reserved)).collect();
    }
    let assistants = workspaces::assistants(rng, now, &numbers);
    let mut campaigns: Vec<_> =
        (0..drafts).map(|_| (campaigns::draft(rng, now, &assistants, &numbers, bug), Vec::new())).collect();
    let drafted = campaigns.iter().map(|(campaign, _)| campaign);
    let workspace = workspaces::workspace(rng, now, drafted);
    let own_zone = people::own_zone(rng);
    let first = ws * PEOPLE_APART;
    let people: Vec<_> =
        (first..first + crowd).map(|person| people::person(rng, person, &places, own_zone)).collect();
    people.iter().for_each(|person| place(rng, person, &mut campaigns, is_doubled));
    Tenant { workspace, assistants, numbers, campaigns, people }
}

/// Puts a person into one campaign or two; always into two, and under different numbers, if it is to be doubled.
fn place(rng: &Rng, person: &Person, campaigns: &mut [(Campaign, Vec<Person>)], is_doubled: bool) {
    let numbers = &person.numbers;
    let first = rng.place(campaigns.len());
    let is_doubled = is_doubled && numbers.len() > 1;
    // Some are known by one of their numbers only, until somebody learns of the others.
    let known = if rng.below(3) == 0 && !is_doubled { 1 } else { numbers.len() };
    campaigns[first].1.push(person.known_by(&numbers[..known]));
    if is_doubled || (campaigns.len() > 1 && rng.below(3) == 0) {
        let second = (first + 1) % campaigns.len();
        let from = if rng.below(2) == 0 && !is_doubled { 0 } else { numbers.len().min(2) - 1 };
        campaigns[second].1.push(person.known_by(&numbers[from..]));
    }
}
