//! Interactions: what came of the calls.

use carillon_domain::base::call::{CallReport, Outcome, Role, Turn};
use carillon_domain::base::ids::{AttemptId, InteractionId, LeadId};
use carillon_domain::records::interaction::{Interaction, StartedBy};
use carillon_domain::transaction::{Transaction, Write};
use carillon_system_tests::api::{Api, HasId};
use serde_json::{Value, json};

/// How long it rings, in milliseconds.
const RINGING_MS: i64 = 9_000;

/// Ended interactions of one lead, a minute apart, with these outcomes.
async fn ended(api: &Api, campaign: &str, outcomes: &[Outcome]) -> Vec<InteractionId> {
    let lead = api.lead(campaign, "030 901820").await;
    ended_of(api, &lead, outcomes).await
}

pub(crate) async fn ended_of(api: &Api, lead: &str, outcomes: &[Outcome]) -> Vec<InteractionId> {
    let lead: LeadId = lead.parse().expect("an id");
    let mut ids = Vec::new();
    for outcome in outcomes {
        let now = api.context.now();
        let attempt = AttemptId::new(now, api.context.random.draw());
        let opened = Interaction {
            number: "+4930901820".parse().ok(),
            caller_number: Some(api.keys.caller_number.clone()),
            ..Interaction::opened(&attempt, &lead, StartedBy::Campaign, now)
        };
        let turns = vec![
            Turn { role: Role::Agent, message: "Hello".into(), at_secs: 0 },
            Turn { role: Role::User, message: "Hi \u{1f44b}".into(), at_secs: 3 },
            Turn { role: Role::Agent, message: String::new(), at_secs: 5 },
        ];
        let report = CallReport {
            transcript: if *outcome == Outcome::Completed { turns } else { Vec::new() },
            answered_at: outcome.is_answered().then(|| now.plus_ms(RINGING_MS)),
            duration_secs: 42,
            cost_micros: Some(123_456),
            ended_by_person: Some(true),
            ..CallReport::bare(*outcome, "hung up")
        };
        let (store, ws) = (&api.context.store, &api.keys.workspace);
        store.keep_transcript(ws, &opened.id, &report.transcript).await.expect("a table");
        let commit = async |write| store.commit(ws, &Transaction::of(write)).await.expect("a table");
        commit(Write::OpenInteraction(opened.clone())).await;
        api.advance_ms(60_000);
        let after = opened.ended(&report, api.context.now());
        commit(Write::UpdateInteraction { before: opened.clone(), after }).await;
        ids.push(opened.id);
    }
    ids
}

#[tokio::test]
async fn an_interaction_is_shown_with_its_transcript() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    let ids = ended(&api, &campaign, &[Outcome::Completed]).await;
    let shown = api.get(&format!("/interactions/{}", ids[0])).await.ok(200);
    let expected = json!({
        "id": ids[0], "campaign_id": campaign.trim_start_matches("/campaigns/"), "lead_id": shown["lead_id"],
        "name": null, "kind": "call", "direction": "outbound", "started_by": "campaign", "status": "completed",
        "is_test": false, "first_outcome": null, "told_by": "event",
        "outcome": "completed", "end_reason": "hung up", "refusal": null, "is_placed": true, "phone": "+4930901820",
        "caller_number_id": api.keys.caller_number, "additional_instructions": null, "text": null,
        "started_at": "2026-11-23T11:00:00.000Z", "answered_at": "2026-11-23T11:00:09.000Z",
        "ended_at": "2026-11-23T11:01:00.000Z", "duration_secs": 42,
        "cost_usd": 0.123_456, "has_transcript": true, "message_count": 2, "has_recording": false, "interrupted": true,
        "goal_result": null, "evaluation": null,
        "analysis": {"state": "skipped", "person_spoke": null, "goal": null, "evaluation": null, "wording": null,
            "cost_usd": null, "judged_at": null},
        "transcript": [
            {"role": "agent", "message": "Hello", "at_secs": 0, "time": "2026-11-23T11:00:09.000Z", "source": "voice_ai"},
            {"role": "user", "message": "Hi 👋", "at_secs": 3, "time": "2026-11-23T11:00:12.000Z", "source": "voice_ai"},
            {"role": "agent", "message": "", "at_secs": 5, "time": "2026-11-23T11:00:14.000Z", "source": "voice_ai"},
        ],
    });
    assert_eq!(shown, expected);
    let hidden = api.get(&format!("/interactions/{}?blank_lines=hide", ids[0])).await.ok(200);
    assert_eq!(hidden["transcript"].as_array().map(Vec::len), Some(2));
    api.get("/interactions/int_01ARYZ6S41TSV4RRFFQ69G5FAV").await.problem(404, "not_found");
}

