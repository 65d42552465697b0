//! Who and what there is in a run, drawn by its seed.

mod campaigns;
mod people;
mod tenants;

use carillon_domain::base::time::{DAY_MS, HOUR_MS, Timestamp};
use carillon_domain::policy::assistant::CallerNumber;
use carillon_domain::records::campaign::Campaign;
use carillon_domain::records::lead::Lead;

use crate::bug::Bug;
use crate::draw::Draw;
use crate::table::{Table, Workspace};
use crate::watch::Watch;
use people::Person;

pub(crate) use campaigns::PARTNERS;

/// 2026-01-01: the year in which runs begin.
const YEAR: Timestamp = Timestamp::from_millis(1_767_225_600_000);
/// Numbers of people that a workspace knows.
const CROWDS: [usize; 4] = [50, 800, 3_000, 9_000];
/// A wait in which nothing happens but the clock, in milliseconds: most of a night.
const LONG_WAIT_MS: i64 = 8 * HOUR_MS;
/// One in so many runs is watched to its very end.
const PATIENT_ONE_IN: u64 = 6;
/// People of one workspace share no number with those of another.
const PEOPLE_APART: usize = 20_000;

pub(crate) struct Cast {
    pub(crate) starts_at: Timestamp,
    /// Who has to wait longer than that, in milliseconds, is not waited for.
    pub(crate) patience_ms: i64,
    pub(crate) table: Table,
    pub(crate) watch: Watch,
    /// The leads to be, by workspace and campaign.
    pub(crate) leads: Vec<Vec<Vec<Lead>>>,
}

/// Draws a run; one that brings a bug out, if any does more than others.
pub(crate) fn assemble(draw: &Draw, bug: Option<Bug>) -> Cast {
    let mut cast = Cast {
        starts_at: YEAR.plus_ms(draw.between(0, 360 * DAY_MS)),
        patience_ms: if draw.below(PATIENT_ONE_IN) == 0 { i64::MAX / 2 } else { LONG_WAIT_MS },
        table: Table::default(),
        watch: Watch::default(),
        leads: Vec::new(),
    };
    for ws in 0..1 + draw.place(2) {
        cast.add_workspace(draw, ws, bug);
    }
    cast
}

impl Cast {
    fn add_workspace(&mut self, draw: &Draw, ws: usize, bug: Option<Bug>) {
        let now = self.starts_at;
        let places = people::places(draw);
        let population = *draw.pick(&CROWDS);
        let numbers: Vec<CallerNumber> =
            (0..1 + draw.place(4)).map(|_| tenants::caller_number(draw, now, &places, population)).collect();
        let numbers = match bug.and_then(Bug::reserved_per_minute) {
            Some(reserved) => numbers.into_iter().map(|number| tenants::paced(number, reserved)).collect(),
            None => numbers,
        };
        let campaigns: Vec<_> =
            (0..1 + draw.place(4)).map(|_| campaigns::draft(draw, now, &numbers)).collect();
        let tenant = tenants::tenant(draw, now, &campaigns);
        let rules = tenant.rulebook();
        let mut workspace = Workspace::new(tenant, rules, numbers);
        let mut leads = vec![Vec::new(); campaigns.len()];
        let own_zone = people::own_zone(draw);
        let first_person = ws * PEOPLE_APART;
        for person in first_person..first_person + population {
            let who = people::draw_person(draw, person, &places, own_zone);
            self.watch.meet(&who.numbers);
            let is_doubled = bug == Some(Bug::OverlapAllowed);
            place(draw, &who, person, &campaigns, &mut leads, is_doubled, now);
        }
        for campaign in campaigns {
            self.watch.acknowledged(&campaign, false);
            workspace.campaigns.insert(campaign.id.clone(), campaign.into());
        }
        self.table.workspaces.push(workspace);
        self.leads.push(leads);
    }
}

/// Puts a person into one campaign or two; twice into the same, under different numbers, if it is to be
/// doubled.
fn place(
    draw: &Draw,
    who: &Person,
    row: usize,
    campaigns: &[Campaign],
    leads: &mut [Vec<Lead>],
    is_doubled: bool,
    now: Timestamp,
) {
    let first = draw.place(campaigns.len());
    let is_doubled = is_doubled && who.numbers.len() > 1;
    // Some are known by one of their numbers only, until somebody learns of the others.
    let known = if draw.below(3) == 0 && !is_doubled { 1 } else { who.numbers.len() };
    leads[first].push(people::lead(draw, &campaigns[first], who, &who.numbers[..known], row, now));
    if is_doubled || (campaigns.len() > 1 && draw.below(3) == 0) {
        let second = if is_doubled { first } else { (first + 1) % campaigns.len() };
        let from = if draw.below(2) == 0 && !is_doubled { 0 } else { who.numbers.len().min(2) - 1 };
        leads[second].push(people::lead(draw, &campaigns[second], who, &who.numbers[from..], row, now));
    }
}
