use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::base::call::{CallReport, Outcome, Placement};
use crate::base::ids::TopUpId;
use crate::base::time::{DAY_MS, MINUTE_MS};
use crate::calling::outcome::{self, CallUpdate, OutcomeContext};
use crate::fixtures::{self, NOW};
use crate::records::active_attempt::{ActiveAttempt, ActiveAttemptState};
use crate::records::campaign::{Campaign, CampaignStatus, Command, PauseReason};
use crate::records::credits::TopUp;
use crate::records::interaction::{Interaction, StartedBy};
use crate::records::lead::{Lead, SkipReason};
use crate::records::refusal::DialRefusal;

fn names(events: &[Event]) -> Vec<&'static str> {
    events.iter().map(|event| event.fact.name()).collect()
}

/// A call that is up, whose cost is booked.
fn up() -> (ActiveAttempt, Lead, Interaction) {
    let lead = fixtures::lead(1);
    let state = ActiveAttemptState::Dialling {
        dialled_at: NOW,
        by: "run".into(),
        start_by: NOW,
        lease_until: NOW.plus_ms(MINUTE_MS),
    };
    let active_attempt = ActiveAttempt { state, ..fixtures::claimed(&lead, NOW) };
    let dialled = lead.dialled(&active_attempt, NOW);
    let interaction = Interaction::dialled(&active_attempt, NOW);
    (active_attempt, dialled, interaction)
}

/// What a report of this call is decided to be, and the record that it leaves.
fn report(
    active_attempt: Option<&ActiveAttempt>,
    lead: &Lead,
    interaction: &Interaction,
    outcome: Outcome,
    cost_micros: Option<u64>,
) -> (Transaction, Option<Interaction>) {
    let snapshot = OutcomeContext {
        now: NOW.plus_ms(MINUTE_MS),
        attempt: &interaction.attempt(),
        active_attempt,
        lead: Some(lead),
        campaign: Some(&fixtures::campaign()),
        interaction: Some(interaction),
        records: &[],
    };
    let report = CallReport { cost_micros, ..CallReport::bare(outcome, "over") };
    let transaction = outcome::decide(&snapshot, CallUpdate::Ended(&report)).transaction;
    let record = transaction.0.iter().find_map(|write| match write {
        Write::UpdateInteraction { after, .. } => Some(after.clone()),
        _ => None,
    });
    (transaction, record)
}

#[test]
fn a_call_is_heard_of_when_it_begins_when_it_ends_and_when_more_is_known() {
    let (active_attempt, lead, interaction) = up();
    let dialled = Transaction(vec![
        Write::Dial(active_attempt.clone()),
        Write::UpdateLead { before: fixtures::lead(1), after: lead.clone() },
        Write::OpenInteraction(interaction.clone()),
    ]);
    assert_eq!(names(&events(&dialled)), ["lead.updated", "attempt.started"]);
    let (ended, record) = report(Some(&active_attempt), &lead, &interaction, Outcome::Voicemail, Some(5));
    // The first call that gets through says something of the campaign's settings.
    let told = ["lead.updated", "attempt.ended", "credits.charged", "campaign.updated"];
    assert_eq!(names(&events(&ended)), told);
    let (late, _) = report(None, &lead, &record.expect("it has ended"), Outcome::Completed, Some(7));
    assert_eq!(names(&events(&late)), ["interaction.updated", "credits.charged"]);
    let (reached, _) = report(Some(&active_attempt), &lead, &interaction, Outcome::Completed, None);
    assert_eq!(names(&events(&reached)), ["lead.settled", "attempt.ended", "campaign.updated"]);
}

#[test]
fn a_call_that_was_never_made_ends_all_the_same() {
    let (active_attempt, lead, interaction) = up();
    let snapshot = OutcomeContext {
        now: NOW,
        attempt: &active_attempt.attempt,
        active_attempt: Some(&active_attempt),
        lead: Some(&lead),
        campaign: None,
        interaction: Some(&interaction),
        records: &[],
    };
    let congested = outcome::decide(&snapshot, CallUpdate::Placed(&Placement::Congested)).transaction;
    assert_eq!(names(&events(&congested)), ["lead.updated", "attempt.ended"]);
}

#[test]
fn a_call_by_hand_is_asked_for_and_then_made_or_refused() {
    let (active_attempt, lead, dialled) = up();
    let asked = Interaction::opened(&active_attempt.attempt, &lead.id, StartedBy::Manual, NOW);
    let told = |before: Option<&Interaction>, after: &Interaction| {
        names(&Change::Interaction { before: before.cloned(), after: after.clone() }.events())
    };
    assert_eq!(told(None, &asked), ["interaction.requested"]);
    assert_eq!(told(Some(&asked), &asked.refused(DialRefusal::SlotOver, NOW)), ["interaction.refused"]);
    assert_eq!(told(Some(&asked), &Interaction { version: 2, ..dialled }), ["attempt.started"]);
}

