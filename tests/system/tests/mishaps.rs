//! What goes wrong once and must stay small: one call, one report, one transaction.

use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use carillon_domain::base::call::{CallReport, Line, Outcome, Role, Turn, VoiceProvider};
use carillon_domain::base::channel::Channel;
use carillon_domain::base::ids::{AttemptId, CampaignId, InteractionId, LeadId};
use carillon_domain::base::time::{MINUTE_MS, Timestamp};
use carillon_domain::calling::outcome::CallUpdate;
use carillon_domain::policy::rate_limit::RateStates;
use carillon_domain::policy::retry::RetryPolicy;
use carillon_domain::records::active_attempt::{
    ActiveAttempt, ActiveAttemptState, CallRequest, DialCause, MAX_AGE_MS,
};
use carillon_domain::records::campaign::Command;
use carillon_domain::records::interaction::Interaction;
use carillon_domain::transaction::{Failed, Running, Transaction, Write};
use carillon_local::TABLE;
use carillon_local::table::{Interceptor, TableCall, Verdict};
use carillon_runtime::services::call_updates;
use carillon_runtime::{planning_snapshot, services::lifecycle};
use carillon_store::{CommitError, ProviderCall, Store, StoreError};
use carillon_system_tests::api::Api;
use carillon_system_tests::harness::{Harness, MONDAY_AT_NINE, Options};
use carillon_system_tests::people;
use chrono_tz::Tz::Europe__Berlin as BERLIN;
use serde_json::json;

/// A call to a lead of this campaign that was dialled then, and nobody has told of since.
async fn silent(
    harness: &Harness,
    campaign: &CampaignId,
    dialled_at: Timestamp,
    at_stake: u8,
) -> ActiveAttempt {
    let (store, ws) = (&harness.context.store, &harness.keys.workspace);
    let lead = store.all_leads(ws, campaign).await.expect("a table").remove(0);
    let active_attempt = ActiveAttempt {
        number: lead.numbers[0].number.clone(),
        attempt: AttemptId::new(dialled_at, [at_stake; 10]),
        campaign: campaign.clone(),
        lead: lead.id.clone(),
        assistant: harness.keys.assistant.clone(),
        caller_number: harness.keys.caller_number.clone(),
        is_caller_chosen: false,
        provider: VoiceProvider::default(),
        line: Line::Twilio,
        channel: Channel::Call,
        cause: DialCause::Fresh,
        is_test: false,
        person: lead.person(),
        instructions: None,
        price_micros: 0,
        claimed_at: dialled_at,
        state: ActiveAttemptState::Dialling {
            dialled_at,
            by: "run".into(),
            start_by: dialled_at,
            lease_until: dialled_at.plus_ms(MINUTE_MS),
        },
    };
    let writes = vec![
        Write::Claim(active_attempt.clone()),
        Write::UpdateLead { before: lead.clone(), after: lead.dialled(&active_attempt, dialled_at) },
        Write::OpenInteraction(Interaction::dialled(&active_attempt, dialled_at)),
    ];
    store.commit(ws, &Transaction(writes)).await.expect("nothing stands in the way");
    active_attempt
}

fn call_of(active_attempt: &ActiveAttempt) -> ProviderCall {
    ProviderCall {
        attempt: active_attempt.attempt.clone(),
        lead: active_attempt.lead.clone(),
        number: active_attempt.number.clone(),
    }
}

