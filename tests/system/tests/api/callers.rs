//! Assistants and caller numbers.

use carillon_domain::base::ids::CallerNumberId;
use carillon_domain::policy::assistant::CallerNumber;
use carillon_system_tests::api::{Api, HasId};
use serde_json::{Value, json};

#[tokio::test]
async fn an_assistant_is_created_changed_and_deleted() {
    let api = Api::start().await;
    let form = json!({"name": "Robin", "agent_id": "agent_9"});
    let created = api.post("/assistants", form).await.ok(201);
    let expected = json!({
        "id": created["id"], "name": "Robin", "provider": "elevenlabs", "agent_id": "agent_9", "status": "active", "caller_number_ids": [],
        "prompt_template": null, "language": null, "variables": {}, "paired_assistant_id": null,
        "created_at": "2026-11-23T11:00:00.000Z", "updated_at": "2026-11-23T11:00:00.000Z",
    });
    assert_eq!(created, expected);
    let path = format!("/assistants/{}", created.id());
    let change = json!({"status": "draft", "caller_number_ids": [api.keys.caller_number], "language": "de",
        "prompt_template": "You call {{ name }}.", "variables": {"tone": variable("kind"), "price": {"type": "number", "required": true, "default": null, "description": "In euros"}},
        "paired_assistant_id": api.keys.assistant});
    let changed = api.patch(&path, change.clone()).await.ok(200);
    for (field, value) in change.as_object().expect("fields") {
        assert_eq!(&changed[field], value, "{field}");
    }
    // A text alone is a default, as it was before there were types.
    let short = api.patch(&path, json!({"variables": {"tone": "dry", "price": null}})).await.ok(200);
    assert_eq!(short["variables"], json!({"tone": variable("dry")}));
    let cleared = api.patch(&path, json!({"language": null, "prompt_template": null})).await.ok(200);
    assert_eq!((&cleared["language"], &cleared["prompt_template"]), (&json!(null), &json!(null)));
    assert_eq!(api.all("/assistants?limit=1").await.len(), 2);
    let bad = json!({"name": "", "agent_id": " ", "language": "german", "prompt_template": "{{", "variables": {"": "x"},
        "caller_number_ids": [api.keys.caller_number, api.keys.caller_number]});
    let faults = api.post("/assistants", bad).await.faults(422, "invalid_fields");
    let expected = ["name", "agent_id", "caller_number_ids[1]", "prompt_template", "variables.", "language"];
    assert_eq!(faults, expected);
    let nobody = json!({"paired_assistant_id": "ast_01ARYZ6S41TSV4RRFFQ69G5FAV"});
    assert_eq!(api.patch(&path, nobody).await.faults(422, "invalid_fields"), ["paired_assistant_id"]);
    api.delete(&path).await.ok(204);
    api.get(&path).await.problem(404, "not_found");
}

fn variable(default: &str) -> Value {
    json!({"type": "text", "required": false, "default": default, "description": null})
}

