//! How Twilio answers a dial: the one table of its codes.

use carillon_domain::base::call::{Outcome, Placement, ProviderCallId};
use serde::Deserialize;

use Outcome as O;

use crate::twilio::account;
use crate::voice::exchange::{Meaning, Wording};

pub(super) const WORDING: Wording = Wording { placed, complaint, by_code };

/// Too many requests, calls at once, or calls that wait: none was made.
const CONGESTED: [u32; 3] = [10_004, 20_429, 22_005];

/// Error codes of calls (<https://www.twilio.com/docs/api/errors>), by number. The vendor may change them: any other is
/// taken by the status that it comes with.
#[rustfmt::skip]
const CODES: [(u32, Outcome); 18] = [
    // Account, sender, our addresses: nothing can be dialled until somebody mends it.
    (10_001, O::AccountRefused),  // account not active
    (10_002, O::AccountRefused),  // a trial account
    (20_003, O::AccountRefused),  // authentication
    (20_005, O::AccountRefused),  // account not active
    (20_404, O::AccountRefused),  // the account is not there
    (21_205, O::AccountRefused),  // an address of ours is none
    (21_210, O::AccountRefused),  // From is not verified
    (21_212, O::AccountRefused),  // From is no number
    (21_219, O::AccountRefused),  // a trial account calls verified numbers alone
    // The number.
    (13_223, O::InvalidNumber),   // no number
    (13_224, O::InvalidNumber),   // no number, or of a kind that is not reached
    (13_226, O::InvalidNumber),   // a country that there is not
    (21_211, O::InvalidNumber),   // no number
    (21_214, O::InvalidNumber),   // can't be reached
    (21_217, O::InvalidNumber),   // no number
    // The way there.
    (13_227, O::Blocked),         // region not permitted
    (21_215, O::Blocked),         // the same
    (21_216, O::Blocked),         // a number that Twilio blocks
];

#[derive(Debug, Deserialize)]
struct Accepted {
    sid: String,
}

/// Judges a 2xx answer.
fn placed(body: &[u8]) -> Placement {
    match serde_json::from_slice::<Accepted>(body) {
        Ok(accepted) => Placement::Accepted { calls: vec![ProviderCallId(accepted.sid)] },
        Err(error) => Placement::Unknown { reason: format!("unreadable answer: {error}") },
    }
}

fn complaint(body: &[u8]) -> Option<String> {
    let (code, words) = account::complaint(body)?;
    Some(code.map_or_else(|| words.clone(), |code| format!("{code}: {words}")))
}

/// What an error's code says, if it is one of the table.
fn by_code(body: &[u8]) -> Option<Meaning> {
    let code = account::complaint(body)?.0?;
    if CONGESTED.contains(&code) {
        return Some(Meaning::Congested);
    }
    CODES.iter().find(|(known, _)| *known == code).map(|(_, outcome)| Meaning::Refused(*outcome))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_has_one_meaning() {
        let mut codes: Vec<u32> = CODES.iter().map(|(code, _)| *code).chain(CONGESTED).collect();
        codes.sort_unstable();
        assert!(codes.windows(2).all(|pair| pair[0] < pair[1]), "each once");
    }
}
