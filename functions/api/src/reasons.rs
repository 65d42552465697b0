//! The words of every reason why somebody is or was not called, why a campaign does not call, what its schedule
//! leaves out, and of what a forecast rests on. The domain knows them as codes with their data.

use carillon_domain::base::time::Timestamp;
use carillon_domain::base::zone::on_clock;
use carillon_domain::compliance::manual_call::RequestRefusal;
use carillon_domain::policy::caller_pool::NoCaller;
use carillon_domain::policy::caps::{CapSource, Capped};
use carillon_domain::policy::hours::{Closed, HORIZON_DAYS};
use carillon_domain::records::campaign::PauseReason;
use carillon_domain::records::credits::{LowCredits, Usd};
use carillon_domain::records::lead::{ActionRefusal, LeadState, SkipReason};
use carillon_domain::records::refusal::{DialRefusal, Refusal};
use carillon_domain::records::text_fault::TextFault;
use carillon_domain::reporting::explain::{Attempt, Cause, Closing, NotDue, NotRunning, Use};
use chrono_tz::Tz;
use serde::Serialize;
use utoipa::ToSchema;

mod forecast;
mod schedule;
#[cfg(test)]
mod tests;

const MINUTES_PER_HOUR: u32 = 60;

/// What can be told to a person.
pub(crate) trait Message {
    fn message(&self) -> String;
}

/// A code and its data, with the words for it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Explained<T> {
    #[serde(flatten)]
    what: T,
    /// The same for people.
    message: String,
}

impl<T: Message> From<T> for Explained<T> {
    fn from(what: T) -> Self {
        Self { message: what.message(), what }
    }
}

impl Message for Cause {
    fn message(&self) -> String {
        match self {
            Self::NotRunning(why) => why.message(),
            Self::RunningLimit { start_at, running, limit } => format!(
                "the campaign was to start at {start_at}, and waits: {running} campaigns run, and {limit} may; it \
                 starts when one of them ends or is paused"
            ),
            Self::LowCredits { credits, start_at: None } => credits.message(),
            Self::LowCredits { credits, start_at: Some(start_at) } => {
                format!(
                    "the campaign was to start at {start_at}, and waits for credits: {}",
                    credits.message()
                )
            }
            Self::PeriodNotBegun(at) => format!("the campaign's period begins at {at}"),
            Self::PeriodOver => {
                "the campaign's period is over, or is before the call could be made; give it a later end"
                    .into()
            }
            Self::NoLeads => "the campaign has no leads; add some".into(),
            Self::AllSettled { leads } => {
                format!("all {leads} leads are settled; add leads, or have some called back")
            }
            Self::NobodyDue { next_due_at: Some(at) } => format!("nobody is due before {at}; retries wait"),
            Self::NobodyDue { next_due_at: None } => {
                "nobody is due; what is left is in a call, or was added just now".into()
            }
            Self::ZonesClosed { opens_at: Some(at) } => {
                format!("calls are allowed in none of its zones now; the first one opens at {at}")
            }
            Self::ZonesClosed { opens_at: None } => {
                "calls are allowed in none of its zones, at any hour in sight; set the leads' time zones, or \
                 widen the campaign's hours"
                    .into()
            }
            Self::Settled { state, fault, taken_again_at } => settled(state, fault.as_ref(), *taken_again_at),
            Self::Suspended => {
                "somebody has the lead rest; it is called once it is resumed (`POST .../resume`)".into()
            }
            Self::InProgress => "a call with the person is up; what comes next depends on how it ends".into(),
            Self::Claimed { dial_at, .. } => {
                format!("it is chosen: its call is about to be placed, from {dial_at}")
            }
            Self::PersonBusy(attempt) => busy(attempt),
            Self::NotDue { due_at, why, places } => not_due(&both_clocks(*due_at, places), why),
            Self::AttemptsUsedUp { attempts } => format!(
                "the attempts are used up: {attempts} were made; allow more in the campaign, or call by hand"
            ),
            Self::NoConsent => "the campaign needs consent, and none is known; add it to the lead".into(),
            Self::NumberClass { class, number } => format!(
                "{number} is a number of the class {class}, which the workspace does not allow; give the lead \
                 another number, or allow the class in `allowed_number_classes`"
            ),
            Self::DoNotCall { list, number } => {
                let held = number.as_ref().map_or_else(|| "the person".to_owned(), ToString::to_string);
                format!(
                    "the do-not-call list {list} holds {held}; nobody is called who is on it, so take the number \
                     off only if it is there by mistake"
                )
            }
            Self::Capped(capped) => self::capped(capped),
            Self::OutsideHours { closing, opens_at, .. } => {
                format!("{}; calls are allowed there from {opens_at}", closing.message())
            }
            Self::NeverOpen { closing, places, is_lawful } => never_open(closing, places.len(), *is_lawful),
            Self::NotInSight(at) => format!("no allowed moment was found up to {at}"),
            Self::WorkspaceFull { slots, own } => format!(
                "the workspace has as many calls at once as it may ({}), {own} of them of this campaign",
                slots.limit
            ),
            Self::CampaignFull { slots: Use { limit, .. }, at_most } => {
                let more = if limit < at_most {
                    format!(", on its way to {at_most}")
                } else {
                    "; raise its limit".into()
                };
                format!("the campaign has as many calls at once as it may ({limit}{more})")
            }
            Self::CampaignRate { until, .. } => {
                format!("the campaign's rate leaves no slot before {until}")
            }
            Self::CampaignBreaker { until } => {
                format!("too many calls of the campaign failed; {}", probe(*until))
            }
            Self::NoCaller(no_caller) => no_caller.message(),
        }
    }
}

