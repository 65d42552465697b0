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
