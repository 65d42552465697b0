//! The numbers of a campaign, against a record that the test keeps itself.

use carillon_domain::base::call::{CallReport, Line, Outcome, Placement, VoiceProvider};
use carillon_domain::base::ids::{AttemptId, LeadId, WorkspaceId};
use carillon_domain::calling::outcome::CallUpdate;
use carillon_domain::records::active_attempt::{ActiveAttempt, ActiveAttemptState, DialCause};
use carillon_domain::records::counters::{Counter, Counters};
use carillon_domain::records::interaction::Interaction;
use carillon_domain::records::lead::{Lead, LeadState};
use carillon_domain::transaction::{Transaction, Write};
use carillon_runtime::services::call_updates;
use carillon_store::ProviderCall;
use carillon_system_tests::api::Api;
use serde_json::{Value, json};

/// Dials a lead as the dialer would, and leaves the call up.
async fn dial(api: &Api, id: &LeadId, cause: DialCause) -> ProviderCall {
    let (store, ws, now) = (&api.context.store, &api.keys.workspace, api.context.now());
    let lead = store.lead(ws, id).await.expect("a table").expect("a lead");
    let attempt = AttemptId::new(now, api.context.random.draw());
    let number = lead.next_number().clone();
    let claimed = ActiveAttempt {
        number: number.clone(),
        attempt: attempt.clone(),
        campaign: id.campaign(),
        lead: id.clone(),
        caller_number: api.keys.caller_number.clone(),
        is_caller_chosen: false,
        assistant: api.keys.assistant.clone(),
        provider: VoiceProvider::default(),
        line: Line::Twilio,
        channel: carillon_domain::base::channel::Channel::Call,
        cause,
        is_test: false,
        person: lead.person(),
        instructions: None,
        price_micros: 0,
        claimed_at: now,
        state: ActiveAttemptState::Claimed { dial_at: now, until: now.plus_ms(2_000) },
    };
    let state = ActiveAttemptState::Dialling {
        dialled_at: now,
        start_by: now.plus_ms(5_000),
        by: "test".into(),
        lease_until: now.plus_ms(120_000),
    };
    let active_attempt = ActiveAttempt { state, ..claimed.clone() };
    commit(api, ws, vec![Write::Claim(claimed)]).await;
    let interaction = Interaction::dialled(&active_attempt, now);
    let dialled = Write::UpdateLead { after: lead.dialled(&active_attempt, now), before: lead };
    commit(api, ws, vec![Write::Dial(active_attempt), dialled, Write::OpenInteraction(interaction)]).await;
    ProviderCall { attempt, lead: id.clone(), number }
}

async fn commit(api: &Api, ws: &WorkspaceId, writes: Vec<Write>) {
    api.context.store.commit(ws, &Transaction(writes)).await.expect("a table");
}

async fn end(api: &Api, call: &ProviderCall, outcome: Outcome, duration_secs: u32) {
    let report = CallReport { duration_secs, cost_micros: Some(250_000), ..CallReport::bare(outcome, "") };
    call_updates::apply(&api.context, &api.keys.workspace, call, CallUpdate::Ended(&report))
        .await
        .expect("news");
}

/// What the leads themselves say.
async fn recount(api: &Api, campaign: &str) -> [usize; 8] {
    let id = campaign.trim_start_matches("/campaigns/").parse().expect("an id");
    let leads = api.context.store.all_leads(&api.keys.workspace, &id).await.expect("a table");
    let count = |is: fn(&LeadState) -> bool| leads.iter().filter(|lead: &&Lead| is(&lead.state)).count();
    [
        count(|state| matches!(state, LeadState::Pending)),
        count(|state| matches!(state, LeadState::InProgress { .. })),
        count(|state| matches!(state, LeadState::RetryScheduled { .. })),
        count(|state| matches!(state, LeadState::CallbackScheduled { .. })),
        count(|state| matches!(state, LeadState::Completed)),
        count(|state| matches!(state, LeadState::Exhausted)),
        count(|state| matches!(state, LeadState::Skipped { .. })),
        count(|state| matches!(state, LeadState::Failed)),
    ]
}

/// What is shown of them, in the same order.
fn counts(stats: &Value) -> [usize; 8] {
    let fields = [
        "pending",
        "processing",
        "retry_scheduled",
        "callback_scheduled",
        "completed",
        "exhausted",
        "skipped",
        "failed",
    ];
    fields.map(|field| usize::try_from(stats[field].as_u64().expect("a count")).expect("a count"))
}

