//! What is said: templates, the values that they are made of, and what they lack.

use carillon_domain::base::time::HOUR_MS;
use carillon_system_tests::api::{Api, HasId};
use carillon_system_tests::harness::{Harness, MONDAY_AT_NINE, Options};
use serde_json::{Value, json};

const TEMPLATES: [&str; 5] = [
    "welcome_message_template",
    "agenda_template",
    "end_call_message_template",
    "voicemail_message_template",
    "sms_message_template",
];

/// An assistant with variables, and a campaign of it.
async fn campaign(api: &Api, settings: Value) -> String {
    let assistant = format!("/assistants/{}", api.keys.assistant);
    let variables = json!({
        "tone": "kind",
        "price": {"type": "number", "description": "What it costs, in euros"},
        "day": {"type": "date", "default": "2026-12-01"},
    });
    let prompt = "You are {assistant_name}, {{ tone }}. {{ agenda }}";
    api.patch(&assistant, json!({"variables": variables, "prompt_template": prompt})).await.ok(200);
    let campaign = api.campaign().await;
    api.patch(&campaign, settings).await.ok(200);
    campaign
}

async fn preview(api: &Api, campaign: &str, form: Value) -> Value {
    api.post(&format!("{campaign}/templates/preview"), form).await.ok(200)["previews"].clone()
}

/// A text of a preview.
fn text<'v>(preview: &'v Value, template: &str) -> &'v Value {
    let texts = preview["texts"].as_array().expect("texts");
    texts.iter().find(|text| text["template"] == template).unwrap_or(&Value::Null)
}

/// A value of a preview, with where it comes from.
fn value(preview: &Value, name: &str) -> Value {
    let variables = preview["variables"].as_array().expect("variables");
    let found = variables.iter().find(|variable| variable["name"] == name).unwrap_or(&Value::Null);
    json!([found["value"], found["from"]])
}

#[tokio::test]
async fn every_template_is_checked_when_it_is_saved() {
    let api = Api::start().await;
    let path = campaign(&api, json!({})).await;
    for template in TEMPLATES {
        for (text, reason) in [
            ("Hi\n{{ name", "line 2"),
            ("Hi {nmae}", "line 1, column 5: there is no `nmae`; `name` is meant"),
            ("{{ name | uper }}", "line 1, column 11: there is no filter `uper`; `upper` is the nearest"),
            ("{{ lead.compnay }}", "a lead has no `compnay`; `lead.company` is meant"),
            ("{{ prise }}", "there is no `prise`; `price` is meant"),
        ] {
            let problem = api.patch(&path, json!({template: text})).await.problem(422, "invalid_fields");
            assert_eq!(problem["errors"][0]["field"], template);
            let told = problem["errors"][0]["reason"].as_str().expect("a reason");
            assert!(told.contains(reason), "{template} {text}: {told}");
        }
        api.patch(&path, json!({template: "Hi {{ name }}, {order}"})).await.ok(200);
    }
    let assistant = format!("/assistants/{}", api.keys.assistant);
    for (fields, field) in [
        (json!({"prompt_template": "You are {asistant_name}"}), "prompt_template"),
        (json!({"variables": {"price": {"default": "a lot"}}}), "variables.price.default"),
        (json!({"variables": {"our_company": "Acme"}}), "variables.our_company"),
        (json!({"variables": {"price": {"type": "money"}}}), "variables.price.type"),
    ] {
        assert_eq!(api.patch(&assistant, fields).await.faults(422, "invalid_fields"), [field]);
    }
}

