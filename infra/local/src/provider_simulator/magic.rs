//! Numbers that always do the same, for tests and demonstrations: the last four digits choose.
//!
//! | ends in | what happens |
//! |---|---|
//! | 0001 | answers after 5 s and talks 30 s; the assistant ends the call |
//! | 0002 | busy |
//! | 0003 | no answer |
//! | 0004 | voicemail |
//! | 0005 | answers and hangs up at once, without a word |
//! | 0006 | declines (SIP 603) |
//! | 0007 | the number does not exist (SIP 404) |
//! | 0008 | no call: HTTP 200 with `success: false`; at Retell a call that does not connect |
//! | 0009 | no call the first time: HTTP 429; then as 0001 |
//! | 0010 | as 0001, but the HTTP answer is lost: 504 |
//! | 0011 | busy, and the webhook arrives before the HTTP answer |
//! | 0012 | no answer the first time; then as 0001 |
//! | 0013 | voicemail the first time, busy the second; then as 0001 |
//! | 0014 | no call the first time, with HTTP 502; then as 0001 |
//! | 0015 | the trunk is down the first time (SIP 503); then as 0001 |
//! | 0016 | answers, and the provider breaks the first time (error 1011, or `error_retell`); then as 0001 |
//! | 0017 | answers, and the provider misses variables (error 1008); at Retell it breaks always |
//! | 0018 | answers and says nothing |
//! | 0019 | answers and talks 20 minutes |
//! | 0020 | as 0001, but the webhook is never sent |
//! | 0021 | as 0001, and the webhook is sent twice |
//! | 0022 | the person's carrier rejects the call (SIP 608) |
//! | 0023 | the trunk refuses our credentials (SIP 403) |
//! | 0024 | no answer, and the webhook is never sent |
//! | 0025 | answers and talks 30 s; the person ends the call |
//! | 0026 to 0028 | no answer: whoever they are replies to a text |
//! | 0031 | asks never to be called again |
//! | 0032 | asks to be called back in an hour the first time; then as 0001 |
//! | 0033 | as 0032, but the webhooks are never sent |

use carillon_domain::base::time::HOUR_MS;

use super::failure::Failure;
use super::person::{
    AnswerFate, Behaviour, Ending, INTERNAL_ERROR, MISSING_VARIABLES, Reception, Refusal, WebhookFate, Wish,
};

/// How long a number of the table rings before somebody answers, in milliseconds.
const RING_MS: i64 = 5_000;
/// How long it takes until a number of the table is known to fail, in milliseconds.
const FAILS_AFTER_MS: i64 = 2_000;
/// The conversation of most numbers of the table, in milliseconds.
const TALK_MS: i64 = 30_000;
/// The long conversation, in milliseconds.
const LONG_TALK_MS: i64 = 20 * 60_000;

/// What the table says, if the number is in it.
pub(super) fn reception(number: &str, dialled_before: u32) -> Option<Reception> {
    let last_four = number.get(number.len().checked_sub(4)?..)?;
    let nth = |earlier: &[Reception]| {
        let index = usize::try_from(dialled_before).unwrap_or(usize::MAX);
        earlier.get(index).copied().unwrap_or_else(talks)
    };
    Some(match last_four {
        "0001" => talks(),
        "0002" => fails(Failure::Busy),
        "0003" | "0026" | "0027" | "0028" => no_answer(),
        "0004" => voicemail(),
        "0005" => Reception::plain(Behaviour::HangsUp { ring_ms: RING_MS, talk_ms: 2_000 }),
        "0006" => fails(Failure::Declined),
        "0007" => fails(Failure::NotFound),
        "0008" => Reception::Refused(Refusal::NotPlaced),
        "0009" => nth(&[Reception::Refused(Refusal::Congested)]),
        "0010" => told(talks(), AnswerFate::Lost, WebhookFate::ByFlags),
        "0011" => told(fails(Failure::Busy), AnswerFate::AfterWebhook, WebhookFate::ByFlags),
        "0012" => nth(&[no_answer()]),
        "0013" => nth(&[voicemail(), fails(Failure::Busy)]),
        "0014" => nth(&[Reception::Refused(Refusal::Broken)]),
        "0015" => nth(&[fails(Failure::TrunkDown)]),
        "0016" => nth(&[breaks(INTERNAL_ERROR)]),
        "0017" => breaks(MISSING_VARIABLES),
        "0018" => Reception::plain(Behaviour::KeepsSilent { ring_ms: RING_MS, talk_ms: 20_000 }),
        "0019" => conversation(LONG_TALK_MS, Ending::Agent),
        "0020" => told(talks(), AnswerFate::Given, WebhookFate::Lost),
        "0021" => told(talks(), AnswerFate::Given, WebhookFate::Doubled),
        "0022" => fails(Failure::Blocked),
        "0023" => fails(Failure::Forbidden),
        "0024" => told(no_answer(), AnswerFate::Given, WebhookFate::Lost),
        "0025" => conversation(TALK_MS, Ending::Person),
        "0031" => asks(Wish::NeverToBeCalled),
        "0032" => nth(&[asks(Wish::CallBack(HOUR_MS))]),
        "0033" => nth(&[told(asks(Wish::CallBack(HOUR_MS)), AnswerFate::Given, WebhookFate::Lost)]),
        _ => return None,
    })
}

fn conversation(talk_ms: i64, ending: Ending) -> Reception {
    Reception::plain(Behaviour::Talks { ring_ms: RING_MS, talk_ms, ending })
}

fn talks() -> Reception {
    conversation(TALK_MS, Ending::Agent)
}

fn asks(wish: Wish) -> Reception {
    Reception::plain(Behaviour::Asks { ring_ms: RING_MS, talk_ms: TALK_MS, wish })
}

fn fails(failure: Failure) -> Reception {
    Reception::plain(Behaviour::Fails { ring_ms: FAILS_AFTER_MS, failure })
}

fn no_answer() -> Reception {
    Reception::plain(Behaviour::Fails { ring_ms: i64::MAX, failure: Failure::NoAnswer })
}

fn voicemail() -> Reception {
    Reception::plain(Behaviour::Voicemail { ring_ms: 20_000, talk_ms: 25_000 })
}

fn breaks(code: u16) -> Reception {
    Reception::plain(Behaviour::Breaks { ring_ms: RING_MS, talk_ms: 1_000, code })
}

/// The same on the line, but told differently.
fn told(reception: Reception, answer: AnswerFate, webhook: WebhookFate) -> Reception {
    match reception {
        Reception::Put { behaviour, .. } => Reception::Put { behaviour, answer, webhook },
        refused @ Reception::Refused(_) => refused,
    }
}
