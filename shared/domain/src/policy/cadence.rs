//! The steps of a campaign that tries several ways: each a call or a text, each with its delay and
//! the outcomes that it follows.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::base::channel::Channel;
use crate::base::interaction_status::{InteractionStatus, Qualification};
use crate::base::outcome::AttemptOutcome;
use crate::policy::retry::MAX_DELAY_MINUTES;

/// Most steps of a cadence.
pub const MAX_STEPS: usize = 10;

/// One step of a cadence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = SequenceStep))]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// How.
    pub channel: Channel,
    /// Minutes from the end of the step before.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(maximum = 43200))]
    pub delay_minutes: u32,
    /// How an earlier step must have ended; left out for the first step alone.
    #[serde(default)]
    pub after: BTreeSet<InteractionStatus>,
}

/// The steps in their order; a campaign without any consists of calls alone.
///
/// Each step has attempts and retries of its own. When it is over, the first later step that
/// follows its outcome begins; if there is none, the lead is settled.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(max_items = 10))]
#[serde(try_from = "Vec<Step>", into = "Vec<Step>")]
pub struct Cadence(Vec<Step>);

/// What a campaign does, by its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CampaignType {
    Call,
    Sms,
    /// Both.
    Mixed,
}

/// Why these steps are no cadence. Steps are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CadenceError {
    #[error("{0} steps; at most {MAX_STEPS} are possible")]
    TooMany(usize),
    /// The first step follows nothing.
    #[error("step 1 is the first: leave `after` and `delay_minutes` out")]
    FirstFollows,
    /// A later step follows nothing.
    #[error("step {0} follows no outcome; name some in `after`, such as no_answer")]
    FollowsNothing(usize),
    /// A step follows what is no end, or what settles what comes next by itself.
    #[error("step {0}: nothing follows `{name}`", name = .1.name())]
    FollowsNoEnd(usize, InteractionStatus),
    /// A step waits too long.
    #[error("step {0} waits {1} minutes; at most {MAX_DELAY_MINUTES} are possible")]
    TooLate(usize, u32),
}

impl TryFrom<Vec<Step>> for Cadence {
    type Error = CadenceError;

    fn try_from(steps: Vec<Step>) -> Result<Self, CadenceError> {
        if steps.len() > MAX_STEPS {
            return Err(CadenceError::TooMany(steps.len()));
        }
        for (step, place) in steps.iter().zip(1..) {
            if place == 1 && (!step.after.is_empty() || step.delay_minutes > 0) {
                return Err(CadenceError::FirstFollows);
            }
            if place > 1 && step.after.is_empty() {
                return Err(CadenceError::FollowsNothing(place));
            }
            if let Some(status) = step.after.iter().find(|status| !may_be_followed(**status)) {
                return Err(CadenceError::FollowsNoEnd(place, *status));
            }
            if step.delay_minutes > MAX_DELAY_MINUTES {
                return Err(CadenceError::TooLate(place, step.delay_minutes));
            }
        }
        Ok(Self(steps))
    }
}

impl From<Cadence> for Vec<Step> {
    fn from(cadence: Cadence) -> Self {
        cadence.0
    }
}

impl Cadence {
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Whether there are none: calls alone.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The ways in which it reaches people.
    pub fn channels(&self) -> impl Iterator<Item = Channel> {
        let of_steps: BTreeSet<Channel> = if self.0.is_empty() {
            [Channel::Call].into()
        } else {
            self.0.iter().map(|step| step.channel).collect()
        };
        of_steps.into_iter()
    }

    pub fn campaign_type(&self) -> CampaignType {
        match (self.uses(Channel::Call), self.uses(Channel::Sms)) {
            (true, true) => CampaignType::Mixed,
            (false, true) => CampaignType::Sms,
            (_, false) => CampaignType::Call,
        }
    }

    pub fn uses(&self, channel: Channel) -> bool {
        self.channels().any(|used| used == channel)
    }

    /// How the person is reached in a step.
    pub fn channel(&self, step: u8) -> Channel {
        self.0.get(usize::from(step)).map_or(Channel::Call, |step| step.channel)
    }

    /// Whether a step waits for a reply that does not come.
    pub fn follows_silence(&self, step: u8) -> bool {
        self.0.get(usize::from(step)).is_some_and(|step| step.after.contains(&InteractionStatus::NoReply))
    }

    /// The first step that reaches people so, if there is one.
    pub fn first_step(&self, channel: Channel) -> Option<u8> {
        (0..).zip(&self.0).find(|(_, step)| step.channel == channel).map(|(place, _)| place)
    }

    /// Whether whoever stands at a step of those before still stands at one of the same channel.
    pub fn keeps_steps_of(&self, before: &Self) -> bool {
        let stands = |cadence: &Self| cadence.0.len().max(1);
        let mut places = (0..).take(stands(before));
        stands(self) >= stands(before) && places.all(|place| self.channel(place) == before.channel(place))
    }

    /// The step that follows when `step` has ended so, with its place; none if the lead is settled.
    ///
    /// What follows `no_reply` begins its wait with the text's delivery: a reply calls it off. What follows `completed`
    /// follows whatever the assistant has noted of the person besides, unless another step follows that.
    pub fn following(
        &self,
        step: u8,
        outcome: AttemptOutcome,
        qualification: Option<Qualification>,
    ) -> Option<(u8, &Step)> {
        let noted = InteractionStatus::qualified(outcome, qualification);
        let ended = InteractionStatus::of(outcome);
        self.following_status(step, noted).or_else(|| self.following_status(step, ended))
    }

