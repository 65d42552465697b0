//! Campaigns pause by themselves when nothing can be dialled (features C7, C8), through the real handlers.

use carillon_adapters::secrets::Secret;
use carillon_domain::base::call::Outcome;
use carillon_domain::base::ids::CampaignId;
use carillon_domain::base::time::{HOUR_MS, MINUTE_MS, SECOND_MS, Timestamp};
use carillon_domain::policy::retry::FailurePolicy;
use carillon_domain::policy::schedule::{Period, local_date};
use carillon_domain::records::campaign::{CampaignSpec, CampaignStatus, Command, PauseReason};
use carillon_domain::records::interaction::Interaction;
use carillon_domain::records::lead::{LeadState, SkipReason};
use carillon_local::provider_simulator::NetworkSettings;
use carillon_local::provider_simulator::elevenlabs::PROVIDER;
use carillon_runtime::context::provider_key_name;
use carillon_runtime::services::lifecycle;
use carillon_system_tests::api::Api;
use carillon_system_tests::harness::{Harness, MONDAY_AT_NINE, Options};
use carillon_system_tests::{checks, people};
use chrono_tz::Tz::Europe__Berlin as BERLIN;
use serde_json::{Value, json};

/// How long a call that was claimed before may still be placed, in milliseconds.
const CLAIMED_MS: i64 = 10 * SECOND_MS;
/// More interactions than any of these campaigns has.
const ALL: usize = 1_000;

async fn start() -> Harness {
    Harness::start(Options { hop_ms: 80, ..Options::at(MONDAY_AT_NINE) }).await
}

async fn status(harness: &Harness, id: &CampaignId) -> CampaignStatus {
    let stored = harness.context.store.campaign(&harness.keys.workspace, id).await;
    stored.expect("a table").expect("a campaign").status
}

async fn ended(harness: &Harness, id: &CampaignId) -> Vec<Interaction> {
    let page = harness.context.store.ended_interactions(&harness.keys.workspace, id, None, ALL).await;
    page.expect("a table").interactions
}

