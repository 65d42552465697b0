//! The states of the area codes of the United States.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::state::State;

/// The states with their area codes, and where that was read.
const CODES: &str = include_str!("../../../rules/us-area-codes.json");

/// Digits of an area code.
const DIGITS: usize = 3;
/// Area codes there could be.
const CODES_MAX: usize = 1_000;

/// Without the file every state is unknown, which is the strictest.
static STATES: LazyLock<[Option<State>; CODES_MAX]> = LazyLock::new(|| read().unwrap_or([None; CODES_MAX]));

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(rename = "source")]
    _source: String,
    states: BTreeMap<String, Vec<usize>>,
}

/// The state of a number of the United States, of which `national` is what follows its country
/// code; none if it is bound to no state.
pub(super) fn state_of(national: &str) -> Option<State> {
    let code: usize = national.get(..DIGITS)?.parse().ok()?;
    STATES.get(code).copied().flatten()
}

/// The state of each area code.
pub(super) fn read() -> Result<[Option<State>; CODES_MAX], String> {
    let form: Form = serde_json::from_str(CODES).map_err(|error| error.to_string())?;
    let mut states = [None; CODES_MAX];
    for (state, codes) in form.states {
        let state: State = state.parse().map_err(|_| format!("no state {state}"))?;
        for code in codes {
            let place = states.get_mut(code).ok_or_else(|| format!("no area code {code}"))?;
            if place.replace(state).is_some() {
                return Err(format!("{code} is in two states"));
            }
        }
    }
    Ok(states)
}
