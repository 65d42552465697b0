//! The description of the API is reviewed like code: a change shows in `openapi.json`.

use std::path::Path;

use carillon_domain::base::scope::Scope;
use carillon_domain::reporting::events::Fact;
use serde_json::Value;

/// Set to 1, the committed description is written anew instead of compared.
const UPDATE: &str = "CARILLON_UPDATE_SNAPSHOTS";

#[test]
fn the_committed_description_is_that_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let mut now = carillon_api::openapi().to_pretty_json().expect("a description");
    now.push('\n');
    if std::env::var(UPDATE).is_ok_and(|value| value == "1") {
        std::fs::write(&path, &now).expect("the description is written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = committed.lines().zip(now.lines()).position(|(before, after)| before != after);
    assert!(
        committed == now,
        "the API has changed: functions/api/openapi.json differs from line {} on.\n\
         If that is meant, run `{UPDATE}=1 cargo test -p carillon-api --test openapi` and commit the file.",
        differs.unwrap_or_else(|| committed.lines().count().min(now.lines().count())) + 1,
    );
}

fn description() -> Value {
    serde_json::to_value(carillon_api::openapi()).expect("a description")
}

fn operations(description: &Value) -> Vec<(String, &Value)> {
    let paths = description["paths"].as_object().expect("paths");
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten();
        methods.map(move |(method, operation)| (format!("{method} {path}"), operation))
    });
    operations.collect()
}

