//! What functions are given to do.

use std::rc::Rc;

use carillon_domain::base::call::{Line, VoiceEvent};
use carillon_domain::base::ids::{AttemptId, CallerNumberId, CampaignId, LeadId, TopUpId};
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::{MINUTE_MS, SECOND_MS, Timestamp};
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::records::active_attempt::ActiveAttempt;
use carillon_domain::records::campaign::Command;
use carillon_domain::records::lead::Lead;

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
    Plan {
        ws: usize,
    },
    Dial(DialMessage),
    /// Go on with a walk over a campaign's leads.
    Walk(Walk),
    /// Take an event of the provider.
    Event {
        ws: usize,
        event: VoiceEvent,
        /// Whether the provider sends it until it is taken.
        insists: bool,
    },
    /// Do what a client asks.
    Errand {
        ws: usize,
        errand: Errand,
    },
}

/// What a dialer is to do with an attempt.
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
    /// The message about an active attempt.
    pub(crate) fn about(ws: usize, task: DialTask, active_attempt: &ActiveAttempt) -> Self {
        let call = ProviderCall {
            attempt: active_attempt.attempt.clone(),
            lead: active_attempt.lead.clone(),
            number: active_attempt.number.clone(),
        };
        Self { task, ws, call, line: active_attempt.line }
    }
}

/// Which attempt a provider's call is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProviderCall {
    pub(crate) attempt: AttemptId,
    pub(crate) lead: LeadId,
    pub(crate) number: E164,
}

/// "Walk over the leads of this campaign."
#[derive(Debug, Clone)]
pub(crate) struct Walk {
    pub(crate) ws: usize,
    pub(crate) campaign: CampaignId,
    pub(crate) task: WalkTask,
    /// The last lead that the step before has seen to; none if it is to go on from wherever it is.
    pub(crate) from: Option<LeadId>,
}

/// What a walk does with each lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum WalkTask {
    /// It is begun anew for this run.
    OpenRun(u32),
    /// It is settled: the campaign's days are over.
    CloseRest,
}

/// What a client asks for.
#[derive(Debug, Clone)]
pub(crate) enum Errand {
    /// A change of a campaign's state.
    Command(CampaignId, Command),
    /// A change of a campaign's settings.
    Edit(CampaignId, Change),
    Add(Vec<Lead>),
    /// A call with a lead now, from this number if one is named.
    Call(LeadId, AttemptId, Option<CallerNumberId>),
    /// A call with a lead at a moment.
    CallBack(LeadId, Timestamp),
    /// A person does not want to be called.
    OptOut(ListName, E164),
    /// A person may be called again.
    Forgive(ListName, E164),
    /// A lead is done, by somebody's word.
    Settle(LeadId),
    /// Somebody learns all numbers of a person.
    Learn(LeadId),
    /// Somebody pays in so many millionths of a US dollar.
    TopUp(TopUpId, i64),
}

/// What is changed in a campaign's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    FewerAttempts,
    /// A longer gap between two calls with one person.
    LongerGap,
    NotToday,
    /// Another part of the workspace's capacity.
    Share {
        priority: u8,
        weight: u32,
    },
    /// So many calls a minute.
    Rate(u32),
    /// So many calls at once.
    Limit(u32),
    /// No more calls after today.
    LastDay,
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
            Job::Walk(_) => Some(PLAN_HIDDEN_MS).filter(|_| received < MAX_RECEIVES),
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
    /// Whether something is to be done, and not only to be looked for.
    pub(crate) fn is_work(&self) -> bool {
        !matches!(self, Self::Tick | Self::Plan { .. })
    }

    /// How long a function may work on it, in milliseconds.
    pub(crate) fn timeout_ms(&self) -> i64 {
        SECOND_MS
            * match self {
                Self::Tick => 50,
                Self::Plan { .. } | Self::Walk(_) => 30,
                Self::Dial(message) => match message.line {
                    Line::Twilio => 60,
                    Line::SipTrunk => 120,
                },
                Self::Event { .. } => 20,
                Self::Errand { .. } => 29,
            }
    }
}
