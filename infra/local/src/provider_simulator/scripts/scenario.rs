//! The ways a call can go: its course, and what is true of it.

use carillon_domain::records::analysis::{Evaluation, GoalResult};

use super::asked_time::AskedTime;
use super::meaning::{AgentLine, Meaning};
use crate::draw::Draw;
use crate::provider_simulator::person::Ending;

/// How a call goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scenario {
    Agrees,
    /// Fits the criteria well, and agrees.
    QualifiesWell,
    AgreesInPart,
    /// Promises to think about it.
    ThinksItOver,
    Declines,
    NotInterested,
    DoesNotQualify,
    WrongPerson,
    /// Names the number of somebody else, who is to be asked.
    Redirects,
    /// Hangs up in the middle of a sentence.
    BreaksOff,
    /// A queue answers, and no person ever comes.
    NobodyThere,
    NeverToBeCalled,
    CallBack(AskedTime),
    /// A mailbox answers.
    Mailbox,
    /// Somebody answers and says nothing.
    SaysNothing,
    /// Somebody answers and hangs up at once.
    HangsUpAtOnce,
}

/// One turn of a course.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beat {
    Agent(AgentLine),
    Person(Meaning),
}

use AgentLine::{AsksForAMoment, AsksWhetherItFits, CallsOut, GivesUp, Offers};
use Beat::{Agent, Person};

impl Scenario {
    /// The conversations that either may end.
    const COMMON: [Self; 9] = [
        Self::Agrees,
        Self::QualifiesWell,
        Self::AgreesInPart,
        Self::ThinksItOver,
        Self::Declines,
        Self::NotInterested,
        Self::DoesNotQualify,
        Self::WrongPerson,
        Self::Redirects,
    ];

    /// All in which somebody, or something, talks at length.
    pub fn talks() -> impl Iterator<Item = Self> {
        let rest = [Self::BreaksOff, Self::NobodyThere, Self::NeverToBeCalled];
        Self::COMMON.into_iter().chain(rest).chain(AskedTime::ALL.map(Self::CallBack))
    }

    /// One of the conversations that end so, and in which nobody asks for anything that the network has to know.
    pub(crate) fn ending(ending: Ending, draw: &mut Draw) -> Self {
        let other = match ending {
            Ending::Agent => Self::NobodyThere,
            Ending::Person => Self::BreaksOff,
        };
        let index = usize::try_from(draw.below(Self::COMMON.len() as u64 + 1)).unwrap_or_default();
        Self::COMMON.get(index).copied().unwrap_or(other)
    }

    /// What is said after the agent's first message, up to what the agent answers last.
    pub(crate) fn course(self) -> Vec<Beat> {
        match self {
            Self::Agrees => vec![Person(Meaning::Greets), Agent(Offers), Person(Meaning::Agrees)],
            Self::QualifiesWell => vec![
                Person(Meaning::Greets),
                Agent(AsksWhetherItFits),
                Person(Meaning::Qualifies),
                Agent(Offers),
                Person(Meaning::Agrees),
            ],
            Self::AgreesInPart => vec![
                Person(Meaning::Greets),
                Agent(AsksWhetherItFits),
                Person(Meaning::QualifiesInPart),
                Agent(Offers),
                Person(Meaning::AgreesInPart),
            ],
            Self::ThinksItOver => vec![Person(Meaning::Greets), Agent(Offers), Person(Meaning::ThinksItOver)],
            Self::Declines => vec![Person(Meaning::Greets), Agent(Offers), Person(Meaning::Declines)],
            Self::NotInterested => {
                vec![Person(Meaning::Greets), Agent(Offers), Person(Meaning::NotInterested)]
            }
            Self::DoesNotQualify => {
                vec![Person(Meaning::Greets), Agent(AsksWhetherItFits), Person(Meaning::DoesNotQualify)]
            }
            Self::WrongPerson => vec![Person(Meaning::IsSomebodyElse)],
            Self::Redirects => {
                vec![Person(Meaning::Greets), Agent(Offers), Person(Meaning::NamesAnotherNumber)]
            }
            Self::BreaksOff => vec![Person(Meaning::Greets), Agent(Offers), Person(Meaning::BreaksOff)],
            Self::NobodyThere => {
                vec![
                    Person(Meaning::KeepsOnHold),
                    Agent(CallsOut),
                    Person(Meaning::KeepsOnHold),
                    Agent(GivesUp),
                ]
            }
            Self::NeverToBeCalled => vec![Person(Meaning::NeverWantsCalls)],
            Self::CallBack(asked) => vec![
                Person(Meaning::Greets),
                Agent(AsksForAMoment),
                Person(Meaning::WantsToBeCalledBack(asked)),
            ],
            Self::Mailbox => vec![Person(Meaning::TakesMessages)],
            Self::SaysNothing => vec![Agent(CallsOut)],
            Self::HangsUpAtOnce => vec![],
        }
    }