#[test]
fn a_version_is_told_of_once_and_always_under_the_same_id() {
    let (_, _, interaction) = up();
    let kept = Change::Interaction { before: Some(interaction.clone()), after: interaction.clone() };
    assert_eq!(kept.events(), []);
    let skipped = fixtures::lead(1).skipped(SkipReason::DoNotCall, NOW);
    let change = Change::Lead { before: Some(fixtures::lead(1)), after: skipped };
    assert_eq!(names(&change.events()), ["lead.settled"]);
    assert_eq!(change.events(), change.events());
    let created = Change::Lead { before: None, after: fixtures::lead(1) };
    assert_ne!(created.events()[0].id, change.events()[0].id);
    let top_up = TopUp { id: TopUpId::new(NOW, [1; 10]), at: NOW, micros: 5, note: None };
    let told = Change::TopUp(top_up).events();
    assert_eq!((names(&told), &told[0].campaign_id), (vec!["credits.topped_up"], &None));
}

#[test]
fn a_campaign_says_into_which_state_it_went() {
    let of = |status: CampaignStatus, command| {
        let before = Campaign { status, ..fixtures::campaign() };
        let after = before.apply(command, NOW.plus_ms(DAY_MS)).expect("allowed");
        names(&Change::Campaign { before: Some(before), after }.events())[0]
    };
    let (start_at, reason) = (NOW, PauseReason::Requested);
    let scheduled = || CampaignStatus::Scheduled { start_at };
    let paused = || CampaignStatus::Paused { reason };
    for (status, command, expected) in [
        (CampaignStatus::Draft, Command::Start, "campaign.started"),
        (CampaignStatus::Draft, Command::Schedule { start_at }, "campaign.scheduled"),
        (scheduled(), Command::Unschedule, "campaign.unscheduled"),
        (scheduled(), Command::Start, "campaign.started"),
        (CampaignStatus::Running, Command::Pause { reason }, "campaign.paused"),
        (CampaignStatus::Running, Command::BeginCompletion, "campaign.updated"),
        (CampaignStatus::Running, Command::Cancel, "campaign.cancelled"),
        (paused(), Command::Resume, "campaign.resumed"),
        (paused(), Command::Cancel, "campaign.cancelled"),
        (CampaignStatus::Completing, Command::Complete, "campaign.completed"),
        (CampaignStatus::Completing, Command::AwaitRun { start_at }, "campaign.scheduled"),
        (CampaignStatus::Completing, Command::Reopen, "campaign.updated"),
        (CampaignStatus::Completed, Command::Reopen, "campaign.reopened"),
        (CampaignStatus::Completed, Command::AwaitRoom { since: NOW }, "campaign.scheduled"),
    ] {
        assert_eq!(of(status.clone(), command), expected, "{status:?} {command:?}");
    }
    let removed = Change::CampaignRemoved(fixtures::campaign()).events();
    assert_eq!(names(&removed), ["campaign.removed"]);
    assert_ne!(removed[0].id, Change::Campaign { before: None, after: fixtures::campaign() }.events()[0].id);
}

#[test]
fn each_event_has_a_name_of_its_own_and_is_written_flat() {
    let names: BTreeSet<_> = Fact::ALL.iter().map(|(name, _, _)| name).collect();
    assert_eq!(names.len(), Fact::ALL.len());
    let event = Change::Lead { before: None, after: fixtures::lead(1) }.events().remove(0);
    let workspace_id = fixtures::workspace().id;
    let published = PublishedEvent { workspace_id: workspace_id.clone(), sequence: 3, event: event.clone() };
    let json = serde_json::to_value(&published).expect("JSON");
    assert_eq!(json["type"], "lead.created");
    assert_eq!(json["data"]["status"], "pending");
    assert_eq!((&json["workspace_id"], &json["sequence"]), (&workspace_id.to_string().into(), &3.into()));
    assert_eq!((&json["id"], &json["timestamp"]), (&event.id.to_string().into(), &NOW.to_string().into()));
}

proptest! {
    /// Whatever is booked is told of, and nothing else: by the end of a call and by each late report.
    #[test]
    fn what_is_charged_is_told(
        reports in proptest::collection::vec((0..Outcome::ALL.len(), proptest::option::of(0_u64..1_000)), 1..5)
    ) {
        let (active_attempt, lead, mut record) = up();
        let mut flying = Some(active_attempt);
        for (outcome, cost_micros) in reports {
            let (transaction, after) =
                report(flying.take().as_ref(), &lead, &record, Outcome::ALL[outcome], cost_micros);
            let booked: i64 = transaction.0.iter().map(|write| match write {
                Write::Charge { micros, .. } => *micros,
                _ => 0,
            }).sum();
            let told: i64 = events(&transaction).iter().map(|event| match &event.fact {
                Fact::CreditsCharged(charge) => charge.micros,
                _ => 0,
            }).sum();
            prop_assert_eq!(booked, told);
            record = after.unwrap_or(record);
        }
    }
}
