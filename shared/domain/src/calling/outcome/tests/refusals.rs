//! Calls that never left us, and calls that the provider finds wrong.

use super::*;
use crate::records::active_attempt::LISTING_LAG_MS;
use crate::records::counters::Counter;
use crate::records::number_record::{LatestAttempt, attempts};
use crate::reporting::invariants;

/// The campaign and the lead once its dial was told of so; what was seen of the provider's answer before.
struct Told {
    lead: Lead,
    campaign: Campaign,
    settlement: Settlement,
}

fn told(campaign: &Campaign, lead: &Lead, update: CallUpdate<'_>, seen: Option<&str>) -> Told {
    let (active_attempt, up) = dialled(lead);
    let end_reason = seen.map(str::to_owned);
    let interaction = Interaction { end_reason, ..Interaction::dialled(&active_attempt, NOW) };
    let latest = LatestAttempt { attempt: active_attempt.attempt.clone(), lead: lead.id.clone() };
    let record = NumberRecord::unknown(active_attempt.number.clone()).called(latest, NOW);
    let facts = OutcomeContext {
        now: NOW.plus_ms(LISTING_LAG_MS + 1),
        attempt: &active_attempt.attempt,
        active_attempt: Some(&active_attempt),
        lead: Some(&up),
        campaign: Some(campaign),
        interaction: Some(&interaction),
        records: &[record],
    };
    let settlement = decide(&facts, update);
    let changed = settlement.transaction.0.iter().find_map(|write| match write {
        Write::UpdateCampaign { after, .. } => Some(after.clone()),
        _ => None,
    });
    Told { lead: lead_after(&settlement), campaign: changed.unwrap_or(campaign.clone()), settlement }
}

fn refused(outcome: Outcome) -> Placement {
    Placement::Refused { outcome, reason: "HTTP 400: no".to_owned() }
}

fn end_reason(settlement: &Settlement) -> Option<&str> {
    settlement.transaction.0.iter().find_map(|write| match write {
        Write::UpdateInteraction { after, .. } => after.end_reason.as_deref(),
        _ => None,
    })
}

fn counters_of(settlement: &Settlement) -> Counters {
    let mut sums = Counters::default();
    for write in &settlement.transaction.0 {
        if let Write::Count { counters, .. } = write {
            sums.merge(counters);
        }
    }
    sums
}

fn pause(settlement: &Settlement) -> Option<PauseReason> {
    settlement.effects.iter().find_map(|effect| match effect {
        Effect::PauseCampaign(_, reason) => Some(*reason),
        _ => None,
    })
}

#[test]
fn what_never_left_us_uses_up_nothing() {
    let (failed, rejected, account) =
        (refused(Outcome::Failed), refused(Outcome::RequestRejected), refused(Outcome::AccountRefused));
    for (update, times) in [
        (CallUpdate::NotFound, 5),
        (CallUpdate::Placed(&failed), 5),
        (CallUpdate::Placed(&rejected), 2),
        (CallUpdate::Placed(&account), 5),
    ] {
        assert!(update.changes_numbers());
        let (campaign, mut lead) = (fixtures::campaign(), fixtures::lead(1));
        for _ in 0..times {
            let told = told(&campaign, &lead, update, Some("HTTP 503: busy"));
            lead = told.lead;
            assert_eq!((lead.attempts, lead.state.name()), (0, "retry_scheduled"), "{update:?}");
            let records = told.settlement.transaction.0.iter().filter_map(|write| match write {
                Write::UpdateNumber(record) => Some(record),
                _ => None,
            });
            let records: Vec<_> = records.collect();
            assert_eq!((records.len(), attempts(records)), (1, Vec::new()), "no cap counts it");
            let counters = counters_of(&told.settlement);
            assert_eq!((counters.get(Counter::Placed), counters.answer_rate()), (0, None));
            let is_uncounted = |effect: &Effect| matches!(effect, Effect::UncountAttempt(..));
            assert!(told.settlement.effects.iter().any(is_uncounted), "nor the day of its number");
            assert!(end_reason(&told.settlement).is_some_and(|reason| reason.starts_with("HTTP ")));
        }
    }
}