impl Message for NotRunning {
    fn message(&self) -> String {
        match self {
            Self::Draft => "the campaign is a draft; start it".into(),
            Self::StartsAt(at) => format!("the campaign starts at {at}"),
            Self::Starting(at) => format!("the campaign was to start at {at}, and does at any moment"),
            Self::BeingChecked => "the campaign is being checked for whether anybody is left to call".into(),
            Self::Paused(reason) => paused(*reason).into(),
            Self::Completed => {
                "the campaign is completed; it runs again once a lead is added or to be called back".into()
            }
            Self::Cancelled => {
                "the campaign is cancelled for good; duplicate it to call its leads again".into()
            }
        }
    }
}

const fn paused(reason: PauseReason) -> &'static str {
    match reason {
        PauseReason::Requested => "the campaign is paused; resume it",
        PauseReason::ProviderRefused => {
            "the campaign is paused, because the voice provider refused our key, account or trunk; mend that, \
             then resume the campaign"
        }
        PauseReason::RequestsRejected => {
            "the campaign is paused, because the voice provider found our requests wrong, several in a row; see \
             what it says in the latest results, mend the assistant, then resume the campaign"
        }
        PauseReason::NoProviderKey => {
            "the campaign is paused, because the workspace has no key for its voice provider; store one, then \
             resume the campaign"
        }
        PauseReason::AssistantUnusable => {
            "the campaign is paused, because its assistant or its caller numbers can't be used; choose an \
             active assistant with a caller number, then resume the campaign"
        }
        PauseReason::LowCredits => {
            "the campaign is paused, because the credits were under the workspace's threshold; add credits, \
             then resume the campaign"
        }
        PauseReason::TooManyFailures => {
            "the campaign is paused, because too many calls failed in a row; look at the latest results, then \
             resume the campaign"
        }
    }
}

fn settled(state: &LeadState, fault: Option<&TextFault>, taken_again_at: Option<Timestamp>) -> String {
    let unspeakable = fault.map(|fault| format!("what is to be said can't be made of its values ({fault})"));
    let what = match state {
        LeadState::Completed => "the person was reached",
        LeadState::Exhausted => "its attempts are used up",
        LeadState::Skipped { reason: SkipReason::DoNotCall } => "the person does not want to be called",
        LeadState::Skipped { reason: SkipReason::UnclearWish } => {
            "the person asked for something that could not be read, or for a call-back that could not be made"
        }
        LeadState::Skipped { reason: SkipReason::PeriodOver } => "the campaign's period ended first",
        LeadState::Skipped { reason: SkipReason::NoConsent } => "no consent was known",
        LeadState::Skipped { reason: SkipReason::NumberClass } => {
            "its number is of a class that is not called"
        }
        LeadState::Failed => unspeakable.as_deref().unwrap_or("its numbers can't be called"),
        LeadState::Pending
        | LeadState::RetryScheduled { .. }
        | LeadState::CallbackScheduled { .. }
        | LeadState::InProgress { .. }
        | LeadState::Suspended { .. } => "nothing is to be done",
    };
    let next = match (taken_again_at, state) {
        (Some(at), _) => format!("the campaign's run at {at} takes it again"),
        (None, LeadState::Skipped { reason: SkipReason::DoNotCall }) => {
            "if that was a mistake, take the number off the list; then give it a moment to be called back at, or ask for a \
             call"
                .into()
        }
        (None, LeadState::Skipped { reason: SkipReason::UnclearWish }) => {
            "settle what they want with `settle-wish`; their words stand beside their number on the list \
             unclear_wishes"
                .into()
        }
        (None, _) if fault.is_some() => {
            "mend the template and restart the lead, or change its values: then it is called again".into()
        }
        (None, _) => "to call again, give it a moment to be called back at, or ask for a call".into(),
    };
    format!("the lead is {}: {what}; {next}", state.name())
}

fn busy(attempt: &Attempt) -> String {
    let name = attempt.campaign_name.as_ref();
    let whose = name.map_or_else(|| "a campaign".to_owned(), |name| format!("the campaign \"{name}\""));
    format!("the person is in a call of {whose}, or about to be; this one comes when that has ended")
}