#[tokio::test]
async fn overwrites_are_of_the_assistant_s_variables_and_of_their_types() {
    let api = Api::start().await;
    let path = campaign(&api, json!({"welcome_message_template": "{price}"})).await;
    let leads = format!("{path}/leads");
    for (overwrites, field, reason) in [
        (
            json!({"discount": "5"}),
            "overwrites.discount",
            "has no variable `discount`; there is day, price, tone",
        ),
        (json!({"price": "five"}), "overwrites.price", "it is not a number; write it as `12.5`"),
        (json!({"day": "1.12.2026"}), "overwrites.day", "it is not a date; write it as `2026-12-24`"),
    ] {
        let form = json!({"phone": "030 901820", "overwrites": overwrites});
        let problem = api.post(&leads, form).await.problem(422, "invalid_fields");
        assert_eq!(problem["errors"][0]["field"], field);
        assert!(
            problem["errors"][0]["reason"].as_str().is_some_and(|told| told.contains(reason)),
            "{problem}"
        );
    }
    let form = json!({"phone": "030 901820", "overwrites": {"price": "9.90", "day": "2026-12-24"}});
    let lead = api.post(&leads, form).await.ok(201);
    assert_eq!(lead["overwrites"], json!({"price": "9.90", "day": "2026-12-24"}));
    let lead = format!("{leads}/{}", lead.id());
    let faults = api.patch(&lead, json!({"overwrites": {"price": "x"}})).await.faults(422, "invalid_fields");
    assert_eq!(faults, ["overwrites.price"]);
    // What the assistant has no more stays, and keeps nothing else from being changed.
    api.patch(&format!("/assistants/{}", api.keys.assistant), json!({"variables": {"day": null}}))
        .await
        .ok(200);
    let renamed = api.patch(&lead, json!({"name": "Ann"})).await.ok(200);
    assert_eq!(renamed["overwrites"]["day"], "2026-12-24");
    let cleared = api.patch(&lead, json!({"overwrites": {"day": null}})).await.ok(200);
    assert_eq!(cleared["overwrites"], json!({"price": "9.90"}));
}

#[tokio::test]
async fn a_preview_says_what_is_said_and_where_each_value_comes_from() {
    let api = Api::start().await;
    let settings = json!({
        "variables": {"name": "friend", "company": "your company", "tone": "warm"},
        "welcome_message_template": "Hi {name} of {{ company }}",
        "agenda_template": "Offer {price} on {day}, ref {{ order | default('none') }}",
        "end_call_message_template": "Bye from {our_company}, {{ lead.company }}",
        "sms_message_template": "Hi {name}: {{ price }} €",
    });
    let path = campaign(&api, settings).await;
    let form = json!({"phone": "030 901820", "name": "Ann", "overwrites": {"price": "9"}, "variables": {"tone": ""}});
    let id = api.post(&format!("{path}/leads"), form).await.ok(201).id();
    let previews = preview(&api, &path, json!({"lead_id": id})).await;
    let ann = &previews[0];
    assert_eq!((&ann["lead_id"], previews.as_array().map(Vec::len)), (&json!(id), Some(1)));
    for (template, rendered) in [
        ("welcome_message_template", "Hi Ann of your company"),
        ("agenda_template", "Offer 9 on 2026-12-01, ref none"),
        ("sms_message_template", "Hi Ann: 9 €\nReply STOP to opt out."),
        (
            "prompt_template",
            "You are Robin, warm. Offer 9 on 2026-12-01, ref none\n\nSay this at the end of the call: Bye from Acme, ",
        ),
    ] {
        assert_eq!(text(ann, template)["rendered"], rendered, "{template}");
    }
    let sms = json!({"encoding": "gsm-7", "segments": 1, "units": 35, "beyond_gsm7": [],
        "replacements": [], "segments_if_replaced": null});
    assert_eq!(text(ann, "sms_message_template")["sms"], sms);
    for (name, expected) in [
        ("name", json!(["Ann", "lead"])),
        ("company", json!(["your company", "campaign"])),
        ("tone", json!(["warm", "campaign"])),
        ("price", json!(["9", "lead_overwrite"])),
        ("day", json!(["2026-12-01", "assistant"])),
        ("our_company", json!(["Acme", "system"])),
        ("order", json!([null, null])),
        ("lead.company", json!([null, null])),
    ] {
        assert_eq!(value(ann, name), expected, "{name}");
    }

    // A row that a file might have, over settings that are thought about.
    let row = json!({"values": {"name": "Bo", "company": "Beta", "order": "{{ name }} ş"},
        "changes": {"sms_message_template": "{order}", "agenda_template": "You owe {{ order | int }}"}});
    let bo = &preview(&api, &path, row).await[0];
    assert_eq!(text(bo, "welcome_message_template")["rendered"], "Hi Bo of Beta");
    let sms = text(bo, "sms_message_template");
    assert_eq!(
        (&sms["rendered"], &sms["sms"]["encoding"]),
        (&json!("{ { name } } ş\nReply STOP to opt out."), &json!("ucs-2"))
    );
    let error = &text(bo, "agenda_template")["error"];
    assert_eq!((&error["line"], error["column"].is_u64()), (&json!(1), true), "{error}");
    assert_eq!(
        api.get(&path).await.ok(200)["sms_message_template"],
        "Hi {name}: {{ price }} €",
        "nothing is saved"
    );

    // Somebody made up has a value for everything.
    let example = &preview(&api, &path, json!({})).await[0];
    assert_eq!(value(example, "order"), json!(["[order]", "example"]));
    assert_eq!(text(example, "welcome_message_template")["rendered"], "Hi Alex Example of Example Ltd");

    // Five leads of many, before the launch.
    for n in 30..40 {
        api.lead(&path, &format!("030 9018{n}")).await;
    }
    assert_eq!(preview(&api, &path, json!({"sample": 5})).await.as_array().map(Vec::len), Some(5));
    let tried = async |form: Value| api.post(&format!("{path}/templates/preview"), form).await;
    for (form, field) in [
        (json!({"sample": 6}), "sample"),
        (json!({"sample": 1, "lead_id": id}), "lead_id"),
        (json!({"values": {"phone": "1"}}), "values.phone"),
        (json!({"values": {"order id": "1"}}), "values.order id"),
        (json!({"changes": {"sms_message_template": "{{"}}), "changes.sms_message_template"),
    ] {
        assert_eq!(tried(form).await.faults(422, "invalid_fields"), [field]);
    }
}

