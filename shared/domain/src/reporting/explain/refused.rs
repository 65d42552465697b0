//! Refusals in words that say what would help.

use super::{Case, Details, Lasts, Reason, prospect, status_reasons};
use crate::base::reason::ReasonCode;
use crate::base::time::{MAX_SKEW_MS, Timestamp};
use crate::compliance::eligibility::{Question, Refusal};
use crate::policy::caps::{CapSource, Capped};
use crate::policy::hours::{Closed, HORIZON_DAYS};
use crate::records::lead::{HoldCause, Lead, LeadState, SkipReason};

const MINUTES_PER_HOUR: u32 = 60;

/// A refusal that stands at `at`.
pub(super) fn reason(case: &Case<'_>, question: &Question<'_>, refusal: &Refusal, at: Timestamp) -> Reason {
    let code = refusal.code();
    let changed = |words: String| Reason::new(code, Lasts::UntilChanged, words);
    match refusal {
        Refusal::CampaignNotRunning(_) => status_reasons::not_running(case.snapshot, case.campaign),
        Refusal::PeriodNotBegun(begins_at) => status_reasons::not_begun(*begins_at),
        Refusal::PeriodOver => status_reasons::over(),
        Refusal::Settled(_) => settled(case),
        Refusal::InProgress => {
            let words = "a call with the person is up; what comes next depends on how it ends";
            Reason::new(code, Lasts::UntilFree, words)
        }
        Refusal::NotDue(due_at) => not_due(question.lead, *due_at),
        Refusal::AttemptsUsedUp => changed(format!(
            "the attempts are used up: {} were made; allow more in the campaign, or call by hand",
            question.lead.attempts
        )),
        Refusal::NoConsent => {
            changed("the campaign needs consent, and none is known; add it to the lead".to_owned())
        }
        Refusal::DoNotCall(list) => {
            let counting = &question.campaign.spec.suppression_lists;
            let listed = question.records.iter().find(|one| one.suppressed_by(counting) == Some(list));
            let number = listed.map(|record| record.number.clone());
            let held = number.as_ref().map_or_else(|| "the person".to_owned(), ToString::to_string);
            let words = format!(
                "the do-not-call list {list} holds {held}; nobody is called who is on it, so take the number \
                 off only if it is there by mistake"
            );
            changed(words).with(Details { list: Some(list.clone()), number, ..Details::default() })
        }
        Refusal::Capped(capped) => self::capped(capped),
        Refusal::OutsideHours { closed, .. } => outside_hours(question, closed.as_ref(), at),
    }
}

fn settled(case: &Case<'_>) -> Reason {
    let lead = case.lead;
    let what = match &lead.state {
        LeadState::Completed => "the person was reached",
        LeadState::Exhausted => "its attempts are used up",
        LeadState::Skipped { reason: SkipReason::DoNotCall } => "the person does not want to be called",
        LeadState::Skipped { reason: SkipReason::PeriodOver } => "the campaign's period ended first",
        LeadState::Skipped { reason: SkipReason::NoConsent } => "no consent was known",
        LeadState::Failed => "its numbers can't be called",
        LeadState::Pending
        | LeadState::RetryScheduled { .. }
        | LeadState::CallbackScheduled { .. }
        | LeadState::InProgress { .. } => "nothing is to be done",
    };
    let name = lead.state.name();
    match prospect::taken_again_at(case) {
        Some(at) => {
            let words = format!("the lead is {name}: {what}; the campaign's run at {at} takes it again");
            Reason::new(ReasonCode::Settled, Lasts::Until(at), words)
        }
        None => {
            let helps = if lead.state == (LeadState::Skipped { reason: SkipReason::DoNotCall }) {
                "nobody is called who asked not to be"
            } else {
                "to call again, give it a moment to be called back at, or ask for a call"
            };
            let words = format!("the lead is {name}: {what}; {helps}");
            Reason::new(ReasonCode::Settled, Lasts::UntilChanged, words)
        }
    }
}