#[test]
fn it_is_openapi_3_1_and_every_reference_leads_somewhere() {
    let description = description();
    assert_eq!(description["openapi"], "3.1.0");
    let text = description.to_string();
    let references = text.split("\"#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next());
    for name in references {
        assert!(description["components"]["schemas"].get(name).is_some(), "{name}");
    }
}

#[test]
fn every_operation_tells_its_problems_and_what_it_is_for() {
    let description = description();
    for (name, operation) in operations(&description) {
        assert!(operation["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{name}");
        assert!(
            operation["responses"]["default"]["content"]["application/problem+json"].is_object(),
            "{name}"
        );
        for (status, response) in operation["responses"].as_object().expect("responses") {
            assert!(response["description"].is_string(), "{name} {status}");
        }
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let in_path = parameters.iter().filter(|parameter| parameter["in"] == "path").count();
        assert_eq!(in_path, name.matches('{').count(), "{name}");
    }
}

#[test]
fn a_patch_requires_nothing_and_a_creation_does() {
    let schemas = &description()["components"]["schemas"];
    for (name, form) in [
        ("Campaign", "CampaignSettings"),
        ("Lead", "LeadForm"),
        ("Contact", "ContactForm"),
        ("ContactList", "ContactListForm"),
        ("Assistant", "AssistantForm"),
        ("CallerNumber", "CallerNumberForm"),
    ] {
        // A lead or a contact has `phone` or `phones`, and neither can be required.
        let has_numbers = ["LeadForm", "ContactForm"].contains(&form);
        assert!(schemas[form]["required"].is_array() || has_numbers, "{form}");
        assert!(schemas[format!("{name}Patch")].is_object(), "{name}");
        assert!(schemas[format!("{name}Patch")]["required"].is_null(), "{name}");
    }
}

/// The schemas below a place that say no more than that there is an object.
fn bare(place: &str, schema: &Value, found: &mut Vec<String>) {
    let says = |word: &str| schema.get(word).is_some();
    let is_object = schema["type"] == "object" || schema["type"] == serde_json::json!(["object", "null"]);
    if is_object && !says("properties") && !says("additionalProperties") {
        found.push(place.to_owned());
    }
    match schema {
        Value::Object(parts) => {
            parts.iter().for_each(|(name, part)| bare(&format!("{place}/{name}"), part, found))
        }
        Value::Array(parts) => {
            parts.iter().enumerate().for_each(|(n, part)| bare(&format!("{place}/{n}"), part, found))
        }
        _ => {}
    }
}

#[test]
fn no_object_is_left_undescribed() {
    let (description, mut found) = (description(), Vec::new());
    bare("", &description["paths"], &mut found);
    bare("", &description["components"]["schemas"], &mut found);
    assert_eq!(found, Vec::<String>::new());
}

/// The places below a schema at which something is all of several that refer to a closed one.
fn closed_among_others(place: &str, schemas: &Value, schema: &Value, found: &mut Vec<String>) {
    let is_closed = |part: &Value| {
        let name = part["$ref"].as_str().and_then(|to| to.rsplit('/').next());
        name.map_or(part, |name| &schemas[name])["additionalProperties"] == false
    };
    if schema["allOf"].as_array().is_some_and(|parts| parts.len() > 1 && parts.iter().any(is_closed)) {
        found.push(place.to_owned());
    }
    match schema {
        Value::Object(parts) => parts
            .iter()
            .for_each(|(name, part)| closed_among_others(&format!("{place}/{name}"), schemas, part, found)),
        Value::Array(parts) => {
            parts.iter().for_each(|part| closed_among_others(place, schemas, part, found));
        }
        _ => {}
    }
}

#[test]
fn nothing_is_closed_that_has_more_fields() {
    let (description, mut found) = (description(), Vec::new());
    closed_among_others("", &description["components"]["schemas"], &description, &mut found);
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn what_stands_in_paths_and_headers_says_what_it_looks_like() {
    let description = description();
    for (name, operation) in operations(&description) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let schema = &parameter["schema"];
            let says_more = schema["$ref"].is_string() || schema["pattern"].is_string();
            let is_text =
                schema["type"] == "string" && schema["enum"].is_null() && schema["format"].is_null();
            assert!(says_more || !is_text, "{name}: {}", parameter["name"]);
            assert!(parameter["in"] != "path" || schema["$ref"].is_string(), "{name}: {}", parameter["name"]);
        }
    }
    let scopes = &description["components"]["schemas"]["Scope"]["enum"];
    assert_eq!(scopes.as_array().map(Vec::len), Some(Scope::ALL.len()));
    assert_eq!(scopes[0], Scope::ALL[0].name());
}

#[test]
fn every_operation_names_the_one_scope_that_it_needs() {
    let description = description();
    for (name, operation) in operations(&description) {
        let security = operation["security"].as_array().expect("said for each operation");
        if name == "get /api/v1/health" {
            assert_eq!(security, &[serde_json::json!({})], "{name}");
            continue;
        }
        for (way, scheme) in security.iter().zip(["bearer", "header"]) {
            let scopes = way[scheme].as_array().expect("scopes");
            assert_eq!(scopes.len(), 1, "{name}");
            assert!(Scope::ALL.iter().any(|scope| scopes[0] == scope.name()), "{name}");
        }
        assert_eq!(security.len(), 2, "{name}");
    }
}

/// What is no read and done without condition, and why.
const UNCONDITIONAL: [(&str, &str); 40] = [
    ("create_campaign", "makes a new one"),
    ("duplicate_campaign", "makes a new one"),
    ("create_lead", "makes a new one"),
    ("create_contact", "makes a new one"),
    ("create_contact_list", "makes a new one"),
    ("create_import", "makes a new one"),
    ("create_contact_import", "makes a new one"),
    ("create_assistant", "makes a new one"),
    ("create_caller_number", "makes a new one"),
    ("create_api_key", "makes a new one"),
    ("create_top_up", "makes a new one"),
    ("initiate_call", "makes a new one"),
    ("make_test_call", "makes a new one"),
    ("make_list", "makes a new one, and leaves one that is there as it is"),
    ("list_number", "puts a new one there, and leaves one that is there as it is"),
    ("import_numbers", "puts new ones there, and leaves those that are there as they are"),
    ("announce_numbers", "makes a new job"),
    ("restore_number", "puts it there, and leaves one that is there as it is"),
    ("restart_leads", "changes several, each as it stands"),
    ("bulk_leads", "changes many, each as it stands"),
    ("add_contacts", "makes new ones, and changes others as they stand"),
    ("export_leads", "changes nothing: it makes a file"),
    ("export_interactions", "changes nothing: it makes a file"),
    ("export_evidence", "changes nothing: it makes a file"),
    ("export_list", "changes nothing: it makes a file"),
    ("put_result_columns", "is one key's own choice, which nobody else changes"),
    ("cancel_job", "is done once; whatever was done before stays done"),
    ("forecast_campaign", "changes nothing"),
    ("test_goal", "changes nothing"),
    ("preview_campaign", "changes nothing"),
    ("preview_templates", "changes nothing"),
    ("check_templates", "changes nothing"),
    ("preview_import", "changes nothing"),
    ("preview_contact_import", "changes nothing"),
    ("create_webhook_endpoint", "makes a new one"),
    ("send_test_event", "makes a new delivery"),
    ("replay_webhook_delivery", "makes a new delivery"),
    ("replay_webhook_deliveries", "makes new deliveries"),
    ("settle_unread_event", "is done once; nothing else of it changes"),
    ("replay_unread_event", "does nothing twice, and leaves what can't be read"),
];

/// What shows one thing and has no tag, and why.
const UNTAGGED: [(&str, &str); 14] = [
    ("get_campaign_breakdown", "is counted from what happens"),
    ("get_campaign_stats", "is counted from what happens"),
    ("get_credits", "is counted from what happens"),
    ("get_import_preview", "stands nowhere"),
    ("get_contact_import_preview", "stands nowhere"),
    ("get_import", "nobody changes it but the importer"),
    ("get_result_columns", "nobody changes it but the key that asks"),
    ("get_contact_import", "nobody changes it but the importer"),
    ("get_job", "nobody changes it but the worker"),
    ("get_interaction", "nobody changes it but calls"),
    ("get_recording", "is a link of its own each time"),
    ("get_webhook_delivery", "nobody changes it but the courier"),
    ("get_number_history", "its number has a tag of its own"),
    ("get_health", "says nothing of what is stored"),
];

#[test]
fn whatever_changes_what_is_there_takes_a_condition_and_whatever_shows_it_gives_a_tag() {
    let description = description();
    for (name, operation) in operations(&description) {
        let id = operation["operationId"].as_str().expect("an id");
        let is = |list: &[(&str, &str)]| list.iter().any(|(listed, _)| *listed == id);
        let is_change = !name.starts_with("get ") && !is(&UNCONDITIONAL);
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let takes =
            parameters.iter().filter(|one| one["name"] == "If-Match" && one["in"] == "header").count();
        assert_eq!(takes, usize::from(is_change), "{name}");
        let refusal = &operation["responses"]["412"];
        assert_eq!(refusal["content"]["application/problem+json"].is_object(), is_change, "{name}");
        assert_eq!(refusal["headers"]["ETag"].is_object(), is_change, "{name}");
        let shows_one = id.starts_with("get_") && !is(&UNTAGGED);
        for (status, answer) in operation["responses"].as_object().expect("responses") {
            // What is accepted shows the job that does it.
            let is_shown = status.starts_with('2') && status != "202";
            if is_shown && answer["content"].is_object() && (is_change || shows_one) {
                assert!(answer["headers"]["ETag"].is_object(), "{name} {status}");
            }
        }
    }
}

#[test]
fn each_event_is_described_with_what_it_tells() {
    let description = description();
    let webhooks = description["webhooks"].as_object().expect("webhooks");
    assert_eq!(webhooks.len(), Fact::ALL.len());
    for (name, data, _) in Fact::ALL {
        let operation = &webhooks[*name]["post"];
        assert!(operation["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{name}");
        let own =
            &operation["requestBody"]["content"]["application/json"]["schema"]["allOf"][1]["properties"];
        assert_eq!(own["type"]["enum"], serde_json::json!([name]));
        assert_eq!(own["data"]["$ref"], format!("#/components/schemas/{data}"));
        assert!(description["components"]["schemas"][data]["properties"].is_object(), "{data}");
    }
}
