//! The voice providers: they place calls, tell what became of them, and remember the truth.

mod incoming;
mod person;
mod wire;

use std::collections::BTreeMap;

use carillon_domain::base::call::{
    CallOrder, CallReport, Inquiry, Line, Outcome, PersonRequest, Placement, ProviderCallId, Role, Turn,
    VoiceProvider,
};
use carillon_domain::base::ids::AttemptId;
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::{HOUR_MS, SECOND_MS, Timestamp};
use carillon_domain::base::timing::MAX_WAY_MS;

use crate::event_queue::Event;
use crate::executor::{Delivery, Job};
use crate::fault_rates::WEBHOOK_LATE_MS;
use crate::simulation::{Simulation, pause, travel, with};
use person::{Reception, receive};

pub(crate) use incoming::{answered, ring};

/// How long a dialer waits for an answer over a Twilio number, in milliseconds.
const TWILIO_PATIENCE_MS: i64 = 30 * SECOND_MS;
/// The same over a SIP trunk, where the answer comes once somebody has picked up.
const SIP_PATIENCE_MS: i64 = 95 * SECOND_MS;

/// One in so many people whom we call calls us later.
const CALLS_BACK_ONE_IN: u64 = 25;

#[derive(Debug, Default)]
pub(crate) struct Provider {
    /// Every call that was placed, or came in and was linked.
    pub(crate) calls: BTreeMap<AttemptId, Call>,
    /// Every dial that was answered without a call.
    pub(crate) refused: BTreeMap<AttemptId, Outcome>,
    /// Calls that came in, whoever answered for us.
    incoming: Vec<incoming::Incoming>,
}

#[derive(Debug)]
pub(crate) struct Call {
    provider: VoiceProvider,
    id: ProviderCallId,
    listed_at: Timestamp,
    /// When the provider says that it is over, and what it says then.
    first: (Timestamp, Told),
    /// When it says what really was, and that.
    last: (Timestamp, Told),
}

impl Call {
    /// What it cost, in millionths of a US dollar.
    pub(crate) fn cost_micros(&self) -> Option<u64> {
        self.last.1.cost_micros()
    }

    /// What its provider says of it at this moment to one who asks.
    fn known_at(&self, now: Timestamp) -> Inquiry {
        let call = self.id.clone();
        match [&self.last, &self.first].into_iter().find(|(at, _)| *at <= now) {
            Some((at, told)) => {
                let mut report = told.report();
                // Before its analysis, a call says that the person wants to be called back, and not when.
                let lacks_time = self.provider == VoiceProvider::Retell && *at != self.last.0;
                if lacks_time && matches!(report.request, Some(PersonRequest::Callback { .. })) {
                    report.request = Some(PersonRequest::Unclear);
                }
                Inquiry::Ended { call, report }
            }
            None => Inquiry::InProgress { call },
        }
    }

    /// What really became of it.
    pub(crate) const fn truth(&self) -> Outcome {
        self.last.1.outcome
    }
}

/// Something that goes out to our webhooks.
#[derive(Debug)]
pub(crate) struct Post {
    pub(crate) provider: VoiceProvider,
    /// The end of the path.
    pub(crate) path: &'static str,
    pub(crate) body: String,
    /// Whether it is sent until it is taken.
    pub(crate) insists: bool,
    /// The attempt that it names.
    pub(crate) attempt: Option<AttemptId>,
    /// The call that came in about which it asks.
    pub(crate) asks_about: Option<usize>,
}

impl Post {
    /// The header that vouches for this body at a moment.
    pub(crate) fn proof(&self, body: &str, at: Timestamp) -> (&'static str, String) {
        wire::proof(self.provider, self.asks_about.is_some(), body, at)
    }
}

/// What the provider tells of a call that is over.
#[derive(Debug, Clone)]
struct Told {
    outcome: Outcome,
    talk_secs: u32,
    request: Option<PersonRequest>,
}

impl Told {
    /// A conversation costs a tenth of a cent a second; what never came about costs nothing.
    fn cost_micros(&self) -> Option<u64> {
        let is_conversation = self.outcome.is_answered() || self.outcome == Outcome::Error;
        is_conversation.then(|| 1_000 * u64::from(self.talk_secs))
    }

