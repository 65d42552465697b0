//! Counters of a campaign: sums of changes that are committed together with what they count.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::base::call::Outcome;
use crate::base::channel::Channel;
use crate::base::outcome::{AttemptOutcome, MessageOutcome};
use crate::records::analysis::{Analysis, GoalResult};
use crate::records::interaction::Interaction;
use crate::records::lead::{Lead, LeadState};
use crate::records::tally::Tally;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Counter {
    Leads,
    /// Leads that wait for a retry.
    RetryScheduled,
    /// Leads that are to be called back.
    CallbackScheduled,
    /// Leads that rest until somebody has them go on.
    Suspended,
    Completed,
    /// Leads whose attempts are used up.
    Exhausted,
    /// Leads that will not be called.
    Skipped,
    /// Leads that can't be called.
    Failed,
    /// Leads with at least one attempt that counted.
    Attempted,
    /// Leads for testing; no other counter counts them.
    TestLeads,
    /// Those of them for which nothing is done any more, or that rest.
    TestLeadsAtRest,
    Ended(Outcome),
    /// Texts that ended so.
    Messages(MessageOutcome),
    /// Calls of ours that left us.
    Placed,
    /// Those of them whose line was picked up: by a person or a machine, if only for a moment.
    Connected,
    /// Those of them that a person answered.
    Answered,
    /// Seconds of connection over those that a person answered.
    TalkSecs,
    /// Seconds of connection over all others: machines answered, the provider broke, or the person called.
    OtherSecs,
    /// Cost in millionths of a US dollar.
    CostMicros,
    /// What of it texts cost.
    MessageCostMicros,
    /// What attempts with leads for testing cost besides.
    TestCostMicros,
    /// Calls that were judged so by the goal.
    Judged(GoalResult),
    /// What reading calls cost in millionths of a US dollar; no other cost counts it.
    AnalysisCostMicros,
}

impl Counter {
    /// The counter of attempts that ended so.
    const fn of_outcome(outcome: AttemptOutcome) -> Self {
        match outcome {
            AttemptOutcome::Call(outcome) => Self::Ended(outcome),
            AttemptOutcome::Message(outcome) => Self::Messages(outcome),
        }
    }

    /// The name under which it is stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Leads => "leads",
            Self::RetryScheduled => "retry_scheduled",
            Self::CallbackScheduled => "callback_scheduled",
            Self::Suspended => "suspended",
            Self::Completed => "completed",
            Self::Exhausted => "exhausted",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::Attempted => "attempted",
            Self::TestLeads => "test_leads",
            Self::TestLeadsAtRest => "test_leads_at_rest",
            Self::Placed => "placed",
            Self::Connected => "connected",
            Self::Answered => "answered",
            Self::TalkSecs => "talk_secs",
            Self::OtherSecs => "other_secs",
            Self::CostMicros => "cost_micros",
            Self::MessageCostMicros => "message_cost_micros",
            Self::TestCostMicros => "test_cost_micros",
            Self::AnalysisCostMicros => "analysis_cost_micros",
            Self::Judged(result) => match result {
                GoalResult::Failure => "judged_failure",
                GoalResult::PartialSuccess => "judged_partial_success",
                GoalResult::Success => "judged_success",
            },
            Self::Messages(outcome) => match outcome {
                MessageOutcome::Unconfirmed => "messages_unconfirmed",
                MessageOutcome::SenderRefused => "messages_sender_refused",
                MessageOutcome::TextRejected => "messages_text_rejected",
                MessageOutcome::NotSent => "messages_not_sent",
                MessageOutcome::Sent => "messages_sent",
                MessageOutcome::Filtered => "messages_filtered",
                MessageOutcome::NotTextable => "messages_not_textable",
                MessageOutcome::Undelivered => "messages_undelivered",
                MessageOutcome::Delivered => "messages_delivered",
                MessageOutcome::NoReply => "messages_no_reply",
                MessageOutcome::Replied => "messages_replied",
                MessageOutcome::Received => "messages_received",
            },
            Self::Ended(outcome) => match outcome {
                Outcome::Completed => "ended_completed",
                Outcome::Incomplete => "ended_incomplete",
                Outcome::Voicemail => "ended_voicemail",
                Outcome::NoAnswer => "ended_no_answer",
                Outcome::Busy => "ended_busy",
                Outcome::Declined => "ended_declined",
                Outcome::InvalidNumber => "ended_invalid_number",
                Outcome::Blocked => "ended_blocked",
                Outcome::Failed => "ended_failed",
                Outcome::Error => "ended_error",
                Outcome::RequestRejected => "ended_request_rejected",
                Outcome::AccountRefused => "ended_account_refused",
                Outcome::Unheard => "ended_unheard",
            },
        }
    }

    /// The channel whose attempts alone it counts, if it does.
    const fn channel(self) -> Option<Channel> {
        match self {
            Self::Ended(_)
            | Self::Placed
            | Self::Connected
            | Self::Answered
            | Self::TalkSecs
            | Self::OtherSecs => Some(Channel::Call),
            Self::Messages(_) | Self::MessageCostMicros => Some(Channel::Sms),
            Self::Leads
            | Self::RetryScheduled
            | Self::CallbackScheduled
            | Self::Suspended
            | Self::Completed
            | Self::Exhausted
            | Self::Skipped
            | Self::Failed
            | Self::Attempted
            | Self::TestLeads
            | Self::TestLeadsAtRest
            | Self::TestCostMicros
            | Self::Judged(_)
            | Self::AnalysisCostMicros
            | Self::CostMicros => None,
        }
    }

    /// Whether attempts are counted, not leads.
    pub const fn is_of_attempts(self) -> bool {
        matches!(self, Self::CostMicros | Self::TestCostMicros) || self.channel().is_some()
    }

    /// The counter of leads in this state, if such leads are counted.
    ///
    /// Pending leads are not: they are what remains. A lead with a call counts where it came from.
    pub fn of_state(state: &LeadState) -> Option<Self> {
        match state {
            LeadState::Pending => None,
            LeadState::InProgress { before, .. } => Self::of_state(before),
            LeadState::Suspended { .. } => Some(Self::Suspended),
            LeadState::RetryScheduled { .. } => Some(Self::RetryScheduled),
            LeadState::CallbackScheduled { .. } => Some(Self::CallbackScheduled),
            LeadState::Completed => Some(Self::Completed),
            LeadState::Exhausted => Some(Self::Exhausted),
            LeadState::Skipped { .. } => Some(Self::Skipped),
            LeadState::Failed => Some(Self::Failed),
        }
    }

    /// Whether it counts leads for which nothing is done, unless somebody has them go on.
    const fn is_at_rest(self) -> bool {
        matches!(self, Self::Suspended | Self::Completed | Self::Exhausted | Self::Skipped | Self::Failed)
    }

    pub fn all() -> impl Iterator<Item = Self> {
        [
            Self::Leads,
            Self::RetryScheduled,
            Self::CallbackScheduled,
            Self::Suspended,
            Self::Completed,
            Self::Exhausted,
            Self::Skipped,
            Self::Failed,
            Self::Attempted,
            Self::TestLeads,
            Self::TestLeadsAtRest,
            Self::Placed,
            Self::Connected,
            Self::Answered,
            Self::TalkSecs,
            Self::OtherSecs,
            Self::CostMicros,
            Self::MessageCostMicros,
            Self::TestCostMicros,
            Self::AnalysisCostMicros,
        ]
        .into_iter()
        .chain(GoalResult::ALL.map(Self::Judged))
        .chain(Outcome::ALL.map(Self::Ended))
        .chain(MessageOutcome::ALL.map(Self::Messages))
    }
}

