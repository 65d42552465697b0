//! Campaigns: create, list, change, duplicate, delete.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use carillon_domain::base::ids::{CallerNumberId, CampaignId};
use carillon_domain::base::time::MINUTE_MS;
use carillon_domain::policy::rate_limit::RateStates;
use carillon_domain::records::campaign::{Command, DEFAULT_GOAL, PauseReason};
use carillon_local::table::{Interceptor, TableCall, Verdict};
use carillon_runtime::services::lifecycle;
use carillon_system_tests::api::{Api, HasId};
use serde_json::{Value, json};

#[tokio::test]
async fn a_name_and_an_assistant_are_enough() {
    let api = Api::start().await;
    let form = json!({"name": " Autumn ", "assistant_id": api.keys.assistant});
    let created = api.post("/campaigns", form).await.ok(201);
    let office = json!([{"from": "09:00", "to": "18:00"}]);
    let mut expected = json!({
        "id": created["id"], "name": "Autumn", "description": null, "goal": DEFAULT_GOAL,
        "analysis": {"goal": true, "evaluation_criteria": null},
        "assistant_id": api.keys.assistant, "caller_number_ids": [], "status": "draft", "status_reason": null,
        "start_at": null, "waiting_for": null, "allowed_actions": ["start", "schedule", "edit", "duplicate", "delete"],
        "time_zone": "UTC", "hours_zone": "recipient", "default_country": null,
        "hours": {"monday": office, "tuesday": office, "wednesday": office, "thursday": office, "friday": office},
        "retry": {"max_attempts": 3, "delay_minutes": 30, "on": ["no_answer", "busy", "voicemail", "error"], "delays": {},
            "failed": {"max_retries": 10, "delays": [1, 2, 4, 8, 16, 30]}},
        "suppression_lists": [],
        "type": "call", "concurrent_limit": 5, "rate_limit_per_minute": null, "sms_rate_limit_per_minute": null,
        "ringing_timeout_secs": 40,
        "machine_detection": false, "on_voicemail": null, "recording_retention": null,
        "test_assistant_id": null, "attached_test_number_id": null, "welcome_message_template": null, "variables": {}, "tags": [],
        "agenda_template": null, "end_call_message_template": null, "voicemail_message_template": null,
        "sms_message_template": null, "template_findings": null,
        "created_at": "2026-11-23T11:00:00.000Z", "updated_at": "2026-11-23T11:00:00.000Z",
        "started_at": null, "ended_at": null,
    });
    let turns = json!({
        "min_gap_minutes": 0, "cadence": [], "except_dates": [], "period": {},
        "recurrence": null, "run": 0, "next_run_at": null, "schedule_notes": [],
        "calls_from": [{"caller_number_id": api.keys.caller_number, "phone": created["calls_from"][0]["phone"],
            "label": null, "held": null}], "no_callers": null,
        "progress": {"total": 0, "settled": 0, "completed": 0, "completion_rate": null, "answer_rate": null},
        "priority": 5, "weight": 1, "keep_open": false,
        "caller_selection": "round_robin", "local_presence": false, "same_number_for_retries": false,
        "ramp_up_minutes": 0, "requires_consent": false, "on_duplicate": "skip", "first_submission_action": null
    });
    expected.as_object_mut().expect("fields").extend(turns.as_object().expect("fields").clone());
    assert_eq!(created, expected);
    assert_eq!(api.get(&format!("/campaigns/{}", created.id())).await.ok(200), created);
}

