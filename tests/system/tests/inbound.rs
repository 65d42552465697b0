//! People who call back: linked to their latest lead, busy while they talk, and not called again.

use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::types::AttributeValue;
use axum::body::Body;
use axum::http::Request;
use carillon_domain::base::call::{Line, VoiceProvider};
use carillon_domain::base::channel::Channel;
use carillon_domain::base::ids::{AssistantId, AttemptId, CampaignId, InteractionId, LeadId};
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::{HOUR_MS, MINUTE_MS, Timestamp};
use carillon_domain::policy::assistant::Assistant;
use carillon_domain::records::active_attempt::{ActiveAttempt, ActiveAttemptState, DialCause};
use carillon_domain::records::interaction::{Direction, Interaction, StartedBy};
use carillon_domain::records::lead::Lead;
use carillon_domain::reporting::invariants;
use carillon_domain::transaction::{Transaction, Write};
use carillon_local::TABLE;
use carillon_local::provider_simulator::elevenlabs::PROVIDER;
use carillon_local::provider_simulator::person::{Behaviour, Ending};
use carillon_local::provider_simulator::{PersonCalls, Question};
use carillon_local::table::{Interceptor, TableCall, Verdict};
use carillon_system_tests::harness::{Harness, MONDAY_AT_NINE, Options};
use carillon_system_tests::people;
use serde_json::{Value, json};
use tower::ServiceExt;

/// Never answers: the network's table of numbers says so.
const PERSON: &str = "+4930231120003";
const OURS: &str = "+493023125099";
/// How long the person talks, in milliseconds.
const TALK_MS: i64 = 5 * MINUTE_MS;

/// A run in which the person was dialled and missed.
async fn missed(change: impl FnOnce(&mut Options)) -> (Harness, CampaignId) {
    let mut options = Options::at(MONDAY_AT_NINE);
    options.network.magic_numbers = true;
    change(&mut options);
    let mut harness = Harness::start(options).await;
    let campaign = campaign(&harness).await;
    let end = harness.context.now().plus_ms(HOUR_MS);
    let is_missed =
        async |harness: &Harness| lead(harness, &campaign).await.state.name() == "retry_scheduled";
    assert!(harness.run_until(end, is_missed).await);
    (harness, campaign)
}

async fn campaign(harness: &Harness) -> CampaignId {
    let mut spec = people::spec(&harness.keys);
    spec.variables = [("offer".to_owned(), "Tuesday at nine".to_owned())].into();
    let person = [(PERSON.to_owned(), chrono_tz::Tz::Europe__Berlin)];
    people::start_campaign(&harness.context, &harness.keys, spec, &person).await
}

async fn lead(harness: &Harness, campaign: &CampaignId) -> Lead {
    let id = LeadId::derive(campaign, &PERSON.parse().expect("a number"));
    harness.context.store.lead(&harness.keys.workspace, &id).await.expect("a table").expect("a lead")
}

async fn ended(harness: &Harness, campaign: &CampaignId) -> Vec<Interaction> {
    let page = harness.context.store.ended_interactions(&harness.keys.workspace, campaign, None, 50).await;
    page.expect("a table").interactions
}

async fn is_busy(harness: &Harness) -> bool {
    !harness.context.store.in_flight(&harness.keys.workspace).await.expect("a table").0.is_empty()
}

async fn run_to(harness: &mut Harness, at: Timestamp) {
    while harness.context.now() < at {
        harness.step().await;
    }
}

fn person_calls() -> PersonCalls {
    PersonCalls {
        provider: PROVIDER,
        from: PERSON.to_owned(),
        to: OURS.to_owned(),
        phone_number_id: "phnum_1".to_owned(),
        agent_id: "agent_1".to_owned(),
        behaviour: Behaviour::Talks { ring_ms: 0, talk_ms: TALK_MS, ending: Ending::Person },
    }
}

async fn ask(harness: &mut Harness, question: &Question) -> (u16, Value) {
    let headers: Vec<_> = question.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    harness.ask_initiation(PROVIDER, &headers, question.body.clone()).await
}

async fn get(harness: &Harness, path: &str) -> Value {
    let key = format!("Bearer {}", harness.keys.api_key);
    let request = Request::get(format!("/api/v1{path}")).header("authorization", key);
    let router = carillon_api::router(harness.context.clone());
    let request = request.body(Body::empty()).expect("a request");
    let response = router.oneshot(request).await.expect("an answer");
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.expect("a body");
    serde_json::from_slice(&body).expect("JSON")
}