impl Serialize for Counter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Counter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let unknown = || D::Error::custom(format_args!("`{name}` is not counted"));
        Self::all().find(|counter| counter.name() == name).ok_or_else(unknown)
    }
}

/// Changes to counters, or their sums.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Counters(BTreeMap<Counter, i64>);

impl Counters {
    pub fn add(&mut self, counter: Counter, by: i64) {
        let sum = self.0.entry(counter).or_default();
        *sum += by;
        if *sum == 0 {
            self.0.remove(&counter);
        }
    }

    /// What a lead counts.
    pub fn of_lead(lead: &Lead) -> Self {
        let mut counters = Self::default();
        let counter = Counter::of_state(&lead.state);
        if lead.is_test {
            let is_at_rest = counter.is_some_and(Counter::is_at_rest);
            counters.add(Counter::TestLeads, 1);
            counters.add(Counter::TestLeadsAtRest, is_at_rest.into());
            return counters;
        }
        counters.add(Counter::Leads, 1);
        counters.add(Counter::Attempted, lead.is_attempted.into());
        if let Some(counter) = counter {
            counters.add(counter, 1);
        }
        counters
    }

    /// What changes when a lead becomes another.
    pub fn of_move(before: &Lead, after: &Lead) -> Self {
        let mut counters = Self::of_lead(after);
        counters.take(&Self::of_lead(before));
        counters
    }

    /// What changes when a lead is gone.
    pub fn of_removal(lead: &Lead) -> Self {
        let mut counters = Self::default();
        counters.take(&Self::of_lead(lead));
        counters
    }

    /// What an attempt counts once it has ended; nothing before.
    pub fn of_end(interaction: &Interaction) -> Self {
        let mut counters = Tally::of(interaction).as_ref().map(Self::of_tally).unwrap_or_default();
        if interaction.is_test && interaction.outcome.is_some() {
            let cost_micros = interaction.cost_micros.unwrap_or_default();
            counters.add(Counter::TestCostMicros, cost_micros.cast_signed());
        }
        counters
    }

