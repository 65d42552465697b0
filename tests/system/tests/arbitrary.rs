//! Whatever comes to the webhooks: what is not signed is refused and writes nothing, what is signed is taken.

use axum::body::Body;
use axum::http::{HeaderValue, Request};
use carillon_adapters::secrets::Secret;
use carillon_adapters::twilio;
use carillon_domain::base::call::VoiceProvider;
use carillon_domain::base::ids::{AttemptId, CampaignId, LeadId};
use carillon_domain::base::message::MessageProvider;
use carillon_domain::base::time::MINUTE_MS;
use carillon_local::message_simulator::MessageSettings;
use carillon_local::provider_simulator::NetworkSettings;
use carillon_runtime::context::{
    inbound_message_path, initiation_path, initiation_secret_name, webhook_path, webhook_secrets_name,
};
use carillon_system_tests::context::PUBLIC_URL;
use carillon_system_tests::harness::Harness;
use hmac::{Hmac, Mac};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestRunner};
use sha2::Sha256;
use tower::ServiceExt;

use crate::webhook::call_in_progress;

/// How many cases there are, if `CARILLON_FUZZ_CASES` does not say.
const CASES: u32 = 256;
/// Most of those that are signed: each may leave an item in the table.
const MAX_SIGNED_CASES: u32 = 20_000;
const RETELL_KEY: &str = "key_retell";

/// Where a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    Event(VoiceProvider),
    Question(VoiceProvider),
    Text,
    Status,
    /// What is asked or told of a call that our own account places.
    Call(&'static str),
}

const DOORS: [Door; 9] = [
    Door::Event(VoiceProvider::ElevenLabs),
    Door::Event(VoiceProvider::Retell),
    Door::Question(VoiceProvider::ElevenLabs),
    Door::Question(VoiceProvider::Retell),
    Door::Text,
    Door::Status,
    Door::Call("answer"),
    Door::Call("status"),
    Door::Call("machine"),
];

/// What is wrong with a signature.
#[derive(Debug, Clone)]
enum Forgery {
    Missing,
    Garbage(Vec<u8>),
    OtherSecret,
    /// Where the body is signed.
    OtherBody,
    /// Where the time is signed.
    Old,
}

/// A system in which a call is up, and messages of each kind that speak of it.
struct System {
    harness: Harness,
    samples: Vec<String>,
    status_path: String,
}

