//! The life of a campaign, state by state and action by action.

use carillon_domain::base::call::{Line, VoiceProvider};
use carillon_domain::base::ids::{AttemptId, CampaignId, LeadId};
use carillon_domain::base::time::DAY_MS;
use carillon_domain::records::active_attempt::{ActiveAttempt, ActiveAttemptState, DialCause};
use carillon_domain::records::campaign::Command;
use carillon_domain::transaction::{Transaction, Write};
use carillon_runtime::services::lifecycle;
use carillon_system_tests::api::{Answer, Api};
use serde_json::json;

const STATES: [&str; 6] = ["draft", "scheduled", "running", "paused", "completed", "cancelled"];
const ACTIONS: [&str; 9] =
    ["start", "schedule", "unschedule", "pause", "resume", "cancel", "edit", "duplicate", "delete"];

/// The state that an action leads to; none if it is refused. The contract, written down once more.
fn contract(state: &str, action: &str) -> Option<&'static str> {
    match (state, action) {
        ("draft", "start") | ("paused", "resume") => Some("running"),
        ("draft", "schedule") => Some("scheduled"),
        ("scheduled", "unschedule") => Some("draft"),
        ("running", "pause") => Some("paused"),
        ("running" | "paused", "cancel") => Some("cancelled"),
        ("draft", "edit") => Some("draft"),
        ("running", "edit") => Some("running"),
        ("paused", "edit") => Some("paused"),
        ("draft" | "scheduled" | "paused" | "completed" | "cancelled", "duplicate") => Some("draft"),
        ("draft" | "scheduled" | "completed" | "cancelled", "delete") => Some("gone"),
        _ => None,
    }
}

async fn campaign_in(api: &Api, state: &str) -> String {
    let path = api.campaign().await;
    let steps: &[&str] = match state {
        "draft" => &[],
        "scheduled" => &["schedule"],
        "running" | "completed" => &["start"],
        "paused" => &["start", "pause"],
        _ => &["start", "cancel"],
    };
    for step in steps {
        act(api, &path, step).await.ok(200);
    }
    if state == "completed" {
        let id = id_of(&path);
        for command in [Command::BeginCompletion, Command::Complete] {
            lifecycle::apply(&api.context, &api.keys.workspace, &id, command).await.expect("it completes");
        }
    }
    assert_eq!(api.get(&path).await.ok(200)["status"], state);
    path
}

fn id_of(path: &str) -> CampaignId {
    path.trim_start_matches("/campaigns/").parse().expect("an id")
}

async fn act(api: &Api, path: &str, action: &str) -> Answer {
    match action {
        "schedule" => {
            api.post(&format!("{path}/schedule"), json!({"start_at": "2026-12-01T09:00:00Z"})).await
        }
        "edit" => api.patch(path, json!({"name": "Changed"})).await,
        "delete" => api.delete(&format!("{path}?confirm=true")).await,
        action => api.command(&format!("{path}/{action}")).await,
    }
}

#[tokio::test]
async fn every_action_in_every_state_does_what_the_contract_says() {
    let api = Api::start().await;
    for state in STATES {
        for action in ACTIONS {
            let path = campaign_in(&api, state).await;
            let before = api.get(&path).await.ok(200);
            let answer = act(&api, &path, action).await;
            let allowed = before["allowed_actions"].as_array().expect("a list").contains(&json!(action));
            assert_eq!(allowed, contract(state, action).is_some(), "{state} {action}");
            match contract(state, action) {
                Some("gone") => {
                    answer.ok(202);
                    api.get(&path).await.problem(404, "not_found");
                }
                Some(next) if action == "duplicate" => assert_eq!(answer.ok(201)["status"], next),
                Some(next) => {
                    assert_eq!(answer.ok(200)["status"], next, "{state} {action}");
                    assert_eq!(api.get(&path).await.ok(200)["status"], next);
                }
                None => {
                    let problem = answer.problem(409, "action_not_allowed");
                    assert_eq!(problem["allowed_actions"], before["allowed_actions"], "{state} {action}");
                    assert_eq!(api.get(&path).await.ok(200), before);
                }
            }
        }
    }
}

#[tokio::test]
async fn one_that_has_ended_is_deleted_only_when_that_is_confirmed() {
    let api = Api::start().await;
    for state in ["completed", "cancelled"] {
        let path = campaign_in(&api, state).await;
        api.delete(&path).await.problem(409, "confirmation_required");
        api.delete(&format!("{path}?confirm=false")).await.problem(409, "confirmation_required");
        api.delete(&format!("{path}?confirm=true")).await.ok(202);
    }
}

