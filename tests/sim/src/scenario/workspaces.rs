//! Workspaces: their limits, their own rules and the numbers that they call from.

use std::collections::BTreeMap;

use carillon_domain::base::call::{Line, VoiceProvider};
use carillon_domain::base::ids::{AssistantId, CallerNumberId, WorkspaceId};
use carillon_domain::base::message::MessageProvider;
use carillon_domain::base::time::Timestamp;
use carillon_domain::policy::assistant::{Assistant, AssistantStatus, CallerNumber};
use carillon_domain::policy::rules::OwnRule;
use carillon_domain::policy::sms_sender::{KeywordsAnsweredBy, SmsSender};
use carillon_domain::records::campaign::Campaign;
use carillon_domain::records::workspace::{ContactBudget, Workspace};

use crate::rng::Rng;

/// Credits below which campaigns rest, in millionths of a US dollar.
const LOW_CREDITS_MICROS: i64 = 500_000;

/// One in so many numbers is one at Retell.
const RETELL_ONE_IN: u8 = 2;

/// Calls per minute of a number that is held to a rate.
const PACED_PER_MINUTE: u32 = 4;

/// Texts per minute of its numbers, in their order.
const TEXT_RATES: [Option<u32>; 3] = [None, Some(20), Some(60)];

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
pub(super) fn workspace<'a>(
    rng: &Rng,
    now: Timestamp,
    campaigns: impl Iterator<Item = &'a Campaign>,
) -> Workspace {
    let own_rules: Vec<OwnRule> = OWN_RULES
        .iter()
        .filter(|_| rng.below(4) == 0)
        .map(|text| serde_json::from_str(text).expect("an own rule"))
        .collect();
    let budget = |max, per_hours: u32| Some(ContactBudget { max, per_minutes: per_hours * 60 });
    // Those that stay open for ever leave room for one more.
    let open = campaigns.filter(|campaign| campaign.spec.keep_open).count();
    let open = u32::try_from(open).unwrap_or_default();
    Workspace {
        concurrent_limit: *rng.pick(&[4, 20, 80]),
        running_limit: rng.pick(&[1, 2, 100, 100]).max(&(open + 1)).to_owned(),
        contact_budget: *rng.pick(&[None, None, budget(2, 24), budget(4, 72), budget(1, 3)]),
        rules: own_rules,
        low_credits_micros: *rng.pick(&[None, None, Some(LOW_CREDITS_MICROS)]),
        ..Workspace::new(WorkspaceId::new(now, rng.entropy()), String::new(), now)
    }
}

/// A number to call from; near those who live in these places, or not.
pub(super) fn caller_number(
    rng: &Rng,
    now: Timestamp,
    places: &[&str],
    population: usize,
    line: usize,
) -> CallerNumber {
    let near = format!("{}9{:06}", rng.pick(places), rng.below(1_000_000));
    let number = rng
        .pick(&[
            format!("+49302312509{line}"),
            format!("+1212555019{line}"),
            format!("+81901234567{line}"),
            near,
        ])
        .parse();
    let some = u32::try_from(population).unwrap_or_default();
    let entropy = rng.entropy();
    CallerNumber {
        id: CallerNumberId::new(now, entropy),
        version: 1,
        number: number.expect("a number"),
        label: None,
        provider: if entropy[0].is_multiple_of(RETELL_ONE_IN) {
            VoiceProvider::Retell
        } else {
            VoiceProvider::ElevenLabs
        },
        phone_number_id: format!("line_{line}"),
        line: *rng.pick(&[Line::Twilio, Line::Twilio, Line::SipTrunk]),
        rate_limit_per_minute: *rng.pick(&[None, None, None, Some(2), Some(10), Some(40)]),
        reserved_per_minute: *rng.pick(&[None, None, Some(1), Some(4)]),
        concurrent_limit: *rng.pick(&[None, None, Some(1), Some(3)]),
        daily_cap: *rng.pick(&[None, None, None, Some(some / 8 + 10), Some(some / 3 + 10)]),
        sms: Some(SmsSender {
            provider: MessageProvider::Twilio,
            messaging_service: None,
            message_type: None,
            rate_limit_per_minute: *TEXT_RATES.get(line % TEXT_RATES.len()).expect("one of them"),
            keywords: KeywordsAnsweredBy::Carillon,
            replies: None,
        }),
        created_at: now,
        updated_at: now,
    }
}

/// Who calls: an assistant at each provider of whom there are numbers, from all of them.
pub(super) fn assistants(rng: &Rng, now: Timestamp, numbers: &[CallerNumber]) -> Vec<Assistant> {
    let entropy = rng.entropy();
    let of = |provider: VoiceProvider, nth: u8| {
        let ours: Vec<_> = numbers.iter().filter(|number| number.provider == provider).collect();
        let mut entropy = entropy;
        entropy[9] = entropy[9].wrapping_add(nth);
        (!ours.is_empty()).then(|| assistant(AssistantId::new(now, entropy), provider, now, &ours))
    };
    VoiceProvider::ALL.into_iter().zip(0..).filter_map(|(provider, nth)| of(provider, nth)).collect()
}

fn assistant(
    id: AssistantId,
    provider: VoiceProvider,
    now: Timestamp,
    numbers: &[&CallerNumber],
) -> Assistant {
    Assistant {
        id,
        version: 1,
        name: "Robin".to_owned(),
        provider,
        agent_id: "agent".to_owned(),
        status: AssistantStatus::Active,
        caller_number_ids: numbers.iter().map(|number| number.id.clone()).collect(),
        prompt_template: None,
        language: None,
        variables: BTreeMap::new(),
        paired_assistant_id: None,
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
