//! What people ask for in a call: never to be called again, to be called back, or something unclear.

use super::*;

#[test]
fn a_callback_is_kept_at_the_number_where_it_was_made() {
    let at = NOW.plus_ms(3 * 60 * MINUTE_MS);
    let callback = |at| CallReport {
        request: Some(PersonRequest::Callback { at }),
        ..CallReport::bare(Outcome::Completed, "hangup")
    };
    let asked = lead_after(&end(&fixtures::campaign(), &with_numbers(2), &callback(at), &[]));
    assert_eq!(asked.state, LeadState::CallbackScheduled { due_at: at });
    assert_eq!(asked.next_number(), &fixtures::number(1));
    // Never so soon that a plan that found nothing would overlook it.
    let soon = lead_after(&end(&fixtures::campaign(), &with_numbers(2), &callback(NOW), &[]));
    assert_eq!(soon.state, LeadState::CallbackScheduled { due_at: NOW.plus_ms(SOONEST_MS) });
}

#[test]
fn a_moment_that_nobody_can_have_asked_for_is_an_unclear_wish() {
    let (campaign, lead) = (fixtures::campaign(), fixtures::lead(1));
    let (active_attempt, _) = dialled(&lead);
    let recorded = Interaction::dialled(&active_attempt, NOW)
        .ended(&CallReport::bare(Outcome::Unheard, "no result"), NOW);
    let missed = after(&campaign, &lead, Outcome::Unheard);
    for (ahead_ms, is_kept) in [
        (-1, false),
        (MAX_CALLBACK_AHEAD_MS, true),
        (MAX_CALLBACK_AHEAD_MS + 1, false),
        (73 * 366 * DAY_MS, false),
        (i64::MAX, false),
    ] {
        let request = Some(PersonRequest::Callback { at: NOW.plus_ms(ahead_ms) });
        let report = CallReport { request, ..CallReport::bare(Outcome::Completed, "hangup") };
        let state = if is_kept { "callback_scheduled" } else { "skipped" };
        assert_eq!(lead_after(&end(&campaign, &lead, &report, &[])).state.name(), state, "{ahead_ms}");
        let late = over(&active_attempt, &missed, &campaign, &recorded);
        assert_eq!(
            lead_after(&decide(&late, CallUpdate::Ended(&report))).state.name(),
            state,
            "late, {ahead_ms}"
        );
    }
}

#[test]
fn a_moment_that_has_passed_since_the_call_is_now() {
    let lead = fixtures::lead(1);
    let (active_attempt, _) = dialled(&lead);
    let recorded = Interaction::dialled(&active_attempt, NOW)
        .ended(&CallReport::bare(Outcome::Unheard, "no result"), NOW);
    let missed = after(&fixtures::campaign(), &lead, Outcome::Unheard);
    let at = NOW.plus_ms(5 * MINUTE_MS);
    let now = NOW.plus_ms(60 * MINUTE_MS);
    let facts = OutcomeContext {
        now,
        attempt: &active_attempt.attempt,
        active_attempt: None,
        lead: Some(&missed),
        campaign: Some(&fixtures::campaign()),
        interaction: Some(&recorded),
        records: &[],
    };
    let report = CallReport {
        request: Some(PersonRequest::Callback { at }),
        ..CallReport::bare(Outcome::Completed, "hangup")
    };
    let due_at = now.plus_ms(SOONEST_MS);
    assert_eq!(
        lead_after(&decide(&facts, CallUpdate::Ended(&report))).state,
        LeadState::CallbackScheduled { due_at }
    );
}

#[test]
fn a_request_never_to_be_called_puts_all_numbers_of_the_person_on_the_list() {
    let lead = with_numbers(2);
    let records: Vec<_> = lead.phones().cloned().map(NumberRecord::unknown).collect();
    let report = CallReport {
        request: Some(PersonRequest::DoNotCall),
        ..CallReport::bare(Outcome::Completed, "hangup")
    };
    assert!(CallUpdate::Ended(&report).changes_numbers());
    let settlement = end(&fixtures::campaign(), &lead, &report, &records);
    assert_eq!(lead_after(&settlement).state, LeadState::Skipped { reason: SkipReason::DoNotCall });
    let listed = settlement.transaction.0.iter().filter(|write| matches!(write, Write::AddToDnc { .. }));
    assert_eq!(listed.count(), 2);
}

