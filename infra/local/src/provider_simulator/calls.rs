//! The exchange: takes orders, keeps calls, says which webhooks are due. Time is an argument, and
//! it does no input or output: what it decides is an entry that the log keeps before the
//! exchange applies it.

use std::collections::{BTreeSet, HashMap};

use carillon_domain::base::call::Line;
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::Timestamp;
use serde_json::Value;

use super::audio;
use super::body::body;
use super::call::Call;
use super::conversation::{conversation, has_audio};
use super::log::Entry;
use super::order::OutboundCall;
use super::outbox::Outbox;
use super::person::{AnswerFate, Behaviour, Reception, Refusal, WebhookFate};
use super::refusal;
use super::settings::NetworkSettings;
use super::webhook_schedule::{self, WebhookId};
use crate::draw::Draw;

/// An HTTP answer, and how long after the request it goes out.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
    /// From the request to the answer, in milliseconds.
    pub answer_after_ms: i64,
}

/// A webhook that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub id: WebhookId,
    pub due_at: Timestamp,
    /// JSON body, the same for each copy and each try.
    pub body: String,
}

/// An answer to an order, and what is to be noted before it goes out.
pub(super) struct Decision {
    pub(super) answer: Answer,
    pub(super) entry: Option<Entry>,
}

/// The state of the simulated network.
pub struct Exchange {
    settings: NetworkSettings,
    calls: HashMap<String, Call>,
    /// Conversation ids in the order of placing.
    placed: Vec<String>,
    /// Conversation ids of each attempt.
    by_user_id: HashMap<String, Vec<String>>,
    /// How often each number was dialled, refused dials included.
    dialled: HashMap<String, u32>,
    /// The calls that are up, by their end.
    up: BTreeSet<(Timestamp, String)>,
    outbox: Outbox,
}

impl Exchange {
    /// An exchange that has no calls yet.
    pub fn new(settings: NetworkSettings) -> Self {
        let outbox = Outbox::new(settings.seed, settings.retry_enabled);
        Self {
            settings,
            calls: HashMap::new(),
            placed: Vec::new(),
            by_user_id: HashMap::new(),
            dialled: HashMap::new(),
            up: BTreeSet::new(),
            outbox,
        }
    }

    /// Takes an order; the same orders at the same moments under the same seed come out the same.
    pub fn place(&mut self, now: Timestamp, order: &OutboundCall) -> Answer {
        let decision = self.decide(now, order);
        if let Some(entry) = &decision.entry {
            self.apply(entry);
        }
        decision.answer
    }

    /// When the next webhook is due.
    pub fn next_event_at(&self) -> Option<Timestamp> {
        self.outbox.next_at()
    }

    /// The webhooks that are due by now, in the order of sending. Each is handed out once, until
    /// [`Self::tried`] says that it was not taken.
    pub fn due(&mut self, now: Timestamp) -> Vec<Delivery> {
        let taken = self.outbox.take(now);
        let delivery = |(due_at, id): (Timestamp, WebhookId)| {
            let call = self.calls.get(&id.conversation_id)?;
            Some(Delivery { due_at, body: body(&self.settings, call, id.kind), id })
        };
        taken.into_iter().filter_map(delivery).collect()
    }

    /// Notes what came of sending a webhook at that moment; no status if nobody answered.
    pub fn tried(&mut self, id: &WebhookId, at: Timestamp, status: Option<u16>) {
        self.outbox.tried(id, at, status);
    }

    /// The conversation of this id, as it stands.
    pub fn conversation(&self, now: Timestamp, id: &str) -> Option<Value> {
        self.calls.get(id).map(|call| conversation(call, now))
    }

    /// The recording of a conversation, if there is one by now.
    pub fn recording(&self, now: Timestamp, id: &str) -> Option<Vec<u8>> {
        self.calls.get(id).filter(|call| has_audio(call, now)).map(audio::recording)
    }

    /// The conversations of this attempt, as they stand.
    pub fn conversations_by_user_id(&self, now: Timestamp, user_id: &str) -> Vec<Value> {
        self.calls_of(Some(user_id)).map(|call| conversation(call, now)).collect()
    }

    /// The calls of an attempt, or all, the latest first.
    pub(super) fn calls_of(&self, user_id: Option<&str>) -> impl Iterator<Item = &Call> {
        let ids = match user_id {
            Some(user_id) => self.by_user_id.get(user_id).map_or(&[][..], Vec::as_slice),
            None => self.placed.as_slice(),
        };
        ids.iter().rev().filter_map(|id| self.calls.get(id))
    }

    /// What the network was set to.
    pub(super) fn settings(&self) -> &NetworkSettings {
        &self.settings
    }

