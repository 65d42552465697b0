//! The voice provider: places calls, tells what became of them, and remembers the truth.

mod people;

use carillon_domain::base::call::{
    CallReport, Inquiry, Line, Outcome, Placement, ProviderCallId, VoiceEvent,
};
use carillon_domain::base::ids::AttemptId;
use carillon_domain::base::time::{SECOND_MS, Timestamp};
use carillon_domain::base::timing::MAX_WAY_MS;
use carillon_domain::records::active_attempt::ActiveAttempt;

use crate::job::Job;
use crate::map::Map;
use crate::world::{NoAnswer, World};
use people::{Reception, receive};

/// How long a dialer waits for an answer over a Twilio number, in milliseconds.
const TWILIO_PATIENCE_MS: i64 = 30 * SECOND_MS;
/// The same over a SIP trunk, where the answer comes once somebody has picked up.
const SIP_PATIENCE_MS: i64 = 95 * SECOND_MS;

#[derive(Debug, Default)]
pub(crate) struct Provider {
    /// Every call that was placed.
    pub(crate) calls: Map<AttemptId, Call>,
    /// Every dial that was answered without a call.
    pub(crate) refused: Map<AttemptId, Outcome>,
}

/// A call that was placed.
#[derive(Debug)]
pub(crate) struct Call {
    id: ProviderCallId,
    listed_at: Timestamp,
    /// When the provider says that it is over, and what it says then.
    first: (Timestamp, CallReport),
    /// When it says what really was, and that.
    last: (Timestamp, CallReport),
}

impl Call {
    /// What it cost, in millionths of a US dollar.
    pub(crate) fn cost_micros(&self) -> Option<u64> {
        self.last.1.cost_micros
    }

    /// What really became of it.
    pub(crate) fn truth(&self) -> Outcome {
        self.last.1.outcome
    }
}

impl World {
    /// Asks for a call, once.
    pub(crate) async fn place(&self, ws: usize, active_attempt: &ActiveAttempt) -> Placement {
        let patience_ms = match active_attempt.line {
            Line::Twilio => TWILIO_PATIENCE_MS,
            Line::SipTrunk => SIP_PATIENCE_MS,
        };
        self.tell(|| format!("dials {} for {}", active_attempt.number, active_attempt.attempt));
        self.raise(self.watch.borrow().starting(active_attempt, self.agenda.now()));
        if self.strikes(|weather| weather.dial_lost) {
            self.wait(patience_ms).await;
            return Placement::Unknown { reason: "the dial was lost".to_owned() };
        }
        self.wait(self.draw.between(20, MAX_WAY_MS)).await;
        let now = self.agenda.now();
        self.raise(self.watch.borrow_mut().arriving(
            &self.table.borrow().workspaces[ws],
            active_attempt,
            now,
        ));
        if self.strikes(|weather| weather.congested) {
            self.wait(self.draw.between(20, 300)).await;
            return Placement::Congested;
        }
        if self.is_broken() || self.strikes(|weather| weather.refused) {
            return self.refuse(active_attempt).await;
        }
        let reception = receive(&self.draw, &active_attempt.number, active_attempt.line, self.agenda.now());
        let ids = self.put_through(ws, active_attempt, &reception);
        if self.strikes(|weather| weather.answer_lost) || reception.answered_ms > patience_ms {
            self.wait(patience_ms).await;
            return Placement::Unknown { reason: "the answer was lost".to_owned() };
        }
        self.wait(reception.answered_ms).await;
        Placement::Accepted { calls: ids }
    }

    async fn refuse(&self, active_attempt: &ActiveAttempt) -> Placement {
        let failed = [Outcome::Failed; 12];
        let rare = [Outcome::RequestRejected, Outcome::AccountRefused];
        let outcome = *self.draw.pick(&[failed.as_slice(), rare.as_slice()].concat());
        self.provider.borrow_mut().refused.insert(active_attempt.attempt.clone(), outcome);
        self.wait(self.draw.between(20, 300)).await;
        Placement::Refused { outcome, reason: "refused".to_owned() }
    }