#[tokio::test]
async fn one_that_ever_ran_is_deleted_only_when_that_is_confirmed() {
    let api = Api::start().await;
    // Between two runs it is scheduled, and no longer once that is taken back.
    let path = campaign_in(&api, "running").await;
    let start_at = api.context.now().plus_ms(DAY_MS);
    for command in [Command::BeginCompletion, Command::AwaitRun { start_at }] {
        lifecycle::apply(&api.context, &api.keys.workspace, &id_of(&path), command).await.expect("it waits");
    }
    assert_eq!(api.get(&path).await.ok(200)["status"], "scheduled");
    api.delete(&path).await.problem(409, "confirmation_required");
    act(&api, &path, "unschedule").await.ok(200);
    api.delete(&path).await.problem(409, "confirmation_required");
    api.delete(&format!("{path}?confirm=true")).await.ok(202);
    for state in ["draft", "scheduled"] {
        api.delete(&campaign_in(&api, state).await).await.ok(202);
    }
}

#[tokio::test]
async fn nothing_starts_or_goes_on_once_its_period_is_over() {
    let api = Api::start().await;
    let (draft, paused) = (campaign_in(&api, "draft").await, campaign_in(&api, "paused").await);
    for path in [&draft, &paused] {
        api.patch(path, json!({"period": {"end": "2026-11-24"}, "time_zone": "Europe/Berlin"})).await.ok(200);
    }
    let schedule = format!("{draft}/schedule");
    for (start_at, is_over) in [("2026-11-24T22:59:59Z", false), ("2026-11-24T23:00:00Z", true)] {
        let answer = api.post(&schedule, json!({"start_at": start_at})).await;
        if is_over {
            assert_eq!(answer.faults(422, "invalid_fields"), ["period.end"]);
        } else {
            answer.ok(200);
            act(&api, &draft, "unschedule").await.ok(200);
        }
    }
    // To the last second of its last day.
    api.context.clock.advance_to("2026-11-24T22:59:59Z".parse().expect("a time"));
    act(&api, &draft, "start").await.ok(200);
    act(&api, &draft, "pause").await.ok(200);
    api.advance_ms(1_000);
    for path in [&draft, &paused] {
        let before = api.get(path).await.ok(200);
        assert_eq!(act(&api, path, "resume").await.faults(422, "invalid_fields"), ["period.end"]);
        assert_eq!(api.get(path).await.ok(200), before);
    }
    let copy = act(&api, &draft, "duplicate").await.ok(201);
    let copy = format!("/campaigns/{}", copy["id"].as_str().expect("an id"));
    assert_eq!(act(&api, &copy, "start").await.faults(422, "invalid_fields"), ["period.end"]);
    // The rest remains editable; a new period has to lie ahead.
    act(&api, &copy, "edit").await.ok(200);
    let past = api.patch(&copy, json!({"period": {"end": "2026-11-23"}})).await;
    assert_eq!(past.faults(422, "invalid_fields"), ["period.end"]);
    api.patch(&copy, json!({"period": {"end": "2026-11-25"}})).await.ok(200);
    act(&api, &copy, "start").await.ok(200);
    let form = json!({"name": "A", "assistant_id": api.keys.assistant, "period": {"end": "2025-12-31"}});
    assert_eq!(api.post("/campaigns", form).await.faults(422, "invalid_fields"), ["period.end"]);
}

#[tokio::test]
async fn times_follow_the_life() {
    let api = Api::start().await;
    let path = campaign_in(&api, "draft").await;
    let schedule = json!({"start_at": "2026-12-01T10:00:00+01:00"});
    let scheduled = api.post(&format!("{path}/schedule"), schedule).await.ok(200);
    assert_eq!(scheduled["start_at"], "2026-12-01T09:00:00.000Z");
    assert_eq!(act(&api, &path, "unschedule").await.ok(200)["start_at"], json!(null));
    api.advance_ms(1_000);
    assert_eq!(act(&api, &path, "start").await.ok(200)["started_at"], "2026-11-23T11:00:01.000Z");
    let paused = act(&api, &path, "pause").await.ok(200);
    assert_eq!((&paused["status_reason"], &paused["ended_at"]), (&json!("requested"), &json!(null)));
    api.advance_ms(1_000);
    let cancelled = act(&api, &path, "cancel").await.ok(200);
    assert_eq!(cancelled["started_at"], "2026-11-23T11:00:01.000Z");
    assert_eq!(cancelled["ended_at"], "2026-11-23T11:00:02.000Z");
}

