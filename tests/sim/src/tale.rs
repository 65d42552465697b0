//! Writes and jobs in few words, for stories.

use std::fmt;

use carillon_domain::base::call::VoiceEvent;
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::records::active_attempt::{ActiveAttempt, ActiveAttemptState};
use carillon_domain::records::campaign::Campaign;
use carillon_domain::records::interaction::Interaction;
use carillon_domain::records::lead::{Lead, LeadState};
use carillon_domain::transaction::{Failed, Transaction, Write};

use crate::job::{DialTask, Errand, Job, Walk};

/// Something told in few words.
pub(crate) struct Tale<'a, T>(pub(crate) &'a T);

impl fmt::Display for Tale<'_, Transaction> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, write) in self.0.0.iter().enumerate() {
            let between = if place > 0 { "; " } else { "" };
            write!(f, "{between}{}", Tale(write))?;
        }
        Ok(())
    }
}

impl fmt::Display for Tale<'_, Write> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Write::Claim(active_attempt) => write!(f, "claim {}", Tale(active_attempt)),
            Write::Dial(active_attempt) => write!(f, "dial {}", Tale(active_attempt)),
            Write::Renew(active_attempt) => write!(f, "renew {}", Tale(active_attempt)),
            Write::RemoveActiveAttempt { number, attempt, stage } => {
                write!(f, "remove {attempt} to {number} if {stage:?}")
            }
            Write::PutRequest(request) => write!(f, "request {} with {}", request.attempt, request.lead),
            Write::RemoveRequest { attempt, .. } => write!(f, "remove request {attempt}"),
            Write::CreateLead(lead) => write!(f, "create {}", Tale(lead)),
            Write::UpdateLead { after, .. } => write!(f, "update {}", Tale(after)),
            Write::UpdateNumber(record) => {
                let lists: Vec<_> = record.lists.keys().map(ListName::as_str).collect();
                write!(f, "number {} v{} on {lists:?}", record.number, record.version)
            }
            Write::AddToDnc { list, number, .. } => write!(f, "enlist {number} on {list}"),
            Write::RemoveFromDnc { list, number } => write!(f, "delist {number} from {list}"),
            Write::Charge { lead, micros } => write!(f, "charge {micros} for {lead}"),
            Write::NoteFailure(Failed::Campaign(id)) => write!(f, "failure in {id}"),
            Write::NoteFailure(Failed::CallerNumber(id)) => write!(f, "failure of {id}"),
            Write::NoteRefusal(refusal) => write!(f, "refusal of {}: {}", refusal.lead, refusal.reason),
            Write::OpenInteraction(interaction) => write!(f, "open {}", Tale(interaction)),
            Write::UpdateInteraction { after, .. } => write!(f, "update {}", Tale(after)),
            Write::Count { counters, .. } => {
                write!(f, "count")?;
                counters.iter().try_for_each(|(counter, by)| write!(f, " {}{by:+}", counter.name()))
            }
            Write::AdvancePlan { epoch, .. } => write!(f, "if epoch is {epoch}"),
            Write::UpdateCampaign { after: campaign, .. } => {
                let Campaign { id, version, status, run, .. } = campaign;
                write!(f, "{id} v{version} {status:?} run {run}")?;
                if campaign.is_run_opening { f.write_str(" opening") } else { Ok(()) }
            }
            Write::InvalidatePlan { campaign, active, running, .. } => {
                write!(f, "supersede {campaign} active {active} running {running:?}")
            }
        }
    }
}

impl fmt::Display for Tale<'_, ActiveAttempt> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ActiveAttempt { number, attempt, lead, cause, caller_number, .. } = self.0;
        write!(f, "{attempt} to {number} of {lead} from {caller_number} ({cause:?}, ")?;
        match &self.0.state {
            ActiveAttemptState::Claimed { dial_at, until } => write!(f, "slot {dial_at} to {until})"),
            ActiveAttemptState::Dialling { by, lease_until, .. } => {
                write!(f, "by {by}, lease {lease_until})")
            }
        }
    }
}

impl fmt::Display for Tale<'_, Lead> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Lead { id, version, attempts, taken_back, state, hold, run, step, .. } = self.0;
        write!(f, "{id} v{version} {}", state.name())?;
        if let LeadState::RetryScheduled { due_at } | LeadState::CallbackScheduled { due_at } = state {
            write!(f, " {due_at}")?;
        }
        if let Some(hold) = hold {
            write!(f, " held until {} by {:?}", hold.until, hold.cause)?;
        }
        if *run > 0 || *step > 0 {
            write!(f, " run {run} step {step}")?;
        }
        write!(f, " {attempts} attempts, {taken_back} taken back")
    }
}

impl fmt::Display for Tale<'_, Interaction> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Interaction { id, version, status, outcome, .. } = self.0;
        write!(f, "{id} v{version} {status:?} {outcome:?}")
    }
}

impl fmt::Display for Tale<'_, Job> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Job::Tick => f.write_str("tick"),
            Job::Plan { ws } => write!(f, "plan {ws}"),
            Job::Dial(message) => {
                let task = match message.task {
                    DialTask::Place => "place",
                    DialTask::Ask => "ask about",
                };
                write!(f, "{task} {} to {}", message.call.attempt, message.call.number)
            }
            Job::Walk(Walk { campaign, task, from, .. }) => {
                write!(f, "walk {task:?} in {campaign} from {from:?}")
            }
            Job::Event { event: VoiceEvent::Ended { call, report, .. }, .. } => {
                write!(f, "event {} ended {:?}", call.0, report.outcome)
            }
            Job::Event { event, .. } => write!(f, "event {event:?}"),
            Job::Errand { errand, .. } => write!(f, "{}", Tale(errand)),
        }
    }
}

impl fmt::Display for Tale<'_, Errand> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Errand::Command(campaign, command) => write!(f, "{} {campaign}", command.name()),
            Errand::Edit(campaign, change) => write!(f, "{change:?} in {campaign}"),
            Errand::Add(leads) => write!(f, "add {} leads", leads.len()),
            Errand::Call(lead, attempt, _) => write!(f, "call {lead} as {attempt}"),
            Errand::CallBack(lead, at) => write!(f, "call {lead} at {at}"),
            Errand::OptOut(list, number) => write!(f, "put {number} on {list}"),
            Errand::Forgive(list, number) => write!(f, "take {number} off {list}"),
            Errand::Settle(lead) => write!(f, "settle {lead}"),
            Errand::Learn(lead) => write!(f, "learn of {lead}"),
            Errand::TopUp(id, micros) => write!(f, "top up {micros} as {id}"),
        }
    }
}