/// A moment, with what the clocks of these places show then.
fn both_clocks(at: Timestamp, places: &[Tz]) -> String {
    let local = |tz: &Tz| format!("{} in {tz}", on_clock(*tz, at).format("%A %Y-%m-%d %H:%M"));
    let local: Vec<String> = places.iter().map(local).collect();
    if local.is_empty() { at.to_string() } else { format!("{at} ({})", local.join(", ")) }
}

fn not_due(due_at: &str, why: &NotDue) -> String {
    match why {
        NotDue::Cap(source) => format!(
            "it is put off to {due_at}, because the person was called often enough ({})",
            source.name()
        ),
        NotDue::Hours => {
            format!("it is put off to {due_at}, because calls were not allowed where the person is")
        }
        NotDue::Callback => format!("it is to be called back at {due_at}"),
        NotDue::Retry => format!("its next attempt is due at {due_at}"),
        NotDue::Turn => format!("it is not due before {due_at}"),
    }
}

fn capped(Capped { cap, until }: &Capped) -> String {
    let time = if cap.per_minutes.is_multiple_of(MINUTES_PER_HOUR) {
        format!("{} hours", cap.per_minutes / MINUTES_PER_HOUR)
    } else {
        format!("{} minutes", cap.per_minutes)
    };
    let whose = match &cap.source {
        CapSource::Rule(label) => format!("the rule {label}"),
        CapSource::Budget => "the workspace's contact budget".into(),
        CapSource::Gap => "the campaign's minimum gap".into(),
    };
    format!(
        "{whose} allows {} call(s) to one person in {time}, over all campaigns, and they are made; the next one \
         may be made at {until}",
        cap.max
    )
}

fn never_open(closing: &Closing, places: usize, is_lawful: bool) -> String {
    let or_widen = if is_lawful { ", or widen the campaign's hours" } else { "" };
    if places > 1 {
        let whose = if is_lawful { "the campaign's hours" } else { "the rules" };
        format!(
            "the number may be in any of {places} time zones, which share no open hour under {whose}; set the \
             lead's time zone{or_widen}"
        )
    } else {
        let what = closing.message();
        format!("{what}, and no allowed hour is in the next {HORIZON_DAYS} days{or_widen}")
    }
}

impl Message for Closing {
    fn message(&self) -> String {
        match self {
            Self::By(closed) => closed.message(),
            Self::AboutToEnd => "the hours are about to end".into(),
            Self::JustBegun => "the hours are only just beginning".into(),
        }
    }
}

impl Message for Closed {
    fn message(&self) -> String {
        self.to_string()
    }
}

impl Message for NoCaller {
    fn message(&self) -> String {
        match self {
            Self::None => {
                "there is no number to call from; the campaign needs an active assistant, and one of \
                           them a caller number"
                    .into()
            }
            Self::Busy => "the caller numbers have as many calls at once as they may".into(),
            Self::Rate { until } => format!("the caller numbers' rate leaves no slot before {until}"),
            Self::Resting { until } => {
                format!("the voice provider was full, so the caller numbers rest until {until}")
            }
            Self::DailyCap { until } => {
                format!("the caller numbers have made their calls of the day; the next day begins at {until}")
            }
            Self::CircuitBreaker { until } => {
                format!("too many calls from the caller numbers failed; {}", probe(*until))
            }
        }
    }
}

fn probe(until: Option<Timestamp>) -> String {
    until.map_or_else(|| "one is being made to try".into(), |until| format!("at {until} one is made to try"))
}

impl Message for LowCredits {
    fn message(&self) -> String {
        let (balance, threshold) = (Usd(self.balance_micros), Usd(self.threshold_micros));
        format!(
            "the credits are at {balance} US dollars, under the threshold of {threshold}; top up, or lower the \
             threshold"
        )
    }
}

impl Message for Refusal {
    fn message(&self) -> String {
        self.to_string()
    }
}

impl Message for ActionRefusal {
    fn message(&self) -> String {
        match self {
            Self::NotThere => "there is no such lead in the campaign".into(),
            Self::LiveCall => "a call with this lead is in progress; try again when it is over".into(),
            Self::NotSettled(status) => {
                format!("the lead is {}; only settled ones are begun anew", status.name())
            }
            Self::Settled(status) => format!("the lead is {} already", status.name()),
            Self::NeedsReason => {
                "they did not want to be called; give a `reason` why they may be now, which the evidence keeps"
                    .into()
            }
            Self::NotSuspended(status) => {
                format!("the lead is {}; only suspended ones are resumed", status.name())
            }
            Self::WouldSettle(refusal) => refusal.message(),
            Self::TooMuch(why) => why.clone(),
            Self::BeingImported => {
                "the rows beside this lead's are still being read; try again in a few minutes".into()
            }
        }
    }
}

impl Message for DialRefusal {
    fn message(&self) -> String {
        self.to_string()
    }
}

impl Message for RequestRefusal {
    fn message(&self) -> String {
        match self {
            Self::LiveCall => "a call with this person is in progress".into(),
            Self::AlreadyRequested => "a call with this person is requested already".into(),
            Self::Refused(refusal) => refusal.message(),
        }
    }
}