    /// The call is made; everything that it will do is known to nobody else.
    fn put_through(
        &self,
        ws: usize,
        active_attempt: &ActiveAttempt,
        reception: &Reception,
    ) -> Vec<ProviderCallId> {
        let now = self.agenda.now();
        let ends_at = now.plus_ms(reception.lasts_ms);
        let mut watch = self.watch.borrow_mut();
        self.raise(watch.placed(
            &self.table.borrow().workspaces[ws],
            active_attempt,
            reception.first,
            now,
            ends_at,
        ));
        let conversation = ProviderCallId(format!("conv_{}", active_attempt.attempt.body()));
        let leg = ProviderCallId(format!("CA{}", active_attempt.attempt.body()));
        let report = |outcome| CallReport {
            duration_secs: if outcome >= Outcome::Voicemail { reception.talk_secs() } else { 0 },
            cost_micros: Some(1_000 * u64::from(reception.talk_secs())),
            wish: reception.wish.filter(|_| outcome == reception.last),
            ..CallReport::bare(outcome, "")
        };
        let call = Call {
            id: conversation.clone(),
            listed_at: now.plus_ms(self.draw.between(0, self.weather().listing_lag_ms)),
            first: (ends_at.plus_ms(reception.prepared_ms), report(reception.first)),
            last: (ends_at.plus_ms(reception.corrected_ms), report(reception.last)),
        };
        self.tell(|| format!("{} rings {}: {reception:?}", active_attempt.attempt, active_attempt.number));
        self.announce(ws, active_attempt, &call, &leg, reception);
        self.provider.borrow_mut().calls.insert(active_attempt.attempt.clone(), call);
        vec![conversation, leg]
    }

    /// Sends out what the provider tells by itself.
    fn announce(
        &self,
        ws: usize,
        active_attempt: &ActiveAttempt,
        call: &Call,
        leg: &ProviderCallId,
        reception: &Reception,
    ) {
        let now = self.agenda.now();
        let over = |(at, report): &(Timestamp, CallReport), insists: bool| {
            // An event about a call that nobody answered does not name the attempt.
            let names = report.outcome.is_answered();
            let event = VoiceEvent::Ended {
                call: call.id.clone(),
                attempt: names.then(|| active_attempt.attempt.clone()),
                incoming: None,
                report: report.clone(),
                at: *at,
            };
            (Job::Event { ws, event, insists }, at.since_ms(now))
        };
        let is_corrected = reception.first != reception.last;
        let (job, delay_ms) = over(&call.first, false);
        self.post(job, delay_ms);
        if is_corrected {
            let (job, delay_ms) = over(&call.last, true);
            self.post(job, delay_ms);
        }
        if let Some(heard_ms) = reception.machine_ms {
            let event = VoiceEvent::MachineDetected { call: leg.clone(), at: now.plus_ms(heard_ms) };
            self.post(Job::Event { ws, event, insists: false }, heard_ms);
        }
    }

    /// Asks what became of an attempt.
    pub(crate) async fn inquire(&self, attempt: &AttemptId) -> Result<Inquiry, NoAnswer> {
        self.travel().await;
        if self.strikes(|weather| weather.inquiry_lost) {
            return Err(NoAnswer);
        }
        let now = self.agenda.now();
        let provider = self.provider.borrow();
        let known = match provider.calls.get(attempt).filter(|call| call.listed_at <= now) {
            None => Inquiry::NotFound,
            Some(call) => match [&call.last, &call.first].into_iter().find(|(at, _)| *at <= now) {
                Some((_, report)) => Inquiry::Ended { call: call.id.clone(), report: report.clone() },
                None => Inquiry::InProgress { call: call.id.clone() },
            },
        };
        self.tell(|| format!("the provider knows of {attempt}: {known:?}"));
        Ok(known)
    }
}
