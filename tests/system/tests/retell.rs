//! A campaign through Retell from its beginning to its end: the real adapter over HTTP, beside a network that takes nothing
//! from it. Each person does something else.

use std::collections::BTreeMap;

use carillon_domain::base::call::VoiceProvider;
use carillon_domain::base::ids::CampaignId;
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::records::campaign::CampaignSpec;
use carillon_domain::records::lead::{Lead, LeadState, SkipReason};
use carillon_local::provider_simulator::audit;
use carillon_local::provider_simulator::person::{Behaviour, Ending};
use carillon_local::provider_simulator::retell::PROVIDER;
use carillon_local::provider_simulator::{NetworkSettings, PersonCalls};
use carillon_system_tests::context::{Keys, RETELL_NUMBER};
use carillon_system_tests::harness::{Harness, MONDAY_AT_NINE, Options};
use carillon_system_tests::{checks, people};
use chrono_tz::Tz::Europe__Berlin as BERLIN;

/// What the last four digits have people do, how often each is called, and where that leaves the lead.
const PEOPLE: [(&str, usize, End); 24] = [
    ("0001", 1, End::Completed),
    // Busy, no answer, voicemail, hung up, declined: once more, and no more.
    ("0002", 2, End::Exhausted),
    ("0003", 2, End::Exhausted),
    ("0004", 2, End::Exhausted),
    ("0005", 2, End::Exhausted),
    ("0006", 2, End::Exhausted),
    ("0007", 1, End::Failed),
    ("0009", 1, End::Completed),
    // The answer to the dial is lost, or overtaken by the end of the call.
    ("0010", 1, End::Completed),
    ("0011", 2, End::Exhausted),
    ("0012", 2, End::Completed),
    ("0013", 2, End::Exhausted),
    // A dial that nobody heard of is made again.
    ("0014", 1, End::Completed),
    ("0015", 2, End::Completed),
    ("0016", 2, End::Completed),
    // Somebody was there.
    ("0018", 1, End::Completed),
    // Its webhooks are lost, or come twice.
    ("0020", 1, End::Completed),
    ("0021", 1, End::Completed),
    ("0022", 1, End::Failed),
    ("0024", 2, End::Exhausted),
    ("0025", 1, End::Completed),
    ("0031", 1, End::NeverAgain),
    ("0032", 2, End::Completed),
    ("0033", 2, End::Completed),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Completed,
    Exhausted,
    Failed,
    NeverAgain,
}

impl End {
    fn of(state: &LeadState) -> Option<Self> {
        match state {
            LeadState::Completed => Some(Self::Completed),
            LeadState::Exhausted => Some(Self::Exhausted),
            LeadState::Failed => Some(Self::Failed),
            LeadState::Skipped { reason: SkipReason::DoNotCall } => Some(Self::NeverAgain),
            _ => None,
        }
    }
}

fn number(last_four: &str) -> String {
    format!("+4930231{last_four:0>6}")
}

/// A campaign through Retell to the people with these endings, about to start.
async fn start(last_fours: &[&str]) -> (Harness, Keys, CampaignId) {
    let network = NetworkSettings::default();
    let options = Options { hop_ms: 80, plan_ms: 40, network, ..Options::at(MONDAY_AT_NINE) };
    let harness = Harness::start(options).await;
    let keys = harness.add_retell().await;
    let mut spec = CampaignSpec { concurrent_limit: 10, min_gap_minutes: 0, ..people::spec(&keys) };
    spec.retry.max_attempts = 2;
    spec.retry.delay_minutes = 10;
    let people: Vec<_> = last_fours.iter().map(|last_four| (number(last_four), BERLIN)).collect();
    let campaign = people::start_campaign(&harness.context, &keys, spec, &people).await;
    (harness, keys, campaign)
}

async fn leads(harness: &Harness, campaign: &CampaignId) -> BTreeMap<String, Lead> {
    let leads = harness.context.store.all_leads(&harness.keys.workspace, campaign).await.expect("a table");
    leads.into_iter().map(|lead| (lead.numbers[0].number.to_string(), lead)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_comes_to_its_end_and_its_record_is_the_networks() {
    let (mut harness, _, campaign) = start(&PEOPLE.map(|(last_four, ..)| last_four)).await;
    let end = MONDAY_AT_NINE.plus_ms(DAY_MS);
    assert!(harness.run_until(end, checks::has_ended(&campaign)).await, "everybody is settled in a day");

    checks::record_is_true(&harness, &campaign).await;
    let calls = harness.network.calls();
    assert!(calls.iter().all(|call| call.provider == PROVIDER && call.phone_number_id == RETELL_NUMBER));
    assert_eq!(audit::placed_twice(&calls), Vec::<String>::new());
    assert_eq!(audit::dialled_while_up(&calls), Vec::<String>::new());
    assert_eq!(audit::dialled_again_after_answer(&calls), Vec::<String>::new());
    assert!(audit::max_concurrent(&calls) <= 10);
    let leads = leads(&harness, &campaign).await;
    let seen = PEOPLE.map(|(last_four, ..)| {
        let placed = calls.iter().filter(|call| call.to == number(last_four)).count();
        (last_four, placed, End::of(&leads[&number(last_four)].state))
    });
    assert_eq!(seen, PEOPLE.map(|(last_four, placed, end)| (last_four, placed, Some(end))));

    let ws = &harness.keys.workspace;
    let unwilling: E164 = number("0031").parse().expect("a number");
    let records = harness.context.store.number_records(ws, &[unwilling]).await.expect("a table");
    assert!(records[0].lists.contains_key(&ListName::do_not_call()));
    // Whoever asked to be called back is, when they asked for, however we learned of it.
    for last_four in ["0032", "0033"] {
        let of_them: Vec<_> = calls.iter().filter(|call| call.to == number(last_four)).collect();
        let waited_ms = of_them[1].placed_at.since_ms(of_them[0].ended_at.plus_ms(HOUR_MS));
        assert!((0..10 * MINUTE_MS).contains(&waited_ms), "{last_four}: {waited_ms}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_whom_we_missed_calls_our_number_at_retell_and_is_known() {
    let (mut harness, _, campaign) = start(&["0003"]).await;
    let missed =
        |harness: &Harness| harness.network.calls().first().is_some_and(|call| call.known_at.is_some());
    while !missed(&harness) {
        harness.step().await;
    }
    harness.run_to(harness.context.now().plus_ms(MINUTE_MS)).await;
    let call = PersonCalls {
        provider: VoiceProvider::Retell,
        from: number("0003"),
        to: RETELL_NUMBER.to_owned(),
        phone_number_id: RETELL_NUMBER.to_owned(),
        agent_id: "agent_1".to_owned(),
        behaviour: Behaviour::Talks { ring_ms: 0, talk_ms: 30_000, ending: Ending::Person },
    };
    let (status, answer) = harness.person_calls(&call).await;
    assert_eq!(status, 200);
    assert!(answer["call_inbound"]["metadata"]["attempt_id"].is_string(), "{answer}");
    let end = Timestamp::from_millis(MONDAY_AT_NINE.as_millis() + HOUR_MS);
    assert!(harness.run_until(end, checks::has_ended(&campaign)).await, "they were reached");
    checks::record_is_true(&harness, &campaign).await;
    assert_eq!(leads(&harness, &campaign).await[&number("0003")].state, LeadState::Completed);
    let incoming: Vec<bool> = harness.network.calls().iter().map(|call| call.is_incoming).collect();
    assert_eq!(incoming, [false, true]);
}
