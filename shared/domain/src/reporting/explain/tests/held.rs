//! What keeps leads from being called that is not about them: the campaign, and missing room.

use super::*;

fn with_status(status: CampaignStatus) -> PlanningSnapshot {
    let mut snapshot = snapshot();
    snapshot.campaigns[0].campaign.status = status;
    snapshot
}

#[test]
fn a_campaign_that_does_not_run_says_why() {
    use CampaignStatus as S;
    let pauses = [
        PauseReason::Requested,
        PauseReason::LowCredits,
        PauseReason::ProviderRefused,
        PauseReason::AssistantUnusable,
        PauseReason::TooManyFailures,
    ];
    let paused = pauses.map(|reason| (S::Paused { reason }, NotRunning::Paused(reason)));
    let ended = [(S::Completed, NotRunning::Completed), (S::Cancelled, NotRunning::Cancelled)];
    for (status, why) in paused.into_iter().chain(ended).chain([(S::Draft, NotRunning::Draft)]) {
        let (reason, next) = one(&with_status(status), &fixtures::lead(1), &[]);
        assert_eq!((reason.lasts(), next), (Lasts::UntilChanged, None), "{why:?}");
        assert_eq!(reason.cause, Cause::NotRunning(why));
    }
    let (reason, _) = one(&with_status(S::Completing), &fixtures::lead(1), &[]);
    assert_eq!((reason.code(), reason.lasts()), (ReasonCode::CampaignNotRunning, Lasts::UntilFree));
}

#[test]
fn a_scheduled_campaign_starts_in_its_hours_or_waits_for_its_turn() {
    let start_at = NOW.plus_ms(8 * HOUR_MS);
    let ahead = with_status(CampaignStatus::Scheduled { start_at });
    let explanation = explained(&ahead, &fixtures::lead(1), &[]);
    assert_eq!(codes(&explanation.reasons), [ReasonCode::OutsideHours, ReasonCode::CampaignNotRunning]);
    assert_eq!(explanation.next_possible_at, Some(NOW.plus_ms(21 * HOUR_MS + MAX_SKEW_MS)));

    let mut due = with_status(CampaignStatus::Scheduled { start_at: NOW });
    due.workspace.running_limit = 1;
    let mut running = due.campaigns[0].clone();
    running.campaign.status = CampaignStatus::Running;
    running.campaign.id = CampaignId::new(NOW, [9; 10]);
    due.campaigns.push(running);
    let (reason, next) = one(&due, &fixtures::lead(1), &[]);
    assert_eq!(
        (reason.code(), reason.lasts(), next),
        (ReasonCode::RunningLimit, Lasts::UntilFree, Some(NOW))
    );
    assert_eq!(reason.cause, Cause::RunningLimit { start_at: NOW, running: 1, limit: 1 });

    due.credits = Some(Credits { topped_up_micros: 0, spent_micros: 1 });
    due.workspace.low_credits_micros = Some(0);
    assert_eq!(one(&due, &fixtures::lead(1), &[]).0.code(), ReasonCode::LowCredits);
}

#[test]
fn a_period_is_told_at_either_end() {
    let mut snapshot = snapshot();
    let day = |text: &str| Some(text.parse().expect("a date"));
    snapshot.campaigns[0].campaign.spec.period = Period::new(day("2026-11-25"), None).expect("a period");
    let Explanation { reasons, next_possible_at: next, .. } = explained(&snapshot, &fixtures::lead(1), &[]);
    assert_eq!(codes(&reasons), [ReasonCode::OutsideHours, ReasonCode::PeriodNotBegun], "it begins at night");
    assert_eq!(next, Some(NOW.plus_ms(DAY_MS + 21 * HOUR_MS + MAX_SKEW_MS)));
    snapshot.campaigns[0].campaign.spec.period = Period::new(None, day("2026-11-22")).expect("a period");
    assert_eq!(one(&snapshot, &fixtures::lead(1), &[]).0.code(), ReasonCode::PeriodOver);
    // It ends before the retry falls due.
    snapshot.campaigns[0].campaign.spec.period = Period::new(None, day("2026-11-23")).expect("a period");
    let state = LeadState::RetryScheduled { due_at: NOW.plus_ms(DAY_MS) };
    let explanation = explained(&snapshot, &Lead { state, ..fixtures::lead(1) }, &[]);
    assert_eq!(codes(&explanation.reasons), [ReasonCode::PeriodOver, ReasonCode::NotDue]);
    assert_eq!(explanation.next_possible_at, None);
}

