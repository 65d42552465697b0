//! Every route, from the description that the API serves: what is added there needs a case here.

use axum::http::Method;
use carillon_domain::base::call::VoiceProvider;
use carillon_domain::base::recording::RecordingFormat;
use carillon_domain::base::scope::Scope;
use carillon_domain::policy::recording_retention::RecordingClass;
use carillon_domain::records::recording::{Recording, RecordingCopy};
use carillon_domain::records::unread_event::{Unread, UnreadCause, UnreadEvent};
use carillon_runtime::services::recordings::file_key;
use carillon_system_tests::api::{Api, HasId};
use serde_json::{Value, json};

/// Stands in all that a stage holds, so that it can be found where it does not belong.
pub(crate) const MARK: &str = "hush-hush";

/// A route, with names in braces where ids stand.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) method: Method,
    /// Below `/api/v1`.
    pub(crate) path: String,
    pub(crate) takes_json: bool,
    /// The id of its operation.
    pub(crate) operation: String,
    /// The scope that it needs; none if it needs no key.
    pub(crate) scope: Option<Scope>,
    /// Whether it is described as done on condition of a tag.
    pub(crate) takes_if_match: bool,
    /// Whether its answer is described as one that carries a tag.
    pub(crate) is_tagged: bool,
}

/// One of each thing that a path can name.
#[derive(Debug)]
pub(crate) struct Stage {
    ids: Vec<(&'static str, String)>,
}

/// Every route that is described.
pub(crate) async fn all(api: &Api) -> Vec<Route> {
    let description = api.get("/openapi.json").await.ok(200);
    let paths = description["paths"].as_object().expect("paths");
    let routes = paths.iter().flat_map(|(path, item)| {
        let operations = item.as_object().expect("operations").iter();
        operations.map(|(method, operation)| Route {
            method: method.to_uppercase().parse().expect("a method"),
            path: path.strip_prefix("/api/v1").expect("a path of ours").to_owned(),
            operation: operation["operationId"].as_str().expect("an id").to_owned(),
            scope: Scope::ALL
                .iter()
                .copied()
                .find(|scope| operation["security"][0]["bearer"][0] == scope.name()),
            takes_if_match: operation["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .any(|one| one["name"] == "If-Match"),
            is_tagged: ["200", "201"]
                .iter()
                .any(|status| operation["responses"][status]["headers"]["ETag"].is_object()),
            takes_json: operation["requestBody"]["content"]["application/json"].is_object(),
        })
    });
    let routes: Vec<_> = routes.collect();
    assert!(routes.len() > 50, "{}", routes.len());
    routes
}

impl Route {
    /// Whether it changes nothing.
    pub(crate) fn is_read_only(&self) -> bool {
        self.scope.is_none_or(Scope::is_read_only)
    }

    /// The names in its path.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
    }

    /// Whether an id stands in its path, which is of one workspace.
    pub(crate) fn has_id(&self) -> bool {
        self.names().iter().any(|name| name.ends_with("_id"))
    }

    /// Whether it answers, of a campaign that is not there, with what has outlived it.
    pub(crate) fn outlives_its_campaign(&self) -> bool {
        self.path.ends_with("/evidence") || self.path.ends_with("/evidence/export")
    }
}

/// Leaves a copy of the recording of a call.
async fn keep_recording(api: &Api, interaction: &str) {
    let (ws, id) = (&api.keys.workspace, interaction.parse().expect("an id"));
    let copy = RecordingCopy {
        class: RecordingClass::OnDemand,
        format: RecordingFormat::Mp3,
        copied_at: api.context.now(),
    };
    let key = file_key(ws, &id, &copy);
    api.context.files.write(&key, vec![0xFF]).await.expect("a file");
    api.context.store.keep_recording(ws, &id, &Recording::Copied(copy)).await.expect("a table");
}

impl Stage {
    /// One of each thing, all of them marked.
    pub(crate) async fn of(api: &Api) -> Self {
        let (assistant, number) = (api.keys.assistant.to_string(), api.keys.caller_number.to_string());
        api.patch(&format!("/assistants/{assistant}"), json!({"name": MARK})).await.ok(200);
        api.patch(&format!("/caller-numbers/{number}"), json!({"label": MARK})).await.ok(200);
        api.patch("/workspace", json!({"name": MARK})).await.ok(200);
        api.post("/credits/top-ups", json!({"amount_usd": 1.25, "note": MARK})).await.ok(201);
        let form = json!({"name": MARK, "assistant_id": assistant, "default_country": "DE"});
        let campaign = api.post("/campaigns", form).await.ok(201).id();
        let path = format!("/campaigns/{campaign}");
        let person = json!({"phone": "030 901820", "name": MARK});
        let lead = api.post(&format!("{path}/leads"), person).await.ok(201).id();
        let imported = async |place: &str| {
            let file = json!({"file_name": format!("{MARK}.csv")});
            let import = api.post(&format!("{place}/imports"), file).await.ok(201);
            let people = format!("phone,name\n030 901822,{MARK}\n");
            let key = import["file_key"].as_str().expect("a key");
            api.context.files.write(key, people.into_bytes()).await.expect("a file");
            import.id()
        };
        let import = imported(&path).await;
        let list = api.post("/contact-lists", json!({"name": MARK})).await.ok(201).id();
        let contact = json!({"phone": "+49 30 901828", "name": MARK, "lists": [list]});
        let contact = api.post("/contacts", contact).await.ok(201).id();
        let of_list = imported(&format!("/contact-lists/{list}")).await;
        let mapping = json!({"headers": ["Apparat", MARK], "columns": {"Apparat": "phone"}});
        api.put("/mappings/pbx", mapping).await.ok(200);
        let bulk = json!({"action": "add_tags", "tags": [MARK], "filter": {"search": MARK}});
        let job = api.post(&format!("{path}/leads/bulk"), bulk).await.ok(202).id();
        let call = json!({"leadId": lead, "direction": "outbound", "additionalInstructions": MARK});
        let called = api.post("/voice/calls/initiate", call).await.ok(202);
        keep_recording(api, called["interactionId"].as_str().expect("an id")).await;
        let listed = json!({"number": "+4930901829", "reason": MARK});
        api.put("/do-not-call/partners", Value::Null).await.ok(201);
        api.post("/do-not-call/partners/numbers", listed).await.ok(201);
        let unread = Unread { words: Some(MARK.to_owned()), ..Unread::bare(UnreadCause::NoNumber) };
        let unread = UnreadEvent::new(b"{}", VoiceProvider::ElevenLabs, unread, api.context.now());
        api.context.store.keep_unread_event(&api.keys.workspace, &unread, b"{}").await.expect("a table");
        let endpoint = json!({"url": "http://127.0.0.1:9/hooks", "label": MARK});
        let endpoint = api.post("/webhook-endpoints", endpoint).await.ok(201).id();
        let delivery = api.command(&format!("/webhook-endpoints/{endpoint}/test")).await.ok(202).id();
        let key = json!({"name": MARK, "scopes": ["keys:read"]});
        let key = api.post("/api-keys", key).await.ok(201).id();
        Self {
            ids: vec![
                ("key_id", key),
                ("event_id", unread.id.to_string()),
                ("campaign_id", campaign),
                ("lead_id", lead),
                ("import_id", import),
                ("import_of_list_id", of_list),
                ("contact_id", contact),
                ("contact_list_id", list),
                ("mapping", "pbx".to_owned()),
                ("job_id", job),
                ("assistant_id", assistant),
                ("caller_number_id", number),
                ("interaction_id", called["interactionId"].as_str().expect("an id").to_owned()),
                ("list", "partners".to_owned()),
                ("number", "+4930901829".to_owned()),
                ("endpoint_id", endpoint),
                ("delivery_id", delivery),
                ("provider", "elevenlabs".to_owned()),
            ],
        }
    }

