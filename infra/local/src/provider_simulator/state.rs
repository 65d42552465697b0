//! The one place that holds the exchange and its log together: nothing is answered that the log
//! does not hold.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{io, iter};

use carillon_adapters::clock::Clock;
use carillon_domain::base::time::Timestamp;
use serde_json::Value;
use tokio::sync::Notify;

use super::audit::CallRecord;
use super::calls::{Answer, Exchange};
use super::dialect::{self, Dialect, Header, Receiver};
use super::incoming::{self, PersonCalls, Question};
use super::log::{Entry, NetworkLog};
use super::order::OutboundCall;
use super::pace::OpenWindows;
use super::settings::NetworkSettings;
use super::twilio::{leg, refusal, twiml};
use super::webhook_schedule::{WebhookId, WebhookKind};
use crate::draw::Draw;

/// A webhook as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedWebhook {
    pub to: Receiver,
    pub id: WebhookId,
    /// When it was taken out to be sent.
    pub sent_at: Timestamp,
    pub headers: Vec<Header>,
    pub body: String,
}

struct Desk {
    exchange: Exchange,
    log: NetworkLog,
}

pub(super) struct NetworkState {
    pub(super) settings: NetworkSettings,
    pub(super) clock: Clock,
    pub(super) gate: OpenWindows,
    /// Rings when there may be an earlier webhook than before.
    pub(super) news: Notify,
    /// Webhooks that were taken out and not tried yet.
    pub(super) on_their_way: AtomicUsize,
    desk: Mutex<Desk>,
}

impl Desk {
    /// What becomes of a call of which Twilio asked what is to be done.
    fn answered(&self, id: &WebhookId, now: Timestamp, answer: Option<(u16, &str)>) -> Option<Entry> {
        if id.kind != WebhookKind::LegAnswered {
            return None;
        }
        let call = self.exchange.legs_up().find(|call| call.id == id.call)?;
        Some(self.exchange.changed(call, leg::answered(call, now, answer)?))
    }

    /// Writes down how a call goes on, and then lets it.
    fn change(&mut self, entry: &Entry) -> io::Result<()> {
        self.log.append(entry)?;
        self.exchange.apply(entry);
        Ok(())
    }
}

impl NetworkState {
    /// A switchboard that goes on where the log ends.
    pub(super) fn new(settings: NetworkSettings, clock: Clock, mut log: NetworkLog) -> Self {
        let mut exchange = Exchange::new(settings.clone());
        for entry in log.take_history() {
            exchange.apply(&entry);
        }
        let gate = OpenWindows::open_until(clock.now());
        let desk = Mutex::new(Desk { exchange, log });
        Self { settings, clock, gate, news: Notify::new(), on_their_way: AtomicUsize::new(0), desk }
    }

    /// Takes an order and writes it down, then lets its time pass.
    pub(super) async fn order(&self, order: &OutboundCall) -> Answer {
        let now = self.clock.now();
        let answer = self.place(now, order);
        self.news.notify_one();
        let answer_at = now.plus_ms(answer.answer_after_ms);
        if self.settings.hold_answers {
            self.gate.wait(answer_at).await;
        } else {
            self.clock.sleep_until(answer_at).await;
        }
        answer
    }

    fn place(&self, now: Timestamp, order: &OutboundCall) -> Answer {
        let mut desk = self.lock();
        let decision = desk.exchange.decide(now, order);
        let Some(entry) = decision.entry else { return decision.answer };
        if let Err(error) = desk.log.append(&entry) {
            tracing::error!(%error, "the network's log cannot be written; the call is not made");
            let body = dialect::from_the_proxy(order.dialect(), "Internal Server Error");
            return Answer { status: 500, body, answer_after_ms: 0 };
        }
        desk.exchange.apply(&entry);
        decision.answer
    }

