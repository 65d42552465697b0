//! Refusals as causes, with what is known of them.

use super::{Case, Cause, Closing, NotDue, prospect, status_reasons};
use crate::base::time::{MAX_SKEW_MS, Timestamp};
use crate::compliance::eligibility::{Question, Refusal};
use crate::policy::hours::Closed;
use crate::records::lead::{HoldCause, Lead, LeadState};

/// A refusal that stands at `at`.
pub(super) fn cause(case: &Case<'_>, question: &Question<'_>, refusal: &Refusal, at: Timestamp) -> Cause {
    match refusal {
        Refusal::CampaignNotRunning(_) => status_reasons::not_running(case.snapshot, case.campaign),
        Refusal::PeriodNotBegun(begins_at) => Cause::PeriodNotBegun(*begins_at),
        Refusal::PeriodOver => Cause::PeriodOver,
        // A text is only made at the dial, which settles the lead if that fails.
        Refusal::Settled(_) | Refusal::TextFails(_) => {
            let taken_again_at = prospect::taken_again_at(case);
            let fault = case.lead.fault.as_deref().cloned();
            Cause::Settled { state: case.lead.state.clone(), fault, taken_again_at }
        }
        Refusal::Suspended => Cause::Suspended,
        Refusal::InProgress => Cause::InProgress,
        Refusal::NotDue(due_at) => {
            let places = question.lead.zone.places().to_vec();
            Cause::NotDue { due_at: *due_at, why: not_due(question.lead, *due_at), places }
        }
        Refusal::AttemptsUsedUp => Cause::AttemptsUsedUp { attempts: question.lead.attempts },
        Refusal::NoConsent => Cause::NoConsent,
        Refusal::NumberClass(class) => {
            Cause::NumberClass { class: *class, number: question.lead.next_number().clone() }
        }
        Refusal::DoNotCall(list) => {
            let counting = &question.campaign.spec.suppression_lists;
            let listed = question.records.iter().find(|one| one.suppressed_by(counting) == Some(list));
            Cause::DoNotCall { list: list.clone(), number: listed.map(|record| record.number.clone()) }
        }
        Refusal::Capped(capped) => Cause::Capped(capped.clone()),
        Refusal::OutsideHours { closed, .. } => outside_hours(question, closed.as_ref(), at),
    }
}

fn not_due(lead: &Lead, due_at: Timestamp) -> NotDue {
    let hold = lead.hold.as_ref().filter(|hold| hold.until == due_at);
    match (hold.map(|hold| &hold.cause), &lead.state) {
        (Some(HoldCause::Cap(source)), _) => NotDue::Cap(source.clone()),
        (Some(HoldCause::Hours), _) => NotDue::Hours,
        (None, LeadState::CallbackScheduled { .. }) => NotDue::Callback,
        (None, LeadState::RetryScheduled { .. }) => NotDue::Retry,
        (
            None,
            LeadState::Pending
            | LeadState::InProgress { .. }
            | LeadState::Suspended { .. }
            | LeadState::Completed
            | LeadState::Exhausted
            | LeadState::Skipped { .. }
            | LeadState::Failed,
        ) => NotDue::Turn,
    }
}

fn outside_hours(question: &Question<'_>, closed: Option<&Closed>, at: Timestamp) -> Cause {
    let (hours, places) = (question.hours(), question.lead.zone.places().to_vec());
    let before = at.plus_ms(-MAX_SKEW_MS);
    let open_until = hours.open_until(before);
    let closing = match (closed, open_until) {
        (Some(closed), _) => Closing::By(closed.clone()),
        (None, Some(_)) => Closing::AboutToEnd,
        (None, None) => Closing::JustBegun,
    };
    match hours.next_open(open_until.unwrap_or(before)) {
        Some(opens_at) => Cause::OutsideHours { closing, places, opens_at },
        None => Cause::NeverOpen { closing, places, is_lawful: hours.next_lawful(at).is_some() },
    }
}
