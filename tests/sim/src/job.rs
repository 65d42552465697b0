//! What functions are given to do.

use std::rc::Rc;

use carillon_domain::call::{Line, VoiceEvent};
use carillon_domain::campaign::Command;
use carillon_domain::flight::Flight;
use carillon_domain::ids::{AttemptId, CampaignId, LeadId};
use carillon_domain::lead::Lead;
use carillon_domain::phone::E164;
use carillon_domain::time::{MINUTE_MS, SECOND_MS};

/// How often a queue hands out a message before it is a dead letter.
const MAX_RECEIVES: usize = 5;
/// How long a plan hint that failed stays hidden, in milliseconds.
const PLAN_HIDDEN_MS: i64 = 3 * MINUTE_MS;
/// How long a dial that failed stays hidden, in milliseconds.
const DIAL_HIDDEN_MS: i64 = 6 * MINUTE_MS;
/// The same over a SIP trunk.
const SIP_HIDDEN_MS: i64 = 12 * MINUTE_MS;
/// When the provider sends an event again, in seconds after the last try.
const EVENT_AGAIN_SECS: [i64; 4] = [30, 120, 480, 1_800];
/// How soon a client whose request got no answer asks again, in milliseconds.
const CLIENT_AGAIN_MS: i64 = 7 * SECOND_MS;

/// Something for a function to do.
#[derive(Debug)]
pub(crate) enum Job {
    /// Find the workspaces that are due.
    Tick,
    /// Look at a workspace.
    Plan {
        /// Which.
        ws: usize,
    },
    /// See to an attempt.
    Dial(DialMessage),
    /// Take an event of the provider.
    Event {
        /// Whose.
        ws: usize,
        /// What it says.
        event: VoiceEvent,
        /// Whether the provider sends it until it is taken.
        insists: bool,
    },
    /// Do what a client asks.
    Errand {
        /// Whose client.
        ws: usize,
        /// What.
        errand: Errand,
    },
}

/// What a dialler is to do with an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DialTask {
    /// Place the call that was claimed.
    Place,
    /// Ask the provider what became of it.
    Ask,
}

/// "See to this attempt."
#[derive(Debug, Clone)]
pub(crate) struct DialMessage {
    pub(crate) task: DialTask,
    pub(crate) ws: usize,
    pub(crate) call: ProviderCall,
    pub(crate) line: Line,
}

impl DialMessage {
    /// The message about a flight.
    pub(crate) fn about(ws: usize, task: DialTask, flight: &Flight) -> Self {
        let call = ProviderCall {
            attempt: flight.attempt.clone(),
            lead: flight.lead.clone(),
            number: flight.number.clone(),
        };
        Self { task, ws, call, line: flight.line }
    }
}

/// Which attempt a provider's call is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProviderCall {
    pub(crate) attempt: AttemptId,
    pub(crate) lead: LeadId,
    pub(crate) number: E164,
}

/// What a client asks for.
#[derive(Debug)]
pub(crate) enum Errand {
    /// A change of a campaign's state.
    Command(CampaignId, Command),
    /// A stricter retry policy.
    Tighten(CampaignId),
    /// More leads.
    Add(Vec<Lead>),
    /// A call with a lead now.
    Call(LeadId, AttemptId),
    /// A person does not want to be called.
    OptOut(E164),
    /// A lead is done, by somebody's word.
    Settle(LeadId),
    /// Somebody learns all numbers of a person.
    Edit(LeadId),
}

/// A job on its way to a function.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) job: Rc<Job>,
    /// How often it was handed out before.
    pub(crate) receives: usize,
}

impl Delivery {
    /// The first delivery of a job.
    pub(crate) fn first(job: Job) -> Self {
        Self { job: Rc::new(job), receives: 0 }
    }

    /// The next delivery after one that failed, and after how many milliseconds; none if nobody
    /// tries again.
    pub(crate) fn again(&self) -> Option<(Self, i64)> {
        let received = self.receives + 1;
        let hidden_ms = match &*self.job {
            Job::Tick => return None,
            Job::Plan { .. } => Some(PLAN_HIDDEN_MS).filter(|_| received < MAX_RECEIVES),
            Job::Dial(message) => {
                let hidden_ms = match message.line {
                    Line::Twilio => DIAL_HIDDEN_MS,
                    Line::SipTrunk => SIP_HIDDEN_MS,
                };
                Some(hidden_ms).filter(|_| received < MAX_RECEIVES)
            }
            Job::Event { insists, .. } => {
                let last = EVENT_AGAIN_SECS.len() - 1;
                let place = if *insists { self.receives.min(last) } else { self.receives };
                EVENT_AGAIN_SECS.get(place).map(|secs| secs * SECOND_MS)
            }
            Job::Errand { .. } => Some(CLIENT_AGAIN_MS),
        };
        hidden_ms.map(|hidden_ms| (Self { job: Rc::clone(&self.job), receives: received }, hidden_ms))
    }
}

impl Job {
    /// How long a function may work on it, in milliseconds.
    pub(crate) fn timeout_ms(&self) -> i64 {
        SECOND_MS
            * match self {
                Self::Tick => 50,
                Self::Plan { .. } => 30,
                Self::Dial(message) => match message.line {
                    Line::Twilio => 60,
                    Line::SipTrunk => 120,
                },
                Self::Event { .. } => 20,
                Self::Errand { .. } => 29,
            }
    }
}