    /// Registers an agent for a call of our own account: what Twilio is to be answered. If no such call is up it
    /// leads nowhere.
    pub(super) fn register(&self, wanted: &OutboundCall) -> io::Result<String> {
        let now = self.clock.now();
        let mut desk = self.lock();
        let Some(call) = desk.exchange.legs_up().find(|call| leg::awaits(call, wanted, now)) else {
            let mut draw = Draw::keyed(self.settings.seed, &["registered", &wanted.to_number]);
            return Ok(twiml::connecting(&dialect::call_id(wanted.provider, &mut draw)));
        };
        let entry = desk.exchange.changed(call, leg::registered(call, wanted));
        let twiml = twiml::connecting(&call.id);
        desk.change(&entry)?;
        Ok(twiml)
    }

    /// Does with a call of our own account what an order says: the status and the body of the answer.
    pub(super) fn change_leg(&self, carrier_id: &str, order: &HashMap<String, String>) -> (u16, Value) {
        let now = self.clock.now();
        let mut desk = self.lock();
        let Some(call) = desk.exchange.leg(carrier_id) else { return refusal::of(404, 20_404) };
        let changed = match leg::ordered(call, now, order) {
            Ok(changed) => changed,
            Err(refusal) => return refusal,
        };
        let shown = leg::shown(&self.settings.twilio.account.sid, &changed, now);
        let entry = desk.exchange.changed(call, changed);
        if let Err(error) = desk.change(&entry) {
            tracing::error!(%error, "the network's log cannot be written; the call goes on");
            return (500, dialect::from_the_proxy(Dialect::Twilio, "Internal Server Error"));
        }
        self.news.notify_one();
        (200, shown)
    }

    /// What is asked when somebody calls.
    pub(super) fn question(&self, call: &PersonCalls) -> Question {
        incoming::question(&self.settings, self.clock.now(), call)
    }

    /// Connects somebody who called, and writes it down.
    pub(super) fn connect(&self, call: &PersonCalls, call_sid: &str, answer: &Value) -> io::Result<()> {
        let entry = incoming::connect(&self.settings, self.clock.now(), call, call_sid, answer);
        let mut desk = self.lock();
        desk.log.append(&entry)?;
        desk.exchange.apply(&entry);
        self.news.notify_one();
        Ok(())
    }

    /// The webhooks that are due by now, signed.
    pub(super) fn take_due(&self, now: Timestamp) -> Vec<SignedWebhook> {
        let mut desk = self.lock();
        let due = desk.exchange.due(now);
        let sign = |delivery: super::calls::Delivery| {
            desk.log.sent(&delivery.id, now);
            SignedWebhook {
                headers: dialect::headers(&self.settings, &delivery.to, now, &delivery.body),
                to: delivery.to,
                id: delivery.id,
                sent_at: now,
                body: delivery.body,
            }
        };
        self.on_their_way.fetch_add(due.len(), Ordering::SeqCst);
        due.into_iter().map(sign).collect()
    }

    /// Notes with which status a webhook was received and what was answered; none if nobody answered.
    pub(super) fn tried(&self, webhook: &SignedWebhook, answer: Option<(u16, &str)>) {
        let mut desk = self.lock();
        let status = answer.map(|(status, _)| status);
        let tried = Entry::Tried { id: webhook.id.clone(), at: webhook.sent_at, status };
        let changed = desk.answered(&webhook.id, self.clock.now(), answer);
        for entry in iter::once(tried).chain(changed) {
            if let Err(error) = desk.log.append(&entry) {
                tracing::error!(%error, "the network's log cannot be written; a webhook may come twice");
            }
            desk.exchange.apply(&entry);
        }
        self.on_their_way.fetch_sub(1, Ordering::SeqCst);
        self.news.notify_one();
    }

    /// When the next webhook is due.
    pub(super) fn next_webhook_at(&self) -> Option<Timestamp> {
        self.lock().exchange.next_event_at()
    }

    /// What the exchange has to say at this moment.
    pub(super) fn ask<T>(&self, question: impl FnOnce(&Exchange, Timestamp) -> T) -> T {
        question(&self.lock().exchange, self.clock.now())
    }

    pub(super) fn calls(&self) -> Vec<CallRecord> {
        self.lock().log.calls().to_vec()
    }

    fn lock(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
