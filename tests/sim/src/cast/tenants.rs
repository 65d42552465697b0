//! Workspaces: their limits, their own rules and the numbers that they call from.

use carillon_domain::base::call::{Line, VoiceProvider};
use carillon_domain::base::ids::{CallerNumberId, WorkspaceId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::policy::assistant::CallerNumber;
use carillon_domain::policy::rules::OwnRule;
use carillon_domain::records::campaign::Campaign;
use carillon_domain::records::workspace::{ContactBudget, Workspace};

use crate::draw::Draw;

/// Credits below which campaigns rest, in millionths of a US dollar.
const LOW_CREDITS_MICROS: i64 = 500_000;

/// Calls per minute of a number that is held to a rate.
const PACED_PER_MINUTE: u32 = 4;

/// Rules that a workspace may set itself.
const OWN_RULES: [&str; 4] = [
    r#"{"id":"own-weekdays","jurisdiction":"GB","version":"2025-01-01","hours":{
        "monday":[{"from":"10:00","to":"19:00"}],"tuesday":[{"from":"10:00","to":"19:00"}],
        "wednesday":[{"from":"10:00","to":"12:00"},{"from":"13:30","to":"19:00"}],
        "thursday":[{"from":"10:00","to":"19:00"}],"friday":[{"from":"10:00","to":"19:00"}]}}"#,
    r#"{"id":"own-twice","jurisdiction":"US","version":"2025-01-01","caps":[{"max":2,"per_hours":24}]}"#,
    r#"{"id":"own-weekly","jurisdiction":"*","version":"2025-01-01","caps":[{"max":6,"per_hours":168}]}"#,
    r#"{"id":"own-florida","jurisdiction":"US-FL","version":"2025-01-01","replaces":["us-fl"],
        "reason":"customers by contract","caps":[{"max":5,"per_hours":24},{"max":2,"per_hours":2}]}"#,
];

/// A workspace for these campaigns.
pub(super) fn tenant(draw: &Draw, now: Timestamp, campaigns: &[Campaign]) -> Workspace {
    let own_rules: Vec<OwnRule> = OWN_RULES
        .iter()
        .filter(|_| draw.below(4) == 0)
        .map(|text| serde_json::from_str(text).expect("an own rule"))
        .collect();
    let budget = |max, per_hours: u32| Some(ContactBudget { max, per_minutes: per_hours * 60 });
    // Those that stay open for ever leave room for one more.
    let open = campaigns.iter().filter(|campaign| campaign.spec.keep_open).count();
    let open = u32::try_from(open).unwrap_or_default();
    Workspace {
        concurrent_limit: *draw.pick(&[4, 20, 80]),
        running_limit: draw.pick(&[1, 2, 100, 100]).max(&(open + 1)).to_owned(),
        contact_budget: *draw.pick(&[None, None, budget(2, 24), budget(4, 72), budget(1, 3)]),
        rules: own_rules,
        low_credits_micros: *draw.pick(&[None, None, Some(LOW_CREDITS_MICROS)]),
        ..Workspace::new(WorkspaceId::new(now, draw.entropy()), String::new(), now)
    }
}

/// A number to call from; near those who live in these places, or not.
pub(super) fn caller_number(draw: &Draw, now: Timestamp, places: &[&str], population: usize) -> CallerNumber {
    let near = format!("{}9{:06}", draw.pick(places), draw.below(1_000_000));
    let number = draw.pick(&["+493023125099", "+12125550199", "+819012345678", &near]).parse();
    let some = u32::try_from(population).unwrap_or_default();
    CallerNumber {
        id: CallerNumberId::new(now, draw.entropy()),
        version: 1,
        number: number.expect("a number"),
        label: None,
        phone_number_id: String::new(),
        provider: VoiceProvider::default(),
        line: *draw.pick(&[Line::Twilio, Line::Twilio, Line::SipTrunk]),
        rate_limit_per_minute: *draw.pick(&[None, None, None, Some(2), Some(10), Some(40)]),
        reserved_per_minute: *draw.pick(&[None, None, Some(1), Some(4)]),
        concurrent_limit: *draw.pick(&[None, None, Some(1), Some(3)]),
        daily_cap: *draw.pick(&[None, None, None, Some(some / 8 + 10), Some(some / 3 + 10)]),
        created_at: now,
        updated_at: now,
    }
}

/// The number held to a rate that it reaches often.
pub(super) fn paced(number: CallerNumber, reserved: u32) -> CallerNumber {
    CallerNumber {
        rate_limit_per_minute: Some(PACED_PER_MINUTE),
        reserved_per_minute: Some(reserved),
        concurrent_limit: None,
        daily_cap: None,
        ..number
    }
}
