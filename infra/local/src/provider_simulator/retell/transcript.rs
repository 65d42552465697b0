//! What is said in a simulated call, in the provider's shapes of a transcript.

use serde_json::{Value, json};

use crate::provider_simulator::speech::{Speaker, Utterance};

/// How long a word takes, in seconds.
const WORD_SECS: f64 = 0.4;

/// `transcript`: one line for each utterance.
pub(super) fn text(said: &[Utterance]) -> String {
    let line = |utterance: &Utterance| {
        let who = match utterance.speaker {
            Speaker::Agent => "Agent",
            Speaker::Person => "User",
        };
        format!("{who}: {}\n", utterance.words)
    };
    said.iter().map(line).collect()
}

/// `transcript_object`: each utterance with its words and their times.
pub(super) fn object(said: &[Utterance]) -> Vec<Value> {
    said.iter().map(utterance).collect()
}

fn utterance(said: &Utterance) -> Value {
    let role = match said.speaker {
        Speaker::Agent => "agent",
        Speaker::Person => "user",
    };
    let words: Vec<Value> =
        (0_i32..).zip(said.words.split_inclusive(' ')).map(|(n, text)| word(said, n, text)).collect();
    json!({"role": role, "content": said.words, "words": words})
}

#[expect(clippy::cast_precision_loss, reason = "calls last minutes, not aeons")]
fn word(said: &Utterance, nth: i32, text: &str) -> Value {
    let start = said.at_secs as f64 + f64::from(nth) * WORD_SECS;
    json!({"word": text, "start": start, "end": start + WORD_SECS})
}