    /// Decides about an order and changes nothing that an order or a webhook could tell.
    pub(super) fn decide(&mut self, now: Timestamp, order: &OutboundCall) -> Decision {
        let dialled_before = self.dialled.get(&order.to_number).copied().unwrap_or_default();
        let nth = dialled_before.to_string();
        let moment = now.as_millis().to_string();
        let mut draw = Draw::keyed(self.settings.seed, &["call", &order.to_number, &nth, &moment]);
        if let Some((status, body)) = self.turned_away(now, order) {
            return Decision { answer: soon(status, body, &mut draw), entry: None };
        }
        match self.settings.people().receive(&order.to_number, dialled_before) {
            Reception::Refused(refusal) => refuse(now, order, refusal, &mut draw),
            Reception::Put { behaviour, answer, webhook } => {
                self.put(now, order, behaviour, (answer, webhook), &mut draw)
            }
        }
    }

    /// Why an order does not get as far as the number.
    fn turned_away(&mut self, now: Timestamp, order: &OutboundCall) -> Option<(u16, Value)> {
        let callers = &self.settings.caller_numbers;
        if !callers.is_empty() && !callers.contains_key(&order.phone_number_id) {
            return Some((404, refusal::not_found(&order.phone_number_id)));
        }
        if order.to_number.parse::<E164>().is_err() {
            let message =
                format!("The phone number you are attempting to call, {}, is not valid.", order.to_number);
            return Some((200, refusal::not_placed(order.line, &message, None)));
        }
        while self.up.first().is_some_and(|(ended_at, _)| *ended_at <= now) {
            self.up.pop_first();
        }
        let limit = self.settings.max_concurrent;
        (self.up.len() >= limit).then(|| (429, refusal::too_many_concurrent(limit)))
    }

    fn put(
        &self,
        now: Timestamp,
        order: &OutboundCall,
        behaviour: Behaviour,
        (answer, webhook): (AnswerFate, WebhookFate),
        draw: &mut Draw,
    ) -> Decision {
        let call = Call::plan(&self.settings, now, order, behaviour, draw);
        let answer_after_ms = call.answer_at(answer, draw).since_ms(now);
        let (status, body) = match answer {
            AnswerFate::Lost => (504, refusal::from_the_proxy("Gateway Timeout")),
            AnswerFate::Given | AnswerFate::AfterWebhook => (200, accepted(&call)),
        };
        let posts = webhook_schedule::posts(&self.settings, &call, webhook);
        let entry = Some(Entry::Placed { call: Box::new(call), posts });
        Decision { answer: Answer { status, body, answer_after_ms }, entry }
    }

    /// Makes an entry of the log true.
    pub(super) fn apply(&mut self, entry: &Entry) {
        match entry {
            Entry::Placed { call, posts } => {
                let id = call.conversation_id.clone();
                if !call.is_incoming {
                    self.count_dial(&call.order.to_number);
                }
                if let Some(user_id) = &call.order.user_id {
                    self.by_user_id.entry(user_id.clone()).or_default().push(id.clone());
                }
                self.up.insert((call.ended_at, id.clone()));
                self.outbox.add(posts);
                self.placed.push(id.clone());
                self.calls.insert(id, call.as_ref().clone());
            }
            Entry::Refused { to_number, .. } => self.count_dial(to_number),
            Entry::Tried { id, at, status } => self.outbox.tried(id, *at, *status),
        }
    }

    fn count_dial(&mut self, to_number: &str) {
        *self.dialled.entry(to_number.to_owned()).or_default() += 1;
    }
}

/// The answer to an order that became a call. On a trunk the caller waits until the person picks
/// up, so it already says why nobody did; its conversation exists all the same.
fn accepted(call: &Call) -> Value {
    let (line, id) = (call.order.line, call.conversation_id.as_str());
    match call.failure().filter(|_| line == Line::SipTrunk) {
        Some(failure) => refusal::not_placed(line, &failure.sip_reason(), Some(id)),
        None => refusal::placement(line, true, "Success", Some(id), Some(&call.carrier_id)),
    }
}

/// The answer to an order that becomes no call.
fn refuse(now: Timestamp, order: &OutboundCall, refusal: Refusal, draw: &mut Draw) -> Decision {
    let (status, body) = match refusal {
        Refusal::NotPlaced => (200, refusal::not_placed(order.line, "Trunk rejected the call", None)),
        Refusal::Congested => (429, refusal::system_busy()),
        Refusal::Broken => (502, refusal::from_the_proxy("Bad Gateway")),
    };
    let entry = Entry::Refused {
        at: now,
        to_number: order.to_number.clone(),
        user_id: order.user_id.clone(),
        refusal,
    };
    Decision { answer: soon(status, body, draw), entry: Some(entry) }
}

/// An answer that needs no work.
fn soon(status: u16, body: Value, draw: &mut Draw) -> Answer {
    Answer { status, body, answer_after_ms: draw.between(60..=250) }
}