/// The record of the one call that came in, and the counters with it.
async fn the_call_back(harness: &Harness, campaign: &CampaignId) -> Interaction {
    let interactions = ended(harness, campaign).await;
    let counters = harness.context.store.counters(&harness.keys.workspace, campaign).await.expect("a table");
    assert_eq!(invariants::ends_agree(&counters, &interactions), Ok(()));
    assert_eq!(invariants::counters_agree(&counters, [&lead(harness, campaign).await]), Ok(()));
    let mut incoming = interactions.into_iter().filter(|one| one.direction == Direction::Inbound);
    let (one, more) = (incoming.next().expect("a call that came in"), incoming.next());
    assert_eq!(more, None);
    one
}

/// Mexican carriers still tell callers with the 1 that numbers have lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_calls_back_in_another_form_of_the_number_is_known() {
    let mut options = Options::at(MONDAY_AT_NINE);
    options.network.magic_numbers = true;
    let mut harness = Harness::start(options).await;
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    let person = [("+525550120003".to_owned(), chrono_tz::Tz::Europe__Berlin)];
    let campaign = people::start_campaign(&context, &keys, people::spec(&keys), &person).await;
    let id = LeadId::derive(&campaign, &person[0].0.parse().expect("a number"));
    let is_missed = async |harness: &Harness| {
        let lead = harness.context.store.lead(&keys.workspace, &id).await.expect("a table").expect("a lead");
        lead.state.name() == "retry_scheduled"
    };
    assert!(harness.run_until(MONDAY_AT_NINE.plus_ms(HOUR_MS), is_missed).await);
    let (status, answer) =
        harness.person_calls(&PersonCalls { from: "+5215550120003".to_owned(), ..person_calls() }).await;
    assert_eq!((status, &answer["dynamic_variables"]["lead_id"]), (200, &json!(id)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_calls_back_is_known_and_not_called_again() {
    let (mut harness, first) = missed(|_| ()).await;
    let (status, answer) = harness.person_calls(&person_calls()).await;
    assert_eq!((status, &answer["type"]), (200, &json!("conversation_initiation_client_data")));
    let id = lead(&harness, &first).await.id;
    let variables = &answer["dynamic_variables"];
    assert_eq!([&variables["lead_id"], &variables["offer"]], [&json!(id), &json!("Tuesday at nine")]);
    let overrides = answer.pointer("/conversation_config_override/agent/first_message");
    assert_eq!(overrides, Some(&json!("Hi there")));

    // While they talk, no other campaign dials them.
    let dials = |harness: &Harness| harness.network.calls().iter().filter(|call| !call.is_incoming).count();
    let before = dials(&harness);
    let second = campaign(&harness).await;
    let hangs_up_at = harness.context.now().plus_ms(TALK_MS);
    run_to(&mut harness, hangs_up_at).await;
    assert!(is_busy(&harness).await);
    assert_eq!(dials(&harness), before);

    run_to(&mut harness, hangs_up_at.plus_ms(2 * MINUTE_MS)).await;
    assert_eq!(dials(&harness), before + 1, "the other campaign's turn has come");
    assert_eq!(lead(&harness, &second).await.attempts, 1);
    let settled = lead(&harness, &first).await;
    assert_eq!((settled.state.name(), settled.attempts), ("completed", 1));
    let record = the_call_back(&harness, &first).await;
    assert_eq!(json!(InteractionId::of(&record.attempt()).attempt()), answer["user_id"]);
    assert_eq!((record.started_by, record.has_transcript), (StartedBy::Inbound, true));
    assert_eq!(record.number.map(|number| number.to_string()).as_deref(), Some(PERSON));

    let shown = get(&harness, &format!("/campaigns/{first}/interactions?status=completed")).await;
    let items = shown["items"].as_array().map_or(&[][..], Vec::as_slice);
    let told = |item: &Value| [&item["direction"], &item["started_by"]].map(Clone::clone);
    assert_eq!(items.iter().map(told).collect::<Vec<_>>(), [[json!("inbound"), json!("inbound")]]);

    let ws = harness.keys.workspace.clone();
    let stored = harness.context.store.campaign(&ws, &first).await.expect("a table").expect("a campaign");
    assert!(stored.status.is_ended(), "nobody is left to be called: {:?}", stored.status);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_of_which_nobody_asked_is_known_by_its_number_at_its_end() {
    let records = Arc::new(InboundRecords::default());
    let (mut harness, campaign) = missed(|options| {
        options.network.faults.double_permille = 1_000;
        options.interceptor = Some(records.clone());
    })
    .await;
    let call = person_calls();
    harness.network.connect(&call, "CA0", &Value::Null).expect("a log in memory");
    let over_at = harness.context.now().plus_ms(TALK_MS + MINUTE_MS);
    run_to(&mut harness, over_at).await;
    assert_eq!(lead(&harness, &campaign).await.state.name(), "completed");
    let record = the_call_back(&harness, &campaign).await;
    assert_eq!(i64::from(record.duration_secs) * 1_000, TALK_MS);
    assert!(!is_busy(&harness).await);
    // One that were stored before its end would stay open if the end then failed, for nobody asks about it.
    let stored = records.0.lock().expect("no panic").clone();
    assert!(!stored.is_empty() && stored.iter().all(|record| record.get("ended_at").is_some()), "{stored:?}");
}

/// Every record of a call that came in, as it is sent to the table.
#[derive(Debug, Default)]
struct InboundRecords(Mutex<Vec<Value>>);

impl Interceptor for InboundRecords {
    fn before(&self, call: &TableCall<'_>) -> Verdict {
        let writes = call.request["TransactItems"].as_array().into_iter().flatten();
        let items = writes.map(|write| write["Put"]["Item"].clone());
        let of_inbound = items.filter(|item| item["direction"]["S"] == "inbound");
        self.0.lock().expect("no panic").extend(of_inbound);
        Verdict::Pass
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_that_is_never_told_is_asked_for() {
    let (mut harness, campaign) = missed(|options| options.network.faults.lose_permille = 1_000).await;
    harness.person_calls(&person_calls()).await;
    let found_by = harness.context.now().plus_ms(TALK_MS + 4 * MINUTE_MS);
    run_to(&mut harness, found_by).await;
    assert_eq!(lead(&harness, &campaign).await.state.name(), "completed");
    assert!(!is_busy(&harness).await);
    the_call_back(&harness, &campaign).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_whom_nothing_is_ever_heard_is_busy_for_an_hour_at_most() {
    let (mut harness, campaign) = missed(|_| ()).await;
    let question = harness.network.question(&person_calls());
    ask(&mut harness, &question).await;
    let begun_at = harness.context.now();
    run_to(&mut harness, begun_at.plus_ms(59 * MINUTE_MS)).await;
    assert!(is_busy(&harness).await);
    let due_before = lead(&harness, &campaign).await;
    assert_eq!(due_before.attempts, 1, "they seem to be on the line");
    run_to(&mut harness, begun_at.plus_ms(64 * MINUTE_MS)).await;
    the_call_back(&harness, &campaign).await;
    assert_ne!(lead(&harness, &campaign).await.state.name(), "completed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_call_of_who_is_on_the_line_is_recorded_at_its_end() {
    let (mut harness, campaign) = missed(|_| ()).await;
    let store = harness.context.store.clone();
    harness.person_calls(&person_calls()).await;
    let again_at = harness.context.now().plus_ms(MINUTE_MS);
    run_to(&mut harness, again_at).await;
    let (status, answer) = harness.person_calls(&person_calls()).await;
    let second: AttemptId = serde_json::from_value(answer["user_id"].clone()).expect("an attempt");
    let record = async || {
        store.interaction(&harness.keys.workspace, &InteractionId::of(&second)).await.expect("a table")
    };
    assert_eq!((status, record().await), (200, None), "nobody would ask what became of it");
    let over_at = harness.context.now().plus_ms(TALK_MS + 2 * MINUTE_MS);
    run_to(&mut harness, over_at).await;
    let incoming = ended(&harness, &campaign).await;
    let incoming: Vec<_> = incoming.iter().filter(|one| one.direction == Direction::Inbound).collect();
    assert!(incoming.len() == 2 && incoming.iter().any(|one| one.attempt() == second));
    assert!(!is_busy(&harness).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_calls_from_one_number_at_once_are_told_apart_by_the_carriers_ids() {
    let (mut harness, campaign) = missed(|_| ()).await;
    // Of the first nobody asked.
    harness.network.connect(&person_calls(), "CA0", &Value::Null).expect("a log in memory");
    let again_at = harness.context.now().plus_ms(MINUTE_MS);
    run_to(&mut harness, again_at).await;
    harness.person_calls(&person_calls()).await;
    run_to(&mut harness, again_at.plus_ms(TALK_MS - MINUTE_MS / 2)).await;
    assert!(is_busy(&harness).await, "the second call is up");
    run_to(&mut harness, again_at.plus_ms(TALK_MS + 2 * MINUTE_MS)).await;
    assert!(!is_busy(&harness).await);
    let incoming = ended(&harness, &campaign).await;
    let incoming: Vec<_> = incoming.iter().filter(|one| one.direction == Direction::Inbound).collect();
    assert_eq!(
        incoming.iter().map(|one| i64::from(one.duration_secs) * 1_000).collect::<Vec<_>>(),
        [TALK_MS; 2]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_joined_another_ends_as_itself_where_the_carrier_gives_no_id() {
    let (mut harness, campaign) = missed(|_| ()).await;
    let ask_without_id = async |harness: &mut Harness, call: &PersonCalls| {
        let mut question = harness.network.question(call);
        let mut body: Value = serde_json::from_str(&question.body).expect("JSON");
        body.as_object_mut().expect("fields").remove("call_sid");
        question.body = body.to_string();
        let (_, answer) = ask(harness, &question).await;
        harness.network.connect(call, &question.call_sid, &answer).expect("a log in memory");
    };
    let short = Behaviour::Talks { ring_ms: 0, talk_ms: MINUTE_MS, ending: Ending::Person };
    ask_without_id(&mut harness, &person_calls()).await;
    let again_at = harness.context.now().plus_ms(MINUTE_MS);
    run_to(&mut harness, again_at).await;
    ask_without_id(&mut harness, &PersonCalls { behaviour: short, ..person_calls() }).await;
    run_to(&mut harness, again_at.plus_ms(2 * MINUTE_MS)).await;
    assert!(is_busy(&harness).await, "the first call is up");
    run_to(&mut harness, again_at.plus_ms(TALK_MS + 2 * MINUTE_MS)).await;
    let incoming = ended(&harness, &campaign).await;
    let incoming = incoming.iter().filter(|one| one.direction == Direction::Inbound);
    let mut lengths: Vec<_> = incoming.map(|one| i64::from(one.duration_secs) * 1_000).collect();
    lengths.sort_unstable();
    assert_eq!(lengths, [MINUTE_MS, TALK_MS]);
    assert!(!is_busy(&harness).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_chosen_for_another_number_of_the_person_is_taken_back() {
    let (mut harness, campaign) = missed(|_| ()).await;
    let (store, ws, now) =
        (harness.context.store.clone(), harness.keys.workspace.clone(), harness.context.now());
    let before = lead(&harness, &campaign).await;
    let other: E164 = "+4930231120004".parse().expect("a number");
    let both = vec![before.numbers[0].number.clone(), other.clone()];
    let after = Lead {
        version: before.version + 1,
        numbers: both.iter().cloned().map(Into::into).collect(),
        ..before.clone()
    };
    let chosen = ActiveAttempt {
        number: other,
        attempt: AttemptId::new(now, [6; 10]),
        campaign: campaign.clone(),
        lead: before.id.clone(),
        assistant: harness.keys.assistant.clone(),
        caller_number: harness.keys.caller_number.clone(),
        is_caller_chosen: false,
        provider: VoiceProvider::default(),
        line: Line::Twilio,
        channel: Channel::Call,
        cause: DialCause::Retry,
        is_test: false,
        person: both,
        instructions: None,
        price_micros: 0,
        claimed_at: now,
        state: ActiveAttemptState::Claimed {
            dial_at: now.plus_ms(MINUTE_MS),
            until: now.plus_ms(2 * MINUTE_MS),
        },
    };
    let stored = vec![Write::UpdateLead { before, after }, Write::Claim(chosen)];
    store.commit(&ws, &Transaction(stored)).await.expect("nothing stands in the way");
    let epoch = store.plan_state(&ws).await.expect("a table").expect("a state").epoch;
    assert_eq!(harness.person_calls(&person_calls()).await.0, 200);
    let (active_attempts, _) = store.in_flight(&ws).await.expect("a table");
    let causes: Vec<_> = active_attempts
        .iter()
        .map(|active_attempt| (active_attempt.cause, active_attempt.number.as_str()))
        .collect();
    assert_eq!(causes, [(DialCause::Inbound, PERSON)]);
    let state = store.plan_state(&ws).await.expect("a table").expect("a state");
    assert!(state.epoch > epoch, "a planner under way can choose nothing any more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_paired_assistant_speaks_with_whom_the_other_one_called() {
    let (mut harness, _) = missed(|_| ()).await;
    let (store, ws) = (harness.context.store.clone(), harness.keys.workspace.clone());
    let own = store.assistant(&ws, &harness.keys.assistant).await.expect("a table").expect("an assistant");
    let paired = Assistant {
        id: AssistantId::new(harness.context.now(), [4; 10]),
        name: "Kim".into(),
        prompt_template: Some("You are {{ assistant_name }}, about {{ offer }}.".into()),
        ..own.clone()
    };
    assert!(store.create_assistant(&ws, &paired).await.expect("a table"));
    let own = Assistant { version: own.version + 1, paired_assistant_id: Some(paired.id), ..own };
    assert!(store.update_assistant(&ws, &own).await.expect("a table"));
    let (_, answer) = harness.person_calls(&person_calls()).await;
    let agent = &answer["conversation_config_override"]["agent"];
    assert_eq!(agent, &json!({"prompt": {"prompt": "You are Kim, about Tuesday at nine."}}));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_has_no_right_to_ask_is_told_nothing() {
    let (mut harness, _) = missed(|_| ()).await;
    let body = json!({"caller_id": PERSON, "agent_id": "agent_1", "called_number": OURS, "call_sid": "CA1"});
    let writes = |harness: &Harness| harness.table.meter().snapshot().total().write_units;
    let before = writes(&harness);
    let cases = [vec![], vec![("X-Carillon-Secret", "init_loca")], vec![("X-Carillon-Secret", "")]];
    for headers in &cases {
        let (status, problem) = harness.ask_initiation(PROVIDER, headers, body.to_string()).await;
        assert_eq!(status, 401, "{headers:?}: {problem}");
    }
    // Callers whom nobody knows, numbers that are not ours, and no question at all.
    let stranger = json!({"caller_id": "+4930231129999", "called_number": OURS, "call_sid": "CA2"});
    let elsewhere = json!({"caller_id": PERSON, "called_number": "+493023125098", "call_sid": "CA3"});
    let odd = ["", "[]", "{\"caller_id\": {}}", "null"].map(str::to_owned);
    for body in [stranger.to_string(), elsewhere.to_string()].into_iter().chain(odd) {
        let answered =
            harness.ask_initiation(PROVIDER, &[("X-Carillon-Secret", "init_local")], body.clone()).await;
        let anonymous = json!({"type": "conversation_initiation_client_data", "dynamic_variables": {}});
        assert_eq!(answered, (200, anonymous), "{body}");
    }
    harness.keys.workspace = carillon_domain::base::ids::WorkspaceId::new(harness.context.now(), [5; 10]);
    let (status, _) =
        harness.ask_initiation(PROVIDER, &[("X-Carillon-Secret", "init_local")], body.to_string()).await;
    assert_eq!(status, 404);
    assert_eq!(writes(&harness), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_questions_at_once_about_a_call_are_one_attempt() {
    let (mut harness, campaign) = missed(|_| ()).await;
    let question = harness.network.question(&person_calls());
    let (_, answer) = ask(&mut harness, &question).await;
    // As it is while the first question is being answered: nothing is noted under the carrier's id yet.
    let noted = AttributeValue::S(format!("{}#call#{}", harness.keys.workspace, question.call_sid));
    let remove = harness.table.client().delete_item().table_name(TABLE).key("pk", noted);
    remove.key("sk", AttributeValue::S("attempt".into())).send().await.expect("a table");
    let (_, again) = ask(&mut harness, &question).await;
    assert_eq!(again, answer);
    harness.network.connect(&person_calls(), &question.call_sid, &answer).expect("a log in memory");
    let over_at = harness.context.now().plus_ms(TALK_MS + 2 * MINUTE_MS);
    run_to(&mut harness, over_at).await;
    assert!(!is_busy(&harness).await);
    the_call_back(&harness, &campaign).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_a_later_call_is_not_that_of_an_earlier_one() {
    let (mut harness, campaign) = missed(|_| ()).await;
    // Of the first call nothing more is heard; nobody asks about the second.
    let question = harness.network.question(&person_calls());
    let (_, first) = ask(&mut harness, &question).await;
    let again_at = harness.context.now().plus_ms(10 * MINUTE_MS);
    run_to(&mut harness, again_at).await;
    harness.network.connect(&person_calls(), "CA0", &Value::Null).expect("a log in memory");
    run_to(&mut harness, again_at.plus_ms(TALK_MS + 2 * MINUTE_MS)).await;
    let record = the_call_back(&harness, &campaign).await;
    assert_ne!(json!(record.attempt()), first["user_id"]);
    assert_eq!(i64::from(record.duration_secs) * 1_000, TALK_MS);
    assert!(is_busy(&harness).await, "the first call may still be up");
}