/// Changes the assistant under a campaign that runs, and back an hour later.
async fn without_assistant(change: Value, back: Value, refusal: &str) {
    let mut harness = start().await;
    let (context, keys, api) = (harness.context.clone(), harness.keys.clone(), Api::of(&harness));
    let population = people::population(2, 60, BERLIN);
    let campaign = people::start_campaign(&context, &keys, people::spec(&keys), &population).await;
    let changed_at = MONDAY_AT_NINE.plus_ms(3 * MINUTE_MS);
    harness.run_to(changed_at).await;
    let before = harness.network.calls().len();
    assert!((5..50).contains(&before), "it runs, and has much to do: {before}");

    let (assistant, resume) =
        (format!("/assistants/{}", keys.assistant), format!("/campaigns/{campaign}/resume"));
    api.patch(&assistant, change).await.ok(200);
    let soon = changed_at.plus_ms(MINUTE_MS);
    harness.run_to(soon).await;
    let unusable = CampaignStatus::Paused { reason: PauseReason::AssistantUnusable };
    assert_eq!(status(&harness, &campaign).await, unusable);
    harness.run_to(changed_at.plus_ms(HOUR_MS)).await;
    assert_eq!(status(&harness, &campaign).await, unusable);
    let last = harness.network.calls().iter().map(|call| call.placed_at).max().expect("calls");
    let late_ms = last.since_ms(changed_at);
    eprintln!("{before} calls before; the last one {late_ms} ms after the change");
    assert!(late_ms <= CLAIMED_MS, "{late_ms}");
    api.command(&resume).await.problem(409, refusal);

    api.patch(&assistant, back).await.ok(200);
    assert_eq!(status(&harness, &campaign).await, unusable, "nobody resumes it but a person");
    api.command(&resume).await.ok(200);
    assert!(harness.run_until(MONDAY_AT_NINE.plus_ms(9 * HOUR_MS), checks::has_ended(&campaign)).await);
    checks::record_is_true(&harness, &campaign).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_pauses_when_its_assistant_loses_its_numbers() {
    let harness = start().await;
    let number = harness.keys.caller_number;
    let (none, back) = (json!({"caller_number_ids": []}), json!({"caller_number_ids": [number]}));
    without_assistant(none, back, "no_caller_number").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_pauses_when_its_assistant_is_paused() {
    let (paused, back) = (json!({"status": "paused"}), json!({"status": "active"}));
    without_assistant(paused, back, "assistant_not_active").await;
}

/// Stores a key for the provider.
async fn set_key(harness: &Harness, key: &str) {
    let name = provider_key_name(&harness.keys.workspace, PROVIDER);
    harness.context.secrets.put(&name, &Secret::from(key.to_owned())).await.expect("a file");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_pauses_when_the_provider_answers_401_and_nobody_loses_an_attempt() {
    let mut harness = start().await;
    let (context, keys, api) = (harness.context.clone(), harness.keys.clone(), Api::of(&harness));
    set_key(&harness, "revoked").await;
    let population = people::population(2, 40, BERLIN);
    let campaign = people::start_campaign(&context, &keys, people::spec(&keys), &population).await;
    harness.run_to(MONDAY_AT_NINE.plus_ms(MINUTE_MS)).await;
    let refused = CampaignStatus::Paused { reason: PauseReason::ProviderRefused };
    assert_eq!(status(&harness, &campaign).await, refused);
    let dials = ended(&harness, &campaign).await;
    eprintln!("paused after {} dials", dials.len());
    // What was claimed by the first refusal, at most.
    assert!((1..=5).contains(&dials.len()), "{}", dials.len());
    assert!(dials.iter().all(|dial| dial.outcome == Some(Outcome::AccountRefused.into())), "{dials:?}");

    harness.run_to(MONDAY_AT_NINE.plus_ms(2 * HOUR_MS)).await;
    assert_eq!(status(&harness, &campaign).await, refused);
    assert_eq!(ended(&harness, &campaign).await.len(), dials.len(), "nothing more is dialled");
    assert_eq!(harness.network.calls(), [], "no call was made");
    let leads = context.store.all_leads(&keys.workspace, &campaign).await.expect("a table");
    assert_eq!(leads.len(), population.len());
    assert!(leads.iter().all(|lead| lead.attempts == 0 && !lead.state.is_settled()), "{leads:?}");

    // Resumed before the key is mended, it pauses again.
    let resume = format!("/campaigns/{campaign}/resume");
    api.command(&resume).await.ok(200);
    harness.run_to(harness.context.now().plus_ms(10 * MINUTE_MS)).await;
    assert_eq!(status(&harness, &campaign).await, refused);
    assert_eq!(harness.network.calls(), []);

    set_key(&harness, &NetworkSettings::default().elevenlabs.api_key).await;
    api.command(&resume).await.ok(200);
    let resumed_at: Timestamp = harness.context.now();
    assert!(harness.run_until(resumed_at.plus_ms(7 * HOUR_MS), checks::has_ended(&campaign)).await);
    assert_eq!(harness.network.calls().iter().filter(|call| call.placed_at < resumed_at).count(), 0);
    checks::record_is_true(&harness, &campaign).await;
    let leads = context.store.all_leads(&keys.workspace, &campaign).await.expect("a table");
    assert!(leads.iter().all(|lead| lead.attempts > 0), "everybody was called");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_that_rests_for_whatever_reason_ends_with_its_period() {
    let mut harness = start().await;
    let (context, keys, api) = (harness.context.clone(), harness.keys.clone(), Api::of(&harness));
    let ws = &keys.workspace;
    let last_day = local_date(BERLIN, MONDAY_AT_NINE);
    let mut campaigns = Vec::new();
    for (place, reason) in (0..).zip(PauseReason::ALL) {
        let period = Period::new(None, Some(last_day)).expect("a period");
        let spec = CampaignSpec { period, keep_open: place % 2 == 0, ..people::spec(&keys) };
        let population = people::population(place, 3, BERLIN);
        let id = people::start_campaign(&context, &keys, spec, &population).await;
        lifecycle::apply(&context, ws, &id, Command::Pause { reason }).await.expect("it runs");
        campaigns.push((id, reason));
    }
    // As one that can't be used is paused.
    api.patch(&format!("/assistants/{}", keys.assistant), json!({"caller_number_ids": []})).await.ok(200);
    let midnight = MONDAY_AT_NINE.plus_ms(15 * HOUR_MS);
    harness.run_to(midnight.plus_ms(-MINUTE_MS)).await;
    for (id, reason) in &campaigns {
        assert_eq!(status(&harness, id).await, CampaignStatus::Paused { reason: *reason });
    }
    harness.run_to(midnight.plus_ms(10 * MINUTE_MS)).await;
    for (id, reason) in &campaigns {
        assert_eq!(status(&harness, id).await, CampaignStatus::Completed, "{reason:?}");
        let leads = context.store.all_leads(ws, id).await.expect("a table");
        let over = LeadState::Skipped { reason: SkipReason::PeriodOver };
        assert!(leads.len() == 3 && leads.iter().all(|lead| lead.state == over), "{reason:?} {leads:?}");
        checks::record_is_true(&harness, id).await;
    }
    assert_eq!(harness.network.calls(), []);
}

/// People with numbers of the network's table, each `count` of one kind.
fn by_table(kinds: &[(&str, usize)]) -> Vec<(String, chrono_tz::Tz)> {
    let number = |kind: &str, place: usize| (format!("+493023{place:02}{kind}"), BERLIN);
    kinds.iter().flat_map(|(kind, count)| (10..10 + count).map(move |place| number(kind, place))).collect()
}

async fn with_table() -> Harness {
    let network = NetworkSettings::default();
    Harness::start(Options { network, hop_ms: 80, ..Options::at(MONDAY_AT_NINE) }).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_that_the_provider_finds_wrong_pause_the_campaign_though_others_do_not_answer_and_fail_nobody()
 {
    let mut harness = with_table().await;
    let (context, keys, api) = (harness.context.clone(), harness.keys.clone(), Api::of(&harness));
    // Whoever answers hears the provider break off.
    let population = by_table(&[("0017", 8), ("0003", 16)]);
    let campaign = people::start_campaign(&context, &keys, people::spec(&keys), &population).await;
    let rejected = CampaignStatus::Paused { reason: PauseReason::RequestsRejected };
    for round in 0..5 {
        let deadline = context.now().plus_ms(HOUR_MS);
        let is_paused = async |harness: &Harness| status(harness, &campaign).await == rejected;
        assert!(harness.run_until(deadline, is_paused).await, "{round}");
        let leads = context.store.all_leads(&keys.workspace, &campaign).await.expect("a table");
        assert!(leads.iter().all(|lead| lead.state != LeadState::Failed), "{round}");
        let wrong = leads.iter().filter(|lead| lead.rejected.is_some());
        assert!(wrong.clone().count() >= 3 && wrong.clone().all(|lead| lead.attempts == 0), "{round}");
        api.command(&format!("/campaigns/{campaign}/resume")).await.ok(200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_lead_that_the_provider_finds_wrong_fails_alone() {
    let mut harness = with_table().await;
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    let population = by_table(&[("0001", 6), ("0017", 1)]);
    let campaign = people::start_campaign(&context, &keys, people::spec(&keys), &population).await;
    assert!(harness.run_until(MONDAY_AT_NINE.plus_ms(HOUR_MS), checks::has_ended(&campaign)).await);
    let leads = context.store.all_leads(&keys.workspace, &campaign).await.expect("a table");
    let failed: Vec<_> = leads.iter().filter(|lead| lead.state == LeadState::Failed).collect();
    assert!(failed.len() == 1 && failed[0].numbers[0].number.to_string().ends_with("0017"), "{failed:?}");
    assert_eq!(leads.iter().filter(|lead| lead.state == LeadState::Completed).count(), 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_never_left_us_follow_their_own_policy_and_use_up_nothing() {
    let mut harness = with_table().await;
    let (context, keys, api) = (harness.context.clone(), harness.keys.clone(), Api::of(&harness));
    api.patch(&format!("/caller-numbers/{}", keys.caller_number), json!({"daily_cap": 1})).await.ok(200);
    api.patch("/workspace", json!({"contact_budget": {"max": 1, "per_days": 1}})).await.ok(200);
    // The provider does not place the first, whatever happens; the second may be called all the same.
    let mut spec = people::spec(&keys);
    spec.retry.max_attempts = 1;
    spec.retry.failed = FailurePolicy { max_retries: 3, delays: vec![2] };
    let campaign = people::start_campaign(&context, &keys, spec, &by_table(&[("0008", 1)])).await;
    let shown = api.get(&format!("/campaigns/{campaign}")).await.ok(200)["retry"]["failed"].clone();
    assert_eq!(shown, json!({"max_retries": 3, "delays": [2]}));
    assert!(harness.run_until(MONDAY_AT_NINE.plus_ms(HOUR_MS), checks::has_ended(&campaign)).await);
    let leads = context.store.all_leads(&keys.workspace, &campaign).await.expect("a table");
    assert_eq!((leads[0].state.clone(), leads[0].attempts, leads[0].failed), (LeadState::Failed, 0, 4));
    let mut dials = ended(&harness, &campaign).await;
    dials.sort_by_key(|dial| dial.started_at);
    let gaps = dials.windows(2).map(|two| two[1].started_at.since_ms(two[0].started_at) / MINUTE_MS);
    assert_eq!(gaps.collect::<Vec<_>>(), [2, 2, 2]);
    let state = context.store.plan_state(&keys.workspace).await.expect("a table").expect("a plan");
    let used = state.rate_states.numbers.get(&keys.caller_number);
    assert_eq!(used.map_or(0, |own| own.used_today(context.now())), 0);
}