impl System {
    async fn start() -> Self {
        let (harness, event, _) = call_in_progress().await;
        let (ws, now, secrets) = (&harness.keys.workspace, harness.context.now(), &harness.context.secrets);
        let key = Secret::from(RETELL_KEY.to_owned());
        let retell = VoiceProvider::Retell;
        secrets.put(&initiation_secret_name(ws, retell), &key).await.expect("a file");
        secrets.put_list(&webhook_secrets_name(ws, retell), &[key]).await.expect("a file");
        let call = harness.network.calls().remove(0);
        let (number, conversation) = (call.to.clone(), call.call.clone());
        let attempt = call.attempt.expect("ours");
        let otel = event.replace("post_call_transcription", "post_call_transcription_otel");
        let samples = vec![
            otel,
            event,
            format!(
                r#"{{"type":"call_initiation_failure","data":{{"conversation_id":"{conversation}","failure_reason":"busy"}}}}"#
            ),
            format!(
                r#"{{"type":"answering_machine_detection","data":{{"conversation_id":"{conversation}","answered_by":"machine_start"}}}}"#
            ),
            format!(
                r#"{{"event":"call_analyzed","call":{{"call_id":"{conversation}","metadata":{{"attempt_id":"{attempt}"}},
                "disconnection_reason":"user_hangup","call_analysis":{{"custom_analysis_data":{{"do_not_call":"yes"}}}}}}}}"#
            ),
            format!(r#"{{"caller_id":"{number}","called_number":"+493023125099","call_sid":"CA1"}}"#),
            format!(
                r#"{{"event":"call_inbound","call_inbound":{{"from_number":"{number}","to_number":"+493023125099"}}}}"#
            ),
            format!("MessageSid=SM1&From={number}&To=%2B493023125099&Body=STOP").replace('+', "%2B"),
            format!("MessageSid=SM2&From=%2B493023125099&To={number}&MessageStatus=delivered")
                .replace('+', "%2B"),
            "CallSid=CA1&CallStatus=failed&SipResponseCode=404&AnsweredBy=machine_end_beep".to_owned(),
        ];
        let campaign = CampaignId::new(now, [1; 10]);
        let lead = LeadId::derive(&campaign, &"+4930231250001".parse().expect("a number"));
        let attempt = AttemptId::new(now, [1; 10]);
        let status_path =
            format!("/api/v1/webhooks/{}/{ws}/status?attempt={attempt}&lead={lead}", MessageProvider::Twilio);
        Self { harness, samples, status_path }
    }

    fn path(&self, door: Door) -> String {
        let ws = &self.harness.keys.workspace;
        match door {
            Door::Event(provider) => webhook_path(ws, provider),
            Door::Question(provider) => initiation_path(ws, provider),
            Door::Text => inbound_message_path(ws, MessageProvider::Twilio),
            Door::Status => self.status_path.clone(),
            Door::Call(end) => self.status_path.replace("/status?", &format!("/calls/{end}?")),
        }
    }

    fn secret(door: Door) -> String {
        let (voice, texts) = (NetworkSettings::default(), MessageSettings::default());
        match door {
            Door::Event(VoiceProvider::ElevenLabs) => voice.elevenlabs.webhook_secret,
            Door::Question(VoiceProvider::ElevenLabs) => voice.elevenlabs.initiation_secret,
            Door::Event(VoiceProvider::Retell) | Door::Question(VoiceProvider::Retell) => {
                RETELL_KEY.to_owned()
            }
            Door::Text | Door::Status | Door::Call(_) => texts.account.auth_token,
        }
    }

    /// The signature of a body that is sent there, made so long ago.
    fn sign(&self, door: Door, secret: &str, body: &[u8], age_ms: i64) -> Vec<u8> {
        let at = self.harness.context.now().plus_ms(-age_ms);
        let signature = match door {
            Door::Event(VoiceProvider::ElevenLabs) => {
                let secs = at.as_secs().to_string();
                format!("t={secs},v0={}", hmac(secret, &[secs.as_bytes(), b".", body]))
            }
            Door::Event(VoiceProvider::Retell) | Door::Question(VoiceProvider::Retell) => {
                let ms = at.as_millis().to_string();
                format!("v={ms},d={}", hmac(secret, &[body, ms.as_bytes()]))
            }
            Door::Question(VoiceProvider::ElevenLabs) => secret.to_owned(),
            Door::Text | Door::Status | Door::Call(_) => {
                let fields: Vec<_> = form_urlencoded::parse(body).into_owned().collect();
                twilio::signature(secret, &format!("{PUBLIC_URL}{}", self.path(door)), &fields, false)
            }
        };
        signature.into_bytes()
    }

    /// A signature that does not fit.
    fn forge(&self, door: Door, body: &[u8], forgery: &Forgery) -> Option<Vec<u8>> {
        let is_timed = !matches!(
            door,
            Door::Text | Door::Status | Door::Call(_) | Door::Question(VoiceProvider::ElevenLabs)
        );
        let signs_body = door != Door::Question(VoiceProvider::ElevenLabs);
        let secret = Self::secret(door);
        match forgery {
            Forgery::Missing => None,
            Forgery::Garbage(bytes) => Some(bytes.clone()),
            Forgery::OtherBody if signs_body => Some(self.sign(door, &secret, &[body, b"&x=1"].concat(), 0)),
            Forgery::Old if is_timed => Some(self.sign(door, &secret, body, 31 * MINUTE_MS)),
            Forgery::OtherSecret | Forgery::OtherBody | Forgery::Old => {
                Some(self.sign(door, &format!("{secret}x"), body, 0))
            }
        }
    }

    async fn send(&self, door: Door, signature: Option<Vec<u8>>, body: Vec<u8>) -> u16 {
        let (name, media_type) = match door {
            Door::Event(VoiceProvider::ElevenLabs) => ("elevenlabs-signature", "application/json"),
            Door::Question(VoiceProvider::ElevenLabs) => ("x-carillon-secret", "application/json"),
            Door::Event(VoiceProvider::Retell) | Door::Question(VoiceProvider::Retell) => {
                ("x-retell-signature", "application/json")
            }
            Door::Text | Door::Status | Door::Call(_) => {
                (twilio::HEADER, "application/x-www-form-urlencoded")
            }
        };
        let mut request = Request::post(self.path(door)).header("content-type", media_type);
        if let Some(value) = signature.and_then(|signature| HeaderValue::from_bytes(&signature).ok()) {
            request = request.header(name, value);
        }
        let request = request.body(Body::from(body)).expect("a request");
        let router = carillon_webhooks::router(self.harness.context.clone());
        let Ok(response) = router.oneshot(request).await;
        response.status().as_u16()
    }

    fn write_units(&self) -> f64 {
        self.harness.table.meter().snapshot().total().write_units
    }
}