#[tokio::test]
async fn the_latest_come_first_in_pages_and_by_status() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    let outcomes: Vec<Outcome> =
        (0..23).map(|n| if n % 5 == 0 { Outcome::Busy } else { Outcome::Completed }).collect();
    let mut ids = ended(&api, &campaign, &outcomes).await;
    ids.reverse();
    let path = format!("{campaign}/interactions");
    for limit in [1, 4, 100] {
        let found: Vec<_> = api.all(&format!("{path}?limit={limit}")).await.iter().map(HasId::id).collect();
        assert_eq!(found, ids.iter().map(ToString::to_string).collect::<Vec<_>>(), "{limit}");
        for (status, count) in [("busy", 5), ("completed", 18), ("voicemail", 0), ("in_progress", 0)] {
            let found = api.all(&format!("{path}?limit={limit}&status={status}")).await;
            assert_eq!(found.len(), count, "{limit} {status}");
            assert!(found.iter().all(|one| one["status"] == status));
            assert!(found.is_sorted_by(|a, b| a["ended_at"].as_str() > b["ended_at"].as_str()));
        }
    }
}

#[tokio::test]
async fn calls_that_are_up_come_before_those_that_have_ended() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    let mut expected: Vec<_> =
        ended(&api, &campaign, &[Outcome::Busy; 4]).await.iter().map(ToString::to_string).collect();
    for n in 1..4 {
        let lead = api.lead(&campaign, &format!("030 90182{n}")).await;
        let call = json!({"leadId": lead, "direction": "outbound"});
        let asked = api.post("/voice/calls/initiate", call).await.ok(202);
        expected.push(asked["interactionId"].as_str().expect("an id").to_owned());
        api.advance_ms(1_000);
    }
    expected.reverse();
    let path = format!("{campaign}/interactions");
    for limit in [1, 2, 3, 5, 100] {
        let ids = async |query: &str| {
            let found = api.all(&format!("{path}?limit={limit}{query}")).await;
            found.iter().map(HasId::id).collect::<Vec<_>>()
        };
        assert_eq!(ids("&show=all").await, expected, "{limit}");
        assert_eq!(ids("").await, expected[3..], "{limit}");
        assert_eq!(ids("&status=in_progress").await, expected[..3], "{limit}");
        assert_eq!(ids("&status=busy").await, expected[3..], "{limit}");
    }
    // A cursor is good in its own campaign.
    let cursor = api.get(&format!("{path}?limit=1&show=all")).await.ok(200)["next_cursor"].clone();
    let other = format!("{}/interactions?cursor={}", api.campaign().await, cursor.as_str().expect("more"));
    let refused = api.get(&other).await.problem(400, "invalid_query");
    assert!(
        refused["detail"].as_str().is_some_and(|told| told.contains("interactions of cmp_")),
        "{refused}"
    );
}

