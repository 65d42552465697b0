//! What becomes of leads, step by step and request by request.

mod costs;
mod messages;
mod qualifications;
mod recordings;
mod refusals;
mod requests;
mod verdicts;

use super::*;
use crate::base::call::{CallReport, MAX_CALLBACK_AHEAD_MS, Outcome, PersonRequest};
use crate::base::channel::Channel;
use crate::base::time::{DAY_MS, MINUTE_MS};
use crate::base::timing::SOONEST_MS;
use crate::fixtures::{self, NOW};
use crate::policy::cadence::{Cadence, Step};
use crate::policy::do_not_call::{ListName, Listing};
use crate::records::active_attempt::ActiveAttemptState;
use crate::records::campaign::{Campaign, Command};
use crate::records::interaction::Interaction;
use crate::records::interaction::InteractionStatus;
use crate::records::lead::SkipReason;
use crate::records::lead::{Lead, LeadNumber, LeadState, NumberStatus};
use crate::records::number_record::NumberRecord;

/// A dialled active attempt of a lead that has several numbers, and the lead while its call is up.
fn dialled(lead: &Lead) -> (ActiveAttempt, Lead) {
    let state = ActiveAttemptState::Dialling {
        dialled_at: NOW,
        by: "run".into(),
        start_by: NOW,
        lease_until: NOW.plus_ms(MINUTE_MS),
    };
    let number = lead.next_number().clone();
    let active_attempt = ActiveAttempt { state, number, ..fixtures::claimed(lead, NOW) };
    let up = lead.dialled(&active_attempt, NOW);
    (active_attempt, up)
}

/// What is known of an attempt while it is up.
fn flying<'a>(
    active_attempt: &'a ActiveAttempt,
    lead: &'a Lead,
    campaign: &'a Campaign,
    interaction: &'a Interaction,
) -> OutcomeContext<'a> {
    OutcomeContext {
        now: NOW,
        attempt: &active_attempt.attempt,
        active_attempt: Some(active_attempt),
        lead: Some(lead),
        campaign: Some(campaign),
        interaction: Some(interaction),
        records: &[],
    }
}

/// The same once it has ended.
fn over<'a>(
    active_attempt: &'a ActiveAttempt,
    lead: &'a Lead,
    campaign: &'a Campaign,
    interaction: &'a Interaction,
) -> OutcomeContext<'a> {
    OutcomeContext { active_attempt: None, ..flying(active_attempt, lead, campaign, interaction) }
}

fn end(campaign: &Campaign, lead: &Lead, report: &CallReport, records: &[NumberRecord]) -> Settlement {
    let (active_attempt, up) = dialled(lead);
    let interaction = Interaction::dialled(&active_attempt, NOW);
    decide(
        &OutcomeContext {
            now: NOW,
            attempt: &active_attempt.attempt,
            active_attempt: Some(&active_attempt),
            lead: Some(&up),
            campaign: Some(campaign),
            interaction: Some(&interaction),
            records,
        },
        CallUpdate::Ended(report),
    )
}

fn lead_after(settlement: &Settlement) -> Lead {
    let lead = settlement.transaction.0.iter().find_map(|write| match write {
        Write::UpdateLead { after, .. } => Some(after.clone()),
        _ => None,
    });
    lead.expect("the lead changes")
}

fn after(campaign: &Campaign, lead: &Lead, outcome: Outcome) -> Lead {
    lead_after(&end(campaign, lead, &CallReport::bare(outcome, ""), &[]))
}

fn with_numbers(count: u32) -> Lead {
    Lead { numbers: (1..=count).map(|n| fixtures::number(n).into()).collect(), ..fixtures::lead(1) }
}

#[test]
fn numbers_are_tried_in_order_and_a_dead_one_is_passed_over() {
    let campaign = fixtures::campaign();
    let lead = with_numbers(3);
    assert_eq!(lead.next_number(), &fixtures::number(1));
    let missed = after(&campaign, &lead, Outcome::NoAnswer);
    assert_eq!(missed.next_number(), &fixtures::number(2));
    let dead = after(&campaign, &missed, Outcome::InvalidNumber);
    assert_eq!((dead.state.name(), dead.next_number()), ("retry_scheduled", &fixtures::number(3)));
    assert_eq!(dead.number(&fixtures::number(2)).map(|one| one.status), Some(NumberStatus::Invalid));
    // Only the first and the third are left, and round again.
    let mut patient = campaign.clone();
    patient.spec.retry.max_attempts = 9;
    let third = after(&patient, &dead, Outcome::Busy);
    assert_eq!(third.next_number(), &fixtures::number(1));
    assert_eq!(after(&patient, &third, Outcome::Busy).next_number(), &fixtures::number(3));
    // The only number there is.
    assert_eq!(after(&campaign, &fixtures::lead(1), Outcome::InvalidNumber).state.name(), "failed");
}

#[test]
fn an_attempt_that_is_taken_back_leaves_the_turn_where_it_is() {
    let failed = after(&fixtures::campaign(), &with_numbers(2), Outcome::Failed);
    assert_eq!((failed.attempts, failed.next_number()), (0, &fixtures::number(1)));
    assert!(!failed.is_attempted);
}

#[test]
fn a_step_that_is_over_gives_way_to_the_one_that_follows_its_outcome() {
    let mut campaign = fixtures::campaign();
    campaign.spec.retry.max_attempts = 1;
    let later =
        Step { channel: Channel::Call, delay_minutes: 90, after: [InteractionStatus::NoAnswer].into() };
    let first = Step { channel: Channel::Call, delay_minutes: 0, after: std::collections::BTreeSet::new() };
    campaign.spec.cadence = Cadence::try_from(vec![first, later]).expect("a cadence");
    let next = after(&campaign, &fixtures::lead(1), Outcome::NoAnswer);
    assert_eq!((next.step, next.attempts, next.is_attempted), (1, 0, true));
    assert_eq!(next.state, LeadState::RetryScheduled { due_at: NOW.plus_ms(90 * MINUTE_MS) });
    assert_eq!(after(&campaign, &next, Outcome::NoAnswer).state, LeadState::Exhausted);
    assert_eq!(after(&campaign, &fixtures::lead(1), Outcome::Busy).state, LeadState::Exhausted);
}