    /// What the agent says to it before the goodbye; without it nobody says goodbye.
    pub(crate) const fn last_answer(self) -> Option<AgentLine> {
        match self {
            Self::Agrees | Self::QualifiesWell | Self::AgreesInPart => Some(AgentLine::Confirms),
            Self::ThinksItOver | Self::Declines | Self::NotInterested | Self::DoesNotQualify => {
                Some(AgentLine::Accepts)
            }
            Self::WrongPerson => Some(AgentLine::Apologises),
            Self::Redirects => Some(AgentLine::TakesTheNumber),
            Self::NeverToBeCalled => Some(AgentLine::PromisesNoCalls),
            Self::CallBack(_) => Some(AgentLine::PromisesToCallBack),
            Self::BreaksOff | Self::NobodyThere | Self::Mailbox | Self::SaysNothing | Self::HangsUpAtOnce => {
                None
            }
        }
    }

    pub(crate) const fn has_person(self) -> bool {
        !matches!(self, Self::NobodyThere | Self::Mailbox | Self::SaysNothing | Self::HangsUpAtOnce)
    }

    pub(crate) const fn verdict(self) -> GoalResult {
        match self {
            Self::Agrees | Self::QualifiesWell => GoalResult::Success,
            Self::AgreesInPart | Self::ThinksItOver => GoalResult::PartialSuccess,
            _ => GoalResult::Failure,
        }
    }

    /// What the person says that the verdict rests on.
    pub(crate) const fn decided_by(self) -> Option<Meaning> {
        Some(match self {
            Self::Agrees | Self::QualifiesWell => Meaning::Agrees,
            Self::AgreesInPart => Meaning::AgreesInPart,
            Self::ThinksItOver => Meaning::ThinksItOver,
            Self::Declines => Meaning::Declines,
            Self::NotInterested => Meaning::NotInterested,
            Self::DoesNotQualify => Meaning::DoesNotQualify,
            Self::WrongPerson => Meaning::IsSomebodyElse,
            Self::Redirects => Meaning::NamesAnotherNumber,
            Self::BreaksOff => Meaning::BreaksOff,
            Self::NobodyThere => Meaning::KeepsOnHold,
            Self::NeverToBeCalled => Meaning::NeverWantsCalls,
            Self::CallBack(asked) => Meaning::WantsToBeCalledBack(asked),
            Self::Mailbox => Meaning::TakesMessages,
            Self::SaysNothing | Self::HangsUpAtOnce => return None,
        })
    }

    /// How well the person fits, and what they say that this rests on.
    pub(crate) const fn evaluation(self) -> (Evaluation, Option<Meaning>) {
        match self {
            Self::QualifiesWell => (Evaluation::Good, Some(Meaning::Qualifies)),
            Self::AgreesInPart => (Evaluation::PartiallyGood, Some(Meaning::QualifiesInPart)),
            Self::DoesNotQualify => (Evaluation::Bad, Some(Meaning::DoesNotQualify)),
            _ => (Evaluation::NotKnown, None),
        }
    }

    /// Whether the person wants what is offered, if they say.
    pub(crate) const fn interest(self) -> Option<bool> {
        match self {
            Self::Agrees | Self::QualifiesWell | Self::AgreesInPart => Some(true),
            Self::Declines | Self::NotInterested => Some(false),
            _ => None,
        }
    }
}