    fn report(&self) -> CallReport {
        let said = |role, message: &str| Turn { role, message: message.to_owned(), at_secs: 1 };
        let talk = [said(Role::Agent, "Hello?"), said(Role::User, "Yes."), said(Role::Agent, "Good.")];
        CallReport {
            duration_secs: self.talk_secs,
            cost_micros: self.cost_micros(),
            request: self.request,
            transcript: if self.outcome == Outcome::Completed { talk.into() } else { Vec::new() },
            ..CallReport::bare(self.outcome, "")
        }
    }
}

/// Asks for a call, once.
pub(crate) async fn place(order: &CallOrder) -> Placement {
    let unknown = |reason: &str| Placement::Unknown { reason: reason.to_owned() };
    let patience_ms = match order.line {
        Line::Twilio | Line::OwnTwilio => TWILIO_PATIENCE_MS,
        Line::SipTrunk => SIP_PATIENCE_MS,
    };
    let is_lost = with(|run| {
        run.tell(|| format!("dials {} for {}", order.to, order.attempt));
        run.raise(run.checker.borrow().starting(&order.attempt, &order.to, run.now()));
        run.strikes(|rates| rates.dial_lost)
    });
    if is_lost {
        pause(patience_ms).await;
        return unknown("the dial was lost");
    }
    pause(with(|run| run.rng.between(20, MAX_WAY_MS))).await;
    let (placement, answered_ms) = with(|run| run.take_order(order));
    match placement {
        Placement::Accepted { .. } if answered_ms > patience_ms => {
            pause(patience_ms).await;
            unknown("the answer was lost")
        }
        placement => {
            pause(answered_ms).await;
            placement
        }
    }
}

/// Asks what became of an attempt; nothing if no answer came.
pub(crate) async fn inquire(attempt: &AttemptId) -> Option<Inquiry> {
    travel().await;
    with(|run| {
        if run.strikes(|rates| rates.inquiry_lost) {
            return None;
        }
        let provider = run.provider.borrow();
        let known = match provider.calls.get(attempt).filter(|call| call.listed_at <= run.now()) {
            None => Inquiry::NotFound,
            Some(call) => call.known_at(run.now()),
        };
        run.tell(|| format!("the provider knows of {attempt}: {known:?}"));
        Some(known)
    })
}

impl Simulation {
    /// An order has arrived: what is answered, and after how many milliseconds.
    fn take_order(&self, order: &CallOrder) -> (Placement, i64) {
        let now = self.now();
        self.raise(self.checker.borrow_mut().arriving(&order.attempt, now));
        if self.strikes(|rates| rates.congested) {
            return (Placement::Congested, self.rng.between(20, 300));
        }
        if self.is_broken() || self.is_line_down(order) || self.strikes(|rates| rates.refused) {
            let rare = [Outcome::RequestRejected, Outcome::AccountRefused];
            let outcome = if self.rng.below(7) == 0 { *self.rng.pick(&rare) } else { Outcome::Failed };
            self.provider.borrow_mut().refused.insert(order.attempt.clone(), outcome);
            self.raise(self.checker.borrow_mut().failed_at_once(order, outcome, now));
            let refused = Placement::Refused { outcome, reason: "refused".to_owned() };
            return (refused, self.rng.between(20, 300));
        }
        let reception = receive(&self.rng, order.provider, &order.to, order.line, now);
        let ids = self.put_through(order, &reception);
        let is_lost = self.strikes(|rates| rates.answer_lost);
        (Placement::Accepted { calls: ids }, if is_lost { i64::MAX } else { reception.answered_ms })
    }

    /// Whether the line of the workspace's first caller number is down.
    fn is_line_down(&self, order: &CallOrder) -> bool {
        let (from_ms, until_ms) = self.rates().line_down_ms;
        order.phone_number_id == "line_0" && (from_ms..until_ms).contains(&self.age_ms())
    }