#[tokio::test]
async fn a_caller_number_is_created_changed_and_deleted() {
    let api = Api::start().await;
    let form = json!({"number": "+14155550123", "phone_number_id": "phnum_2"});
    let created = api.post("/caller-numbers", form.clone()).await.ok(201);
    let expected = json!({
        "id": created["id"], "number": "+14155550123", "label": null, "provider": "elevenlabs", "phone_number_id": "phnum_2",
        "line": "twilio", "rate_limit_per_minute": 10, "reserved_per_minute": null,
        "concurrent_limit": null, "daily_cap": null, "sms": null,
        "created_at": "2026-11-23T11:00:00.000Z", "updated_at": "2026-11-23T11:00:00.000Z",
    });
    assert_eq!(created, expected);
    let twice = api.post("/caller-numbers", form).await.problem(409, "caller_number_exists");
    assert_eq!(twice["existing_id"], created["id"]);

    let path = format!("/caller-numbers/{}", created.id());
    let change = json!({"label": "Sales", "line": "sip_trunk", "rate_limit_per_minute": null});
    let changed = api.patch(&path, change).await.ok(200);
    assert_eq!((&changed["line"], &changed["rate_limit_per_minute"]), (&json!("sip_trunk"), &json!(null)));
    let limits = json!({"rate_limit_per_minute": 10, "reserved_per_minute": 9, "concurrent_limit": 1_000,
        "daily_cap": 1_000_000});
    let limited = api.patch(&path, limits.clone()).await.ok(200);
    assert!(limits.as_object().expect("limits").iter().all(|(field, limit)| limited[field] == *limit));
    let unlimited = json!({"number": "+14155550124", "phone_number_id": "p", "rate_limit_per_minute": null});
    let unlimited = api.post("/caller-numbers", unlimited).await.ok(201);
    assert_eq!(unlimited["rate_limit_per_minute"], json!(null));
    let taken = json!({"number": "+14155550124"});
    api.patch(&path, taken).await.problem(409, "caller_number_exists");
    for (change, field) in [
        (json!({"number": "030 901820"}), "number"),
        (json!({"line": "fax"}), "line"),
        (json!({"rate_limit_per_minute": 0, "reserved_per_minute": 0}), "rate_limit_per_minute"),
        (json!({"rate_limit_per_minute": 9}), "reserved_per_minute"),
        (json!({"rate_limit_per_minute": null}), "reserved_per_minute"),
        (json!({"concurrent_limit": 0}), "concurrent_limit"),
        (json!({"concurrent_limit": 1_001}), "concurrent_limit"),
        (json!({"daily_cap": 0}), "daily_cap"),
        (json!({"daily_cap": 1_000_001}), "daily_cap"),
        (json!({"phone_number_id": ""}), "phone_number_id"),
    ] {
        assert_eq!(api.patch(&path, change).await.faults(422, "invalid_fields"), [field]);
    }
    api.delete(&path).await.ok(204);
    api.get(&path).await.problem(404, "not_found");
}

#[tokio::test]
async fn a_number_of_our_own_account_is_named_by_itself_and_serves_elevenlabs() {
    let api = Api::start().await;
    let own = json!({"number": "+14155550123", "phone_number_id": "+14155550123", "line": "own_twilio"});
    let created = api.post("/caller-numbers", own).await.ok(201);
    assert_eq!(created["line"], "own_twilio");
    let path = format!("/caller-numbers/{}", created.id());
    for change in [json!({"phone_number_id": "phnum_2"}), json!({"number": "+14155550125"})] {
        assert_eq!(api.patch(&path, change).await.faults(422, "invalid_fields"), ["phone_number_id"]);
    }
    let both = json!({"number": "+14155550125", "phone_number_id": "+14155550125"});
    api.patch(&path, both).await.ok(200);
    let retell = json!({"number": "+14155550124", "phone_number_id": "+14155550124", "line": "own_twilio",
        "provider": "retell"});
    assert_eq!(api.post("/caller-numbers", retell).await.faults(422, "invalid_fields"), ["line"]);
}

#[tokio::test]
async fn what_is_in_use_stays() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    let assistant = format!("/assistants/{}", api.keys.assistant);
    let number = format!("/caller-numbers/{}", api.keys.caller_number);
    let by = |path: &str| json!(path.rsplit('/').next());
    assert_eq!(api.delete(&assistant).await.problem(409, "in_use")["existing_id"], by(&campaign));
    assert_eq!(api.delete(&number).await.problem(409, "in_use")["existing_id"], by(&assistant));

    api.patch(&campaign, json!({"caller_number_ids": [api.keys.caller_number]})).await.ok(200);
    api.patch(&assistant, json!({"caller_number_ids": []})).await.ok(200);
    assert_eq!(api.delete(&number).await.problem(409, "in_use")["existing_id"], by(&campaign));

    let form = json!({"name": "Day", "agent_id": "agent_8", "paired_assistant_id": api.keys.assistant});
    let paired = format!("/assistants/{}", api.post("/assistants", form).await.ok(201).id());

    // What has ended needs nobody, until it is reopened.
    api.command(&format!("{campaign}/start")).await.ok(200);
    api.command(&format!("{campaign}/cancel")).await.ok(200);
    assert_eq!(api.delete(&assistant).await.problem(409, "in_use")["existing_id"], by(&paired));
    let alone = format!("/assistants/{}", api.keys.assistant);
    api.patch(&paired, json!({"paired_assistant_id": paired.rsplit('/').next()})).await.ok(200);
    api.delete(&alone).await.ok(204);
    api.delete(&paired).await.ok(204);
    api.delete(&number).await.ok(204);
}