    fn following_status(&self, step: u8, ended: InteractionStatus) -> Option<(u8, &Step)> {
        let may_be_replied_to = matches!(ended, InteractionStatus::Sent | InteractionStatus::Delivered);
        let follows = |step: &Step| {
            step.after.contains(&ended)
                || (may_be_replied_to && step.after.contains(&InteractionStatus::NoReply))
        };
        let later = (0..).zip(&self.0).skip(usize::from(step) + 1);
        later.into_iter().find(|(_, step)| follows(step))
    }
}

/// Whether a step may follow what ended so.
const fn may_be_followed(status: InteractionStatus) -> bool {
    !matches!(
        status,
        // What follows the last attempt follows what came of it: `no_answer`, `busy`.
        InteractionStatus::InProgress
            | InteractionStatus::ScheduledCallback
            | InteractionStatus::Dnc
            | InteractionStatus::NoContact
    )
}

#[cfg(test)]
mod tests {
    use InteractionStatus as S;

    use super::*;
    use crate::base::call::Outcome;

    fn step(channel: Channel, after: &[S]) -> Step {
        Step { channel, delay_minutes: 0, after: after.iter().copied().collect() }
    }

    #[test]
    fn the_first_later_step_that_follows_the_outcome_begins() {
        let steps = vec![
            step(Channel::Call, &[]),
            step(Channel::Sms, &[S::NoAnswer, S::Voicemail]),
            step(Channel::Sms, &[S::Completed]),
            step(Channel::Call, &[S::NoAnswer]),
        ];
        let cadence = Cadence::try_from(steps).expect("a cadence");
        let after = |step, ended| cadence.following_status(step, ended).map(|(place, _)| place);
        assert_eq!(after(0, S::Voicemail), Some(1));
        assert_eq!(after(0, S::Completed), Some(2));
        assert_eq!(after(1, S::NoAnswer), Some(3));
        let texted = vec![step(Channel::Sms, &[]), step(Channel::Call, &[S::NoReply])];
        let texted = Cadence::try_from(texted).expect("a cadence");
        let after_text = |ended| texted.following_status(0, ended).map(|(place, _)| place);
        assert_eq!((after_text(S::Delivered), after_text(S::Sent)), (Some(1), Some(1)));
        assert_eq!((after_text(S::Replied), after_text(S::Undelivered)), (None, None));
        assert_eq!(after(0, S::Busy), None);
        assert_eq!(after(3, S::NoAnswer), None);
        assert_eq!(cadence.channel(1), Channel::Sms);
        assert_eq!(Cadence::default().channel(0), Channel::Call);
    }

    #[test]
    fn what_the_assistant_noted_is_followed_before_what_all_conversations_are() {
        let steps = vec![
            step(Channel::Call, &[]),
            step(Channel::Sms, &[S::Completed]),
            step(Channel::Sms, &[S::Qualified]),
        ];
        let cadence = Cadence::try_from(steps).expect("a cadence");
        let after = |noted| cadence.following(0, Outcome::Completed.into(), noted).map(|(place, _)| place);
        assert_eq!(after(Some(Qualification::Qualified)), Some(2));
        assert_eq!((after(Some(Qualification::Disqualified)), after(None)), (Some(1), Some(1)));
        let missed = cadence.following(0, Outcome::Voicemail.into(), Some(Qualification::Qualified));
        assert_eq!(missed, None, "nobody was there");
    }

    #[test]
    fn steps_are_kept_if_each_still_reaches_people_the_same_way() {
        let call = || step(Channel::Call, &[]);
        let then = |channel| step(channel, &[S::NoAnswer]);
        let cadence = |steps: Vec<Step>| Cadence::try_from(steps).expect("a cadence");
        let before = cadence(vec![call(), then(Channel::Sms)]);
        assert_eq!((before.first_step(Channel::Sms), before.first_step(Channel::Call)), (Some(1), Some(0)));
        let longer = cadence(vec![call(), then(Channel::Sms), then(Channel::Call)]);
        assert!(before.keeps_steps_of(&before) && longer.keeps_steps_of(&before));
        let other = cadence(vec![call(), then(Channel::Call)]);
        for lost in [Cadence::default(), other, cadence(vec![call()])] {
            assert!(!lost.keeps_steps_of(&before), "{lost:?}");
        }
        assert!(before.keeps_steps_of(&Cadence::default()), "calls alone are one step");
    }

    #[test]
    fn what_is_no_sequence_is_refused_by_name() {
        let refused = |steps: Vec<Step>| Cadence::try_from(steps).expect_err("no cadence");
        let call = || step(Channel::Call, &[]);
        assert_eq!(refused(vec![step(Channel::Call, &[S::Busy])]), CadenceError::FirstFollows);
        assert_eq!(refused(vec![call(), call()]), CadenceError::FollowsNothing(2));
        let in_progress = step(Channel::Sms, &[S::InProgress]);
        assert_eq!(refused(vec![call(), in_progress]), CadenceError::FollowsNoEnd(2, S::InProgress));
        let dnc = step(Channel::Sms, &[S::Busy, S::Dnc]);
        assert_eq!(refused(vec![call(), dnc]).to_string(), "step 2: nothing follows `dnc`");
        assert_eq!(refused(vec![call(); 11]), CadenceError::TooMany(11));
    }
}
