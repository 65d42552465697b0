//! What may happen to an active attempt, and when.

use super::*;
use crate::fixtures;

fn active_attempt(state: ActiveAttemptState) -> ActiveAttempt {
    ActiveAttempt { state, ..fixtures::active_attempt(1) }
}

#[test]
fn a_claim_is_dialled_inside_its_window_only() {
    let at = fixtures::NOW;
    let claimed = active_attempt(ActiveAttemptState::Claimed { dial_at: at, until: at.plus_ms(2_000) });
    let dial = ActiveAttemptEvent::Dial { by: "run".into() };
    assert_eq!(claimed.on(&dial, at.plus_ms(-1)), Err(ActiveAttemptRefusal::TooEarly));
    assert!(matches!(
        claimed.on(&dial, at),
        Ok(ActiveAttemptNext::Become(ActiveAttemptState::Dialling { .. }))
    ));
    assert_eq!(claimed.on(&dial, at.plus_ms(2_001)), Err(ActiveAttemptRefusal::TooLate));
    assert_eq!(claimed.on(&ActiveAttemptEvent::Clock, at.plus_ms(2_001)), Ok(ActiveAttemptNext::Release));
}

#[test]
fn a_call_starts_soon_after_its_dial_and_inside_its_slot() {
    let at = fixtures::NOW;
    let start_by = |until: Timestamp, now: Timestamp| {
        let claimed = active_attempt(ActiveAttemptState::Claimed { dial_at: at, until });
        match claimed.on(&ActiveAttemptEvent::Dial { by: "run".into() }, now) {
            Ok(ActiveAttemptNext::Become(state)) => active_attempt(state),
            other => panic!("not dialled: {other:?}"),
        }
    };
    let late_in_slot = start_by(at.plus_ms(2_000), at.plus_ms(1_500));
    assert!(!late_in_slot.is_too_late(at.plus_ms(2_000)));
    assert!(late_in_slot.is_too_late(at.plus_ms(2_001)));
    let wide_slot = start_by(at.plus_ms(10_000), at);
    assert!(!wide_slot.is_too_late(at.plus_ms(START_WITHIN_MS)));
    assert!(wide_slot.is_too_late(at.plus_ms(START_WITHIN_MS + 1)));
}

#[test]
fn a_dialled_active_attempt_is_never_guessed_about() {
    let at = fixtures::NOW;
    let dialling = active_attempt(ActiveAttemptState::Dialling {
        dialled_at: at,
        by: "run".into(),
        start_by: at,
        lease_until: at.plus_ms(LEASE_MS),
    });
    let over = at.plus_ms(LEASE_MS + 1);
    assert!(matches!(dialling.on(&ActiveAttemptEvent::Clock, over), Ok(ActiveAttemptNext::Ask(_))));
    assert_eq!(dialling.on(&ActiveAttemptEvent::NotFound, over), Ok(ActiveAttemptNext::Stay));
    let late = at.plus_ms(LISTING_LAG_MS + 1);
    assert_eq!(dialling.on(&ActiveAttemptEvent::NotFound, late), Ok(ActiveAttemptNext::GiveUp));
    assert_eq!(dialling.on(&ActiveAttemptEvent::Revoke, at), Err(ActiveAttemptRefusal::AlreadyDialled));
}

#[test]
fn a_text_without_a_receipt_is_asked_about_half_way_and_at_the_end() {
    let at = fixtures::NOW;
    let claimed = ActiveAttempt {
        channel: Channel::Sms,
        ..active_attempt(ActiveAttemptState::Claimed { dial_at: at, until: at })
    };
    let dial = ActiveAttemptEvent::Dial { by: "run".into() };
    let Ok(ActiveAttemptNext::Become(state)) = claimed.on(&dial, at) else { panic!("it is sent") };
    let (mut sent, mut asked) = (ActiveAttempt { state, ..claimed }, Vec::new());
    for minute in 1..=15 {
        let now = at.plus_ms(minute * MINUTE_MS + 1);
        let Ok(ActiveAttemptNext::Ask(state)) = sent.on(&ActiveAttemptEvent::Clock, now) else { continue };
        sent.state = state;
        asked.push(minute);
        if sent.on(&ActiveAttemptEvent::StillUp, now) == Ok(ActiveAttemptNext::GiveUp) {
            break;
        }
    }
    assert_eq!(asked, [5, 10]);
}
