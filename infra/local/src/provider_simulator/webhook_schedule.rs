//! Which webhooks a call has, and when: lost, doubled, delayed and overtaken ones, by seed.

use carillon_domain::base::call::Line;
use carillon_domain::base::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::person::WebhookFate;
use super::settings::NetworkSettings;
use crate::draw::Draw;

/// The longest that a doubled webhook lags behind the first one, in milliseconds.
const DOUBLE_LAG_MAX_MS: i64 = 5_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookKind {
    PostCallTranscription,
    /// A call was not put through.
    CallInitiationFailure,
    /// The carrier's verdict on who answered.
    AnsweringMachineDetection,
}

impl WebhookKind {
    /// The `type` of the webhook.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PostCallTranscription => "post_call_transcription",
            Self::CallInitiationFailure => "call_initiation_failure",
            Self::AnsweringMachineDetection => "answering_machine_detection",
        }
    }

    /// Whether it says how the call ended.
    pub(super) const fn is_final(self) -> bool {
        !matches!(self, Self::AnsweringMachineDetection)
    }
}

/// Which webhook: the same text is sent for each of its copies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct WebhookId {
    /// The conversation that it is about.
    pub conversation_id: String,
    pub kind: WebhookKind,
    /// Counts the copies from zero.
    pub copy: u8,
}

/// A webhook that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Post {
    pub(super) id: WebhookId,
    pub(super) at: Timestamp,
    /// Whether it waits to be overtaken.
    pub(super) disordered: bool,
}

/// The webhooks of a call.
pub(super) fn posts(settings: &NetworkSettings, call: &Call, fate: WebhookFate) -> Vec<Post> {
    let kind = match call.failure() {
        Some(_) => WebhookKind::CallInitiationFailure,
        None => WebhookKind::PostCallTranscription,
    };
    let mut posts = copies(settings, call, kind, call.settled_at, fate);
    let detects =
        settings.machine_detection_events && call.order.machine_detection && call.order.line == Line::Twilio;
    if detects && call.answered_at.is_some() {
        let kind = WebhookKind::AnsweringMachineDetection;
        posts.extend(copies(settings, call, kind, verdict_at(settings, call), WebhookFate::ByFlags));
    }
    posts
}

/// The carrier listens for some seconds; its verdict may come after the call has ended.
pub(super) fn verdict_at(settings: &NetworkSettings, call: &Call) -> Timestamp {
    let mut draw = Draw::keyed(settings.seed, &["verdict", &call.conversation_id]);
    call.answered_at.unwrap_or(call.ended_at).plus_ms(draw.between(2_500..=5_000))
}

fn copies(
    settings: &NetworkSettings,
    call: &Call,
    kind: WebhookKind,
    at: Timestamp,
    fate: WebhookFate,
) -> Vec<Post> {
    let faults = settings.faults;
    let mut draw = Draw::keyed(settings.seed, &["webhook", &call.conversation_id, kind.name()]);
    let lost = draw.happens(faults.lose_permille);
    let doubled = draw.happens(faults.double_permille);
    let delay_ms =
        if draw.happens(faults.delay_permille) { draw.between(0..=faults.delay_max_ms) } else { 0 };
    let disordered = draw.happens(faults.disorder_permille);
    let lag_ms = draw.between(0..=DOUBLE_LAG_MAX_MS);
    let lags_ms = match fate {
        WebhookFate::Lost => vec![],
        WebhookFate::ByFlags if lost => vec![],
        WebhookFate::Doubled => vec![0, lag_ms],
        WebhookFate::ByFlags if doubled => vec![0, lag_ms],
        WebhookFate::ByFlags => vec![0],
    };
    let post = |(copy, lag_ms): (u8, i64)| Post {
        id: WebhookId { conversation_id: call.conversation_id.clone(), kind, copy },
        at: at.plus_ms(delay_ms + lag_ms),
        disordered,
    };
    (0..).zip(lags_ms).map(post).collect()
}
