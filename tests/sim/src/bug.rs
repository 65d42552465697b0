//! Bugs that can be planted, each of which the simulation must find.
//!
//! They live here and nowhere else: the domain and the functions know nothing of them.

use std::fmt;
use std::str::FromStr;

/// A bug that a handler may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    /// A lead is written whatever version is stored.
    NoVersionCheck,
    /// The call is placed before the dial is committed.
    EffectBeforeWrite,
    /// A planner that was overtaken may still claim.
    NoEpochCheck,
    /// A dial whose lease is over is taken for one that nobody answered.
    GuessWhenLeaseIsOver,
    /// A report ends whatever flies on the number.
    WebhookNotFenced,
    /// The dialer trusts the claim: it does not look at the lead again.
    DialDoesNotLook,
    /// A pause is acknowledged before the claims are revoked.
    PauseBeforeRevoke,
    /// Slots are spaced by the plain rate.
    RateWithoutMargin,
    /// Only the dialled number of a person counts as busy.
    OverlapAllowed,
    /// A planner whose commit was not acknowledged takes it for refused.
    LostReplyTakenForLostRace,
    /// A dialer that finds its attempt dialled takes it for its own doing.
    LostRaceTakenForLostReply,
    /// A dialer looks at the clock before its commit only.
    StartsWhenever,
    /// A call starts soon after its dial, whether its slot is over or not.
    StartsAfterItsSlot,
    /// Clocks are further off than anybody reckoned with.
    ClocksOffByMore,
    /// Attempts are not counted before another is made.
    AttemptsNotCounted,
    /// Counters are written after what they count.
    CountsApart,
    /// A plan that could not use what it found does not come back to it.
    DoesNotLookAgain,
    /// Claims that run out or are revoked take the requested call with them in silence.
    DropsRequestedCalls,
    /// Nobody remembers when a person was called.
    CapsIgnored,
    /// The record of a number is written whatever version is stored.
    NumberVersionNotChecked,
    /// The gap is kept to a lead's own calls only, not over campaigns.
    GapOfOwnCalls,
    /// An attempt is noted on the dialled number, not on the person's others.
    NotesDialledNumberOnly,
    /// Who wishes no more calls is listed with the dialled number only.
    ListsDialledNumberOnly,
    /// An opt-out is an entry of a list, which nobody reads before a dial.
    OptOutInListAlone,
    /// A run begins a lead anew with which a call is up.
    RestartsWhoTalks,
    /// A run begins whenever its time is near, whether it has begun or not.
    RunBeginsTwice,
    /// A run counts as opened after the first step of its walk.
    WalkStopsShort,
    /// A call-back is forgotten once its window is over.
    CallbackDropped,
    /// A late report is charged in full, whatever was charged before.
    ChargedTwice,
    /// The day of a caller number is one of UTC.
    DailyCapByUtc,
    /// Urgent calls come on top of a caller number's rate.
    ReservedLaneOnTop,
    /// A caller number has as many calls at once as there are.
    NumberLimitIgnored,
    /// A campaign has all of its calls from the start.
    RampIgnored,
    /// A breaker lets a second probe through while the first is up.
    ProbesAreForgotten,
    /// Nobody counts the running campaigns in the transaction that starts one more.
    RunningCountedBefore,
    /// A call is placed without a record of what it rested on.
    EvidenceLeftOut,
}

