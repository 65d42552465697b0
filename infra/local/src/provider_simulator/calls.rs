//! The exchange: takes orders, keeps calls, says which webhooks are due. Time is an argument, and
//! it does no input or output: what it decides is an entry that the log keeps before the
//! exchange applies it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use carillon_domain::base::call::{Line, VoiceProvider};
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::{HOUR_MS, Timestamp};
use serde_json::Value;

use super::call::Call;
use super::dialect::{self, Dialect, Receiver};
use super::failure::Failure;
use super::log::Entry;
use super::order::OutboundCall;
use super::outbox::Outbox;
use super::person::{AnswerFate, Behaviour, Reception, Refusal, WebhookFate};
use super::settings::NetworkSettings;
use super::webhook_schedule::{self, WebhookId};
use crate::draw::Draw;

/// How long the same key makes no second call, in milliseconds.
const SAME_KEY_MS: i64 = HOUR_MS;
/// How soon it is known that a call does not connect which another provider would have refused, in milliseconds.
const NOT_CONNECTED_AFTER_MS: i64 = 1_000;

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
    pub to: Receiver,
    pub id: WebhookId,
    pub due_at: Timestamp,
    /// The same for each copy and each try.
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
    /// Ids of calls in the order of placing.
    placed: Vec<String>,
    /// Ids of the calls of each attempt.
    by_attempt: HashMap<String, Vec<String>>,
    /// Ids of calls by the key that makes no second one.
    by_key: HashMap<String, String>,
    /// How often each number was dialled, refused dials included.
    dialled: HashMap<String, u32>,
    /// The calls of each account that are up, by their end.
    up: BTreeMap<Dialect, BTreeSet<(Timestamp, String)>>,
    outbox: Outbox,
}

impl Exchange {
    /// An exchange that has no calls yet.
    pub fn new(settings: NetworkSettings) -> Self {
        let outbox = Outbox::new(settings.clone());
        Self {
            settings,
            calls: HashMap::new(),
            placed: Vec::new(),
            by_attempt: HashMap::new(),
            by_key: HashMap::new(),
            dialled: HashMap::new(),
            up: BTreeMap::new(),
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
            let call = self.calls.get(&id.call)?;
            let body = dialect::body(&self.settings, call, id.kind);
            Some(Delivery { to: dialect::receiver(call, id.kind)?, due_at, body, id })
        };
        taken.into_iter().filter_map(delivery).collect()
    }

    /// Notes what came of sending a webhook at that moment; no status if nobody answered.
    pub fn tried(&mut self, id: &WebhookId, at: Timestamp, status: Option<u16>) {
        self.outbox.tried(id, at, status);
    }

    /// The call of this provider under this id.
    pub(super) fn call(&self, provider: VoiceProvider, id: &str) -> Option<&Call> {
        self.calls.get(id).filter(|call| call.order.provider == provider && call.agent.speaks())
    }

    /// The provider's calls of an attempt, or all of them, in the order of placing.
    pub(super) fn calls_of(
        &self,
        provider: VoiceProvider,
        attempt: Option<&str>,
    ) -> impl DoubleEndedIterator<Item = &Call> {
        let ids = match attempt {
            Some(attempt) => self.by_attempt.get(attempt).map_or(&[][..], Vec::as_slice),
            None => self.placed.as_slice(),
        };
        ids.iter().filter_map(move |id| self.call(provider, id))
    }

    /// The calls that our own account has placed, in the order of placing.
    pub(super) fn legs(&self) -> impl DoubleEndedIterator<Item = &Call> {
        let calls = self.placed.iter().filter_map(|id| self.calls.get(id));
        calls.filter(|call| call.order.line == Line::OwnTwilio)
    }

    /// The one under this id of the carrier's.
    pub(super) fn leg(&self, carrier_id: &str) -> Option<&Call> {
        self.legs().rfind(|call| call.carrier_id == carrier_id)
    }

    /// Those that are up.
    pub(super) fn legs_up(&self) -> impl Iterator<Item = &Call> {
        let up = self.up.get(&Dialect::Twilio).into_iter().flatten();
        up.filter_map(|(_, id)| self.calls.get(id))
    }