#[tokio::test]
async fn a_number_is_there_once_however_many_want_it_at_once() {
    let api = Api::start().await;
    let form = json!({"number": "+14155550123", "phone_number_id": "phnum_2"});
    let (one, other, third) = tokio::join!(
        api.post("/caller-numbers", form.clone()),
        api.post("/caller-numbers", form.clone()),
        api.post("/caller-numbers", form.clone())
    );
    let mut statuses = [one.status, other.status, third.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409]);
    let first = [one, other, third].into_iter().find(|answer| answer.status == 201).expect("the first");
    let path = format!("/caller-numbers/{}", first.ok(201).id());

    // Whoever has looked before the first was there is refused by the table.
    let (store, ws) = (&api.context.store, &api.keys.workspace);
    let id: CallerNumberId = path.rsplit('/').next().expect("an id").parse().expect("an id");
    let stored = store.caller_number(ws, &id).await.expect("a table").expect("a number");
    let late = CallerNumber { id: CallerNumberId::new(api.context.now(), [7; 10]), ..stored.clone() };
    assert!(!store.create_caller_number(ws, &late).await.expect("a table"));
    let mine = store.caller_number(ws, &api.keys.caller_number).await.expect("a table").expect("a number");
    let taken = CallerNumber { version: mine.version + 1, number: stored.number, ..mine };
    assert!(!store.update_caller_number(ws, &taken).await.expect("a table"));

    // What is given up is free for others.
    api.patch(&path, json!({"number": "+14155550124"})).await.ok(200);
    let second = api.post("/caller-numbers", form.clone()).await.ok(201);
    api.patch(&path, json!({"number": "+14155550123"})).await.problem(409, "caller_number_exists");
    api.delete(&format!("/caller-numbers/{}", second.id())).await.ok(204);
    api.patch(&path, json!({"number": "+14155550123"})).await.ok(200);
    api.delete(&path).await.ok(204);
    api.post("/caller-numbers", form).await.ok(201);
}

#[tokio::test]
async fn a_change_of_who_may_call_wakes_the_planner() {
    let api = Api::start().await;
    let before = api.hints();
    api.patch(&format!("/assistants/{}", api.keys.assistant), json!({"status": "paused"})).await.ok(200);
    let number = format!("/caller-numbers/{}", api.keys.caller_number);
    api.patch(&number, json!({"rate_limit_per_minute": 5})).await.ok(200);
    assert_eq!(api.hints(), before + 2);
}