#[test]
fn full_limits_are_told_with_their_numbers() {
    let mut full = snapshot();
    full.active_attempts = (2..7).map(|n| talking(&fixtures::lead(n))).collect();
    let (reason, next) = one(&full, &fixtures::lead(1), &[]);
    assert_eq!(
        (reason.code(), reason.lasts(), next),
        (ReasonCode::CampaignFull, Lasts::UntilFree, Some(NOW))
    );
    assert_eq!(reason.cause, Cause::CampaignFull { slots: Use { limit: 5, held: 5 }, at_most: 5 });
    full.workspace.concurrent_limit = 5;
    let (reason, _) = one(&full, &fixtures::lead(1), &[]);
    assert_eq!(reason.cause, Cause::WorkspaceFull { slots: Use { limit: 5, held: 5 }, own: 5 });
    // Outside the hours it does not matter who is in a call now.
    let evening = at(&full, NOW.plus_ms(8 * HOUR_MS));
    assert_eq!(one(&evening, &fixtures::lead(1), &[]).0.code(), ReasonCode::OutsideHours);
}

#[test]
fn numbers_without_a_slot_say_when_they_have_one() {
    let mut snapshot = snapshot();
    let id = fixtures::caller_number(1).id;
    let until = NOW.plus_ms(MINUTE_MS);
    snapshot.rate_states.numbers.entry(id.clone()).or_default().next_at = until;
    let (reason, next) = one(&snapshot, &fixtures::lead(1), &[]);
    assert_eq!(
        (reason.code(), reason.lasts(), next),
        (ReasonCode::CallerNumberRate, Lasts::Until(until), Some(until))
    );

    snapshot.rate_states.numbers.entry(id.clone()).or_default().rest_until = until.plus_ms(1);
    assert_eq!(one(&snapshot, &fixtures::lead(1), &[]).0.code(), ReasonCode::ProviderCongested);

    snapshot.rate_states = RateStates::default();
    snapshot.campaigns[0].numbers[0].daily_cap = Some(0);
    let Explanation { reasons, next_possible_at: next, .. } = explained(&snapshot, &fixtures::lead(1), &[]);
    assert_eq!(
        codes(&reasons),
        [ReasonCode::OutsideHours, ReasonCode::CallerNumberDailyCap],
        "its day begins at night"
    );
    assert_eq!(next, Some(NOW.plus_ms(21 * HOUR_MS + MAX_SKEW_MS)));

    snapshot.campaigns[0].numbers[0] =
        crate::policy::assistant::CallerNumber { concurrent_limit: Some(0), ..fixtures::caller_number(1) };
    assert_eq!(one(&snapshot, &fixtures::lead(1), &[]).0.code(), ReasonCode::CallerNumbersBusy);

    snapshot.campaigns[0].numbers.clear();
    let (reason, next) = one(&snapshot, &fixtures::lead(1), &[]);
    assert_eq!(
        (reason.code(), reason.lasts(), next),
        (ReasonCode::NoCallerNumber, Lasts::UntilChanged, None)
    );
}

#[test]
fn breakers_and_the_campaigns_rate_are_told() {
    let mut slow = snapshot();
    let until = NOW.plus_ms(MINUTE_MS);
    slow.rate_states.campaigns.entry(fixtures::campaign_id()).or_default().next_at = until;
    let (reason, next) = one(&slow, &fixtures::lead(1), &[]);
    assert_eq!((reason.code(), next), (ReasonCode::CampaignRate, Some(until)));

    let open = serde_json::json!({"openings": 1, "state": {"name": "open", "until": until}});
    let probing = serde_json::json!({"state": {"name": "probing", "attempt": fixtures::attempt(3)}});
    let broken = |state: &serde_json::Value| serde_json::from_value(state.clone()).expect("a breaker");
    for (state, lasts) in [(&open, Lasts::Until(until)), (&probing, Lasts::UntilFree)] {
        let mut snapshot = snapshot();
        snapshot.rate_states.campaigns.entry(fixtures::campaign_id()).or_default().breaker = broken(state);
        let (reason, _) = one(&snapshot, &fixtures::lead(1), &[]);
        assert_eq!((reason.code(), reason.lasts()), (ReasonCode::CampaignBreaker, lasts));
        let rate_state = snapshot.rate_states.campaigns.remove(&fixtures::campaign_id()).expect("a pace");
        snapshot.rate_states.numbers.insert(fixtures::caller_number(1).id, rate_state);
        let (reason, _) = one(&snapshot, &fixtures::lead(1), &[]);
        assert_eq!((reason.code(), reason.lasts()), (ReasonCode::CallerNumberBreaker, lasts));
    }
}

#[test]
fn low_credits_are_told_before_the_next_plan_pauses_the_campaign() {
    let mut snapshot = snapshot();
    snapshot.credits = Some(Credits { topped_up_micros: 1, spent_micros: 2 });
    snapshot.workspace.low_credits_micros = Some(0);
    let explanation = explained(&snapshot, &fixtures::lead(1), &[]);
    assert_eq!(codes(&explanation.reasons), [ReasonCode::LowCredits]);
    assert_eq!(explanation.next_possible_at, None);
}
