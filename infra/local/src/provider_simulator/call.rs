//! One call: what was ordered, and its whole course, which is settled when it is placed.

use carillon_domain::base::call::{Line, VoiceProvider};
use carillon_domain::base::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::dialect;
use super::failure::Failure;
use super::first_message;
use super::order::{OnMachine, OutboundCall};
use super::person::{AnswerFate, Behaviour, MISSING_VARIABLES, Wish};
use super::settings::NetworkSettings;
use super::speech;
use super::twilio::Agent;
use crate::draw::Draw;

/// The letters and digits of ids.
pub(super) const ID_ALPHABET: &[u8] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// The digits of the carrier's ids.
pub(super) const HEX_ALPHABET: &[u8] = b"0123456789abcdef";
/// When a lost HTTP answer turns into a 504, in milliseconds.
const LOST_ANSWER_AFTER_MS: i64 = 15_000;
/// By how much an HTTP answer follows a webhook that it was made to follow, in milliseconds.
const ANSWER_AFTER_WEBHOOK_MS: i64 = 3_000;
/// How soon a machine is heard, in milliseconds.
const MACHINE_HEARD_AFTER_MS: i64 = 3_000;
/// How soon a call is dropped whose first message lacks variables, in milliseconds.
const DROPPED_AFTER_MS: i64 = 1_000;

/// How a call ended, in the network's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallResult {
    Talked,
    /// The person asked for something.
    Asked(Wish),
    /// A person hung up without a word.
    HungUp,
    Silent,
    Voicemail,
    /// Somebody answered and the provider broke.
    Broken,
    /// Somebody answered, and no agent was connected.
    NotConnected,
    /// The call was not put through.
    Failed(Failure),
}

/// A call and its course. Moments after "now" are still to come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Call {
    /// The provider's id of it.
    #[serde(alias = "conversation_id")]
    pub(super) id: String,
    /// Twilio's `CallSid`, or the trunk's call id.
    pub(super) carrier_id: String,
    pub(super) order: OutboundCall,
    pub(super) from_number: String,
    pub(super) behaviour: Behaviour,
    pub(super) placed_at: Timestamp,
    pub(super) answered_at: Option<Timestamp>,
    pub(super) ended_at: Timestamp,
    /// When the provider has worked the call up and tells about it.
    pub(super) settled_at: Timestamp,
    /// Whether the person called: their number stands in the order all the same.
    #[serde(default)]
    pub(super) is_incoming: bool,
    /// Who speaks for us.
    #[serde(default)]
    pub(super) agent: Agent,
    /// Where its recording is to be had without a key, once it is over.
    #[serde(default)]
    pub(super) recording_url: Option<String>,
    /// What was said to a machine before it was hung up on.
    #[serde(default)]
    pub(super) left_message: Option<String>,
}

/// Where a call stands at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Ringing,
    Talking,
    Processing,
    Over,
}

impl Call {
    /// The course of a call that is placed now.
    pub(super) fn plan(
        settings: &NetworkSettings,
        now: Timestamp,
        order: &OutboundCall,
        behaviour: Behaviour,
        draw: &mut Draw,
    ) -> Self {
        let behaviour = bounded(behaviour, order, draw);
        let hasty = |span_ms: i64| span_ms / i64::from(settings.haste.get());
        let (ring_ms, talk_ms) = behaviour.spans_ms();
        let answered_at = talk_ms.map(|_| now.plus_ms(hasty(ring_ms)));
        let ended_at = now.plus_ms(hasty(ring_ms + talk_ms.unwrap_or_default()));
        let work_ms = if talk_ms.is_some() { 1_000..=4_000 } else { 300..=900 };
        let carrier_id = match order.line {
            Line::Twilio | Line::OwnTwilio => format!("CA{}", draw.text(HEX_ALPHABET, 32)),
            Line::SipTrunk => format!("SCL_{}", draw.text(ID_ALPHABET, 12)),
        };
        let id = dialect::call_id(order.provider, draw);
        let recordings_url = &settings.retell.recordings_url;
        Self {
            recording_url: (order.provider == VoiceProvider::Retell)
                .then(|| format!("{recordings_url}/{id}.mp3")),
            id,
            carrier_id,
            order: order.clone(),
            from_number: caller_number(settings, &order.phone_number_id),
            behaviour,
            placed_at: now,
            answered_at,
            ended_at,
            settled_at: ended_at.plus_ms(hasty(draw.between(work_ms))),
            is_incoming: false,
            agent: if order.addresses.is_some() { Agent::Absent } else { Agent::Provided },
            left_message: left_message(behaviour, order),
        }
    }

    /// When the HTTP answer to the order goes out: on a trunk only once the person has picked up
    /// or cannot be reached.
    pub(super) fn answer_at(&self, fate: AnswerFate, draw: &mut Draw) -> Timestamp {
        match (fate, self.order.line) {
            (AnswerFate::Lost, _) => self.placed_at.plus_ms(LOST_ANSWER_AFTER_MS),
            (AnswerFate::AfterWebhook, _) => self.settled_at.plus_ms(ANSWER_AFTER_WEBHOOK_MS),
            (AnswerFate::Given, Line::Twilio | Line::OwnTwilio) => {
                self.placed_at.plus_ms(draw.between(400..=1_500))
            }
            (AnswerFate::Given, Line::SipTrunk) => {
                self.answered_at.unwrap_or(self.ended_at).plus_ms(draw.between(200..=1_200))
            }
        }
    }