#[tokio::test]
async fn a_number_sends_texts_once_it_has_a_sender_and_a_campaign_of_texts_needs_one() {
    let api = Api::start().await;
    let number = json!({"number": "+14155550123", "phone_number_id": "phnum_2",
        "sms": {"provider": "twilio", "messaging_service": "MG1", "keywords": "carillon"}});
    let created = api.post("/caller-numbers", number).await.ok(201);
    let sender = json!({"provider": "twilio", "messaging_service": "MG1", "rate_limit_per_minute": 60,
        "keywords": "carillon"});
    assert_eq!(created["sms"], sender);
    let path = format!("/caller-numbers/{}", created.id());
    let replies = json!({"stop": "Bye", "start": "Hi", "help": "Reply STOP"});
    for (sms, field) in [
        (json!({"provider": "pigeon"}), "sms.provider"),
        (json!({"provider": "twilio", "rate_limit_per_minute": 0}), "sms.rate_limit_per_minute"),
        (json!({"provider": "twilio", "rate_limit_per_minute": 6_001}), "sms.rate_limit_per_minute"),
        (json!({"keywords": "provider", "replies": replies}), "sms.replies"),
        (json!({"provider": "twilio", "keywords": "nobody"}), "sms.keywords"),
    ] {
        let faults = api.patch(&path, json!({ "sms": sms })).await.faults(422, "invalid_fields");
        assert_eq!(faults, [field], "{sms}");
    }
    let mute = json!({"number": "+14155550124", "phone_number_id": "phnum_3"});
    let mute = api.post("/caller-numbers", mute).await.ok(201).id();
    let campaign = json!({"name": "Texts", "assistant_id": api.keys.assistant, "caller_number_ids": [mute],
        "cadence": [{"channel": "sms"}], "sms_message_template": "Hi {{ name }}"});
    let faults = api.post("/campaigns", campaign.clone()).await.faults(422, "invalid_fields");
    assert_eq!(faults, ["caller_number_ids"]);
    let mut texting = campaign;
    texting["caller_number_ids"] = json!([created.id()]);
    let texting = api.post("/campaigns", texting).await.ok(201);
    assert_eq!(texting["type"], "sms");
    let path = format!("/campaigns/{}", texting.id());
    let mixed = json!({"cadence": [{"channel": "sms"}, {"channel": "call", "after": ["no_reply"]}]});
    assert_eq!(api.patch(&path, mixed).await.ok(200)["type"], "mixed");
    let wordless = json!({"sms_message_template": null});
    assert_eq!(api.patch(&path, wordless).await.faults(422, "invalid_fields"), ["sms_message_template"]);
}

#[tokio::test]
async fn the_secrets_of_a_provider_of_texts_are_an_account_and_its_token() {
    let api = Api::start().await;
    let set = json!({"api_key": "AC0123:token", "webhook_secrets": ["token"]});
    let shown = api.put("/secrets/twilio", set).await.ok(200);
    let ws = &api.keys.workspace;
    assert_eq!(shown["webhook_path"], format!("/api/v1/webhooks/twilio/{ws}/messages#rc=5&rp=all"));
    assert_eq!((&shown["is_set"], &shown["initiation_path"]), (&json!(true), &json!(null)));
    for (api_key, initiation) in [
        ("token", None),
        ("AC0123:", None),
        ("AC1:SK2:s:x", None),
        ("XX0123:token", None),
        ("AC1:t", Some("s")),
    ] {
        let form = json!({"api_key": api_key, "webhook_secrets": ["t"], "initiation_secret": initiation});
        let field = if initiation.is_some() { "initiation_secret" } else { "api_key" };
        assert_eq!(
            api.put("/secrets/twilio", form).await.faults(422, "invalid_fields"),
            [field],
            "{api_key}"
        );
    }
    for (api_key, is_taken) in [("AC0123:SK1:token", true), ("AC0123:another", false)] {
        let form = json!({"api_key": api_key, "webhook_secrets": ["token"]});
        let answer = api.put("/secrets/twilio", form).await;
        if is_taken {
            answer.ok(200);
        } else {
            assert_eq!(answer.faults(422, "invalid_fields"), ["webhook_secrets"], "{api_key}");
        }
    }
    let set = json!({"api_key": "AC0123:token", "webhook_secrets": ["token"]});
    api.put("/secrets/twilio", set).await.ok(200);
    let key = api.context.secrets.get(&format!("{ws}/twilio/api_key")).await.expect("a file");
    assert_eq!(key.expect("it is set").expose(), "AC0123:token");
}
