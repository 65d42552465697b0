//! What the assistant notes of a person: it is the record's status and the lead's disposition, and enough of a talk.

use super::*;
use crate::records::interaction::{Disposition, Qualification};

fn noted(outcome: Outcome, qualification: Qualification) -> CallReport {
    CallReport { qualification: Some(qualification), ..CallReport::bare(outcome, "hangup") }
}

fn record_after(settlement: &Settlement) -> Option<Interaction> {
    settlement.transaction.0.iter().find_map(|write| match write {
        Write::UpdateInteraction { after, .. } => Some(after.clone()),
        _ => None,
    })
}

#[test]
fn who_is_qualified_is_settled_however_the_talk_ended() {
    let mut campaign = fixtures::campaign();
    campaign.spec.retry.on.insert(crate::policy::retry::Miss::Incomplete);
    for (qualification, status, disposition) in [
        (Qualification::Qualified, InteractionStatus::Qualified, Disposition::Qualified),
        (Qualification::Disqualified, InteractionStatus::Disqualified, Disposition::Disqualified),
        (Qualification::FollowUp, InteractionStatus::FollowUp, Disposition::Contacted),
    ] {
        for outcome in [Outcome::Completed, Outcome::Incomplete] {
            let settlement = end(&campaign, &fixtures::lead(1), &noted(outcome, qualification), &[]);
            let lead = lead_after(&settlement);
            assert_eq!((&lead.state, lead.disposition()), (&LeadState::Completed, Some(disposition)));
            assert_eq!(record_after(&settlement).map(|record| record.status), Some(status));
        }
    }
    let incomplete = after(&campaign, &fixtures::lead(1), Outcome::Incomplete);
    assert_eq!(incomplete.state.name(), "retry_scheduled", "nothing was noted");
    let machine =
        end(&campaign, &fixtures::lead(1), &noted(Outcome::Voicemail, Qualification::Qualified), &[]);
    assert_eq!(lead_after(&machine).disposition(), Some(Disposition::Voicemail));
}

#[test]
fn a_step_may_follow_what_was_noted() {
    let mut campaign = fixtures::campaign();
    let first = Step { channel: Channel::Call, delay_minutes: 0, after: Default::default() };
    let text = Step { channel: Channel::Sms, delay_minutes: 5, after: [InteractionStatus::Qualified].into() };
    campaign.spec.cadence = Cadence::try_from(vec![first, text]).expect("a cadence");
    let next = |qualification| {
        lead_after(&end(&campaign, &fixtures::lead(1), &noted(Outcome::Completed, qualification), &[]))
    };
    let texted = next(Qualification::Qualified);
    assert_eq!((texted.step, texted.state.name()), (1, "retry_scheduled"));
    assert_eq!(next(Qualification::Disqualified).state, LeadState::Completed);
}

#[test]
fn a_note_that_comes_behind_the_end_is_all_that_changes() {
    let (campaign, lead) = (fixtures::campaign(), fixtures::lead(1));
    let (active_attempt, up) = dialled(&lead);
    let bare = CallReport::bare(Outcome::Completed, "hangup");
    let recorded = Interaction::dialled(&active_attempt, NOW).ended(&bare, NOW);
    let settled = lead_after(&decide(
        &flying(&active_attempt, &up, &campaign, &Interaction::dialled(&active_attempt, NOW)),
        CallUpdate::Ended(&bare),
    ));
    let report = noted(Outcome::Completed, Qualification::Qualified);
    let late = decide(&over(&active_attempt, &settled, &campaign, &recorded), CallUpdate::Ended(&report));
    let (record, lead) = (record_after(&late).expect("noted"), lead_after(&late));
    assert_eq!((record.status, record.version), (InteractionStatus::Qualified, recorded.version + 1));
    assert_eq!((&lead.state, lead.disposition()), (&settled.state, Some(Disposition::Qualified)));
    assert_eq!(late.transaction.0.len(), 2, "nothing is counted twice: {:?}", late.transaction);
    let again = decide(&over(&active_attempt, &lead, &campaign, &record), CallUpdate::Ended(&report));
    assert_eq!(again, Settlement::default());
}

