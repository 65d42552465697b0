//! Bugs that can be planted, each of which the simulation must find.
//!
//! Most are decorators at the ports (`ports/spoil.rs`); those that lie in a decision are switches in
//! the domain, which only this crate's feature `planted-bugs` compiles in.

use std::fmt;
use std::str::FromStr;

use carillon_domain::bug::Switch;

macro_rules! bugs {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// A bug that the product might have.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Bug { $($(#[$doc])* $name,)* }

        impl Bug {
            pub const ALL: &[Self] = &[$(Self::$name,)*];
        }
    };
}

bugs! {
    /// A lead is written whatever version is stored.
    NoVersionCheck,
    /// The call is placed before the dial is committed.
    EffectBeforeWrite,
    /// A planner that was overtaken may still claim.
    NoEpochCheck,
    /// A dial whose lease is over is taken for one that nobody answered.
    GuessWhenLeaseIsOver,
    /// A report ends whatever is up on the number.
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
    /// No bug: clocks are further off than anybody reckoned with, and V4 has to show it.
    ClocksOffByMore,
    /// Attempts are not counted before another is made.
    AttemptsNotCounted,
    /// Counters are written after what they count.
    CountsApart,
    /// A plan that could not use what it found does not come back to it.
    DoesNotLookAgain,
    /// Claims that run out take the requested call with them in silence.
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
    /// A walk sees to the first part of a campaign's leads only.
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
    /// A call is placed without a record of it.
    RecordLeftOut,
    /// A call that comes in does not keep its person from being dialled.
    InboundNotFenced,
    /// A call that comes in is recorded, and its end is not.
    InboundEndLost,
    /// A campaign's own do-not-call lists are not looked at.
    ListsOfCampaignIgnored,
    /// A caller number's breaker never hears of its failures.
    NumberFailuresNotCounted,
    /// A change that the stream delivers again is taken for a new one.
    ToldAgainAsNew,
    /// The sums of a day do not say what is folded into them.
    FoldedUnfenced,
    /// A step of a job counts whatever version of it is stored.
    JobVersionNotChecked,
    /// A job keeps its results beside its step, not with it.
    ResultsApart,
    /// A restart by hand disturbs a call.
    BulkRestartsWhoTalks,
    /// A text whose answer is lost is sent again.
    TextSentAgain,
    /// Nobody understands a person who texts STOP.
    StopNotUnderstood,
}

impl Bug {
    /// The switch that plants it, if it lies in a decision.
    pub(crate) const fn switch(self) -> Option<Switch> {
        Some(match self {
            Self::ListsDialledNumberOnly => Switch::ListsDialledNumberOnly,
            Self::RateWithoutMargin => Switch::RateWithoutMargin,
            Self::LostReplyTakenForLostRace => Switch::LostReplyTakenForLostRace,
            Self::LostRaceTakenForLostReply => Switch::LostRaceTakenForLostReply,
            Self::StartsWhenever => Switch::StartsWhenever,
            Self::StartsAfterItsSlot => Switch::StartsAfterItsSlot,
            Self::RestartsWhoTalks => Switch::RestartsWhoTalks,
            Self::RunBeginsTwice => Switch::RunBeginsTwice,
            Self::BulkRestartsWhoTalks => Switch::BulkRestartsWhoTalks,
            _ => return None,
        })
    }

    /// Whether it shows in jobs: clients then ask for many.
    pub(crate) const fn is_of_jobs(self) -> bool {
        matches!(self, Self::JobVersionNotChecked | Self::ResultsApart | Self::BulkRestartsWhoTalks)
    }

    /// Whether it shows in texts: campaigns then send them.
    pub(crate) const fn is_of_texts(self) -> bool {
        matches!(self, Self::TextSentAgain | Self::StopNotUnderstood)
    }

    /// If it shows where calls are held to a rate: how many of them are for urgent ones only.
    pub(crate) const fn reserved_per_minute(self) -> Option<u32> {
        match self {
            Self::RateWithoutMargin | Self::StartsAfterItsSlot => Some(0),
            Self::ReservedLaneOnTop => Some(1),
            _ => None,
        }
    }

    /// Its name on the command line: `no-version-check`.
    pub fn name(self) -> String {
        let mut name = String::new();
        for letter in format!("{self:?}").chars() {
            if letter.is_uppercase() && !name.is_empty() {
                name.push('-');
            }
            name.push(letter.to_ascii_lowercase());
        }
        name
    }
}

impl fmt::Display for Bug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

impl FromStr for Bug {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = || Self::ALL.iter().map(|bug| bug.name()).collect::<Vec<_>>().join(", ");
        Self::ALL
            .iter()
            .find(|bug| bug.name() == text)
            .copied()
            .ok_or_else(|| format!("no bug `{text}`: {}", names()))
    }
}