#[tokio::test]
async fn the_numbers_that_it_really_calls_from_are_shown() {
    let api = Api::start().await;
    let path = api.campaign().await;
    let own = json!({"number": "+14155550123", "phone_number_id": "phnum_2", "label": "Sales"});
    let own = api.post("/caller-numbers", own).await.ok(201);
    // Its page and its line of the list say the same.
    let shown = async || {
        let page = api.get(&path).await.ok(200);
        assert_eq!(api.all("/campaigns").await, std::slice::from_ref(&page));
        page
    };
    let ids = |page: &Value| {
        let callers = page["calls_from"].as_array().expect("callers").iter();
        callers.map(|one| one["caller_number_id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&shown().await), [json!(api.keys.caller_number)], "the assistant's");
    let changed = api.patch(&path, json!({"caller_number_ids": [own.id()]})).await.ok(200);
    let expected =
        json!([{"caller_number_id": own.id(), "phone": "+14155550123", "label": "Sales", "held": null}]);
    assert_eq!((&changed["calls_from"], &shown().await["calls_from"]), (&expected, &expected));

    api.command(&format!("{path}/start")).await.ok(200);
    let (ws, now) = (&api.keys.workspace, api.context.now());
    let id: CallerNumberId = own.id().parse().expect("an id");
    let until = now.plus_ms(MINUTE_MS);
    let rest = |states: &mut RateStates| states.numbers.entry(id.clone()).or_default().rest_until = until;
    api.context.store.update_paces(ws, now, rest).await.expect("a table");
    let held = shown().await["calls_from"][0]["held"].clone();
    assert_eq!((&held["code"], &held["until"]), (&json!("provider_congested"), &json!(until)));

    api.patch(&format!("/assistants/{}", api.keys.assistant), json!({"status": "paused"})).await.ok(200);
    let none = shown().await;
    assert_eq!(
        (&none["calls_from"], &none["no_callers"]["code"]),
        (&json!([]), &json!("assistant_unusable"))
    );
}

/// Counts the requests to the table.
#[derive(Debug, Default)]
struct Requests(AtomicU64);

impl Interceptor for Requests {
    fn before(&self, _: &TableCall<'_>) -> Verdict {
        self.0.fetch_add(1, Ordering::Relaxed);
        Verdict::Pass
    }
}

#[tokio::test]
async fn a_longer_page_costs_one_request_more_for_each_campaign() {
    let api = Api::start().await;
    let mut costs = Vec::new();
    for _ in 0..4 {
        api.campaign().await;
        let requests = Arc::new(Requests::default());
        api.under(requests.clone()).get("/campaigns").await.ok(200);
        costs.push(requests.0.load(Ordering::Relaxed));
    }
    assert!(costs.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{costs:?}");
    // Who is asked for, the campaigns, the numbers, how they go, and what is counted of one campaign.
    assert!(costs[0] <= 6, "{costs:?}");
}

#[tokio::test]
async fn a_schedule_says_what_it_leaves_out() {
    let api = Api::start().await;
    let monthly = json!({"frequency": "monthly", "on": [31], "at": "09:00"});
    let form = json!({"name": "Monthly", "assistant_id": api.keys.assistant, "recurrence": monthly,
        "time_zone": "Europe/Berlin", "period": {"end": "2027-05-15"}, "except_dates": ["2026-12-31"]});
    let created = api.post("/campaigns", form).await.ok(201);
    let codes = |view: &Value| {
        let notes = view["schedule_notes"].as_array().expect("notes").iter();
        notes.map(|note| note["code"].as_str().expect("a code").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(codes(&created), ["short_months", "no_hours", "period_ends"]);
    let [short, hours, period] = [0, 1, 2].map(|note| created["schedule_notes"][note].clone());
    assert_eq!(short["months"], json!(["2026-11-01", "2027-02-01", "2027-04-01"]));
    assert_eq!(
        short["message"],
        "there is no day 31 in November 2026, February 2027, April 2027, and no run for it; name `last` to run \
         on the last day of each month"
    );
    // 31 January 2027 is a Sunday.
    assert_eq!((&hours["runs"], &hours["dates"]), (&json!(2), &json!(["2026-12-31", "2027-01-31"])));
    assert_eq!(period["left_out"], "2027-05-31");

    let path = format!("/campaigns/{}", created.id());
    let last =
        json!({"recurrence": {"frequency": "monthly", "on": ["last"], "at": "09:00"}, "except_dates": []});
    let preview = api.post(&format!("{path}/preview"), last.clone()).await.ok(200);
    let changed = api.patch(&path, last).await.ok(200);
    assert_eq!(preview["schedule_notes"], changed["schedule_notes"]);
    assert_eq!(codes(&changed), ["no_hours", "period_ends"]);
    let cleared = api.patch(&path, json!({"recurrence": null})).await.ok(200);
    assert_eq!(codes(&cleared), Vec::<String>::new());
}

#[tokio::test]
async fn everything_that_is_sent_is_kept() {
    let api = Api::start().await;
    for list in ["partners", "tps"] {
        api.put(&format!("/do-not-call/{list}"), json!(null)).await.ok(201);
    }
    let form = json!({
        "name": "Winter", "description": "Renewals", "goal": "A date", "assistant_id": api.keys.assistant,
        "caller_number_ids": [api.keys.caller_number], "time_zone": "Europe/Paris",
        "hours": {"sunday": [{"from": "10:00", "to": "12:30"}]}, "hours_zone": "campaign",
        "default_country": "FR",
        "retry": {"max_attempts": 1, "delay_minutes": 60, "on": ["no_answer", "busy", "incomplete"],
            "delays": {"busy": [5, 60], "no_answer": [120]}, "failed": {"max_retries": 2, "delays": [5, 60]}},
        "concurrent_limit": 50, "rate_limit_per_minute": 7, "ringing_timeout_secs": 25,
        "machine_detection": true, "welcome_message_template": "Bonjour {{ name }}",
        "variables": {"offer": "10 %"}, "tags": ["vip"], "suppression_lists": ["partners", "tps"],
        "min_gap_minutes": 45,
        "except_dates": ["2026-12-24", "2026-12-31"], "period": {"start": "2026-12-01", "end": "2027-01-31"},
        "recurrence": {"frequency": "monthly", "every": 2, "on": [1, 15, "last"], "at": "09:30",
            "until": "2027-01-15", "max_runs": 4, "takes": "all"},
        "cadence": [{"channel": "call", "delay_minutes": 0, "after": []},
            {"channel": "call", "delay_minutes": 60, "after": ["voicemail", "no_answer"]}],
        "priority": 7, "weight": 3, "caller_selection": "least_used", "local_presence": true,
        "same_number_for_retries": true, "ramp_up_minutes": 30, "keep_open": true, "requires_consent": true,
        "first_submission_action": "call", "on_duplicate": "update",
    });
    let created = api.post("/campaigns", form.clone()).await.ok(201);
    for (field, value) in form.as_object().expect("fields") {
        assert_eq!(&created[field], value, "{field}");
    }
}

#[tokio::test]
async fn all_faults_are_told_at_once_and_by_name() {
    let api = Api::start().await;
    let form = json!({
        "name": " ", "goal": "x".repeat(5_000), "assistant_id": "ast_01ARYZ6S41TSV4RRFFQ69G5FAV",
        "caller_number_ids": ["num_01ARYZ6S41TSV4RRFFQ69G5FAV"], "retry": {"max_attempts": 0, "delay_minutes": 0, "delays": {"busy": [0]}, "failed": {"delays": [0], "max_retries": 101}},
        "concurrent_limit": 1_001, "rate_limit_per_minute": 0,
        "priority": 10, "weight": 0, "ramp_up_minutes": 1_441, "min_gap_minutes": 43_201,
        "cadence": [{"channel": "sms"}], "sms_rate_limit_per_minute": 6_001,
        "ringing_timeout_secs": 4, "welcome_message_template": "a\n{{ b", "variables": {"a b": "c"}, "tags": [""],
    });
    let mut faults = api.post("/campaigns", form).await.faults(422, "invalid_fields");
    faults.sort();
    let mut expected = [
        "name",
        "goal",
        "assistant_id",
        "caller_number_ids[0]",
        "retry.max_attempts",
        "retry.delay_minutes",
        "priority",
        "weight",
        "ramp_up_minutes",
        "min_gap_minutes",
        "retry.delays.busy",
        "retry.failed.delays",
        "retry.failed.max_retries",
        "sms_message_template",
        "sms_rate_limit_per_minute",
        "concurrent_limit",
        "rate_limit_per_minute",
        "ringing_timeout_secs",
        "welcome_message_template",
        "variables.a b",
        "tags[0]",
    ];
    expected.sort_unstable();
    assert_eq!(faults, expected);
    assert!(api.all("/campaigns").await.is_empty());
}

#[tokio::test]
async fn delays_are_those_of_misses_that_are_tried_again() {
    let api = Api::start().await;
    let path = api.campaign().await;
    let delays = |on: &[&str]| json!({"retry": {"on": on, "delays": {"busy": [5]}}});
    for on in [&["no_answer"][..], &[]] {
        let faults = api.patch(&path, delays(on)).await.faults(422, "invalid_fields");
        assert_eq!(faults, ["retry.delays.busy"], "{on:?}");
    }
    api.patch(&path, delays(&["busy"])).await.ok(200);
    let dropped = api.patch(&path, json!({"retry": {"on": []}})).await;
    assert_eq!(dropped.faults(422, "invalid_fields"), ["retry.delays.busy"]);
}

#[tokio::test]
async fn a_patch_keeps_what_it_does_not_name_and_clears_what_is_null() {
    let api = Api::start().await;
    let form = json!({"name": "A", "assistant_id": api.keys.assistant, "description": "b", "tags": ["x"],
        "rate_limit_per_minute": 9, "variables": {"a": "1", "b": "2"}});
    let before = api.post("/campaigns", form).await.ok(201);
    let path = format!("/campaigns/{}", before.id());
    api.advance_ms(1_000);
    let change = json!({"name": "B", "description": null, "rate_limit_per_minute": null,
        "variables": {"a": null, "c": "3"}, "hours": {"monday": null, "saturday": [{"from": "10:00", "to": "11:00"}]}});
    let after = api.patch(&path, change).await.ok(200);
    assert_eq!(after["name"], "B");
    assert_eq!((&after["description"], &after["rate_limit_per_minute"]), (&Value::Null, &Value::Null));
    assert_eq!(after["variables"], json!({"b": "2", "c": "3"}));
    assert_eq!(after["hours"].get("monday"), None);
    assert_eq!(after["hours"]["saturday"], json!([{"from": "10:00", "to": "11:00"}]));
    assert_eq!(after["tags"], before["tags"]);
    assert_eq!(after["updated_at"], "2026-11-23T11:00:01.000Z");
    assert_eq!(api.get(&path).await.ok(200), after);
    for (change, field) in [
        (json!({"name": null}), "name"),
        (json!({"status": "running"}), "status"),
        (json!({"assistant_id": "ast_01ARYZ6S41TSV4RRFFQ69G5FAV"}), "assistant_id"),
        (json!({"retry": {"max_attempts": 21}}), "retry.max_attempts"),
        (json!({"time_zone": "EST"}), "time_zone"),
        (json!({"hours": {"monday": [{"from": "09:00", "to": "09:15"}]}}), "hours"),
        (json!({"hours": {"someday": []}}), "hours.someday"),
    ] {
        assert_eq!(api.patch(&path, change).await.faults(422, "invalid_fields"), [field]);
    }
    assert_eq!(api.get(&path).await.ok(200), after);
}

#[tokio::test]
async fn campaigns_are_found_by_status_and_words_and_sorted() {
    let api = Api::start().await;
    let mut paths = Vec::new();
    for (name, description) in
        [("Beta", "first"), ("alpha", "second"), ("Gamma", "First of all"), ("Delta", "")]
    {
        let form = json!({"name": name, "assistant_id": api.keys.assistant, "description": description});
        paths.push(format!("/campaigns/{}", api.post("/campaigns", form).await.ok(201).id()));
        api.advance_ms(1);
    }
    api.command(&format!("{}/start", paths[0])).await.ok(200);
    api.post(&format!("{}/schedule", paths[1]), json!({"start_at": "2026-12-01T09:00:00Z"})).await.ok(200);
    api.command(&format!("{}/start", paths[2])).await.ok(200);
    api.command(&format!("{}/pause", paths[2])).await.ok(200);
    for (query, names) in [
        ("", vec!["Delta", "Gamma", "alpha", "Beta"]),
        ("?sort=created_at", vec!["Beta", "alpha", "Gamma", "Delta"]),
        ("?sort=name", vec!["alpha", "Beta", "Delta", "Gamma"]),
        ("?sort=-name", vec!["Gamma", "Delta", "Beta", "alpha"]),
        ("?sort=updated_at", vec!["Delta", "Beta", "alpha", "Gamma"]),
        ("?sort=-updated_at&limit=1", vec!["Gamma", "alpha", "Beta", "Delta"]),
        ("?sort=name&limit=1", vec!["alpha", "Beta", "Delta", "Gamma"]),
        ("?status=running", vec!["Beta"]),
        ("?status=paused", vec!["Gamma"]),
        ("?status=draft", vec!["Delta"]),
        ("?status=active", vec!["alpha", "Beta"]),
        ("?status=suspended", vec![]),
        ("?status=inactive", vec!["Delta", "Gamma"]),
        ("?search=FIRST", vec!["Gamma", "Beta"]),
        ("?search=lph", vec!["alpha"]),
        ("?search=first&status=running", vec!["Beta"]),
    ] {
        let found = api.all(&format!("/campaigns{query}")).await;
        let found: Vec<_> = found.iter().map(|campaign| campaign["name"].as_str().expect("a name")).collect();
        assert_eq!(found, names, "{query}");
    }
}

#[tokio::test]
async fn whatever_we_paused_ourselves_is_suspended() {
    let api = Api::start().await;
    let mut suspended = Vec::new();
    for (reason, name) in [
        (PauseReason::ProviderRefused, "provider_refused"),
        (PauseReason::RequestsRejected, "requests_rejected"),
        (PauseReason::NoProviderKey, "no_provider_key"),
        (PauseReason::AssistantUnusable, "assistant_unusable"),
        (PauseReason::LowCredits, "low_credits"),
        (PauseReason::TooManyFailures, "too_many_failures"),
        (PauseReason::Requested, "requested"),
    ] {
        let path = api.campaign().await;
        api.command(&format!("{path}/start")).await.ok(200);
        let id: CampaignId = path.trim_start_matches("/campaigns/").parse().expect("an id");
        let pause = Command::Pause { reason };
        lifecycle::apply(&api.context, &api.keys.workspace, &id, pause).await.expect("it pauses");
        assert_eq!(api.get(&path).await.ok(200)["status_reason"], name);
        if reason != PauseReason::Requested {
            suspended.push(id.to_string());
        }
    }
    let listed = api.all("/campaigns?status=suspended&sort=created_at").await;
    let mut listed: Vec<String> = listed.iter().map(HasId::id).collect();
    listed.sort();
    suspended.sort();
    assert_eq!(listed, suspended);
    assert_eq!(api.all("/campaigns?status=inactive").await.len(), 1);
}

#[tokio::test]
async fn a_copy_is_a_draft_with_the_same_settings_and_no_leads() {
    let api = Api::start().await;
    let path = api.campaign().await;
    api.lead(&path, "030 901820").await;
    let original = api.get(&path).await.ok(200);
    api.advance_ms(1);
    let copy = api.command(&format!("{path}/duplicate")).await.ok(201);
    assert_ne!(copy["id"], original["id"]);
    assert_eq!((&copy["name"], &copy["status"]), (&json!("Autumn (copy)"), &json!("draft")));
    assert_eq!(copy["default_country"], original["default_country"]);
    assert!(api.all(&format!("/campaigns/{}/leads", copy.id())).await.is_empty());
    let named = api.post(&format!("{path}/duplicate"), json!({"name": "Spring"})).await.ok(201);
    assert_eq!(named["name"], "Spring");
    let faults = api.post(&format!("{path}/duplicate"), json!({"nom": "x"})).await;
    assert_eq!(faults.faults(422, "invalid_fields"), ["nom"]);
}

#[tokio::test]
async fn what_belongs_to_a_campaign_goes_with_it() {
    let api = Api::start().await;
    let path = api.campaign().await;
    for n in 0..30 {
        api.lead(&path, &format!("030 9018{n:02}")).await;
    }
    let import = api.post(&format!("{path}/imports"), json!({"file_name": "a.csv"})).await.ok(201);
    let kept = api.campaign().await;
    let lead = api.lead(&kept, "030 901820").await;
    let deletion = api.delete(&path).await;
    let job = deletion.header("location").trim_start_matches("/api/v1").to_owned();
    assert_eq!(deletion.ok(202)["counts"], json!({"done": 0, "refused": 0, "total": 30}));
    // Before anything else of it is gone.
    api.get(&path).await.problem(404, "not_found");
    assert_eq!(api.all("/campaigns").await.len(), 1);
    for (path, form) in
        [(format!("{path}/start"), json!(null)), (format!("{path}/leads"), json!({"phone": "+4930901820"}))]
    {
        api.post(&path, form).await.problem(404, "not_found");
    }
    api.do_jobs().await;
    let done = api.get(&job).await.ok(200);
    assert_eq!((&done["status"], &done["counts"]["done"]), (&json!("completed"), &json!(30)));
    api.post(&format!("{job}/cancel"), json!(null)).await.problem(409, "job_over");
    api.delete(&path).await.problem(404, "not_found");

    let id: CampaignId = path.trim_start_matches("/campaigns/").parse().expect("an id");
    let (store, ws) = (&api.context.store, &api.keys.workspace);
    assert!(store.all_leads(ws, &id).await.expect("a table").is_empty());
    assert!(store.imports(ws, &id).await.expect("a table").is_empty());
    assert!(store.counters(ws, &id).await.expect("a table").is_empty());
    assert!(import["id"].is_string());
    // Another campaign with the same person is untouched.
    api.get(&format!("{kept}/leads/{lead}")).await.ok(200);
    assert_eq!(api.get(&format!("{kept}/stats")).await.ok(200)["total"], 1);
}