#[test]
fn what_nobody_can_read_rests_the_person_until_it_is_settled() {
    let (campaign, lead) = (fixtures::campaign(), with_numbers(2));
    let records: Vec<_> = lead.phones().cloned().map(NumberRecord::unknown).collect();
    let report = CallReport {
        request: Some(PersonRequest::Unclear),
        request_words: "only on Sundays".to_owned(),
        ..CallReport::bare(Outcome::Completed, "hangup")
    };
    let settlement = end(&campaign, &lead, &report, &records);
    assert_eq!(lead_after(&settlement).state, LeadState::Skipped { reason: SkipReason::UnclearWish });
    let listed = settlement.transaction.0.iter().filter_map(|write| match write {
        Write::AddToDnc { list, listing, .. } => Some((list.as_str(), listing.reason.as_deref())),
        _ => None,
    });
    assert_eq!(listed.collect::<Vec<_>>(), [("unclear_wishes", Some("only on Sundays")); 2]);
    assert!(records[0].listed(ListName::unclear_wishes(), listing()).suppressed_by(&[].into()).is_some());
}

#[test]
fn the_same_word_of_the_same_call_lists_nobody_again() {
    let lead = fixtures::lead(1);
    let (active_attempt, _) = dialled(&lead);
    let records = [NumberRecord::unknown(fixtures::number(1))];
    let report =
        |request| CallReport { request: Some(request), ..CallReport::bare(Outcome::Completed, "hangup") };
    let kept = PersonRequest::Unclear;
    let recorded = Interaction::dialled(&active_attempt, NOW).ended(&report(kept), NOW);
    let settled = after(&fixtures::campaign(), &lead, Outcome::Completed);
    let facts = OutcomeContext {
        now: NOW,
        attempt: &active_attempt.attempt,
        active_attempt: None,
        lead: Some(&settled),
        campaign: Some(&fixtures::campaign()),
        interaction: Some(&recorded),
        records: &records,
    };
    assert_eq!(decide(&facts, CallUpdate::Ended(&report(kept))), Settlement::default());
    let stricter = decide(&facts, CallUpdate::Ended(&report(PersonRequest::DoNotCall)));
    assert_eq!(stricter.transaction.listed().count(), 1, "a stricter word of the same call counts");
}

fn listing() -> Listing {
    Listing { at: NOW, source: "call".into(), reason: None }
}

#[test]
fn a_callback_in_a_late_report_is_kept() {
    let missed = after(&fixtures::campaign(), &fixtures::lead(1), Outcome::Unheard);
    let (active_attempt, _) = dialled(&fixtures::lead(1));
    let recorded = Interaction::dialled(&active_attempt, NOW)
        .ended(&CallReport::bare(Outcome::Unheard, "no result"), NOW);
    let at = NOW.plus_ms(60 * MINUTE_MS);
    let report = CallReport {
        request: Some(PersonRequest::Callback { at }),
        ..CallReport::bare(Outcome::Completed, "hangup")
    };
    let campaign = fixtures::campaign();
    let facts = over(&active_attempt, &missed, &campaign, &recorded);
    assert_eq!(
        lead_after(&decide(&facts, CallUpdate::Ended(&report))).state,
        LeadState::CallbackScheduled { due_at: at }
    );
}

#[test]
fn a_late_callback_is_kept_at_the_hours_of_the_number_at_which_it_was_made() {
    let mut lead = with_numbers(1);
    lead.profile.timezone = None;
    lead.numbers.push(LeadNumber::new("+12125550123".parse().expect("a number")));
    let first = after(&fixtures::campaign(), &lead, Outcome::NoAnswer);
    let second = after(&fixtures::campaign(), &first, Outcome::Unheard);
    assert_eq!(second.zone.key(), "Europe/Berlin@DE", "the first number's turn again");
    let (active_attempt, _) = dialled(&first);
    let recorded =
        Interaction::dialled(&active_attempt, NOW).ended(&CallReport::bare(Outcome::Unheard, ""), NOW);
    let at = NOW.plus_ms(60 * MINUTE_MS);
    let report = CallReport {
        request: Some(PersonRequest::Callback { at }),
        ..CallReport::bare(Outcome::Completed, "")
    };
    let campaign = fixtures::campaign();
    let facts = over(&active_attempt, &second, &campaign, &recorded);
    assert_eq!(lead_after(&decide(&facts, CallUpdate::Ended(&report))).zone.key(), "America/New_York@US-NY");
}