#[tokio::test]
async fn what_the_leads_lack_is_known_before_the_start() {
    let api = Api::start().await;
    let settings = json!({"welcome_message_template": "Hi {name}, {order}: {{ amount | int }}"});
    let path = campaign(&api, settings).await;
    let assistant = format!("/assistants/{}", api.keys.assistant);
    api.patch(&assistant, json!({"variables": {"price": {"required": true}}})).await.ok(200);
    let mut ids = Vec::new();
    for (n, variables, overwrites) in [
        (20, json!({"order": "A", "amount": "7"}), json!({"price": "1"})),
        (21, json!({"order": "", "amount": "7"}), json!({"price": "1"})),
        (22, json!({"order": "B", "amount": "n/a"}), json!({"price": "1"})),
        (23, json!({"order": "C", "amount": "7"}), json!({})),
    ] {
        let form = json!({"phone": format!("030 9018{n}"), "variables": variables, "overwrites": overwrites});
        ids.push(api.post(&format!("{path}/leads"), form).await.ok(201).id());
    }
    let findings = api.command(&format!("{path}/templates/check")).await.ok(200);
    assert_eq!(
        [&findings["leads"], &findings["is_complete"], &findings["failing_leads"]],
        [&json!(4), &json!(true), &json!(2)]
    );
    let expected = json!([
        {"name": "order", "leads": 1, "lead_ids": [ids[1]], "templates": ["welcome_message_template"], "is_required": false},
        {"name": "price", "leads": 1, "lead_ids": [ids[3]], "templates": [], "is_required": true},
    ]);
    assert_eq!(findings["missing"], expected);
    assert_eq!(findings["failing"][0]["template"], "welcome_message_template");
    let example = &findings["failing"][0]["examples"][0];
    assert_eq!((&example["lead_id"], &example["error"]["line"]), (&json!(ids[2]), &json!(1)));

    // The same of all leads in the background, in as many runs as it takes.
    let answer = api.command(&format!("{path}/templates/check?all=true")).await;
    let job = answer.header("location").trim_start_matches("/api/v1").to_owned();
    assert_eq!(answer.ok(202)["findings"]["is_complete"], false);
    while api.do_job(api.context.now()).await {}
    let over = api.get(&job).await.ok(200);
    assert_eq!((&over["status"], &over["kind"]), (&json!("completed"), &json!("check_templates")), "{over}");
    assert_eq!(over["findings"], findings);
    assert_eq!(over["counts"], json!({"done": 4, "refused": 0, "total": 4}));

    // It starts, and says what is the matter.
    let started = api.command(&format!("{path}/start")).await.ok(200);
    assert_eq!(started["template_findings"], findings);
    assert_eq!(api.get(&path).await.ok(200)["template_findings"], Value::Null);

    // A campaign that can say nothing to anybody does not.
    let other = campaign(&api, json!({"welcome_message_template": "{{ amount | int }}"})).await;
    api.post(&format!("{other}/leads"), json!({"phone": "030 901830", "variables": {"amount": "n/a"}}))
        .await
        .ok(201);
    let problem = api.command(&format!("{other}/start")).await.problem(409, "templates_fail");
    let detail = problem["detail"].as_str().expect("a detail");
    assert!(detail.contains("none of the 1 leads") && detail.contains("welcome message, line 1"), "{detail}");
    assert_eq!(api.get(&other).await.ok(200)["status"], "draft");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whom_nothing_can_be_said_to_fails_alone_and_is_called_once_that_is_mended() {
    let mut options = Options::at(MONDAY_AT_NINE);
    options.network.magic_numbers = true;
    let mut harness = Harness::start(options).await;
    let api = Api::of(&harness);
    let settings = json!({
        "time_zone": "Europe/Berlin",
        "welcome_message_template": "Hi {name}, you owe {{ amount | int }} from {our_company}",
    });
    let path = campaign(&api, settings).await;
    let mut ids = Vec::new();
    for (phone, amount) in [("+4930231250001", "7"), ("+4930231260001", "n/a")] {
        let form = json!({"phone": phone, "name": "{{ system__time }}", "variables": {"amount": amount}});
        ids.push(api.post(&format!("{path}/leads"), form).await.ok(201).id());
    }
    api.command(&format!("{path}/start")).await.ok(200);
    let is_over = async |_: &Harness| api.get(&path).await.ok(200)["status"] == "completed";
    assert!(harness.run_until(MONDAY_AT_NINE.plus_ms(HOUR_MS), is_over).await, "the campaign goes on");

    let failed = format!("{path}/leads/{}", ids[1]);
    let lead = api.get(&failed).await.ok(200);
    assert_eq!((&lead["status"], &lead["status_reason"]), (&json!("failed"), &json!("template")));
    let message = lead["status_message"].as_str().expect("a message");
    assert!(message.starts_with("welcome message, line 1, column "), "{message}");
    let explained = api.get(&format!("{failed}/explain")).await.ok(200).to_string();
    assert!(
        explained.contains("welcome message, line 1") && explained.contains("restart the lead"),
        "{explained}"
    );
    let stats = api.get(&format!("{path}/stats")).await.ok(200);
    assert_eq!(
        (&stats["failed"], &stats["completed"], &stats["calls_placed"]),
        (&json!(1), &json!(1), &json!(1))
    );
    let called = api.all(&format!("{path}/interactions?show=all")).await;
    let shown = api.get(&format!("/interactions/{}", called[0].id())).await.ok(200);
    assert_eq!(shown["transcript"][0]["message"], "Hi { { system__time } }, you owe 7 from Acme");

    api.patch(&failed, json!({"variables": {"amount": "8"}})).await.ok(200);
    let lead = api.get(&failed).await.ok(200);
    assert_eq!((&lead["status"], &lead["status_reason"]), (&json!("pending"), &json!(null)));
    let is_reached = async |_: &Harness| api.get(&failed).await.ok(200)["status"] == "completed";
    assert!(harness.run_until(MONDAY_AT_NINE.plus_ms(2 * HOUR_MS), is_reached).await);
}
