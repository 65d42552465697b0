//! A call of our own account, with a server that stands in for Twilio and ElevenLabs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Method, Request, StatusCode, Uri};
use carillon_adapters::provider::http_client;
use carillon_adapters::twilio;
use carillon_adapters::voice::Voice;
use carillon_domain::base::call::Line;
use carillon_domain::base::ids::{CampaignId, InteractionId};
use carillon_domain::base::outcome::AttemptOutcome;
use carillon_domain::base::provider::Provider;
use carillon_domain::base::time::{MINUTE_MS, Timestamp};
use carillon_domain::records::active_attempt::ActiveAttempt;
use carillon_domain::records::campaign::CampaignSpec;
use carillon_domain::records::interaction::Interaction;
use carillon_runtime::context::provider_key_name;
use carillon_system_tests::context::PUBLIC_URL;
use carillon_system_tests::harness::{Harness, MONDAY_AT_NINE, Options};
use carillon_system_tests::people;
use carillon_system_tests::webhook::{post, sign};
use chrono_tz::Tz;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tower::ServiceExt;

pub(super) const THEIRS: &str = "+4930231121001";
pub(super) const OURS: &str = "+493023125099";
pub(super) const TWIML: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response><Connect><Stream url="wss://x/y"/></Connect></Response>"#;
pub(super) const HANG_UP: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response><Hangup/></Response>"#;
pub(super) const PLACE: &str = "POST /2010-04-01/Accounts/AC00000000000000000000000000000000/Calls.json";
pub(super) const CHANGE: &str = "POST /2010-04-01/Accounts/AC00000000000000000000000000000000/Calls/CA1.json";
pub(super) const LIST: &str = "GET /2010-04-01/Accounts/AC00000000000000000000000000000000/Calls.json";
pub(super) const REGISTER: &str = "POST /v1/convai/twilio/register-call";

/// Twilio and ElevenLabs on one port: no path is of both.
#[derive(Debug, Clone, Default)]
pub(super) struct Outside {
    asked: Arc<Mutex<Vec<(String, String)>>>,
    /// What Twilio lists; in its words.
    calls: Arc<Mutex<Vec<Value>>>,
    /// How it is answered that there is no agent, if there is none.
    no_agent: Arc<Mutex<Option<u16>>>,
}

