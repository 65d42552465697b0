//! Why leads are not called.

use super::*;
use crate::base::reason::ReasonCode;
use crate::policy::caps::{CAP_MARGIN_MS, Cap, CapSource, Capped};
use crate::policy::hours::Closed;

fn anywhere_in_russia() -> Lead {
    let number = "+75001234567".parse().expect("a number");
    let (zone, zone_source) = Zone::of(None, &number);
    Lead { numbers: vec![number.into()], zone, zone_source, ..fixtures::lead(1) }
}

#[test]
fn a_lead_that_is_due_is_callable_now() {
    let explanation = explained(&snapshot(), &fixtures::lead(1), &[]);
    assert_eq!((explanation.is_callable_now, explanation.next_possible_at), (true, Some(NOW)));
    assert_eq!(explanation.reasons, []);
    assert!(claims(&snapshot(), &fixtures::lead(1), &[]));
}

#[test]
fn outside_the_hours_the_next_opening_is_told() {
    let evening = NOW.plus_ms(8 * HOUR_MS);
    let (reason, next) = one(&at(&snapshot(), evening), &fixtures::lead(1), &[]);
    let opens_at = NOW.plus_ms(21 * HOUR_MS);
    assert_eq!((reason.code(), reason.lasts()), (ReasonCode::OutsideHours, Lasts::Until(opens_at)));
    let place = Tz::Europe__Berlin;
    let closing = Closing::By(Closed::Hours { place });
    assert_eq!(reason.cause, Cause::OutsideHours { closing, places: vec![place], opens_at });
    // Every clock has to agree that it is open.
    assert_eq!(next, Some(opens_at.plus_ms(MAX_SKEW_MS)));
}

#[test]
fn a_rule_that_closes_a_day_is_named() {
    // May Day, a Saturday, in Paris; the campaign calls on every day.
    let mut snapshot = at(&snapshot(), "2027-05-01T10:00:00Z".parse().expect("a time"));
    let number = "+33142685300".parse().expect("a number");
    let (zone, zone_source) = Zone::of(None, &number);
    let lead = Lead { numbers: vec![number.into()], zone, zone_source, ..fixtures::lead(1) };
    let everyday: std::collections::BTreeMap<_, _> =
        ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
            .map(|day| (day, serde_json::json!([{"from": "09:00", "to": "18:00"}])))
            .into();
    let hours = serde_json::to_value(everyday).expect("hours");
    snapshot.campaigns[0].campaign.spec.hours = serde_json::from_value(hours).expect("hours");
    snapshot.campaigns[0].zones = vec![lead.zone.clone()];
    let (reason, _) = one(&snapshot, &lead, &[]);
    let Cause::OutsideHours { closing: Closing::By(closed), .. } = &reason.cause else {
        panic!("{reason:?}")
    };
    assert!(matches!(closed, Closed::Rule { rule, .. } if rule.starts_with("fr@")), "{closed:?}");
}

#[test]
fn a_number_that_may_be_anywhere_in_russia_is_never_callable_and_it_is_told_what_helps() {
    let lead = anywhere_in_russia();
    let mut snapshot = snapshot();
    snapshot.campaigns[0].zones = vec![lead.zone.clone()];
    let (reason, next) = one(&snapshot, &lead, &[]);
    assert_eq!((reason.code(), reason.lasts(), next), (ReasonCode::NoCommonHour, Lasts::UntilChanged, None));
    let places = lead.zone.places();
    assert!(places.contains(&Tz::Europe__Moscow) && places.contains(&Tz::Asia__Kamchatka));
    assert!(matches!(&reason.cause, Cause::NeverOpen { places: told, .. } if told == places), "{reason:?}");

    let known = Lead { zone: Tz::Europe__Moscow.into(), ..lead };
    snapshot.campaigns[0].zones.push(known.zone.clone());
    assert!(explained(&snapshot, &known, &[]).is_callable_now);
}

#[test]
fn what_is_on_a_list_is_named_with_its_list_and_has_no_next_moment() {
    let list = ListName::do_not_call();
    let (reason, next) = one(&snapshot(), &fixtures::lead(1), &[listed(&list)]);
    assert_eq!((reason.code(), reason.lasts(), next), (ReasonCode::DoNotCall, Lasts::UntilChanged, None));
    assert_eq!(reason.cause, Cause::DoNotCall { list, number: Some(fixtures::number(1)) });
}