fn not_due(lead: &Lead, due_at: Timestamp) -> Reason {
    let hold = lead.hold.as_ref().filter(|hold| hold.until == due_at);
    let words = match (hold.map(|hold| &hold.cause), &lead.state) {
        (Some(HoldCause::Cap(source)), _) => {
            format!(
                "it is put off to {due_at}, because the person was called often enough ({})",
                source.name()
            )
        }
        (Some(HoldCause::Hours), _) => {
            format!("it is put off to {due_at}, because calls were not allowed where the person is")
        }
        (None, LeadState::CallbackScheduled { .. }) => format!("it is to be called back at {due_at}"),
        (None, LeadState::RetryScheduled { .. }) => format!("its next attempt is due at {due_at}"),
        (
            None,
            LeadState::Pending
            | LeadState::InProgress { .. }
            | LeadState::Completed
            | LeadState::Exhausted
            | LeadState::Skipped { .. }
            | LeadState::Failed,
        ) => format!("it is not due before {due_at}"),
    };
    Reason::new(ReasonCode::NotDue, Lasts::Until(due_at), words)
}

fn capped(capped: &Capped) -> Reason {
    let Capped { cap, until } = capped;
    let time = if cap.per_minutes.is_multiple_of(MINUTES_PER_HOUR) {
        format!("{} hours", cap.per_minutes / MINUTES_PER_HOUR)
    } else {
        format!("{} minutes", cap.per_minutes)
    };
    let (whose, rule) = match &cap.source {
        CapSource::Rule(label) => (format!("the rule {label}"), Some(label.clone())),
        CapSource::Budget => ("the workspace's contact budget".to_owned(), None),
        CapSource::Gap => ("the campaign's minimum gap".to_owned(), None),
    };
    let words = format!(
        "{whose} allows {} call(s) to one person in {time}, over all campaigns, and they are made; the next \
         one may be made at {until}",
        cap.max
    );
    let details = Details { cap: Some(cap.clone()), rule, ..Details::default() };
    Reason::new(ReasonCode::Capped, Lasts::Until(*until), words).with(details)
}

fn outside_hours(question: &Question<'_>, closed: Option<&Closed>, at: Timestamp) -> Reason {
    let (hours, zone) = (question.hours(), &question.lead.zone);
    let before = at.plus_ms(-MAX_SKEW_MS);
    let open_until = hours.open_until(before);
    let opens_at = hours.next_open(open_until.unwrap_or(before));
    let what = match (closed, open_until) {
        (Some(closed), _) => closed.to_string(),
        (None, Some(_)) => "the hours are about to end".to_owned(),
        (None, None) => "the hours are only just beginning".to_owned(),
    };
    let mut details = Details { places: zone.places().to_vec(), ..Details::default() };
    if let Some(Closed::Rule { rule, holiday, .. }) = closed {
        (details.rule, details.holiday) = (Some(rule.clone()), holiday.clone());
    }
    let Some(opens_at) = opens_at else { return never_open(question, at, &what, details) };
    let words = format!("{what}; calls are allowed there from {opens_at}");
    Reason::new(ReasonCode::OutsideHours, Lasts::Until(opens_at), words).with(details)
}

/// No allowed moment is in sight: mostly a number that may be anywhere in a wide country.
fn never_open(question: &Question<'_>, at: Timestamp, what: &str, details: Details) -> Reason {
    let is_lawful = question.hours().next_lawful(at).is_some();
    let or_widen = if is_lawful { ", or widen the campaign's hours" } else { "" };
    let places = details.places.len();
    let (code, words) = if places > 1 {
        let whose = if is_lawful { "the campaign's hours" } else { "the rules" };
        let words = format!(
            "the number may be in any of {places} time zones, which share no open hour under {whose}; set the \
             lead's time zone{or_widen}"
        );
        (ReasonCode::NoCommonHour, words)
    } else {
        let words = format!("{what}, and no allowed hour is in the next {HORIZON_DAYS} days{or_widen}");
        (ReasonCode::NeverOpen, words)
    };
    Reason::new(code, Lasts::UntilChanged, words).with(details)
}
