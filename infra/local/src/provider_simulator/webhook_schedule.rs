//! Which webhooks a call has, and when: lost, doubled, delayed and overtaken ones, by seed.

use carillon_domain::base::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::dialect::{self, Dialect};
use super::person::WebhookFate;
use super::settings::NetworkSettings;
use crate::draw::Draw;
use crate::webhook_faults::WebhookFaults;

/// The longest that a doubled webhook lags behind the first one, in milliseconds.
const DOUBLE_LAG_MAX_MS: i64 = 5_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookKind {
    /// ElevenLabs: a conversation is over.
    PostCallTranscription,
    /// ElevenLabs: a call was not put through.
    CallInitiationFailure,
    /// ElevenLabs: the carrier's verdict on who answered.
    AnsweringMachineDetection,
    /// Retell: somebody answered.
    CallStarted,
    /// Retell: a call is over, connected or not.
    CallEnded,
    /// Retell: and has been analyzed.
    CallAnalyzed,
    /// Twilio: somebody has answered; asks what is to be done.
    LegAnswered,
    /// Twilio: who answered.
    LegVerdict,
    /// Twilio: a call is over, connected or not.
    LegEnded,
}

impl WebhookKind {
    /// What the webhook calls itself; Twilio's have no name, but ours.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PostCallTranscription => "post_call_transcription",
            Self::CallInitiationFailure => "call_initiation_failure",
            Self::AnsweringMachineDetection => "answering_machine_detection",
            Self::CallStarted => "call_started",
            Self::CallEnded => "call_ended",
            Self::CallAnalyzed => "call_analyzed",
            Self::LegAnswered => "leg_answered",
            Self::LegVerdict => "leg_verdict",
            Self::LegEnded => "leg_ended",
        }
    }

    /// Whether it says how the call ended.
    pub(super) const fn is_final(self) -> bool {
        match self {
            Self::PostCallTranscription
            | Self::CallInitiationFailure
            | Self::CallEnded
            | Self::CallAnalyzed
            | Self::LegEnded => true,
            Self::AnsweringMachineDetection | Self::CallStarted | Self::LegAnswered | Self::LegVerdict => {
                false
            }
        }
    }

    /// Who sends it.
    pub(super) const fn dialect(self) -> Dialect {
        match self {
            Self::PostCallTranscription | Self::CallInitiationFailure | Self::AnsweringMachineDetection => {
                Dialect::ElevenLabs
            }
            Self::CallStarted | Self::CallEnded | Self::CallAnalyzed => Dialect::Retell,
            Self::LegAnswered | Self::LegVerdict | Self::LegEnded => Dialect::Twilio,
        }
    }
}

/// Which webhook: the same text is sent for each of its copies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct WebhookId {
    /// The call that it is about.
    #[serde(alias = "conversation_id")]
    pub call: String,
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

/// The webhooks of a call; those that say how it ended meet this fate.
pub(super) fn posts(settings: &NetworkSettings, call: &Call, fate: WebhookFate) -> Vec<Post> {
    let fate_of = |kind: WebhookKind| if kind.is_final() { fate } else { WebhookFate::ByFlags };
    let webhooks = dialect::webhooks(settings, call).into_iter();
    webhooks.flat_map(|(kind, at)| copies(settings, call, kind, at, fate_of(kind))).collect()
}

fn copies(
    settings: &NetworkSettings,
    call: &Call,
    kind: WebhookKind,
    at: Timestamp,
    fate: WebhookFate,
) -> Vec<Post> {
    // The answer to a question is waited for: it is asked once, at once.
    let faults = if kind == WebhookKind::LegAnswered { WebhookFaults::default() } else { settings.faults };
    let mut draw = Draw::keyed(settings.seed, &["webhook", &call.id, kind.name()]);
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
        id: WebhookId { call: call.id.clone(), kind, copy },
        at: at.plus_ms(delay_ms + lag_ms),
        disordered,
    };
    (0..).zip(lags_ms).map(post).collect()
}