#[test]
fn what_is_told_of_a_call_is_more_than_that_there_was_none() {
    let campaign = fixtures::campaign();
    let (active_attempt, up) = dialled(&fixtures::lead(1));
    let opened = Interaction::dialled(&active_attempt, NOW);
    let never = Report { never_left: true, ..Report::bare(Outcome::Failed, "HTTP 503: busy") };
    let mut record = opened.ended(never, NOW);
    let forgotten = [NumberRecord::unknown(fixtures::number(1))];
    let mut sums = Counters::of_end(&record);
    assert_eq!((record.is_placed(), sums.get(Counter::Placed)), (false, 0));
    for (outcome, is_news, talk_secs) in
        [(Outcome::Error, true, 20), (Outcome::Error, false, 20), (Outcome::Completed, true, 90)]
    {
        let report = CallReport { duration_secs: talk_secs, ..CallReport::bare(outcome, "") };
        let was_forgotten = record.never_left;
        let facts = OutcomeContext { records: &forgotten, ..over(&active_attempt, &up, &campaign, &record) };
        assert_eq!(facts.needs_records(CallUpdate::Ended(&report)), was_forgotten);
        let settlement = decide(&facts, CallUpdate::Ended(&report));
        assert_eq!(!settlement.transaction.0.is_empty(), is_news, "{outcome:?}");
        // Caps count it from then on.
        let counted = settlement.transaction.0.iter().filter_map(|write| match write {
            Write::UpdateNumber(record) => Some(record),
            _ => None,
        });
        assert_eq!(attempts(counted).len(), usize::from(was_forgotten), "{outcome:?}");
        if is_news {
            sums.merge(&counters_of(&settlement));
            record = record.ended(&report, NOW);
        }
        assert!(record.is_placed() && invariants::ends_agree(&sums, [&record]).is_ok(), "{sums:?}");
    }
    assert_eq!((sums.answer_rate(), sums.mean_talk_secs()), (Some(1.0), Some(90.0)));
}

#[test]
fn a_call_that_nobody_knows_of_backs_off_feeds_the_breakers_and_ends_some_day() {
    let (campaign, mut lead) = (fixtures::campaign(), fixtures::lead(1));
    let mut waits_ms = Vec::new();
    while !lead.state.is_settled() {
        let told = told(&campaign, &lead, CallUpdate::NotFound, None);
        lead = told.lead;
        let is_failure = |write: &&Write| matches!(write, Write::NoteFailure(_));
        assert_eq!(told.settlement.transaction.0.iter().filter(is_failure).count(), 2);
        if let LeadState::RetryScheduled { due_at } = lead.state {
            waits_ms.push(due_at.since_ms(NOW.plus_ms(LISTING_LAG_MS + 1)));
        }
    }
    assert_eq!(lead.state, LeadState::Failed);
    assert!(waits_ms.is_sorted() && waits_ms.len() > 5, "{waits_ms:?}");
}

#[test]
fn an_outage_is_not_held_against_a_lead_whose_request_is_wrong_once() {
    let campaign = fixtures::campaign().after_call(&fixtures::lead(2).id, Outcome::Completed.into());
    let (campaign, mut lead) = (campaign.expect("the first that got through"), fixtures::lead(1));
    let refused = |outcome| Placement::Refused { outcome, reason: "HTTP 503".into() };
    let (down, wrong) = (refused(Outcome::Failed), refused(Outcome::RequestRejected));
    for placement in [&down, &down, &down, &wrong, &wrong] {
        lead = told(&campaign, &lead, CallUpdate::Placed(placement), None).lead;
        assert_eq!(lead.state.name(), "retry_scheduled", "{placement:?}");
    }
    assert_eq!(told(&campaign, &lead, CallUpdate::Placed(&wrong), None).lead.state, LeadState::Failed);
}

#[test]
fn what_was_seen_instead_of_an_answer_is_kept() {
    let (active_attempt, up) = dialled(&fixtures::lead(1));
    let interaction = Interaction::dialled(&active_attempt, NOW);
    let campaign = fixtures::campaign();
    let facts = flying(&active_attempt, &up, &campaign, &interaction);
    let unknown = Placement::Unknown { reason: "HTTP 503: busy".to_owned() };
    let settlement = decide(&facts, CallUpdate::Placed(&unknown));
    assert_eq!(end_reason(&settlement), Some("HTTP 503: busy"));
    assert_eq!(settlement.transaction.0.len(), 1, "the attempt goes on");
}

#[test]
fn settings_that_the_provider_finds_wrong_pause_the_campaign_at_the_third_call_and_cost_no_lead() {
    let rejected = refused(Outcome::RequestRejected);
    let broken_off = CallReport::bare(Outcome::RequestRejected, "1008");
    for update in [CallUpdate::Placed(&rejected), CallUpdate::Ended(&broken_off)] {
        let mut campaign = fixtures::campaign();
        for (place, expected) in [(1, None), (2, None), (3, Some(PauseReason::RequestsRejected))] {
            let told = told(&campaign, &fixtures::lead(place), update, None);
            campaign = told.campaign;
            assert_eq!(pause(&told.settlement), expected, "{place}");
            assert_eq!((told.lead.attempts, told.lead.state.name()), (0, "retry_scheduled"));
        }
    }
}