#[test]
fn a_cap_is_named_and_its_end_may_fall_outside_the_hours() {
    let mut snapshot = snapshot();
    snapshot.workspace.contact_budget = Some(ContactBudget { max: 1, per_minutes: 8 * 60 });
    let explanation = explained(&snapshot, &fixtures::lead(1), &[called(NOW.plus_ms(-HOUR_MS))]);
    assert_eq!(codes(&explanation.reasons), [ReasonCode::OutsideHours, ReasonCode::Capped]);
    let until = NOW.plus_ms(7 * HOUR_MS + CAP_MARGIN_MS);
    let [closed, capped] = &explanation.reasons[..] else { panic!("two reasons") };
    let cap = Cap { max: 1, per_minutes: 480, source: CapSource::Budget };
    assert_eq!(capped, &Reason::from(Cause::Capped(Capped { cap, until })));
    // By then Berlin has closed: that reason holds only from then on.
    assert_eq!(closed.from, Some(until));
    let next = explanation.next_possible_at.expect("tomorrow");
    assert_eq!(next, NOW.plus_ms(21 * HOUR_MS + MAX_SKEW_MS));
    assert!(claims(&at(&snapshot, next), &fixtures::lead(1), &[called(NOW.plus_ms(-HOUR_MS))]));
}

#[test]
fn what_is_not_due_says_what_it_waits_for() {
    let due_at = NOW.plus_ms(30 * MINUTE_MS);
    let waiting = |state| Lead { state, ..fixtures::lead(1) };
    let held = |cause| Lead { hold: Some(Hold { until: due_at, cause }), ..fixtures::lead(1) };
    for (lead, why) in [
        (waiting(LeadState::RetryScheduled { due_at }), NotDue::Retry),
        (waiting(LeadState::CallbackScheduled { due_at }), NotDue::Callback),
        (held(HoldCause::Cap(CapSource::Budget)), NotDue::Cap(CapSource::Budget)),
        (held(HoldCause::Hours), NotDue::Hours),
    ] {
        let (reason, next) = one(&snapshot(), &lead, &[]);
        assert_eq!(
            (reason.cause, next),
            (Cause::NotDue { due_at, why, places: vec![Tz::Europe__Berlin] }, Some(due_at))
        );
    }
}

#[test]
fn what_forbids_a_retry_only_once_it_is_due_is_told_before() {
    let mut snapshot = snapshot();
    snapshot.campaigns[0].campaign.spec.requires_consent = true;
    let due_at = NOW.plus_ms(30 * MINUTE_MS);
    let lead = Lead { state: LeadState::RetryScheduled { due_at }, ..fixtures::lead(1) };
    let explanation = explained(&snapshot, &lead, &[]);
    assert_eq!(codes(&explanation.reasons), [ReasonCode::NoConsent, ReasonCode::NotDue]);
    assert_eq!((explanation.reasons[0].from, explanation.next_possible_at), (Some(due_at), None));
}

#[test]
fn used_up_attempts_and_missing_consent_have_no_next_moment() {
    let used_up = Lead { attempts: 3, ..fixtures::lead(1) };
    assert_eq!(one(&snapshot(), &used_up, &[]).0.code(), ReasonCode::AttemptsUsedUp);
    let mut asking = snapshot();
    asking.campaigns[0].campaign.spec.requires_consent = true;
    let (reason, next) = one(&asking, &fixtures::lead(1), &[]);
    assert_eq!((reason.code(), reason.lasts(), next), (ReasonCode::NoConsent, Lasts::UntilChanged, None));
}

#[test]
fn a_settled_lead_says_why_and_whether_a_run_takes_it_again() {
    let settled = |state| Lead { state, ..fixtures::lead(1) };
    for state in [
        LeadState::Completed,
        LeadState::Exhausted,
        LeadState::Failed,
        LeadState::Skipped { reason: SkipReason::DoNotCall },
        LeadState::Skipped { reason: SkipReason::NoConsent },
    ] {
        let (reason, next) = one(&snapshot(), &settled(state.clone()), &[]);
        assert_eq!((reason.lasts(), next), (Lasts::UntilChanged, None));
        assert_eq!(reason.cause, Cause::Settled { state, fault: None, taken_again_at: None });
    }
    let mut weekly = snapshot();
    let form = serde_json::json!({"frequency": "daily", "every": 1, "at": "10:00", "takes": "unreached"});
    weekly.campaigns[0].campaign.spec.recurrence = Some(serde_json::from_value(form).expect("a recurrence"));
    let (reason, next) = one(&weekly, &settled(LeadState::Exhausted), &[]);
    let run_at = NOW.plus_ms(22 * HOUR_MS);
    assert_eq!(
        (reason.code(), reason.lasts(), next),
        (ReasonCode::Settled, Lasts::Until(run_at), Some(run_at))
    );
    assert_eq!(one(&weekly, &settled(LeadState::Completed), &[]).1, None, "it was reached");
}