    /// What is to be noted of a call that goes on otherwise: what is told of it from then on, in its own time.
    pub(super) fn changed(&self, before: &Call, call: Call) -> Entry {
        let mut posts = webhook_schedule::posts(&self.settings, &call, WebhookFate::ByFlags);
        let told_before = webhook_schedule::posts(&self.settings, before, WebhookFate::ByFlags);
        posts.retain(|post| !told_before.contains(post));
        Entry::Changed { call: Box::new(call), posts }
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
        let known = self.already_made(now, order).map(|call| dialect::accepted(&self.settings, call, now));
        if let Some((status, body)) = known.or_else(|| self.turned_away(now, order)) {
            return Decision { answer: soon(status, body, &mut draw), entry: None };
        }
        match self.settings.people().receive(&order.to_number, dialled_before) {
            Reception::Refused(refusal) => match dialect::refused(order, refusal) {
                Some(answer) => refuse(now, order, refusal, answer, &mut draw),
                None => {
                    let behaviour =
                        Behaviour::Fails { ring_ms: NOT_CONNECTED_AFTER_MS, failure: Failure::TrunkDown };
                    self.put(now, order, behaviour, (AnswerFate::Given, WebhookFate::ByFlags), &mut draw)
                }
            },
            Reception::Put { behaviour, answer, webhook } => {
                self.put(now, order, behaviour, (answer, webhook), &mut draw)
            }
        }
    }

    /// The call that was made of an order under the same key.
    fn already_made(&self, now: Timestamp, order: &OutboundCall) -> Option<&Call> {
        let call = self.calls.get(self.by_key.get(order.idempotency_key.as_ref()?)?)?;
        (now.since_ms(call.placed_at) < SAME_KEY_MS).then_some(call)
    }

    /// Why an order does not get as far as the number.
    fn turned_away(&mut self, now: Timestamp, order: &OutboundCall) -> Option<(u16, Value)> {
        let callers = &self.settings.caller_numbers;
        let is_known = match order.line {
            // An account of ours has the numbers themselves.
            Line::OwnTwilio => callers.values().any(|number| *number == order.phone_number_id),
            Line::Twilio | Line::SipTrunk => callers.contains_key(&order.phone_number_id),
        };
        if !callers.is_empty() && !is_known {
            return Some(dialect::unknown_caller(order));
        }
        if order.to_number.parse::<E164>().is_err() {
            return Some(dialect::not_a_number(order));
        }
        let up = self.up.entry(order.dialect()).or_default();
        while up.first().is_some_and(|(ended_at, _)| *ended_at <= now) {
            up.pop_first();
        }
        let limit = self.settings.max_concurrent;
        (up.len() >= limit).then(|| dialect::too_many_at_once(order, limit))
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
            AnswerFate::Lost => (504, dialect::from_the_proxy(order.dialect(), "Gateway Timeout")),
            AnswerFate::Given | AnswerFate::AfterWebhook => dialect::accepted(&self.settings, &call, now),
        };
        let posts = webhook_schedule::posts(&self.settings, &call, webhook);
        let entry = Some(Entry::Placed { call: Box::new(call), posts });
        Decision { answer: Answer { status, body, answer_after_ms }, entry }
    }

    /// Makes an entry of the log true.
    pub(super) fn apply(&mut self, entry: &Entry) {
        match entry {
            Entry::Placed { call, posts } => {
                let (id, order) = (call.id.clone(), &call.order);
                if !call.is_incoming {
                    self.count_dial(&order.to_number);
                }
                if let Some(attempt) = &order.attempt {
                    self.by_attempt.entry(attempt.clone()).or_default().push(id.clone());
                }
                if let Some(key) = &order.idempotency_key {
                    self.by_key.insert(key.clone(), id.clone());
                }
                self.up.entry(order.dialect()).or_default().insert((call.ended_at, id.clone()));
                self.outbox.add(posts);
                self.placed.push(id.clone());
                self.calls.insert(id, call.as_ref().clone());
            }
            Entry::Changed { call, posts } => {
                let up = self.up.entry(call.order.dialect()).or_default();
                up.retain(|(_, id)| *id != call.id);
                up.insert((call.ended_at, call.id.clone()));
                self.outbox.add(posts);
                self.calls.insert(call.id.clone(), call.as_ref().clone());
            }
            Entry::Refused { to_number, .. } => self.count_dial(to_number),
            Entry::Tried { id, at, status } => self.outbox.tried(id, *at, *status),
        }
    }

    fn count_dial(&mut self, to_number: &str) {
        *self.dialled.entry(to_number.to_owned()).or_default() += 1;
    }
}

/// The answer to an order that becomes no call.
fn refuse(
    now: Timestamp,
    order: &OutboundCall,
    refusal: Refusal,
    (status, body): (u16, Value),
    draw: &mut Draw,
) -> Decision {
    let entry = Entry::Refused {
        at: now,
        to_number: order.to_number.clone(),
        attempt: order.attempt.clone(),
        refusal,
    };
    Decision { answer: soon(status, body, draw), entry: Some(entry) }
}

/// An answer that needs no work.
fn soon(status: u16, body: Value, draw: &mut Draw) -> Answer {
    Answer { status, body, answer_after_ms: draw.between(60..=250) }
}