#[test]
fn however_often_it_is_resumed_unmended_no_lead_fails_through_the_settings() {
    let rejected = refused(Outcome::RequestRejected);
    for people in [1, 3] {
        let mut campaign = fixtures::campaign();
        let mut leads: Vec<Lead> = (1..=people).map(fixtures::lead).collect();
        for _ in 0..2 * crate::policy::retry::MAX_REJECTED {
            let mut paused = None;
            while paused.is_none() {
                for lead in &mut leads {
                    let told = told(&campaign, lead, CallUpdate::Placed(&rejected), None);
                    (campaign, *lead, paused) =
                        (told.campaign, told.lead, paused.or(pause(&told.settlement)));
                    assert_eq!((lead.attempts, lead.state.name()), (0, "retry_scheduled"));
                }
            }
            let reason = paused.expect("a pause");
            assert_eq!(reason, PauseReason::RequestsRejected);
            campaign = campaign.apply(Command::Pause { reason }, NOW).expect("it runs");
            campaign = campaign.apply(Command::Resume, NOW).expect("it rests");
        }
    }
}

#[test]
fn one_lead_that_the_provider_finds_wrong_stops_nobody_else() {
    let rejected = refused(Outcome::RequestRejected);
    let answered = CallReport::bare(Outcome::Completed, "");
    let (mut campaign, mut lead) = (fixtures::campaign(), fixtures::lead(1));
    for _ in 0..3 {
        let told_of_it = told(&campaign, &lead, CallUpdate::Placed(&rejected), None);
        assert_eq!(pause(&told_of_it.settlement), None);
        let is_failure = |write: &Write| matches!(write, Write::NoteFailure(_));
        assert!(!told_of_it.settlement.transaction.0.iter().any(is_failure), "no breaker opens");
        lead = told_of_it.lead;
        campaign =
            told(&told_of_it.campaign, &fixtures::lead(2), CallUpdate::Ended(&answered), None).campaign;
    }
    assert_eq!(lead.state, LeadState::Failed, "its own fault");
}

#[test]
fn a_call_that_was_never_made_counts_against_no_cap() {
    let lead = fixtures::lead(1);
    let (active_attempt, up) = dialled(&lead);
    let latest = LatestAttempt { attempt: active_attempt.attempt.clone(), lead: lead.id.clone() };
    let record = NumberRecord::unknown(fixtures::number(1)).called(latest, NOW);
    let facts = OutcomeContext {
        now: NOW,
        attempt: &active_attempt.attempt,
        active_attempt: Some(&active_attempt),
        lead: Some(&up),
        campaign: Some(&fixtures::campaign()),
        interaction: None,
        records: std::slice::from_ref(&record),
    };
    let settlement = decide(&facts, CallUpdate::Placed(&Placement::Congested));
    let forgotten = settlement.transaction.0.iter().find_map(|write| match write {
        Write::UpdateNumber(record) => Some(attempts([record])),
        _ => None,
    });
    assert_eq!(forgotten, Some(Vec::new()));
    assert_eq!(lead_after(&settlement).attempts, 0);
}

#[test]
fn a_call_for_which_we_came_too_late_leaves_everything_as_it_was() {
    let lead = fixtures::lead(1);
    let (active_attempt, up) = dialled(&lead);
    let interaction = Interaction::dialled(&active_attempt, NOW);
    let campaign = fixtures::campaign();
    let facts = flying(&active_attempt, &up, &campaign, &interaction);
    let settlement = decide(&facts, CallUpdate::Placed(&Placement::TooLate));
    let after = lead_after(&settlement);
    assert_eq!((after.state, after.attempts), (LeadState::Pending, 0));
    let record = settlement.transaction.0.iter().find_map(|write| match write {
        Write::UpdateInteraction { after, .. } => Some(after.refusal.clone()),
        _ => None,
    });
    assert_eq!(record, Some(Some(DialRefusal::SlotOver)));
    let is_failure = |write: &Write| matches!(write, Write::NoteFailure(_));
    assert!(!settlement.transaction.0.iter().any(is_failure), "no breaker hears of it");
    let uncounted = Effect::UncountAttempt(active_attempt.caller_number.clone(), NOW);
    assert_eq!(settlement.effects, [uncounted, Effect::HintPlanner]);
}