#[tokio::test]
async fn a_start_lies_ahead_and_within_a_year() {
    let api = Api::start().await;
    let path = campaign_in(&api, "draft").await;
    for at in ["2026-11-23T11:00:00Z", "2020-01-01T00:00:00Z", "2028-01-01T00:00:00Z"] {
        let answer = api.post(&format!("{path}/schedule"), json!({"start_at": at})).await;
        assert_eq!(answer.faults(422, "invalid_fields"), ["start_at"]);
    }
    let answer = api.post(&format!("{path}/schedule"), json!({"start_at": "tomorrow"})).await;
    assert_eq!(answer.faults(422, "invalid_fields"), ["start_at"]);
}

#[tokio::test]
async fn nothing_starts_without_somebody_who_can_call() {
    let api = Api::start().await;
    let (draft, paused) = (campaign_in(&api, "draft").await, campaign_in(&api, "paused").await);
    let assistant = format!("/assistants/{}", api.keys.assistant);
    api.patch(&assistant, json!({"status": "paused"})).await.ok(200);
    for (path, action) in [(&draft, "start"), (&draft, "schedule"), (&paused, "resume")] {
        let faults = act(&api, path, action).await.faults(409, "assistant_not_active");
        assert_eq!(faults, ["assistant_id"]);
    }
    api.patch(&assistant, json!({"status": "active", "caller_number_ids": []})).await.ok(200);
    for (path, action) in [(&draft, "start"), (&draft, "schedule"), (&paused, "resume")] {
        let faults = act(&api, path, action).await.faults(409, "no_caller_number");
        assert_eq!(faults, ["caller_number_ids"]);
    }
    let own = json!({"caller_number_ids": [api.keys.caller_number]});
    api.patch(&draft, own).await.ok(200);
    act(&api, &draft, "start").await.ok(200);
}

#[tokio::test]
async fn a_pause_takes_back_what_was_claimed_before_it_answers() {
    let api = Api::start().await;
    let path = campaign_in(&api, "running").await;
    let lead: LeadId = api.lead(&path, "030 901820").await.parse().expect("an id");
    let number: carillon_domain::base::phone::E164 = "+4930901820".parse().expect("a number");
    let now = api.context.now();
    let active_attempt = ActiveAttempt {
        number: number.clone(),
        attempt: AttemptId::new(now, [1; 10]),
        campaign: id_of(&path),
        lead,
        caller_number: api.keys.caller_number.clone(),
        is_caller_chosen: false,
        assistant: api.keys.assistant.clone(),
        provider: VoiceProvider::default(),
        line: Line::Twilio,
        channel: carillon_domain::base::channel::Channel::Call,
        cause: DialCause::Fresh,
        is_test: false,
        person: vec![number],
        instructions: None,
        price_micros: 0,
        claimed_at: now,
        state: ActiveAttemptState::Claimed { dial_at: now, until: now.plus_ms(2_000) },
    };
    let ws = &api.keys.workspace;
    api.context.store.commit(ws, &Transaction::of(Write::Claim(active_attempt))).await.expect("claimed");
    act(&api, &path, "pause").await.ok(200);
    let (active_attempts, _) = api.context.store.in_flight(ws).await.expect("a table");
    assert_eq!(active_attempts, []);
}

#[tokio::test]
async fn nobody_is_stranded_at_a_step_that_is_exchanged() {
    let api = Api::start().await;
    let path = campaign_in(&api, "draft").await;
    let call = json!({"channel": "call"});
    let again = json!({"channel": "call", "delay_minutes": 60, "after": ["no_answer"]});
    let later = json!({"channel": "call", "delay_minutes": 90, "after": ["busy"]});
    api.patch(&path, json!({"cadence": [call, again, later]})).await.ok(200);
    api.patch(&path, json!({"cadence": [call, again]})).await.ok(200);
    act(&api, &path, "start").await.ok(200);
    for lost in [json!([]), json!([call])] {
        let problem = api.patch(&path, json!({"cadence": lost})).await.problem(422, "invalid_fields");
        assert_eq!(problem["errors"][0]["field"], "cadence", "{problem}");
    }
    let sooner = json!({"channel": "call", "delay_minutes": 30, "after": ["no_answer", "busy"]});
    let changed = api.patch(&path, json!({"cadence": [call, sooner, later]})).await.ok(200);
    assert_eq!(changed["cadence"].as_array().map(Vec::len), Some(3), "steps are added at the end");
}