async fn draft(harness: &Harness, part: u8, people: usize) -> CampaignId {
    let spec = people::spec(&harness.keys);
    let campaign = people::draft_campaign(&harness.context, &harness.keys, spec).await;
    people::add_leads(&harness.context, &harness.keys, &campaign, &people::population(part, people, BERLIN))
        .await;
    campaign
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_by_hand_that_fails_in_a_completed_campaign_reopens_it() {
    let harness = Harness::start(Options::at(MONDAY_AT_NINE)).await;
    let (context, ws) = (&harness.context, &harness.keys.workspace);
    let retry = RetryPolicy { max_attempts: 1, ..RetryPolicy::default() };
    let spec = carillon_domain::records::campaign::CampaignSpec { retry, ..people::spec(&harness.keys) };
    let campaign = people::draft_campaign(context, &harness.keys, spec).await;
    people::add_leads(context, &harness.keys, &campaign, &people::population(2, 1, BERLIN)).await;
    let active_attempt = silent(&harness, &campaign, MONDAY_AT_NINE, 1).await;
    for command in [Command::Start, Command::BeginCompletion, Command::Complete] {
        lifecycle::apply(context, ws, &campaign, command).await.expect("it may");
    }
    let report = CallReport::bare(Outcome::Failed, "503 from the carrier");
    call_updates::apply(context, ws, &call_of(&active_attempt), CallUpdate::Ended(&report))
        .await
        .expect("one transaction");
    let reopened = context.store.campaign(ws, &campaign).await.expect("a table").expect("a campaign");
    assert!(reopened.status.is_running(), "{:?}", reopened.status);
    assert_eq!(context.store.in_flight(ws).await.expect("a table").0, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failures_are_read_after_the_active_attempts_and_go_with_whom_they_are_counted_for() {
    let harness = Harness::start(Options::at(MONDAY_AT_NINE)).await;
    let (context, ws) = (&harness.context, &harness.keys.workspace);
    let campaign = draft(&harness, 2, 1).await;
    let number = harness.keys.caller_number.clone();
    let mut state = context.store.plan_state(ws).await.expect("a table").unwrap_or_default();
    let mut rate_states = RateStates::default();
    rate_states.campaigns.entry(campaign.clone()).or_default();
    rate_states.numbers.entry(number.clone()).or_default();
    state.rate_states = rate_states;
    let seen = async || {
        let snapshot = planning_snapshot::read(context, ws, &state, []).await.expect("a table");
        (snapshot.failures.campaigns[&campaign], snapshot.failures.numbers[&number])
    };
    assert_eq!(seen().await, (0, 0));
    // After the planner has taken its lease.
    let active_attempt = silent(&harness, &campaign, MONDAY_AT_NINE, 1).await;
    let report = CallReport::bare(Outcome::Failed, "503 from the carrier");
    call_updates::apply(context, ws, &call_of(&active_attempt), CallUpdate::Ended(&report))
        .await
        .expect("a table");
    assert_eq!(seen().await, (1, 1));
    let api = Api::of(&harness);
    api.delete(&format!("/campaigns/{campaign}?confirm=true")).await.ok(202);
    api.do_jobs().await;
    let stored = context.store.caller_number(ws, &number).await.expect("a table").expect("a number");
    assert!(context.store.remove_caller_number(ws, &stored).await.expect("a table"));
    assert_eq!(seen().await, (0, 0));
}

#[tokio::test]
async fn a_transaction_that_writes_an_item_twice_is_refused_before_it_is_sent() {
    let harness = Harness::start(Options::at(MONDAY_AT_NINE)).await;
    let (context, ws) = (&harness.context, &harness.keys.workspace);
    let campaign = draft(&harness, 2, 1).await;
    let supersede =
        Write::InvalidatePlan { campaign, active: true, running: Running::Still, at: context.now() };
    let advance = Write::AdvancePlan { epoch: 0, rate_states: RateStates::default() };
    let both = Transaction(vec![
        advance,
        Write::NoteFailure(Failed::CallerNumber(harness.keys.caller_number.clone())),
        supersede,
    ]);
    assert!(both.touched_twice().is_some());
    let before = harness.table.meter().snapshot().total().requests;
    let refused = context.store.commit(ws, &both).await;
    let Err(CommitError::Store(StoreError::TouchedTwice { sk, .. })) = refused else {
        panic!("unexpected answer {refused:?}");
    };
    assert_eq!(sk, "plan");
    assert_eq!(harness.table.meter().snapshot().total().requests, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_cannot_be_settled_holds_nobody_else_up() {
    let mut harness = Harness::start(Options::at(MONDAY_AT_NINE)).await;
    let lost = draft(&harness, 2, 1).await;
    let dialled_at = MONDAY_AT_NINE.plus_ms(-MAX_AGE_MS - 5 * MINUTE_MS);
    let active_attempt = silent(&harness, &lost, dialled_at, 1).await;
    // Its record can't be read any more.
    let id = InteractionId::of(&active_attempt.attempt);
    let item = [("pk", format!("{}#{id}", harness.keys.workspace)), ("sk", "record".to_owned())];
    let item = item.into_iter().chain([("id", "odd".to_owned())]);
    let item = item.map(|(name, value)| (name.to_owned(), AttributeValue::S(value))).collect();
    let put = harness.table.client().put_item().table_name(TABLE).set_item(Some(item));
    put.send().await.expect("a table");
    let spec = people::spec(&harness.keys);
    let population = people::population(3, 3, BERLIN);
    people::start_campaign(&harness.context, &harness.keys, spec, &population).await;
    harness.run_to(MONDAY_AT_NINE.plus_ms(5 * MINUTE_MS)).await;
    assert_eq!(harness.network.calls().len(), population.len());
    let kept = harness.context.store.active_attempt(&harness.keys.workspace, &active_attempt.number).await;
    assert!(kept.expect("a table").is_some(), "its slot is held until somebody knows");
}

/// Throttles whatever keeps a transcript.
#[derive(Debug)]
struct NoTranscripts;

impl Interceptor for NoTranscripts {
    fn before(&self, call: &TableCall<'_>) -> Verdict {
        let is_transcript = call.request["Item"]["sk"]["S"] == "transcript";
        if is_transcript { Verdict::Throttle } else { Verdict::Pass }
    }
}

fn talked(turns: Vec<Turn>) -> CallReport {
    CallReport { transcript: turns, ..CallReport::bare(Outcome::Completed, "hangup") }
}

fn said(message: String) -> Turn {
    Turn { role: Role::User, message, at_secs: 1 }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transcript_that_is_not_kept_is_asked_for_again() {
    let harness = Harness::start(Options::at(MONDAY_AT_NINE)).await;
    let (context, ws) = (&harness.context, &harness.keys.workspace);
    let campaign = draft(&harness, 2, 1).await;
    let active_attempt = silent(&harness, &campaign, MONDAY_AT_NINE, 1).await;
    let mut throttled = context.clone();
    throttled.store = Store::new(harness.table.client_with(Arc::new(NoTranscripts)), TABLE);
    let (call, report) = (call_of(&active_attempt), talked(vec![said("Yes, please.".into())]));
    let lost = call_updates::apply(&throttled, ws, &call, CallUpdate::Ended(&report)).await;
    assert!(lost.is_err(), "the provider is to send it again");
    let id = InteractionId::of(&active_attempt.attempt);
    let record = async || context.store.interaction(ws, &id).await.expect("a table").expect("a record");
    assert_eq!(record().await.outcome, None);
    call_updates::apply(context, ws, &call, CallUpdate::Ended(&report)).await.expect("a table");
    assert!(record().await.has_transcript);
    assert_eq!(context.store.transcript(ws, &id).await.expect("a table"), report.transcript);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transcript_that_fits_into_no_item_does_not_keep_the_call_from_ending() {
    let harness = Harness::start(Options::at(MONDAY_AT_NINE)).await;
    let (context, ws) = (&harness.context, &harness.keys.workspace);
    let campaign = draft(&harness, 2, 1).await;
    let active_attempt = silent(&harness, &campaign, MONDAY_AT_NINE, 1).await;
    // Nothing that could be packed.
    let mut state = 1_u64;
    let noise = (0..1_000_000).map(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'!' + u8::try_from((state >> 33) % 90).expect("small"))
    });
    let report = talked(vec![said(noise.collect())]);
    call_updates::apply(context, ws, &call_of(&active_attempt), CallUpdate::Ended(&report))
        .await
        .expect("it ends");
    let record = context.store.interaction(ws, &InteractionId::of(&active_attempt.attempt)).await;
    let record = record.expect("a table").expect("a record");
    assert_eq!((record.outcome, record.has_transcript), (Some(Outcome::Completed.into()), false));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_is_asked_for_once_however_often_at_once() {
    let api = Api::start().await;
    let (first, second) = (api.campaign().await, api.campaign().await);
    let (lead, same) = (api.lead(&first, "030 901820").await, api.lead(&second, "030 901820").await);
    let form = |lead: &String| json!({"leadId": lead, "direction": "outbound"});
    const PATH: &str = "/voice/calls/initiate";
    let (one, other) = tokio::join!(api.post(PATH, form(&lead)), api.post(PATH, form(&lead)));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [202, 409], "{} {}", one.text, other.text);
    // The same person in another campaign.
    api.post(PATH, form(&same)).await.problem(409, "already_requested");

    // Both had looked before either wrote.
    let (ws, now) = (&api.keys.workspace, api.context.now());
    let id: LeadId = same.parse().expect("an id");
    let request = |n: u8| CallRequest {
        attempt: AttemptId::new(now, [n; 10]),
        lead: id.clone(),
        person: Vec::new(),
        caller_number: None,
        instructions: None,
        requested_at: now,
    };
    let put = async |n| api.context.store.commit(ws, &Transaction::of(Write::PutRequest(request(n)))).await;
    put(1).await.expect("nobody has asked");
    assert!(put(2).await.is_err_and(|error| error.refuses(|_| true)));
    // Whoever gives up another request leaves this one.
    let removal = Transaction::withdraw_request(&request(2));
    assert!(api.context.store.commit(ws, &removal).await.is_err_and(|error| error.refuses(|_| true)));
    api.context.store.commit(ws, &Transaction::withdraw_request(&request(1))).await.expect("it is there");
}
