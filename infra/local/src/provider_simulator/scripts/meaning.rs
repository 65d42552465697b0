//! What a line says, in whatever words: the rows of a phrase table.

use super::asked_time::AskedTime;

/// What a person means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Meaning {
    Greets,
    HasAMoment,
    SaysGoodbye,
    Agrees,
    AgreesInPart,
    ThinksItOver,
    Declines,
    NotInterested,
    Qualifies,
    QualifiesInPart,
    DoesNotQualify,
    IsSomebodyElse,
    NeverWantsCalls,
    WantsToBeCalledBack(AskedTime),
    NamesAnotherNumber,
    /// The line goes dead in the middle of a sentence.
    BreaksOff,
    /// No person: a queue with music, a menu.
    KeepsOnHold,
    /// No person: a mailbox.
    TakesMessages,
}

impl Meaning {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        let plain = [
            Self::Greets,
            Self::HasAMoment,
            Self::SaysGoodbye,
            Self::Agrees,
            Self::AgreesInPart,
            Self::ThinksItOver,
            Self::Declines,
            Self::NotInterested,
            Self::Qualifies,
            Self::QualifiesInPart,
            Self::DoesNotQualify,
            Self::IsSomebodyElse,
            Self::NeverWantsCalls,
            Self::NamesAnotherNumber,
            Self::BreaksOff,
            Self::KeepsOnHold,
            Self::TakesMessages,
        ];
        plain.into_iter().chain(AskedTime::ALL.map(Self::WantsToBeCalledBack))
    }
}

/// What the agent does with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AgentLine {
    AsksForAMoment,
    Offers,
    /// Asks who decides and when it would begin.
    AsksWhetherItFits,
    /// After a yes.
    Confirms,
    /// After a no, or not yet.
    Accepts,
    Apologises,
    PromisesNoCalls,
    PromisesToCallBack,
    TakesTheNumber,
    /// Into a silence.
    CallsOut,
    GivesUp,
    SaysGoodbye,
}
