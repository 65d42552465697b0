//! Looking after what is in flight.

use super::{RESEND_AFTER_MS, Scene};
use crate::flight::{Flight, FlightEvent, FlightNext, FlightState};
use crate::write::{Stage, Transaction, Write};

/// What the flights need.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Upkeep {
    /// Claims whose window is over: they go, and their leads are due as before.
    pub released: Vec<Flight>,
    /// Dials that fell silent, with their lease renewed: the provider is to be asked.
    pub asked: Vec<Flight>,
    /// Dials that nobody could tell of for too long: their attempts are spent.
    pub given_up: Vec<Flight>,
    /// Claims that nobody dialled though their window is open: sent to the dialers again.
    pub resent: Vec<Flight>,
}

/// What the flights of a workspace need now.
pub fn upkeep(scene: &Scene) -> Upkeep {
    let mut upkeep = Upkeep::default();
    for flight in &scene.flights {
        match flight.on(&FlightEvent::Clock, scene.now) {
            Ok(FlightNext::Release) => upkeep.released.push(flight.clone()),
            Ok(FlightNext::Ask(state)) => upkeep.asked.push(Flight { state, ..flight.clone() }),
            Ok(FlightNext::Stay) if is_overlooked(flight, scene) => upkeep.resent.push(flight.clone()),
            Ok(FlightNext::GiveUp) => upkeep.given_up.push(flight.clone()),
            Ok(FlightNext::Stay | FlightNext::Become(_) | FlightNext::End) | Err(_) => {}
        }
    }
    upkeep
}

/// Takes a claim away that nobody dialled: its lead was never touched, and a call that was asked
/// for waits again.
pub fn release(flight: &Flight) -> Transaction {
    let mut transaction = Transaction::of(Write::RemoveFlight {
        number: flight.number.clone(),
        attempt: flight.attempt.clone(),
        stage: Stage::Claimed,
    });
    transaction.0.extend(flight.request().map(Write::PutRequest));
    transaction
}

/// Whether the dial's message seems lost: its slot came a while ago. Only for as long again, so that
/// a queue that is slow is not filled with more of the same.
fn is_overlooked(flight: &Flight, scene: &Scene) -> bool {
    match flight.state {
        FlightState::Claimed { slot_at, .. } => {
            let waited_ms = scene.now.since_ms(slot_at.max(flight.claimed_at));
            (RESEND_AFTER_MS..2 * RESEND_AFTER_MS).contains(&waited_ms)
        }
        FlightState::Dialling { .. } => false,
    }
}