fn hmac(secret: &str, parts: &[&[u8]]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length");
    parts.iter().for_each(|part| mac.update(part));
    hex::encode(mac.finalize().into_bytes())
}

fn cases() -> u32 {
    std::env::var("CARILLON_FUZZ_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES)
}

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() })
}

/// Any bytes, or a sample with a piece of it put in the place of another, or with its end cut off.
fn bodies(samples: Vec<String>) -> impl Strategy<Value = Vec<u8>> {
    let piece = (any::<Index>(), 0..30_usize, vec(any::<u8>(), 0..30), any::<Index>(), any::<bool>());
    let broken = (select(samples), piece).prop_map(|(sample, (at, length, piece, end, is_cut))| {
        let mut bytes = sample.into_bytes();
        let at = at.index(bytes.len());
        let to = (at + length).min(bytes.len());
        bytes.splice(at..to, piece);
        if is_cut {
            bytes.truncate(end.index(bytes.len() + 1));
        }
        bytes
    });
    prop_oneof![1 => vec(any::<u8>(), 0..200), 3 => broken]
}

fn forgeries() -> impl Strategy<Value = Forgery> {
    prop_oneof![
        Just(Forgery::Missing),
        vec(any::<u8>(), 0..80).prop_map(Forgery::Garbage),
        "(t|v)=[0-9]{0,13},(v0|d)=[0-9a-f]{64}".prop_map(|text| Forgery::Garbage(text.into_bytes())),
        Just(Forgery::OtherSecret),
        Just(Forgery::OtherBody),
        Just(Forgery::Old),
    ]
}

#[test]
fn what_is_not_signed_is_refused_and_writes_nothing() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let system = runtime.block_on(System::start());
    let before = system.write_units();
    let strategy = (select(&DOORS[..]), forgeries(), bodies(system.samples.clone()));
    let result = runner(cases()).run(&strategy, |(door, forgery, body)| {
        let signature = system.forge(door, &body, &forgery);
        let status = runtime.block_on(system.send(door, signature, body));
        prop_assert_eq!(status, 401);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(system.write_units(), before);
}

#[test]
fn what_is_signed_is_answered_with_200_whatever_it_says() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let system = runtime.block_on(System::start());
    let strategy = (select(&DOORS[..]), bodies(system.samples.clone()));
    let result = runner(cases().min(MAX_SIGNED_CASES)).run(&strategy, |(door, body)| {
        let signature = system.sign(door, &System::secret(door), &body, 0);
        prop_assert_eq!(runtime.block_on(system.send(door, Some(signature), body)), 200);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}
