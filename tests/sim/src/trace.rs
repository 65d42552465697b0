//! What happened, line by line, kept only if a run is looked at.

use std::cell::RefCell;
use std::fmt;

use carillon_domain::base::time::Timestamp;
use carillon_domain::records::campaign::Campaign;
use carillon_domain::records::interaction::Interaction;
use carillon_domain::records::lead::Lead;
use carillon_store::table::ItemWrite;

use crate::clients::Errand;
use crate::executor::Job;
use crate::ports::written::Written;

/// The lines of a run.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    is_kept: bool,
    lines: RefCell<Vec<String>>,
}

impl Trace {
    /// A trace that keeps its lines.
    pub(crate) fn kept() -> Self {
        Self { is_kept: true, lines: RefCell::default() }
    }

    pub(crate) fn tell(&self, at: Timestamp, line: impl FnOnce() -> String) {
        if self.is_kept {
            self.lines.borrow_mut().push(format!("{at} {}", line()));
        }
    }

    /// The last lines that speak of any of these subjects, oldest first.
    pub(crate) fn last_about(&self, subjects: &[String], count: usize) -> Vec<String> {
        let lines = self.lines.borrow();
        let speaks = |line: &&String| subjects.iter().any(|subject| line.contains(subject.as_str()));
        let mut last: Vec<String> = lines.iter().rev().filter(speaks).take(count).cloned().collect();
        last.reverse();
        last
    }

    pub(crate) fn take_lines(&self) -> Vec<String> {
        self.lines.take()
    }
}

/// Writes in few words, for stories.
pub(crate) struct Story<'a>(pub(crate) &'a [ItemWrite]);

impl fmt::Display for Story<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for write in self.0 {
            match Written::of(write) {
                Some(Written::Attempt(it)) => {
                    write!(
                        f,
                        "attempt {} to {} of {} from {}",
                        it.attempt, it.number, it.lead, it.caller_number
                    )?;
                    write!(f, " ({:?}, {:?}); ", it.cause, it.state)?;
                }
                Some(Written::Lead(Lead { id, version, attempts, state, hold, run, step, .. })) => {
                    write!(f, "lead {id} v{version} {state:?} {attempts} attempts")?;
                    write!(f, " run {run} step {step} {hold:?}; ")?;
                }
                Some(Written::NumberRecord(record)) => {
                    write!(f, "number {} v{} on {:?}; ", record.number, record.version, record.lists.keys())?;
                }
                Some(Written::Interaction(Interaction { id, version, status, outcome, lead, .. })) => {
                    write!(f, "interaction {id} of {lead} v{version} {status:?} {outcome:?}; ")?;
                }
                Some(Written::Campaign(Campaign { id, version, status, run, is_run_opening, .. })) => {
                    write!(f, "campaign {id} v{version} {status:?} run {run} opening {is_run_opening}; ")?;
                }
                Some(Written::Job(job)) => {
                    write!(f, "{} v{} {:?} {:?}; ", job.id, job.version, job.status, job.counts)?;
                }
                Some(Written::RateStates(_) | Written::Results(_)) | None => {
                    write!(f, "{} {}; ", write.key().pk, write.key().sk)?
                }
                Some(other) => write!(f, "{other:?}; ")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tick => f.write_str("tick"),
            Self::Message(queue, body) => write!(f, "{queue:?} {body}"),
            Self::Changes(shard) => write!(f, "changes of shard {shard}"),
            Self::Post { ws, post } => write!(f, "post{} {ws} {}", post.path, post.body),
            Self::Form { ws, form } => write!(f, "form {ws} {form:?}"),
            Self::Client { ws, errand } => write!(f, "client {ws} {errand}"),
        }
    }
}

impl fmt::Display for Errand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command(campaign, command) => write!(f, "{} {campaign}", command.name()),
            Self::Edit(campaign, change) => write!(f, "{change:?} in {campaign}"),
            Self::Drop(campaign, name, people) => write!(f, "{name} of {} to {campaign}", people.len()),
            Self::Add(campaign, person) => write!(f, "add {} to {campaign}", person.lead(campaign)),
            Self::Call(lead, ..) => write!(f, "call {lead}"),
            Self::CallBack(lead, at) => write!(f, "call {lead} at {at}"),
            Self::OptOut(list, number) => write!(f, "put {number} on {list}"),
            Self::OptOutMany(list, numbers) => write!(f, "put {numbers:?} on {list}"),
            Self::Forgive(list, number) => write!(f, "take {number} off {list}"),
            Self::Learn(lead, numbers) => write!(f, "learn {numbers:?} of {lead}"),
            Self::Bulk(campaign, form, _) => write!(f, "bulk {form} in {campaign}"),
            Self::TopUp(usd, _) => write!(f, "top up {usd}"),
        }
    }
}
