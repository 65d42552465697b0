//! What becomes of a text, and whether its person replies, by seed and by the last four digits.
//!
//! | ends in | what happens |
//! |---|---|
//! | 0002 | the handset is not reachable (30003) |
//! | 0003 | sent, and no receipt ever comes |
//! | 0006 | a landline (30006) |
//! | 0007 | no number: refused when it is sent (21211) |
//! | 0008 | filtered by the carrier (30007) |
//! | 0009 | too many requests the first time (20429); then delivered |
//! | 0010 | delivered, but the HTTP answer is lost: 503 |
//! | 0026 | delivered; replies `Yes, please call me` |
//! | 0027 | delivered; replies `STOP` |
//! | 0028 | delivered; replies `Stop. Thank you` |
//! | 0029 | has opted out with the provider (21610) |
//!
//! All other texts are delivered for the most part, as the seed has it.

use serde::{Deserialize, Serialize};

use crate::draw::Draw;

/// What becomes of a text once it has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    Delivered,
    /// It fails with this code.
    Undelivered(u32),
    /// No receipt comes.
    Silent,
}

/// What the provider says to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reception {
    /// It takes the text.
    Taken(Fate),
    /// It takes the text, and its answer is lost.
    Unanswered(Fate),
    /// It refuses with an HTTP status and a code.
    Refused(u16, u32),
}

/// Times in a thousand that texts end so: a handset that is not reachable, a landline, filtered, no receipt.
const UNREACHABLE: u64 = 40;
const LANDLINE: u64 = 20;
const FILTERED: u64 = 10;
const SILENT: u64 = 20;
/// Times in a thousand that a text that was delivered is replied to.
const REPLIES: u16 = 150;
/// How long people take to reply, in milliseconds.
const REPLY_AFTER_MS: std::ops::RangeInclusive<i64> = 15_000..=90_000;
/// What people reply.
const WORDS: [&str; 8] =
    ["Yes", "Who is this?", "Please call me tomorrow", "Thanks", "ok", "STOP", "No", "Please call me back"];

/// What the provider says to a text to this number, the `nth` from 0.
pub(super) fn reception(seed: u64, number: &str, nth: u32, is_magic: bool) -> Reception {
    if is_magic && let Some(known) = magic(number, nth) {
        return known;
    }
    let drawn = Draw::keyed(seed, &["text", number, &nth.to_string()]).below(1_000);
    let mut limit = 0;
    for (share, fate) in [
        (UNREACHABLE, Fate::Undelivered(30_003)),
        (LANDLINE, Fate::Undelivered(30_006)),
        (FILTERED, Fate::Undelivered(30_007)),
        (SILENT, Fate::Silent),
    ] {
        limit += share;
        if drawn < limit {
            return Reception::Taken(fate);
        }
    }
    Reception::Taken(Fate::Delivered)
}

fn magic(number: &str, nth: u32) -> Option<Reception> {
    Some(match number.get(number.len().checked_sub(4)?..)? {
        "0002" => Reception::Taken(Fate::Undelivered(30_003)),
        "0003" => Reception::Taken(Fate::Silent),
        "0006" => Reception::Taken(Fate::Undelivered(30_006)),
        "0007" => Reception::Refused(400, 21_211),
        "0008" => Reception::Taken(Fate::Undelivered(30_007)),
        "0009" if nth == 0 => Reception::Refused(429, 20_429),
        "0009" | "0026" | "0027" | "0028" => Reception::Taken(Fate::Delivered),
        "0010" => Reception::Unanswered(Fate::Delivered),
        "0029" => Reception::Refused(400, 21_610),
        _ => return None,
    })
}

/// What the person replies to a text that was delivered, and how long after, in milliseconds.
pub(super) fn reply(seed: u64, number: &str, nth: u32, is_magic: bool) -> Option<(&'static str, i64)> {
    let mut draw = Draw::keyed(seed, &["reply", number, &nth.to_string()]);
    let after_ms = draw.between(REPLY_AFTER_MS);
    if is_magic {
        let last_four = number.get(number.len().checked_sub(4)?..)?;
        match last_four {
            "0026" => return Some(("Yes, please call me", after_ms)),
            "0027" => return Some(("STOP", after_ms)),
            "0028" => return Some(("Stop. Thank you", after_ms)),
            _ if magic(number, 0).is_some() => return None,
            _ => {}
        }
    }
    if !draw.happens(REPLIES) {
        return None;
    }
    draw.pick(WORDS).map(|words| (words, after_ms))
}