impl Bug {
    pub const ALL: [Self; 36] = [
        Self::NoVersionCheck,
        Self::EffectBeforeWrite,
        Self::NoEpochCheck,
        Self::GuessWhenLeaseIsOver,
        Self::WebhookNotFenced,
        Self::DialDoesNotLook,
        Self::PauseBeforeRevoke,
        Self::RateWithoutMargin,
        Self::OverlapAllowed,
        Self::LostReplyTakenForLostRace,
        Self::LostRaceTakenForLostReply,
        Self::StartsWhenever,
        Self::StartsAfterItsSlot,
        Self::ClocksOffByMore,
        Self::AttemptsNotCounted,
        Self::CountsApart,
        Self::DoesNotLookAgain,
        Self::DropsRequestedCalls,
        Self::CapsIgnored,
        Self::NumberVersionNotChecked,
        Self::GapOfOwnCalls,
        Self::NotesDialledNumberOnly,
        Self::ListsDialledNumberOnly,
        Self::OptOutInListAlone,
        Self::RestartsWhoTalks,
        Self::RunBeginsTwice,
        Self::WalkStopsShort,
        Self::CallbackDropped,
        Self::ChargedTwice,
        Self::DailyCapByUtc,
        Self::ReservedLaneOnTop,
        Self::NumberLimitIgnored,
        Self::RampIgnored,
        Self::ProbesAreForgotten,
        Self::RunningCountedBefore,
        Self::EvidenceLeftOut,
    ];

    /// If it shows where calls are held to a rate: how many of them are for urgent ones only.
    pub(crate) const fn reserved_per_minute(self) -> Option<u32> {
        match self {
            Self::RateWithoutMargin | Self::StartsAfterItsSlot => Some(0),
            Self::ReservedLaneOnTop => Some(1),
            _ => None,
        }
    }

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoVersionCheck => "no-version-check",
            Self::EffectBeforeWrite => "effect-before-write",
            Self::NoEpochCheck => "no-epoch-check",
            Self::GuessWhenLeaseIsOver => "guess-when-lease-is-over",
            Self::WebhookNotFenced => "webhook-not-fenced",
            Self::DialDoesNotLook => "dial-does-not-look",
            Self::PauseBeforeRevoke => "pause-before-revoke",
            Self::RateWithoutMargin => "rate-without-margin",
            Self::OverlapAllowed => "overlap-allowed",
            Self::LostReplyTakenForLostRace => "lost-reply-taken-for-lost-race",
            Self::LostRaceTakenForLostReply => "lost-race-taken-for-lost-reply",
            Self::StartsWhenever => "starts-whenever",
            Self::StartsAfterItsSlot => "starts-after-its-slot",
            Self::ClocksOffByMore => "clocks-off-by-more",
            Self::AttemptsNotCounted => "attempts-not-counted",
            Self::CountsApart => "counts-apart",
            Self::DoesNotLookAgain => "does-not-look-again",
            Self::DropsRequestedCalls => "drops-requested-calls",
            Self::CapsIgnored => "caps-ignored",
            Self::NumberVersionNotChecked => "number-version-not-checked",
            Self::GapOfOwnCalls => "gap-of-own-calls",
            Self::NotesDialledNumberOnly => "notes-dialled-number-only",
            Self::ListsDialledNumberOnly => "lists-dialled-number-only",
            Self::OptOutInListAlone => "opt-out-in-list-alone",
            Self::RestartsWhoTalks => "restarts-who-talks",
            Self::RunBeginsTwice => "run-begins-twice",
            Self::WalkStopsShort => "walk-stops-short",
            Self::CallbackDropped => "callback-dropped",
            Self::ChargedTwice => "charged-twice",
            Self::DailyCapByUtc => "daily-cap-by-utc",
            Self::ReservedLaneOnTop => "reserved-lane-on-top",
            Self::NumberLimitIgnored => "number-limit-ignored",
            Self::RampIgnored => "ramp-ignored",
            Self::ProbesAreForgotten => "probes-are-forgotten",
            Self::RunningCountedBefore => "running-counted-before",
            Self::EvidenceLeftOut => "evidence-left-out",
        }
    }
}

impl fmt::Display for Bug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Bug {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = || Self::ALL.map(Self::name).join(", ");
        Self::ALL
            .into_iter()
            .find(|bug| bug.name() == text)
            .ok_or_else(|| format!("no bug `{text}`: {}", names()))
    }
}