    /// The path of a route here.
    pub(crate) fn path(&self, route: &Route) -> String {
        self.path_but(route, "", "")
    }

    /// A path with names in braces, here.
    pub(crate) fn path_of(&self, path: &str) -> String {
        self.ids.iter().fold(path.to_owned(), |path, (name, id)| path.replace(&format!("{{{name}}}"), id))
    }

    /// The same, with something else in the place of this name.
    pub(crate) fn path_but(&self, route: &Route, name: &str, other: &str) -> String {
        let is_of_list = route.path.starts_with("/contact-lists/");
        let ids = self.ids.iter().map(|(known, id)| match *known {
            "import_id" if is_of_list => (*known, self.id("import_of_list_id")),
            _ => (*known, id.as_str()),
        });
        let filled = ids.fold(route.path.clone(), |path, (known, id)| {
            path.replace(&format!("{{{known}}}"), if known == name { other } else { id })
        });
        assert!(!filled.contains('{'), "the stage has none of what stands in {}", route.path);
        filled
    }

    fn id(&self, name: &str) -> &str {
        self.ids.iter().find(|(known, _)| *known == name).map_or("", |(_, id)| id)
    }

    /// JSON that a route takes; none if it takes none.
    pub(crate) fn body(&self, route: &Route) -> Option<Value> {
        if !route.takes_json {
            return None;
        }
        let (lead, assistant) = (self.id("lead_id"), self.id("assistant_id"));
        Some(match (route.method.as_str(), route.path.as_str()) {
            ("POST", "/campaigns") => json!({"name": "A", "assistant_id": assistant}),
            ("PATCH", "/campaigns/{campaign_id}") => json!({"name": "B"}),
            ("POST", "/campaigns/{campaign_id}/schedule") => json!({"start_at": "2026-12-01T09:00:00Z"}),
            ("POST", "/campaigns/{campaign_id}/duplicate") => json!({"name": "C"}),
            ("POST", "/campaigns/{campaign_id}/forecast") => json!({"days": 3, "changes": {"name": "B"}}),
            ("POST", "/campaigns/{campaign_id}/preview") => json!({"name": "B"}),
            ("POST", "/campaigns/{campaign_id}/templates/preview") => json!({"values": {"name": "Ana"}}),
            ("POST", "/campaigns/{campaign_id}/leads") => json!({"phone": "030 901821"}),
            ("PATCH", "/campaigns/{campaign_id}/leads/{lead_id}") => json!({"name": "Ana"}),
            ("POST", "/campaigns/{campaign_id}/leads/{lead_id}/reschedule") => {
                json!({"at": "2026-12-01T09:00:00Z"})
            }
            ("POST", "/campaigns/{campaign_id}/leads/restart") => json!({"lead_ids": [lead]}),
            ("POST", "/campaigns/{campaign_id}/leads/bulk") => {
                json!({"action": "suspend", "lead_ids": [lead]})
            }
            ("POST", "/campaigns/{campaign_id}/leads/export") => json!({"filter": {"status": "pending"}}),
            ("POST", "/campaigns/{campaign_id}/interactions/export") => json!({"blank_lines": "hide"}),
            ("POST", "/campaigns/{campaign_id}/evidence/export" | "/do-not-call/{list}/export") => {
                json!({"format": "csv"})
            }
            ("PUT", "/campaigns/{campaign_id}/result-columns") => json!({"columns": ["name"]}),
            ("POST", "/campaigns/{campaign_id}/leads/{lead_id}/settle-wish") => json!({"wish": "none"}),
            ("POST", "/campaigns/{campaign_id}/leads/from-contacts") => json!({"filter": {}}),
            ("POST", "/contacts") => json!({"phone": "+49 30 901827"}),
            ("PATCH", "/contacts/{contact_id}") => json!({"name": "Bo"}),
            ("POST", "/contact-lists/{contact_list_id}/imports") => json!({"file_name": "a.csv"}),
            ("POST", "/contact-lists") => json!({"name": "A"}),
            ("PATCH", "/contact-lists/{contact_list_id}") => json!({"name": "B"}),
            ("POST", "/campaigns/{campaign_id}/imports") => json!({"file_name": "a.csv"}),
            ("POST", "/campaigns/{campaign_id}/imports/preview")
            | ("POST", "/contact-lists/{contact_list_id}/imports/preview") => {
                json!([{"phone": "030 901823"}])
            }
            ("PUT", "/mappings/{mapping}") => json!({"headers": ["Wen"], "columns": {"Wen": "phone"}}),
            ("POST", "/assistants") => json!({"name": "A", "agent_id": "b"}),
            ("PATCH", "/assistants/{assistant_id}") => json!({"name": "B"}),
            ("POST", "/caller-numbers") => json!({"number": "+14155550123", "phone_number_id": "p"}),
            ("PATCH", "/caller-numbers/{caller_number_id}") => json!({"label": "B"}),
            ("POST", "/campaigns/{campaign_id}/goal-test") => {
                json!({"goal": "To sell", "interaction_ids": [self.id("interaction_id")]})
            }
            ("PUT", "/language-model") => json!({"provider": "openai", "model": "m", "api_key": "a"}),
            ("PUT", "/secrets/{provider}") => json!({"api_key": "a", "webhook_secrets": ["b"]}),
            ("POST", "/do-not-call/{list}/imports") => json!({"file_name": "a.csv"}),
            ("POST", "/do-not-call/{list}/numbers") => json!({"number": "+4930901820"}),
            ("POST", "/webhook-endpoints") => json!({"url": "http://127.0.0.1:9/hooks"}),
            ("PATCH", "/webhook-endpoints/{endpoint_id}") => json!({"label": "B"}),
            ("POST", "/webhook-endpoints/{endpoint_id}/replay") => json!({"from": "2026-11-01T00:00:00Z"}),
            ("POST", "/api-keys") => json!({"name": "A", "scopes": ["leads:read"]}),
            ("POST", "/campaigns/{campaign_id}/test-call") => json!({"phone": "030 901828"}),
            ("POST", "/voice/calls/initiate") => json!({"leadId": lead, "direction": "outbound"}),
            ("PATCH", "/workspace") => json!({"name": "B", "concurrent_limit": 7}),
            ("POST", "/credits/top-ups") => json!({"amount_usd": 12.5, "note": "D"}),
            (method, path) => panic!("{method} {path} takes JSON: say here which"),
        })
    }
}