#[tokio::test]
async fn a_call_of_theirs_leaves_their_lead_where_it_stands() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    let (one, _) = (api.lead(&campaign, "030 901820").await, api.lead(&campaign, "030 901821").await);
    let (ws, now) = (&api.keys.workspace, api.context.now());
    let ours = dial(&api, &one.parse().expect("an id"), DialCause::Fresh).await;
    let before = api.get(&format!("{campaign}/stats")).await.ok(200);
    assert_eq!((counts(&before), &before["in_flight"]), ([1, 1, 0, 0, 0, 0, 0, 0], &json!(1)));
    let (active_attempts, _) = api.context.store.in_flight(ws).await.expect("a table");
    let number = "+4930901821".parse().expect("a number");
    let theirs = ActiveAttempt {
        lead: LeadId::derive(&ours.lead.campaign(), &number),
        attempt: AttemptId::new(now, api.context.random.draw()),
        person: vec![number.clone()],
        number,
        channel: carillon_domain::base::channel::Channel::Call,
        cause: DialCause::Inbound,
        is_test: false,
        ..active_attempts[0].clone()
    };
    commit(&api, ws, vec![Write::Claim(theirs)]).await;
    assert_eq!(api.get(&format!("{campaign}/stats")).await.ok(200), before);
}

#[tokio::test]
async fn one_who_was_reached_while_called_back_is_counted_once() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    let ids = [api.lead(&campaign, "030 901820").await, api.lead(&campaign, "030 901821").await];
    for id in &ids {
        let at = json!({"at": "2026-11-23T12:00:00Z"});
        api.post(&format!("{campaign}/leads/{id}/reschedule"), at).await.ok(200);
    }
    let id: LeadId = ids[0].parse().expect("an id");
    dial(&api, &id, DialCause::Callback).await;
    let stats = api.get(&format!("{campaign}/stats")).await.ok(200);
    assert_eq!(counts(&stats), recount(&api, &campaign).await);
    assert_eq!(counts(&stats), [0, 1, 0, 1, 0, 0, 0, 0]);

    let ws = &api.keys.workspace;
    let up = api.context.store.lead(ws, &id).await.expect("a table").expect("a lead");
    let after = Lead { version: up.version + 1, state: LeadState::Completed, ..up.clone() };
    let mut counters = Counters::default();
    counters.add(Counter::CallbackScheduled, -1);
    counters.add(Counter::Completed, 1);
    let count = Write::Count { campaign: id.campaign(), lead: id, counters };
    commit(&api, ws, vec![Write::UpdateLead { before: up, after }, count]).await;
    let stats = api.get(&format!("{campaign}/stats")).await.ok(200);
    assert_eq!(counts(&stats), recount(&api, &campaign).await);
    assert_eq!(counts(&stats), [0, 0, 0, 1, 1, 0, 0, 0]);
}

#[tokio::test]
async fn what_never_left_us_is_no_call_placed() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    let refused = |outcome| Placement::Refused { outcome, reason: "HTTP 400".into() };
    let (failed, rejected) = (refused(Outcome::Failed), refused(Outcome::RequestRejected));
    let placements = [&failed, &rejected, &Placement::Congested, &Placement::TooLate];
    let updates = placements.map(CallUpdate::Placed).into_iter().chain([CallUpdate::NotFound]);
    for (n, update) in updates.enumerate() {
        let lead = api.lead(&campaign, &format!("030 9018{n:02}")).await.parse().expect("an id");
        let call = dial(&api, &lead, DialCause::Fresh).await;
        api.advance_ms(10 * 60_000);
        call_updates::apply(&api.context, &api.keys.workspace, &call, update).await.expect("news");
    }
    let stats = api.get(&format!("{campaign}/stats")).await.ok(200);
    assert_eq!((&stats["calls_placed"], &stats["answer_rate"]), (&json!(0), &Value::Null));
    assert_eq!(stats["outcomes"], json!({"failed": 2, "request_rejected": 1}));

    // One that failed on its way did leave us; one in which the provider broke was not answered, however long.
    for (n, outcome, secs) in [
        (10, Outcome::Failed, 0),
        (11, Outcome::Error, 30),
        (12, Outcome::Completed, 60),
        (13, Outcome::Voicemail, 20),
    ] {
        let lead = api.lead(&campaign, &format!("030 9018{n}")).await.parse().expect("an id");
        end(&api, &dial(&api, &lead, DialCause::Fresh).await, outcome, secs).await;
    }
    let stats = api.get(&format!("{campaign}/stats")).await.ok(200);
    assert_eq!((&stats["calls_placed"], &stats["calls_answered"]), (&json!(4), &json!(1)));
    assert_eq!((&stats["calls_connected"], &stats["connection_rate"]), (&json!(3), &json!(0.75)));
    assert_eq!((&stats["answer_rate"], &stats["average_duration_secs"]), (&json!(0.25), &json!(60.0)));
    let listed = api.all(&format!("{campaign}/interactions?show=all&limit=100")).await;
    assert_eq!(listed.iter().filter(|one| one["is_placed"] == true).count(), 4, "{listed:?}");
}

