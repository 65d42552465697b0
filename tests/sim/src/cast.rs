//! Who and what there is in a run, drawn by its seed.

use carillon_domain::assistant::CallerNumber;
use carillon_domain::call::Line;
use carillon_domain::campaign::{Campaign, CampaignSpec, CampaignStatus};
use carillon_domain::hours::{HalfHour, HoursZone, WeeklyHours, Window};
use carillon_domain::ids::{AssistantId, CallerNumberId, CampaignId, LeadId};
use carillon_domain::intake::LeadDraft;
use carillon_domain::lead::{FileOrder, Lead};
use carillon_domain::phone::E164;
use carillon_domain::retry::{Miss, RetryPolicy};
use carillon_domain::time::{DAY_MS, Timestamp};

use crate::draw::Draw;
use crate::table::{Table, Workspace};
use crate::watch::Watch;

/// 2026-01-01: the year in which runs take place.
const YEAR: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// How numbers of a place begin; they end in seven digits. Some lie in one zone, some may lie in
/// several.
const PLACES: [&str; 14] = [
    "+4930", "+4420", "+3316", "+1212", "+1213", "+1808", "+1800", "+5511", "+9122", "+8135", "+6129",
    "+6421", "+7495", "+2711",
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

/// Everybody in a run.
pub(crate) struct Cast {
    /// When it begins.
    pub(crate) starts_at: Timestamp,
    pub(crate) table: Table,
    pub(crate) watch: Watch,
    /// The leads to be, by workspace and campaign.
    pub(crate) leads: Vec<Vec<Vec<Lead>>>,
}

/// Draws a run.
pub(crate) fn assemble(draw: &Draw) -> Cast {
    let mut cast = Cast {
        starts_at: YEAR.plus_ms(draw.between(0, 360 * DAY_MS)),
        table: Table::default(),
        watch: Watch::default(),
        leads: Vec::new(),
    };
    for ws in 0..1 + draw.place(2) {
        cast.add_workspace(draw, ws);
    }
    cast
}

struct Person {
    numbers: Vec<E164>,
    own_zone: Option<&'static str>,
}

impl Cast {
    fn add_workspace(&mut self, draw: &Draw, ws: usize) {
        let now = self.starts_at;
        let caller_numbers: Vec<_> = (0..1 + draw.place(4)).map(|_| caller_number(draw, now)).collect();
        let mut workspace =
            Workspace { limit: *draw.pick(&[4, 12, 40]), caller_numbers, ..Workspace::default() };
        let campaigns: Vec<_> = (0..1 + draw.place(3)).map(|_| campaign(draw, now, &workspace)).collect();
        let places: Vec<&str> = (0..1 + draw.place(3)).map(|_| *draw.pick(&PLACES)).collect();
        let own_zone = *draw.pick(&OWN_ZONES);
        let mut leads = vec![Vec::new(); campaigns.len()];
        let first_person = ws * 10_000;
        for person in first_person..first_person + draw.pick(&[50, 300, 900, 1_500]) {
            let who = draw_person(draw, person, &places, own_zone);
            self.watch.meet(&who.numbers);
            let first = draw.place(campaigns.len());
            let mut place = |place: usize, numbers: &[E164]| {
                let lead = lead(&campaigns[place], &who, numbers, person, now);
                if is_ever_open(&campaigns[place], &lead, now) {
                    leads[place].push(lead);
                }
            };
            // Some are known by one of their numbers only, until somebody learns of the others.
            let known = if draw.below(3) == 0 { 1 } else { who.numbers.len() };
            place(first, &who.numbers[..known]);
            if campaigns.len() > 1 && draw.below(4) == 0 {
                place((first + 1) % campaigns.len(), &who.numbers[who.numbers.len().min(2) - 1..]);
            }
        }
        for campaign in campaigns {
            self.watch.acknowledged(&campaign);
            workspace.campaigns.insert(campaign.id.clone(), campaign.into());
        }
        self.table.workspaces.push(workspace);
        self.leads.push(leads);
    }
}

/// Whether the campaign's hours and the law's meet, whatever daylight saving does to them: where
/// they never do, a lead waits for ever.
fn is_ever_open(campaign: &Campaign, lead: &Lead, now: Timestamp) -> bool {
    let hours = campaign.hours_in(&lead.zone);
    (0..7).all(|turn| hours.next_open(now.plus_ms(turn * 10 * DAY_MS)).is_some())
}

fn caller_number(draw: &Draw, now: Timestamp) -> CallerNumber {
    CallerNumber {
        id: CallerNumberId::new(now, draw.entropy()),
        version: 1,
        number: "+493023125099".parse().expect("a number"),
        label: None,
        phone_number_id: String::new(),
        line: *draw.pick(&[Line::Twilio, Line::Twilio, Line::SipTrunk]),
        rate_limit_per_minute: *draw.pick(&[None, None, None, Some(2), Some(10), Some(40)]),
        created_at: now,
        updated_at: now,
    }
}

fn campaign(draw: &Draw, now: Timestamp, workspace: &Workspace) -> Campaign {
    let first = draw.place(workspace.caller_numbers.len());
    let numbers = workspace.caller_numbers[first..].iter().take(1 + draw.place(3));
    Campaign {
        id: CampaignId::new(now, draw.entropy()),
        version: 1,
        spec: CampaignSpec {
            name: String::new(),
            description: None,
            goal: String::new(),
            assistant_id: AssistantId::new(now, draw.entropy()),
            caller_number_ids: numbers.map(|number| number.id.clone()).collect(),
            hours: hours(draw),
            hours_zone: *draw.pick(&[HoursZone::Recipient, HoursZone::Recipient, HoursZone::Campaign]),
            time_zone: draw.pick(&["Europe/Berlin", "America/New_York"]).parse().expect("a zone"),
            default_country: None,
            retry: retry(draw),
            concurrent_limit: *draw.pick(&[1, 5, 10, 25]),
            rate_limit_per_minute: *draw.pick(&[None, None, None, Some(20)]),
            ringing_timeout_secs: 40,
            machine_detection: true,
            welcome_message_template: None,
            variables: Default::default(),
            tags: Vec::new(),
        },
        status: CampaignStatus::Draft,
        open_imports: Default::default(),
        created_at: now,
        updated_at: now,
        started_at: None,
        ended_at: None,
    }
}

fn hours(draw: &Draw) -> WeeklyHours {
    let window = |from, to| {
        let hour = |hour| HalfHour::new(hour, 0).expect("on the hour");
        Window::new(hour(from), hour(to)).expect("forwards")
    };
    let days = match draw.below(3) {
        0 => return WeeklyHours::default(),
        1 => [(); 7].map(|()| vec![window(8, 21)]),
        _ => [(); 7].map(|()| vec![window(9, 12), window(14, 20)]),
    };
    WeeklyHours::new(days).expect("hours")
}

fn retry(draw: &Draw) -> RetryPolicy {
    let mut policy = RetryPolicy {
        max_attempts: *draw.pick(&[1, 2, 3, 5]),
        delay_minutes: *draw.pick(&[1, 5, 30, 120]),
        ..RetryPolicy::default()
    };
    if draw.below(2) == 0 {
        policy.on.insert(Miss::Incomplete);
    }
    policy
}

fn draw_person(draw: &Draw, person: usize, places: &[&str], own_zone: Option<&'static str>) -> Person {
    let count = if draw.below(3) == 0 { 2 + draw.place(2) } else { 1 };
    let place = draw.pick(places);
    let number =
        |turn: usize| format!("{place}{:07}", 2_000_000 + person * 10 + turn).parse().expect("a number");
    Person { numbers: (0..count).map(number).collect(), own_zone: own_zone.filter(|_| draw.below(8) == 0) }
}

/// A person's place in a campaign, which knows them by `numbers`.
fn lead(campaign: &Campaign, person: &Person, numbers: &[E164], row: usize, now: Timestamp) -> Lead {
    let draft = LeadDraft {
        primary: numbers[0].clone(),
        others: numbers[1..].to_vec(),
        name: None,
        email: None,
        company: None,
        timezone: person.own_zone.map(|zone| zone.parse().expect("a zone")),
        tags: Vec::new(),
        variables: Default::default(),
    };
    let id = LeadId::derive(&campaign.id, &draft.primary);
    let order = FileOrder { at: now, row: u64::try_from(row).unwrap_or_default() };
    Lead::new(id, draft, order, None, now)
}