#[test]
fn who_is_in_another_call_is_told_of_it() {
    let mut snapshot = snapshot();
    let mut other = fixtures::lead(2);
    other.numbers.push(fixtures::number(1).into());
    snapshot.active_attempts.push(talking(&other));
    let (reason, next) = one(&snapshot, &fixtures::lead(1), &[]);
    assert_eq!((reason.code(), reason.lasts(), next), (ReasonCode::PersonBusy, Lasts::UntilFree, Some(NOW)));
    let Cause::PersonBusy(attempt) = reason.cause else { panic!("{reason:?}") };
    assert_eq!((attempt.campaign, attempt.lead), (fixtures::campaign_id(), other.id));
    assert_eq!(attempt.campaign_name.as_deref(), Some("Autumn"));
    // An inbound call of the person's keeps us from calling them too, though it takes no slot.
    snapshot.active_attempts[0].cause = DialCause::Inbound;
    assert_eq!(one(&snapshot, &fixtures::lead(1), &[]).0.code(), ReasonCode::PersonBusy);
}

#[test]
fn its_own_call_is_told_of_too() {
    let mut snapshot = snapshot();
    snapshot.active_attempts.push(fixtures::active_attempt(1));
    assert_eq!(one(&snapshot, &fixtures::lead(1), &[]).0.code(), ReasonCode::Claimed);
    snapshot.active_attempts[0] = talking(&fixtures::lead(1));
    let up = fixtures::lead(1).dialled(&snapshot.active_attempts[0], NOW);
    let (reason, next) = one(&snapshot, &up, &[]);
    assert_eq!((reason.code(), reason.lasts(), next), (ReasonCode::InProgress, Lasts::UntilFree, None));
}

#[test]
fn what_needs_a_hand_comes_first_then_what_holds_longest() {
    let mut snapshot = at(&snapshot(), NOW.plus_ms(8 * HOUR_MS));
    snapshot.campaigns[0].campaign.status = CampaignStatus::Paused { reason: PauseReason::Requested };
    let due_at = snapshot.now.plus_ms(MINUTE_MS);
    let lead = Lead { state: LeadState::RetryScheduled { due_at }, ..fixtures::lead(1) };
    let explanation = explained(&snapshot, &lead, &[listed(&ListName::do_not_call())]);
    let expected =
        [ReasonCode::CampaignNotRunning, ReasonCode::DoNotCall, ReasonCode::OutsideHours, ReasonCode::NotDue];
    assert_eq!(codes(&explanation.reasons), expected);
}

#[test]
fn who_is_ahead_is_told() {
    let mut snapshot = snapshot();
    let mut other = snapshot.campaigns[0].clone();
    other.campaign.id = CampaignId::new(NOW, [9; 10]);
    other.campaign.spec.priority += 1;
    snapshot.campaigns.push(other.clone());
    snapshot.requests.push(
        ActiveAttempt { cause: DialCause::Manual, ..fixtures::active_attempt(3) }
            .request()
            .expect("asked for"),
    );
    let (lead, id) = (fixtures::lead(1), other.campaign.id);
    let case = Case { snapshot: &snapshot, campaign: &snapshot.campaigns[0], lead: &lead, records: &[] };
    let line = Line { before: 7, is_more: true, work_added_at: NOW };
    let Explanation { is_callable_now, ahead, .. } = super::super::lead(&case, Some(line));
    assert!(is_callable_now);
    assert_eq!((ahead.requests, ahead.campaigns, ahead.turn), (1, vec![id.clone()], Some(id)));
    assert_eq!((ahead.leads, ahead.is_more), (Some(7), true));
}

#[test]
fn only_lists_that_count_in_the_campaign_are_in_the_way() {
    let list: ListName = "partners".parse().expect("a name");
    let mut snapshot = snapshot();
    assert!(explained(&snapshot, &fixtures::lead(1), &[listed(&list)]).is_callable_now);
    snapshot.campaigns[0].campaign.spec.suppression_lists = BTreeSet::from([list.clone()]);
    let (reason, _) = one(&snapshot, &fixtures::lead(1), &[listed(&list)]);
    assert_eq!(reason.cause, Cause::DoNotCall { list, number: Some(fixtures::number(1)) });
}
