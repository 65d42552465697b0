//! What may happen to a flight, and when.

use super::*;
use crate::fixtures;

fn flight(state: FlightState) -> Flight {
    Flight { state, ..fixtures::flight(1) }
}

#[test]
fn a_claim_is_dialled_inside_its_window_only() {
    let at = fixtures::NOW;
    let claimed = flight(FlightState::Claimed { slot_at: at, until: at.plus_ms(2_000) });
    let dial = FlightEvent::Dial { by: "run".into() };
    assert_eq!(claimed.on(&dial, at.plus_ms(-1)), Err(FlightRefusal::TooEarly));
    assert!(matches!(claimed.on(&dial, at), Ok(FlightNext::Become(FlightState::Dialling { .. }))));
    assert_eq!(claimed.on(&dial, at.plus_ms(2_001)), Err(FlightRefusal::TooLate));
    assert_eq!(claimed.on(&FlightEvent::Clock, at.plus_ms(2_001)), Ok(FlightNext::Release));
}

#[test]
fn a_call_starts_soon_after_its_dial_and_inside_its_slot() {
    let at = fixtures::NOW;
    let start_by = |until: Timestamp, now: Timestamp| {
        let claimed = flight(FlightState::Claimed { slot_at: at, until });
        match claimed.on(&FlightEvent::Dial { by: "run".into() }, now) {
            Ok(FlightNext::Become(state)) => flight(state),
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
fn a_dialled_flight_is_never_guessed_about() {
    let at = fixtures::NOW;
    let dialling = flight(FlightState::Dialling {
        dialled_at: at,
        by: "run".into(),
        start_by: at,
        lease_until: at.plus_ms(LEASE_MS),
    });
    let over = at.plus_ms(LEASE_MS + 1);
    assert!(matches!(dialling.on(&FlightEvent::Clock, over), Ok(FlightNext::Ask(_))));
    assert_eq!(dialling.on(&FlightEvent::NotFound, over), Ok(FlightNext::Stay));
    let late = at.plus_ms(LISTING_LAG_MS + 1);
    assert_eq!(dialling.on(&FlightEvent::NotFound, late), Ok(FlightNext::GiveUp));
    assert_eq!(dialling.on(&FlightEvent::Revoke, at), Err(FlightRefusal::AlreadyDialled));
}
