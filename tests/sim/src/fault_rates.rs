//! The fault rates of a run: how often each thing goes wrong, drawn by the seed.

use carillon_domain::base::time::{DAY_MS, HOUR_MS, MAX_SKEW_MS, MINUTE_MS, SECOND_MS};

use crate::bug::Bug;
use crate::rng::Rng;

/// How often each thing goes wrong, in a million times that it could.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct FaultRates {
    /// A function dies between two of its steps.
    pub(crate) crash: u32,
    /// A step takes up to `stall_ms`.
    pub(crate) stall: u32,
    pub(crate) stall_ms: i64,
    /// The table refuses a request.
    pub(crate) throttled: u32,
    /// A write meets a transaction.
    pub(crate) conflict: u32,
    /// A write happens, and its reply does not arrive.
    pub(crate) reply_lost: u32,
    /// A message is lost on its way.
    pub(crate) message_lost: u32,
    pub(crate) message_doubled: u32,
    /// A message takes up to some minutes.
    pub(crate) message_late: u32,
    /// An event of the provider never comes.
    pub(crate) webhook_lost: u32,
    /// An event of the provider comes twice.
    pub(crate) webhook_doubled: u32,
    /// An event of the provider comes hours late.
    pub(crate) webhook_late: u32,
    /// A dial does not reach the provider.
    pub(crate) dial_lost: u32,
    /// The provider's answer to a dial does not reach us.
    pub(crate) answer_lost: u32,
    pub(crate) congested: u32,
    /// The provider does not place the call.
    pub(crate) refused: u32,
    /// The provider breaks for a while, and does not place calls.
    pub(crate) broken: u32,
    /// From when to when, in milliseconds from the start.
    pub(crate) broken_ms: (i64, i64),
    /// When the line of each workspace's first caller number is down, in milliseconds from the start.
    pub(crate) line_down_ms: (i64, i64),
    /// The provider does not answer a question.
    pub(crate) inquiry_lost: u32,
    /// Somebody changes something just when a call is about to be made.
    pub(crate) meddling: u32,
    /// Longest lag of the index, in milliseconds.
    pub(crate) index_lag_ms: i64,
    /// How far a function's clock may be off, in milliseconds.
    pub(crate) skew_ms: i64,
    /// How long after a call's start the provider lists it, in milliseconds.
    pub(crate) listing_lag_ms: i64,
}

impl FaultRates {
    /// No faults: what is left is what every day has.
    pub(crate) fn calm() -> Self {
        Self { index_lag_ms: 150, listing_lag_ms: 15 * SECOND_MS, ..Self::default() }
    }

    /// The weather that brings a bug out, if any does more than others.
    pub(crate) fn suited_to(self, bug: Option<Bug>) -> Self {
        match bug {
            Some(Bug::WebhookNotFenced) => {
                Self { webhook_doubled: 700_000, webhook_late: 700_000, webhook_lost: 0, ..self }
            }
            Some(Bug::LostRaceTakenForLostReply) => Self { message_doubled: 700_000, ..self },
            Some(Bug::StartsWhenever) => Self { stall: 100_000, ..self.busy() },
            Some(Bug::PauseBeforeRevoke) => {
                Self { meddling: 800_000, stall: 300_000, stall_ms: 3 * SECOND_MS, ..self }
            }
            Some(Bug::DropsRequestedCalls) => Self { message_lost: 400_000, ..self },
            Some(
                Bug::NoVersionCheck | Bug::DialDoesNotLook | Bug::InboundNotFenced | Bug::InboundEndLost,
            ) => Self { meddling: 500_000, ..self },
            Some(Bug::LostReplyTakenForLostRace) => Self { reply_lost: 100_000, ..self.busy() },
            Some(Bug::StartsAfterItsSlot) => {
                Self { stall: 30_000, stall_ms: 6 * SECOND_MS, skew_ms: MAX_SKEW_MS, ..Self::calm() }
            }
            Some(Bug::ReservedLaneOnTop | Bug::ListsOfCampaignIgnored) => self.busy(),
            Some(Bug::NumberVersionNotChecked) => {
                Self { meddling: 800_000, stall: 200_000, stall_ms: 3 * SECOND_MS, ..self }
            }
            Some(Bug::ProbesAreForgotten) => Self { broken: 700_000, broken_ms: (0, DAY_MS), ..self },
            Some(Bug::NumberFailuresNotCounted) => Self { line_down_ms: (0, DAY_MS), ..self },
            Some(Bug::NoEpochCheck) => {
                Self { message_doubled: 700_000, stall: 100_000, stall_ms: 10 * SECOND_MS, ..self }
            }
            Some(Bug::FoldedUnfenced) => Self { reply_lost: 200_000, ..self.busy() },
            Some(Bug::JobVersionNotChecked) => Self { message_doubled: 700_000, stall: 100_000, ..self },
            Some(Bug::ClocksOffByMore) => Self { skew_ms: MINUTE_MS, ..self },
            _ => self,
        }
    }

    /// Nothing keeps calls from being placed one after another.
    const fn busy(self) -> Self {
        Self { throttled: 0, dial_lost: 0, congested: 0, refused: 0, broken: 0, line_down_ms: (0, 0), ..self }
    }

    /// A seed's weather: each kind of fault is absent, rare or frequent.
    pub(crate) fn draw(rng: &Rng) -> Self {
        let window = |rng: &Rng| {
            let from_ms = rng.between(0, 20 * HOUR_MS);
            (from_ms, from_ms + rng.between(MINUTE_MS, 5 * HOUR_MS))
        };
        let rate = |often: u32| *rng.pick(&[0, often / 8, often / 2, often * 2]);
        Self {
            crash: rate(3_000),
            stall: rate(3_000),
            stall_ms: 25 * SECOND_MS,
            throttled: rate(8_000),
            conflict: rate(10_000),
            reply_lost: rate(20_000),
            message_lost: rate(40_000),
            message_doubled: rate(80_000),
            message_late: rate(40_000),
            webhook_lost: rate(60_000),
            webhook_doubled: rate(100_000),
            webhook_late: rate(60_000),
            dial_lost: rate(15_000),
            answer_lost: rate(30_000),
            congested: rate(40_000),
            refused: rate(20_000),
            broken: *rng.pick(&[0, 0, 600_000, 950_000]),
            broken_ms: window(rng),
            line_down_ms: if rng.below(4) == 0 { window(rng) } else { (0, 0) },
            inquiry_lost: rate(100_000),
            meddling: rate(40_000),
            index_lag_ms: *rng.pick(&[150, 1_000, 5_000, 20_000]),
            skew_ms: *rng.pick(&[0, 100, MAX_SKEW_MS]),
            listing_lag_ms: *rng.pick(&[5 * SECOND_MS, 30 * SECOND_MS, 2 * MINUTE_MS]),
        }
    }
}

/// How late a message may be, in milliseconds.
pub(crate) const MESSAGE_LATE_MS: i64 = 4 * MINUTE_MS;
/// How late an event of the provider may be, in milliseconds.
pub(crate) const WEBHOOK_LATE_MS: [i64; 3] = [2 * MINUTE_MS, 20 * MINUTE_MS, 6 * HOUR_MS];