    pub(super) fn phase(&self, now: Timestamp) -> Phase {
        if now >= self.settled_at {
            Phase::Over
        } else if now >= self.ended_at {
            Phase::Processing
        } else if self.answered_at.is_some_and(|at| now >= at) {
            Phase::Talking
        } else {
            Phase::Ringing
        }
    }

    pub(super) fn result(&self) -> CallResult {
        if self.answered_at.is_some() && !self.agent.speaks() {
            return CallResult::NotConnected;
        }
        match self.behaviour {
            Behaviour::Talks { .. } => CallResult::Talked,
            Behaviour::Asks { wish, .. } => CallResult::Asked(wish),
            Behaviour::HangsUp { .. } => CallResult::HungUp,
            Behaviour::KeepsSilent { .. } => CallResult::Silent,
            Behaviour::Voicemail { .. } => CallResult::Voicemail,
            Behaviour::Breaks { .. } => CallResult::Broken,
            Behaviour::Fails { failure, .. } => CallResult::Failed(failure),
        }
    }

    /// Why it is not put through, if so.
    pub(super) fn failure(&self) -> Option<Failure> {
        match self.behaviour {
            Behaviour::Fails { failure, .. } => Some(failure),
            _ => None,
        }
    }

    /// How long the parties are connected in all, in milliseconds.
    pub(super) fn talk_ms(&self) -> i64 {
        self.answered_at.map_or(0, |answered_at| self.ended_at.since_ms(answered_at))
    }

    /// The same in whole seconds.
    pub(super) fn talk_secs(&self) -> i64 {
        self.talk_ms() / 1_000
    }

    /// When the person wants to be called back, if so.
    pub(super) fn callback_at(&self) -> Option<Timestamp> {
        match self.behaviour {
            Behaviour::Asks { wish: Wish::CallBack(after_ms), .. } => Some(self.ended_at.plus_ms(after_ms)),
            _ => None,
        }
    }
}

impl Behaviour {
    /// How long it rings, and how long the parties are connected if they are, in milliseconds.
    const fn spans_ms(self) -> (i64, Option<i64>) {
        match self {
            Self::Talks { ring_ms, talk_ms, .. }
            | Self::Asks { ring_ms, talk_ms, .. }
            | Self::HangsUp { ring_ms, talk_ms }
            | Self::KeepsSilent { ring_ms, talk_ms }
            | Self::Voicemail { ring_ms, talk_ms }
            | Self::Breaks { ring_ms, talk_ms, .. } => (ring_ms, Some(talk_ms)),
            Self::Fails { ring_ms, .. } => (ring_ms, None),
        }
    }
}

/// The behaviour within what the order allows: it rings no longer than asked for, and at ElevenLabs a call whose
/// first message lacks variables is dropped as soon as it is answered.
fn bounded(behaviour: Behaviour, order: &OutboundCall, draw: &mut Draw) -> Behaviour {
    let timeout_ms = i64::from(order.ringing_timeout_secs) * 1_000;
    match behaviour.spans_ms() {
        (ring_ms, _) if ring_ms > timeout_ms => {
            Behaviour::Fails { ring_ms: timeout_ms + draw.between(0..=1_500), failure: Failure::NoAnswer }
        }
        (ring_ms, Some(_))
            if order.provider == VoiceProvider::ElevenLabs && !first_message::missing(order).is_empty() =>
        {
            Behaviour::Breaks { ring_ms, talk_ms: DROPPED_AFTER_MS, code: MISSING_VARIABLES }
        }
        (ring_ms, Some(talk_ms)) if matches!(behaviour, Behaviour::Voicemail { .. }) => {
            let said_ms = match &order.on_machine {
                None => talk_ms,
                Some(OnMachine::HangUp) => MACHINE_HEARD_AFTER_MS,
                Some(OnMachine::Say(text)) => MACHINE_HEARD_AFTER_MS + speech::length_ms(text),
            };
            Behaviour::Voicemail { ring_ms, talk_ms: talk_ms.min(said_ms) }
        }
        _ => behaviour,
    }
}

/// What is left with a machine.
fn left_message(behaviour: Behaviour, order: &OutboundCall) -> Option<String> {
    match (behaviour, &order.on_machine) {
        (Behaviour::Voicemail { .. }, Some(OnMachine::Say(text))) => Some(text.clone()),
        _ => None,
    }
}

/// The number behind an id: itself, or as it is set; if no numbers are set, one that belongs to the id.
fn caller_number(settings: &NetworkSettings, phone_number_id: &str) -> String {
    if phone_number_id.starts_with('+') {
        return phone_number_id.to_owned();
    }
    settings.caller_numbers.get(phone_number_id).cloned().unwrap_or_else(|| {
        let digits = Draw::keyed(0, &["caller number", phone_number_id]).text(b"23456789", 7);
        format!("+1501{digits}")
    })
}