/// What was settled by the end of a call, or waits for what follows it, and the same once the note has come.
fn with_late_note(campaign: &Campaign, qualification: Qualification) -> (Lead, Lead) {
    let (active_attempt, up) = dialled(&fixtures::lead(1));
    let (open, bare) =
        (Interaction::dialled(&active_attempt, NOW), CallReport::bare(Outcome::Completed, "hangup"));
    let ended = lead_after(&decide(&flying(&active_attempt, &up, campaign, &open), CallUpdate::Ended(&bare)));
    let report = noted(Outcome::Completed, qualification);
    let record = open.ended(&bare, NOW);
    let late = decide(&over(&active_attempt, &ended, campaign, &record), CallUpdate::Ended(&report));
    let noted = lead_after(&late);
    (ended, noted)
}

fn texts_after(status: InteractionStatus) -> Campaign {
    let mut campaign = fixtures::campaign();
    let first = Step { channel: Channel::Call, delay_minutes: 0, after: Default::default() };
    let text = Step { channel: Channel::Sms, delay_minutes: 5, after: [status].into() };
    campaign.spec.cadence = Cadence::try_from(vec![first, text]).expect("a cadence");
    campaign
}

#[test]
fn a_late_note_leaves_what_is_scheduled_and_begins_the_step_that_follows_it() {
    let (waits, noted) = with_late_note(&texts_after(InteractionStatus::Completed), Qualification::Qualified);
    assert_eq!((&noted.state, noted.step, noted.channel), (&waits.state, 1, Channel::Sms));
    assert_eq!(noted.qualification, Some(Qualification::Qualified));
    let follows = texts_after(InteractionStatus::Qualified);
    let (settled, goes_on) = with_late_note(&follows, Qualification::Qualified);
    assert_eq!((&settled.state, settled.step), (&LeadState::Completed, 0));
    assert_eq!((goes_on.state.name(), goes_on.step, goes_on.channel), ("retry_scheduled", 1, Channel::Sms));
    assert_eq!(with_late_note(&follows, Qualification::Disqualified).1.state, LeadState::Completed);
}

#[test]
fn the_first_note_of_a_call_counts_and_outlasts_what_comes_after_it() {
    let (active_attempt, _) = dialled(&fixtures::lead(1));
    let report = noted(Outcome::Completed, Qualification::Qualified);
    let record = Interaction::dialled(&active_attempt, NOW).ended(&report, NOW);
    let other = noted(Outcome::Completed, Qualification::Disqualified);
    assert_eq!(record.noted(&(&other).into()), None);
    let settled = lead_after(&end(&fixtures::campaign(), &fixtures::lead(1), &report, &[]));
    // A text that confirms it is not delivered.
    let undelivered = crate::base::outcome::MessageOutcome::Undelivered;
    let last = settled
        .last
        .clone()
        .map(|last| crate::records::lead::LastAttempt { outcome: Some(undelivered.into()), ..last });
    assert_eq!(Lead { last, ..settled }.disposition(), Some(Disposition::Qualified));
}

#[test]
fn a_call_of_theirs_qualifies_them_as_one_of_ours_does() {
    let (campaign, lead) = (fixtures::campaign(), fixtures::lead(1));
    let (active_attempt, _) = dialled(&lead);
    let record = Interaction {
        direction: crate::records::interaction::Direction::Inbound,
        ..Interaction::dialled(&active_attempt, NOW)
    };
    let report = noted(Outcome::Completed, Qualification::Qualified);
    let settlement = decide(&over(&active_attempt, &lead, &campaign, &record), CallUpdate::Ended(&report));
    let reached = lead_after(&settlement);
    assert_eq!(
        (&reached.state, reached.disposition()),
        (&LeadState::Completed, Some(Disposition::Qualified))
    );
    // The note alone, behind the end of the call, moves nobody.
    let bare = CallReport::bare(Outcome::Completed, "hangup");
    let ended = record.ended(&bare, NOW);
    let waits = Lead { state: LeadState::RetryScheduled { due_at: NOW }, ..lead };
    let late = decide(&over(&active_attempt, &waits, &campaign, &ended), CallUpdate::Ended(&report));
    let noted = lead_after(&late);
    assert_eq!((&noted.state, noted.qualification), (&waits.state, Some(Qualification::Qualified)));
}
