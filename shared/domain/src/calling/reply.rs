//! Text messages that people send us: the record of one, and what it means for their lead.

use sha2::{Digest, Sha256};

use super::outcome::following;
use crate::base::call::PersonRequest;
use crate::base::channel::Channel;
use crate::base::ids::{AttemptId, Entropy};
use crate::base::message::{InboundMessage, Keyword};
use crate::base::outcome::{MessageOutcome, Report};
use crate::base::time::Timestamp;
use crate::policy::assistant::CallerNumber;
use crate::policy::retry::{Ended, Next};
use crate::records::campaign::Campaign;
use crate::records::counters::Counters;
use crate::records::interaction::{Direction, Interaction, StartedBy};
use crate::records::lead::{Lead, LeadState};
use crate::transaction::{Transaction, Write};

/// A text that came in, and whose it is.
#[derive(Debug, Clone, Copy)]
pub struct ReplyContext<'a> {
    pub now: Timestamp,
    pub message: &'a InboundMessage,
    /// What it asks for, as far as it is a keyword.
    pub keyword: Option<Keyword>,
    /// Our number to which it came.
    pub number: &'a CallerNumber,
    /// The lead for whom their number was tried last.
    pub lead: &'a Lead,
    pub campaign: &'a Campaign,
}

/// The attempt under which a text that came in is known: the same text again is the same.
pub fn attempt_of(message: &InboundMessage) -> AttemptId {
    let mut entropy = Entropy::default();
    entropy.iter_mut().zip(Sha256::digest(&message.id)).for_each(|(into, from)| *into = from);
    AttemptId::new(Timestamp::from_millis(0), entropy)
}

/// Records the text and, unless it answers a text of ours, has the lead follow it: whoever writes to us was reached.
///
/// The text that it answers has a report of its own ([`is_answer`]).
pub fn record(facts: &ReplyContext<'_>) -> Transaction {
    let record = opened(facts);
    let mut counters = Counters::of_end(&record);
    let mut transaction = Transaction::of(Write::OpenInteraction(record));
    if let Some(after) = lead_after(facts) {
        if after.state.is_waiting() {
            transaction.extend(Transaction::reopen(facts.campaign, facts.now).0);
        }
        counters.merge(&Counters::of_move(facts.lead, &after));
        transaction.push(Write::UpdateLead { before: facts.lead.clone(), after });
    }
    transaction.extend(Write::count(&facts.lead.id, counters));
    transaction
}

/// Whether the lead's latest attempt is a text, which this one answers.
pub fn is_answer(lead: &Lead) -> bool {
    lead.last.as_ref().is_some_and(|last| last.channel == Channel::Sms)
}

fn opened(facts: &ReplyContext<'_>) -> Interaction {
    let attempt = attempt_of(facts.message);
    let record = Interaction::opened(&attempt, &facts.lead.id, StartedBy::Inbound, facts.now);
    let open = Interaction {
        number: Some(facts.message.from.clone()),
        caller_number: Some(facts.number.id.clone()),
        direction: Direction::Inbound,
        channel: Channel::Sms,
        is_test: facts.lead.is_test,
        text: Some(facts.message.text.clone()),
        ..record
    };
    let request = (facts.keyword == Some(Keyword::Stop)).then_some(PersonRequest::DoNotCall);
    let ended = open.ended(Report { request, ..Report::bare(MessageOutcome::Received, "") }, facts.now);
    Interaction { version: 1, ..ended }
}

/// The lead of somebody who writes without having been written to last; none if it stays as it is.
fn lead_after(facts: &ReplyContext<'_>) -> Option<Lead> {
    let ReplyContext { lead, campaign, now, .. } = *facts;
    // What is listed is settled by that; help and coming back change nothing.
    if facts.keyword.is_some() || is_answer(lead) {
        return None;
    }
    let outcome = MessageOutcome::Received.into();
    match lead.state {
        LeadState::Pending | LeadState::RetryScheduled { .. } | LeadState::Suspended { .. } => {}
        LeadState::CallbackScheduled { .. }
        | LeadState::InProgress { .. }
        | LeadState::Completed
        | LeadState::Exhausted
        | LeadState::Skipped { .. }
        | LeadState::Failed => return None,
    }
    let ended = Ended {
        outcome: MessageOutcome::Replied.into(),
        qualification: None,
        attempts: lead.attempts,
        taken_back: 0,
        others_get_through: true,
        has_other_number: false,
    };
    let after = match following(campaign, lead.step, ended, now) {
        Next::Step { step, due_at } => lead.going_on(step, due_at, now).in_channel_of(&campaign.spec.cadence),
        _ => lead.reached_after_all(outcome, now),
    };
    Some(after)
}