impl Outside {
    async fn listen(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let outside = self.clone();
        let router = Router::new().fallback(async move |method: Method, uri: Uri, body: Bytes| {
            outside.answer(format!("{method} {}", uri.path()), String::from_utf8_lossy(&body).into_owned())
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        url
    }

    fn answer(&self, request: String, body: String) -> (StatusCode, String) {
        let calls = self.calls.lock().expect("a list").clone();
        let answer = match request.as_str() {
            PLACE => (StatusCode::CREATED, json!({"sid": "CA1", "status": "queued"}).to_string()),
            CHANGE => (StatusCode::OK, json!({"sid": "CA1"}).to_string()),
            LIST => (StatusCode::OK, json!({"calls": calls}).to_string()),
            REGISTER => match *self.no_agent.lock().expect("a status") {
                Some(status) => {
                    let status = StatusCode::from_u16(status).expect("a status");
                    (status, json!({"detail": "no room"}).to_string())
                }
                None => (StatusCode::OK, TWIML.to_owned()),
            },
            // No conversation is known.
            _ => (StatusCode::OK, json!({"conversations": [], "has_more": false}).to_string()),
        };
        self.asked.lock().expect("a list").push((request, body));
        answer
    }

    /// From now on there is no agent, and this is the answer.
    pub(super) fn has_no_agent(&self, status: u16) {
        *self.no_agent.lock().expect("a status") = Some(status);
    }

    /// The bodies of what was asked so.
    pub(super) fn asked(&self, request: &str) -> Vec<String> {
        let asked = self.asked.lock().expect("a list").clone();
        asked.into_iter().filter(|(own, _)| own == request).map(|(_, body)| body).collect()
    }
}

pub(super) fn form(body: &str) -> BTreeMap<String, String> {
    form_urlencoded::parse(body.as_bytes()).into_owned().collect()
}

/// A call that is placed.
pub(super) struct Stage {
    pub(super) harness: Harness,
    pub(super) outside: Outside,
    pub(super) campaign: CampaignId,
}

impl Stage {
    /// A campaign with one lead that calls from a number of our own account.
    pub(super) async fn set(change: impl FnOnce(&mut CampaignSpec)) -> Self {
        let mut stage = Self::without(&[], change).await;
        stage.run(MINUTE_MS).await;
        assert_eq!(stage.outside.asked(PLACE).len(), 1);
        stage
    }

    /// The same before the dial, in a workspace that has no key for these providers.
    pub(super) async fn without(unknown: &[Provider], change: impl FnOnce(&mut CampaignSpec)) -> Self {
        let mut harness = Harness::start(Options::at(MONDAY_AT_NINE)).await;
        let outside = Outside::default();
        let url = outside.listen().await;
        harness.context.voice = Voice::http(http_client().expect("a client"), |_| Some(url.clone()));
        let ws = harness.keys.workspace.clone();
        for provider in unknown {
            let key = provider_key_name(&ws, *provider);
            harness.context.secrets.delete(&key).await.expect("a file");
        }
        let store = harness.context.store.clone();
        let number = store.caller_number(&ws, &harness.keys.caller_number).await.expect("a table");
        let mut number = number.expect("the number of the set-up");
        number.version += 1;
        (number.line, number.phone_number_id) = (Line::OwnTwilio, OURS.to_owned());
        assert!(store.update_caller_number(&ws, &number).await.expect("a table"));
        let mut spec = people::spec(&harness.keys);
        spec.retry.max_attempts = 1;
        change(&mut spec);
        let person = [(THEIRS.to_owned(), Tz::Europe__Berlin)];
        let campaign = people::start_campaign(&harness.context, &harness.keys, spec, &person).await;
        Self { harness, outside, campaign }
    }

    pub(super) async fn run(&mut self, for_ms: i64) {
        let end = self.harness.context.now().plus_ms(for_ms);
        self.harness.run_until(end, async |_| false).await;
    }

    /// Where Twilio was told to turn to with this.
    pub(super) fn path(&self, field: &str) -> String {
        let form = form(&self.outside.asked(PLACE)[0]);
        let url = form[field].strip_prefix(PUBLIC_URL).expect("an address of ours");
        // A fragment stays with the carrier.
        url.split('#').next().expect("a path").to_owned()
    }

    pub(super) async fn tell(&self, field: &str, form: &[(&str, &str)]) -> (u16, String) {
        self.tell_at(&self.path(field), Some("token_local"), form).await
    }

    pub(super) async fn tell_at(
        &self,
        path: &str,
        token: Option<&str>,
        form: &[(&str, &str)],
    ) -> (u16, String) {
        let fields: Vec<(String, String)> =
            form.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
        let mut request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        if let Some(token) = token {
            let url = format!("{PUBLIC_URL}{path}");
            request = request.header(twilio::HEADER, twilio::signature(token, &url, &fields, false));
        }
        let request = request.body(Body::from(body)).expect("a request");
        let Ok(response) = carillon_webhooks::router(self.harness.context.clone()).oneshot(request).await;
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), 1 << 20).await.expect("a body");
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    pub(super) async fn status(&self, status: &str, sip_code: &str) -> (u16, String) {
        let form =
            [("CallSid", "CA1"), ("CallStatus", status), ("SipResponseCode", sip_code), ("To", THEIRS)];
        self.tell("StatusCallback", &form).await
    }

    pub(super) async fn machine(&self, answered_by: &str) -> (u16, String) {
        self.tell("AsyncAmdStatusCallback", &[("CallSid", "CA1"), ("AnsweredBy", answered_by)]).await
    }

    pub(super) async fn record(&self) -> Interaction {
        let (store, ws) = (&self.harness.context.store, &self.harness.keys.workspace);
        let lead = store.all_leads(ws, &self.campaign).await.expect("a table").remove(0);
        let id = InteractionId::of(&lead.last.expect("an attempt").attempt);
        store.interaction(ws, &id).await.expect("a table").expect("a record")
    }

    pub(super) async fn outcome(&self) -> Option<AttemptOutcome> {
        self.record().await.outcome
    }

    pub(super) async fn live(&self) -> Option<ActiveAttempt> {
        let (store, ws) = (&self.harness.context.store, &self.harness.keys.workspace);
        store.active_attempt(ws, &THEIRS.parse().expect("a number")).await.expect("a table")
    }

    /// ElevenLabs tells of the conversation.
    pub(super) async fn conversation_ends(&self, talk_secs: u32, said: &str) {
        let now = self.harness.context.now();
        let attempt = self.record().await.attempt().to_string();
        let body = json!({"type": "post_call_transcription", "event_timestamp": now.as_secs(), "data": {
            "agent_id": "agent_1", "conversation_id": "conv_1", "status": "done", "user_id": attempt,
            "transcript": [
                {"role": "agent", "message": "Hi. Does Tuesday suit you?", "time_in_call_secs": 0},
                {"role": "user", "message": said, "time_in_call_secs": 3},
            ],
            "metadata": {"call_duration_secs": talk_secs, "termination_reason": "end_call tool was called.",
                "phone_call": {"type": "twilio", "direction": "outbound", "call_sid": "CA1"}},
            "analysis": null,
        }})
        .to_string();
        let (status, answer) = post(&self.harness, Some(sign("wsec_local", now, &body)), body).await;
        assert_eq!(status, 200, "{answer}");
    }

    /// What Twilio lists of the call now.
    pub(super) async fn lists(&self, status: &str, ended_at: Option<Timestamp>) {
        let dialled_at = self.record().await.started_at;
        let call = json!({"sid": "CA1", "status": status, "direction": "outbound-api", "from": OURS,
            "date_created": rfc2822(dialled_at), "start_time": null, "end_time": ended_at.map(rfc2822)});
        *self.outside.calls.lock().expect("a list") = vec![call];
    }
}

fn rfc2822(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.as_millis()).expect("a moment");
    jiff::fmt::rfc2822::to_string(&at.to_zoned(jiff::tz::TimeZone::UTC)).expect("a date")
}
