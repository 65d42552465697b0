//! Whatever the circumstances, the explanation says what the planner does.

use super::*;

/// A state in which a lead may be, by number.
fn state(kind: u8, due_at: Timestamp) -> LeadState {
    match kind {
        0..3 => LeadState::Pending,
        3..5 => LeadState::RetryScheduled { due_at },
        5 => LeadState::CallbackScheduled { due_at },
        6 => LeadState::Exhausted,
        _ => LeadState::Completed,
    }
}

/// The circumstances of a case.
#[derive(Debug, Clone)]
struct Circumstances {
    minutes: i64,
    state: u8,
    due_in: i64,
    attempts: u32,
    place: usize,
    active_attempts: u32,
    called: Option<i64>,
    budget: Option<u32>,
    slot_in_secs: i64,
    is_paused: bool,
    gap: u32,
}

fn any_circumstances() -> impl Strategy<Value = Circumstances> {
    let moment = (0_i64..8 * 24 * 60, 0_u8..8, -60_i64..600, 0_u32..4, 0_usize..4);
    let around = (
        0_u32..6,
        proptest::option::of(0_i64..300),
        proptest::option::of(1_u32..600),
        -5_i64..30,
        proptest::bool::weighted(0.05),
        prop_oneof![Just(0_u32), 1_u32..600],
    );
    (moment, around).prop_map(|((minutes, state, due_in, attempts, place), around)| {
        let (active_attempts, called, budget, slot_in_secs, is_paused, gap) = around;
        Circumstances {
            minutes,
            state,
            due_in,
            attempts,
            place,
            active_attempts,
            called,
            budget,
            slot_in_secs,
            is_paused,
            gap,
        }
    })
}

impl Circumstances {
    fn build(&self) -> (PlanningSnapshot, Lead, Vec<NumberRecord>) {
        let now = NOW.plus_ms(self.minutes * MINUTE_MS);
        let mut snapshot = at(&snapshot(), now);
        let places = [Tz::Europe__Berlin, Tz::America__New_York, Tz::Asia__Tokyo, Tz::Asia__Kathmandu];
        let lead = Lead {
            state: state(self.state, now.plus_ms(self.due_in * MINUTE_MS)),
            attempts: self.attempts,
            zone: places[self.place].into(),
            ..fixtures::lead(1)
        };
        snapshot.campaigns[0].zones = places.map(Zone::from).to_vec();
        let campaign = &mut snapshot.campaigns[0].campaign;
        campaign.spec.min_gap_minutes = self.gap;
        if self.is_paused {
            campaign.status = CampaignStatus::Paused { reason: PauseReason::Requested };
        }
        snapshot.workspace.contact_budget =
            self.budget.map(|per_minutes| ContactBudget { max: 1, per_minutes });
        let dial_at = now.plus_ms(self.slot_in_secs * 1_000);
        snapshot.rate_states.numbers.entry(fixtures::caller_number(1).id).or_default().next_at = dial_at;
        snapshot.active_attempts =
            (0..self.active_attempts).map(|n| talking(&fixtures::lead(n + 10))).collect();
        let records = self.called.map(|ago| called(now.plus_ms(-ago * MINUTE_MS))).into_iter().collect();
        (snapshot, lead, records)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn callable_now_is_what_one_plan_claims(circumstances in any_circumstances()) {
        let (snapshot, lead, records) = circumstances.build();
        let explanation = explained(&snapshot, &lead, &records);
        // A slot is given out up to ten seconds ahead: by then a zone may have opened, or a cap ended.
        let opens_soon = |reason: &Reason| {
            reason.until().is_some_and(|at| at.since_ms(snapshot.now) <= crate::policy::rate_limit::HORIZON_MS)
        };
        let is_claimed = claims(&snapshot, &lead, &records);
        let is_early = is_claimed && explanation.reasons.iter().all(opens_soon);
        prop_assert!(explanation.is_callable_now == is_claimed || is_early, "{is_claimed}: {explanation:?}");
        prop_assert_eq!(explanation.is_callable_now, explanation.reasons.is_empty());
        prop_assert!(!explanation.is_callable_now || explanation.next_possible_at == Some(snapshot.now));
    }

    #[test]
    fn a_plan_claims_at_the_next_possible_moment_and_not_before(
        circumstances in any_circumstances(), part in 0.0_f64..1.0,
    ) {
        let (mut snapshot, lead, records) = circumstances.build();
        // Who is in a call now has hung up by then.
        snapshot.active_attempts.clear();
        let explanation = explained(&snapshot, &lead, &records);
        let Some(next) = explanation.next_possible_at else {
            prop_assert!(explanation.reasons.iter().any(|reason| reason.lasts() == Lasts::UntilChanged));
            for hours in 0..24 * 8 {
                let later = at(&snapshot, snapshot.now.plus_ms(hours * HOUR_MS));
                prop_assert!(!claims(&later, &lead, &records), "{hours} hours later: {explanation:?}");
            }
            return Ok(());
        };
        prop_assert!(claims(&at(&snapshot, next), &lead, &records), "at {next}: {explanation:?}");
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a draw")]
        let earlier = (next.since_ms(snapshot.now) as f64 * part) as i64;
        let before = at(&snapshot, snapshot.now.plus_ms(earlier));
        // A slot is given out up to ten seconds ahead.
        if next.since_ms(before.now) > crate::policy::rate_limit::HORIZON_MS {
            prop_assert!(!claims(&before, &lead, &records), "at {}: {explanation:?}", before.now);
        }
    }
}