#[tokio::test]
async fn an_empty_campaign_has_no_rates() {
    let api = Api::start().await;
    let stats = api.get(&format!("{}/stats", api.campaign().await)).await.ok(200);
    for field in [
        "completion_rate",
        "success_rate",
        "connection_rate",
        "answer_rate",
        "average_duration_secs",
        "delivery_rate",
    ] {
        assert_eq!(stats[field], json!(null), "{field}");
    }
    assert_eq!((&stats["total"], &stats["outcomes"]), (&json!(0), &json!({})));
}

#[tokio::test]
async fn the_numbers_agree_with_the_leads_at_every_step() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    let mut leads = Vec::new();
    for n in 0..8 {
        leads.push(api.lead(&campaign, &format!("030 9018{n:02}")).await.parse::<LeadId>().expect("an id"));
    }
    let agree = async |step: &str| {
        let stats = api.get(&format!("{campaign}/stats")).await.ok(200);
        assert_eq!(counts(&stats), recount(&api, &campaign).await, "{step}");
        assert_eq!(counts(&stats).iter().sum::<usize>(), 8, "{step}");
        stats
    };
    agree("new").await;
    let reached = dial(&api, &leads[0], DialCause::Fresh).await;
    let missed = dial(&api, &leads[1], DialCause::Fresh).await;
    let invalid = dial(&api, &leads[2], DialCause::Fresh).await;
    assert_eq!(agree("three calls up").await["in_flight"], 3);
    end(&api, &reached, Outcome::Completed, 100).await;
    end(&api, &missed, Outcome::Busy, 0).await;
    end(&api, &invalid, Outcome::InvalidNumber, 0).await;
    agree("ended").await;
    let again = dial(&api, &leads[1], DialCause::Retry).await;
    agree("a retry up").await;
    let by_hand = dial(&api, &leads[0], DialCause::Manual).await;
    agree("a reached one called by hand").await;
    let waiting = dial(&api, &leads[3], DialCause::Manual).await;
    agree("a pending one called by hand").await;
    end(&api, &again, Outcome::Voicemail, 20).await;
    end(&api, &by_hand, Outcome::NoAnswer, 0).await;
    end(&api, &waiting, Outcome::Completed, 60).await;
    let last = dial(&api, &leads[1], DialCause::Retry).await;
    end(&api, &last, Outcome::NoAnswer, 0).await;
    let stats = agree("all ended").await;

    // By hand: seven calls; two of them answered by a person for 160 s; four leads attempted, one without effect.
    let outcomes = json!({"completed": 2, "voicemail": 1, "no_answer": 2, "busy": 1, "invalid_number": 1});
    assert_eq!(stats["outcomes"], outcomes);
    assert_eq!((&stats["calls_placed"], &stats["calls_answered"]), (&json!(7), &json!(2)));
    assert_eq!((&stats["attempted"], &stats["in_flight"]), (&json!(4), &json!(0)));
    let close = |field: &str, value: f64| {
        let shown = stats[field].as_f64().expect("a number");
        assert!((shown - value).abs() < 1e-9, "{field}: {shown}");
    };
    assert_eq!((&stats["settled"], &stats["talk_secs"]), (&json!(4), &json!(160)));
    assert_eq!(stats["channels"]["sms"]["outcomes"], json!({}));
    assert_eq!(stats["channels"]["call"]["outcomes"], stats["outcomes"]);
    assert_eq!(stats["channels"]["call"]["total_cost_usd"], stats["total_cost_usd"]);
    close("completion_rate", 4.0 / 8.0);
    close("connection_rate", 3.0 / 7.0);
    close("success_rate", 2.0 / 4.0);
    close("answer_rate", 2.0 / 7.0);
    close("average_duration_secs", 80.0);
    close("total_cost_usd", 1.75);
}