    /// What an ended attempt counts.
    pub fn of_tally(tally: &Tally) -> Self {
        let mut counters = Self::default();
        let outcome = tally.outcome;
        let is_connected = outcome.is_answered() || tally.duration_secs > 0;
        let is_answered = tally.is_placed && outcome.is_contact();
        let cost_micros = tally.cost_micros.cast_signed();
        counters.add(Counter::of_outcome(outcome), 1);
        counters.add(Counter::Placed, tally.is_placed.into());
        counters.add(Counter::Connected, (tally.is_placed && is_connected).into());
        counters.add(Counter::Answered, is_answered.into());
        let secs = if is_answered { Counter::TalkSecs } else { Counter::OtherSecs };
        counters.add(secs, tally.duration_secs.into());
        counters.add(Counter::CostMicros, cost_micros);
        if outcome.channel() == Channel::Sms {
            counters.add(Counter::MessageCostMicros, cost_micros);
        }
        counters
    }

    /// The part that attempts of one channel have in them.
    pub fn of_channel(&self, channel: Channel) -> Self {
        let text_micros = self.get(Counter::MessageCostMicros);
        let mut counters = Self::default();
        for (counter, by) in self.iter().filter(|(counter, _)| counter.channel() == Some(channel)) {
            counters.add(counter, by);
        }
        let cost_micros = match channel {
            Channel::Call => self.get(Counter::CostMicros) - text_micros,
            Channel::Sms => text_micros,
        };
        counters.add(Counter::CostMicros, cost_micros);
        counters
    }

    /// What an analysis counts beside the one that it takes the place of.
    pub fn of_analysis(before: Option<&Analysis>, after: &Analysis) -> Self {
        let mut counters = Self::default();
        if after.is_test {
            return counters;
        }
        let results = [(before, -1), (Some(after), 1)];
        for (result, by) in results.iter().filter_map(|(one, by)| Some((one.as_ref()?.goal.value()?, *by))) {
            counters.add(Counter::Judged(result), by);
        }
        let spent_before = before.map_or(0, |before| before.cost_micros);
        counters
            .add(Counter::AnalysisCostMicros, after.cost_micros.saturating_sub(spent_before).cast_signed());
        counters
    }

    /// Takes all of another counters away.
    pub fn take(&mut self, other: &Self) {
        for (counter, by) in &other.0 {
            self.add(*counter, -by);
        }
    }

    /// Adds all of another counters.
    pub fn merge(&mut self, other: &Self) {
        for (counter, by) in &other.0 {
            self.add(*counter, *by);
        }
    }

    /// The sum of a counter.
    pub fn get(&self, counter: Counter) -> i64 {
        self.0.get(&counter).copied().unwrap_or_default()
    }

    /// Leads for which nothing more will be done.
    pub fn settled(&self) -> i64 {
        [Counter::Completed, Counter::Exhausted, Counter::Skipped, Counter::Failed]
            .into_iter()
            .map(|counter| self.get(counter))
            .sum()
    }

    /// Calls that a person answered to those that were placed; none before the first.
    pub fn answer_rate(&self) -> Option<f64> {
        self.ratio(Counter::Answered, Counter::Placed)
    }

    /// Calls whose line was picked up to those that were placed; none before the first.
    pub fn connection_rate(&self) -> Option<f64> {
        self.ratio(Counter::Connected, Counter::Placed)
    }

    /// Mean length of the calls that a person answered, in seconds; none before the first.
    pub fn mean_talk_secs(&self) -> Option<f64> {
        self.ratio(Counter::TalkSecs, Counter::Answered)
    }

    /// Leads that were reached to those that were attempted; none before the first.
    pub fn success_rate(&self) -> Option<f64> {
        self.ratio(Counter::Completed, Counter::Attempted)
    }

    /// Calls that achieved all of the goal to those that were judged; none before the first.
    pub fn goal_success_rate(&self) -> Option<f64> {
        let judged = GoalResult::ALL.into_iter().map(|result| self.get(Counter::Judged(result))).sum();
        ratio(self.get(Counter::Judged(GoalResult::Success)), judged)
    }

    /// Settled leads to all leads; none if there are none.
    pub fn completion_rate(&self) -> Option<f64> {
        ratio(self.settled(), self.get(Counter::Leads))
    }

    fn ratio(&self, part: Counter, whole: Counter) -> Option<f64> {
        ratio(self.get(part), self.get(whole))
    }

    /// All leads, those for testing among them.
    pub fn all_leads(&self) -> i64 {
        self.get(Counter::Leads) + self.get(Counter::TestLeads)
    }

    /// What all attempts cost, those with leads for testing among them, in millionths of a US dollar.
    pub fn all_cost_micros(&self) -> i64 {
        self.get(Counter::CostMicros) + self.get(Counter::TestCostMicros)
    }

    /// Whether nothing will be done any more for all leads there are, unless somebody has those go on that rest.
    pub fn is_everybody_settled(&self) -> bool {
        let at_rest = self.settled() + self.get(Counter::Suspended);
        at_rest >= self.get(Counter::Leads)
            && self.get(Counter::TestLeadsAtRest) >= self.get(Counter::TestLeads)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each counter that is not zero.
    pub fn iter(&self) -> impl Iterator<Item = (Counter, i64)> + '_ {
        self.0.iter().map(|(counter, by)| (*counter, *by))
    }
}

/// A share of a whole; none of nothing.
///
/// Sums may be read while one of two that belong together has moved; no share is below zero.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
pub fn ratio(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| part.max(0) as f64 / whole as f64)
}