    /// The call is made; everything that it will do is known to nobody else.
    fn put_through(&self, order: &CallOrder, reception: &Reception) -> Vec<ProviderCallId> {
        let now = self.now();
        let ends_at = now.plus_ms(reception.lasts_ms);
        self.raise(self.checker.borrow_mut().placed(order, reception.first, now, ends_at));
        let (id, others) = wire::ids(order.provider, order.attempt.body());
        self.tell(|| format!("{} rings {}: {reception:?}", order.attempt, order.to));
        let call = self.course(order.provider, id.clone(), reception, now);
        let dial =
            self.checker.borrow().dial_of(&order.attempt).map(|(ws, it)| (ws, it.caller_number.clone()));
        let (ws, called) = dial.unzip();
        let ws = ws.unwrap_or_default();
        self.announce(ws, &call, Some(&order.attempt), None);
        if let (Some(heard_ms), Some(leg)) = (reception.machine_ms, others.first()) {
            self.post(ws, wire::machine(leg, now.plus_ms(heard_ms)), heard_ms);
        }
        self.provider.borrow_mut().calls.insert(order.attempt.clone(), call);
        if !self.is_calm() && self.rng.below(CALLS_BACK_ONE_IN) == 0 {
            let ring = called.map(|called| Event::Ring { ws, caller: order.to.clone(), called });
            let later_ms = reception.lasts_ms + self.rng.between(0, 2 * HOUR_MS);
            ring.into_iter().for_each(|ring| self.events.add(later_ms, ring));
        }
        [vec![id], others].concat()
    }

    /// A call as it will go.
    fn course(
        &self,
        provider: VoiceProvider,
        id: ProviderCallId,
        reception: &Reception,
        now: Timestamp,
    ) -> Call {
        let ends_at = now.plus_ms(reception.lasts_ms);
        let told = |outcome| Told {
            outcome,
            talk_secs: match outcome {
                Outcome::Error if outcome != reception.last => reception.talk_secs() / 2,
                Outcome::Voicemail | Outcome::Incomplete | Outcome::Completed => reception.talk_secs(),
                _ => 0,
            },
            request: reception.request.filter(|_| outcome == reception.last),
        };
        Call {
            provider,
            id,
            listed_at: now.plus_ms(self.rng.between(0, self.rates().listing_lag_ms)),
            first: (ends_at.plus_ms(reception.prepared_ms), told(reception.first)),
            last: (ends_at.plus_ms(reception.corrected_ms), told(reception.last)),
        }
    }

    /// Sends out what the provider tells of a call by itself: what changes what it has told, until it is taken. Retell
    /// tells twice of each.
    fn announce(
        &self,
        ws: usize,
        call: &Call,
        attempt: Option<&AttemptId>,
        incoming: Option<(&E164, &E164)>,
    ) {
        let over = |(at, told): &(Timestamp, Told), is_last: bool, insists: bool| {
            let over = wire::Over { call: &call.id, told, at: *at, is_last, attempt, incoming };
            let post = Post { insists, attempt: attempt.cloned(), ..wire::ended(call.provider, &over) };
            self.post(ws, post, at.since_ms(self.now()));
        };
        let is_corrected = call.first.1.outcome != call.last.1.outcome;
        over(&call.first, false, false);
        if is_corrected || call.provider == VoiceProvider::Retell {
            over(&call.last, true, is_corrected);
        }
    }

    /// Something goes out to our webhooks.
    fn post(&self, ws: usize, post: Post, delay_ms: i64) {
        if !post.insists && self.strikes(|rates| rates.webhook_lost) {
            self.tell(|| format!("lost: {}", post.body));
            return;
        }
        let is_late = self.strikes(|rates| rates.webhook_late);
        let late_ms = if is_late { self.rng.between(0, *self.rng.pick(&WEBHOOK_LATE_MS)) } else { 0 };
        let delivery = Delivery::first(Job::Post { ws, post });
        if self.strikes(|rates| rates.webhook_doubled) {
            let later_ms = *self.rng.pick(&[10, 5 * SECOND_MS, 400 * SECOND_MS]);
            self.deliver(delivery.twin(), delay_ms + self.rng.between(0, later_ms));
        }
        self.deliver(delivery, delay_ms + late_ms);
    }
}
