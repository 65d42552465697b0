//! What may come of dialling a number.

use serde::{Deserialize, Serialize};

use super::failure::Failure;

/// ElevenLabs' error code for a fault of its own while a call is up (WebSocket close code).
pub(super) const INTERNAL_ERROR: u16 = 1_011;
/// ElevenLabs' error code for a first message with variables that were not sent.
pub(super) const MISSING_VARIABLES: u16 = 1_008;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The assistant says goodbye and hangs up.
    Agent,
    /// The person says goodbye and hangs up.
    Person,
}

/// What somebody asks for while they talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    NeverToBeCalled,
    /// To be called back so long after the end of the call, in milliseconds.
    CallBack(i64),
}

/// What happens on the line once a call has been made. Ringing counts from the dial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "does", rename_all = "snake_case")]
#[expect(missing_docs, reason = "`ring_ms` and `talk_ms` are what they are everywhere")]
pub enum Behaviour {
    Talks {
        ring_ms: i64,
        talk_ms: i64,
        ending: Ending,
    },
    /// Talks and asks for something; the assistant promises it and hangs up.
    Asks {
        ring_ms: i64,
        talk_ms: i64,
        wish: Wish,
    },
    /// Answers and hangs up without a word.
    HangsUp {
        ring_ms: i64,
        talk_ms: i64,
    },
    /// Answers and says nothing until the assistant gives up.
    KeepsSilent {
        ring_ms: i64,
        talk_ms: i64,
    },
    Voicemail {
        ring_ms: i64,
        talk_ms: i64,
    },
    /// Somebody answers, and the provider's side breaks with this error code.
    Breaks {
        ring_ms: i64,
        talk_ms: i64,
        code: u16,
    },
    /// Nobody is reached; without an answer it rings as long as the caller lets it.
    Fails {
        ring_ms: i64,
        failure: Failure,
    },
}

/// Why the provider makes no call at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// ElevenLabs: HTTP 200 with `success: false`. Retell makes a call of it that does not connect.
    NotPlaced,
    /// HTTP 429.
    Congested,
    /// HTTP 502; whoever sees it cannot know that no call was made.
    Broken,
}

/// What becomes of the HTTP answer to a call that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerFate {
    Given,
    /// The caller sees HTTP 504.
    Lost,
    /// It arrives, after the webhook that says how the call ended.
    AfterWebhook,
}

/// What becomes of the webhook that says how a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookFate {
    ByFlags,
    Lost,
    Doubled,
}

/// What comes of dialling a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reception {
    Refused(Refusal),
    Put {
        /// What happens on the line.
        behaviour: Behaviour,
        /// What becomes of the HTTP answer.
        answer: AnswerFate,
        /// What becomes of the webhook.
        webhook: WebhookFate,
    },
}

impl Reception {
    /// A call about which everything is told as it should be.
    pub const fn plain(behaviour: Behaviour) -> Self {
        Self::Put { behaviour, answer: AnswerFate::Given, webhook: WebhookFate::ByFlags }
    }
}