#[tokio::test]
async fn results_are_without_machines_and_found_by_name_and_number() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    let named = json!({"phone": "030 901820", "name": "Ida Möller"});
    let lead = api.post(&format!("{campaign}/leads"), named).await.ok(201).id();
    let other = api.lead(&campaign, "030 901821").await;
    let outcomes =
        [Outcome::Voicemail, Outcome::Completed, Outcome::NoAnswer, Outcome::Voicemail, Outcome::Failed];
    let ids: Vec<_> = ended_of(&api, &lead, &outcomes).await.iter().map(ToString::to_string).collect();
    for limit in [1, 2, 100] {
        let found = async |query: &str| -> Vec<String> {
            let page = api.all(&format!("{campaign}/interactions?limit={limit}{query}")).await;
            page.iter().map(HasId::id).collect()
        };
        let results = [&ids[4], &ids[2], &ids[1]].map(Clone::clone);
        assert_eq!(found("").await, results, "{limit}");
        assert_eq!(found("&status=voicemail").await, [&ids[3], &ids[0]].map(Clone::clone));
        assert_eq!(found("&show=all").await.len(), 5);
        assert_eq!(found(&format!("&lead_id={lead}")).await, results);
        assert_eq!(found(&format!("&lead_id={other}")).await, Vec::<String>::new());
        for (words, count) in
            [("m%C3%B6ller", 3), ("90182", 3), ("%2B49%2030%20901", 3), ("Bo", 0), ("90183", 0), ("%20", 3)]
        {
            assert_eq!(found(&format!("&search={words}")).await.len(), count, "{words}");
        }
    }
}

#[tokio::test]
async fn a_sheet_of_results_has_the_columns_that_are_asked_for() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    let named = json!({"phone": "030 901820", "name": "=1+1"});
    let lead = api.post(&format!("{campaign}/leads"), named).await.ok(201).id();
    ended_of(&api, &lead, &[Outcome::Voicemail, Outcome::Completed, Outcome::Busy]).await;
    let path = format!("{campaign}/interactions?format=csv");
    let text = async |query: &str| {
        let answer = api.get(&format!("{path}{query}")).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "text/csv; charset=utf-8"));
        answer.text.trim_start_matches('\u{feff}').to_owned()
    };
    let chosen =
        text("&columns=phone,name,outcome,is_placed,answered_at,message_count&delimiter=semicolon").await;
    let expected = "phone;name;outcome;is_placed;answered_at;message_count\r\n\
                    +49 30 901820;'=1+1;busy;true;;0\r\n\
                    +49 30 901820;'=1+1;completed;true;2026-11-23T11:01:09.000Z;2\r\n";
    assert_eq!(chosen, expected);
    let said = text("&columns=transcript&status=completed&blank_lines=hide").await;
    assert_eq!(said, "transcript\r\n\"agent (0 s): Hello\nuser (3 s): Hi \u{1f44b}\"\r\n");
    assert!(text("&columns=transcript").await.contains("\nagent (5 s): \""));

    // Unless some are asked for there are all fields of an interaction.
    let shown = api.get(&format!("{campaign}/interactions")).await.ok(200);
    let mut fields: Vec<_> = shown["items"][0].as_object().expect("fields").keys().cloned().collect();
    let all = text("").await;
    let mut columns: Vec<_> = all.lines().next().unwrap_or_default().split(',').collect();
    fields.sort_unstable();
    columns.sort_unstable();
    assert_eq!(columns, fields);

    for (query, field) in [
        ("?columns=phone", "columns"),
        ("?blank_lines=hide", "blank_lines"),
        ("?format=csv&columns=phone,shoe_size", "columns"),
        ("?format=csv&columns=", "columns"),
        ("?format=csv&limit=5", "limit"),
        ("?show=some", "show"),
        ("?lead_id=ida", "lead_id"),
    ] {
        let refused = api.get(&format!("{campaign}/interactions{query}")).await;
        assert_eq!(refused.faults(400, "invalid_query"), [field], "{query}");
    }
    let none: Value = api.get(&format!("{campaign}/interactions?search=nobody")).await.ok(200);
    assert_eq!(none["items"], json!([]));
}

#[tokio::test]
async fn results_go_with_their_campaign() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    let ids = ended(&api, &campaign, &[Outcome::Completed, Outcome::Busy]).await;
    api.delete(&campaign).await.ok(202);
    api.do_jobs().await;
    for id in &ids {
        api.get(&format!("/interactions/{id}")).await.problem(404, "not_found");
    }
    let transcript = api.context.store.transcript(&api.keys.workspace, &ids[0]).await.expect("a table");
    assert!(transcript.is_empty());
}
