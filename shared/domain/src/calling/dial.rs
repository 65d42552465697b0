//! The last look before a call: the dialer decides again on what is stored now.

use crate::base::ids::AttemptId;
use crate::base::time::Timestamp;
use crate::compliance::eligibility::{self, Question, Verdict};
use crate::policy::assistant::{Assistant, CallerNumber};
use crate::policy::rules::Rulebook;
use crate::records::active_attempt::{
    ActiveAttempt, ActiveAttemptEvent, ActiveAttemptNext, ActiveAttemptRefusal, ActiveAttemptState,
};
use crate::records::campaign::Campaign;
use crate::records::evidence::{Evidence, RefusalRecord};
use crate::records::interaction::Interaction;
use crate::records::lead::Lead;
use crate::records::number_record::{LatestAttempt, NumberRecord};
use crate::records::refusal::DialRefusal;
use crate::records::workspace::Workspace;
use crate::transaction::{Transaction, Write};

mod connect;
mod order;
#[cfg(test)]
mod tests;
pub use connect::{AnsweredCall, NotConnected, connect};
pub use order::Order;

#[derive(Debug, Clone)]
pub struct DialContext<'a> {
    pub now: Timestamp,
    /// The attempt that its message names.
    pub attempt: &'a AttemptId,
    /// This run of the dialer.
    pub run: &'a str,
    /// The active attempt of the number.
    pub active_attempt: Option<&'a ActiveAttempt>,
    pub lead: Option<&'a Lead>,
    pub campaign: Option<&'a Campaign>,
    pub workspace: Option<&'a Workspace>,
    /// The rules that hold in it.
    pub rules: &'a Rulebook,
    pub assistant: Option<&'a Assistant>,
    /// The number that is dialled from.
    pub caller_number: Option<&'a CallerNumber>,
    /// What is known of the person's numbers.
    pub records: &'a [NumberRecord],
    /// The interaction, if there is one already: a call by hand.
    pub interaction: Option<&'a Interaction>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DialDecision {
    /// Commit this, then place the call, or send the text.
    Dial {
        transaction: Transaction,
        /// The active attempt as it will be.
        active_attempt: Box<ActiveAttempt>,
        order: Order,
    },
    Wait {
        dial_at: Timestamp,
    },
    /// Commit this and place nothing.
    Refuse {
        /// Takes the active attempt away.
        transaction: Transaction,
        reason: DialRefusal,
    },
    /// The message is out of date: nothing to do.
    Stale,
}

/// Decides about one claimed call, or text.
pub fn decide(facts: &DialContext<'_>) -> DialDecision {
    let Some(active_attempt) =
        facts.active_attempt.filter(|active_attempt| active_attempt.attempt == *facts.attempt)
    else {
        return DialDecision::Stale;
    };
    let dial = ActiveAttemptEvent::Dial { by: facts.run.to_owned() };
    let state = match active_attempt.on(&dial, facts.now) {
        Ok(ActiveAttemptNext::Become(state)) => state,
        Err(ActiveAttemptRefusal::TooEarly) => return wait_for(active_attempt, facts.now),
        // As if its window had run out unseen: a call that was asked for waits again.
        Err(ActiveAttemptRefusal::TooLate) => {
            let (transaction, reason) = (Transaction::release_claim(active_attempt), DialRefusal::SlotOver);
            return DialDecision::Refuse { transaction, reason };
        }
        Ok(_) | Err(ActiveAttemptRefusal::AlreadyDialled | ActiveAttemptRefusal::NotDialled) => {
            return DialDecision::Stale;
        }
    };
    let question = match question(facts, active_attempt) {
        Ok(question) => question,
        Err(reason) => return refuse(facts, active_attempt, reason),
    };
    let answer = question.answer(facts.now, facts.now).map_err(DialRefusal::from);
    match answer.and_then(|_| order::order(facts, &question, active_attempt)) {
        Err(reason) => refuse(facts, active_attempt, reason),
        Ok(order) => {
            // The number may have got another line since the claim; whoever asks about the call has to know.
            let line = facts.caller_number.map_or(active_attempt.line, |caller| caller.line);
            let active_attempt = ActiveAttempt { state, line, ..active_attempt.clone() };
            let transaction = dial_transaction(facts, &active_attempt, &question, order.text());
            DialDecision::Dial { transaction, active_attempt: Box::new(active_attempt), order }
        }
    }
}

/// Places nothing after all, for a reason that is not in what is stored.
pub fn turn_down(facts: &DialContext<'_>, reason: DialRefusal) -> DialDecision {
    match facts.active_attempt {
        Some(active_attempt) if active_attempt.attempt == *facts.attempt => {
            refuse(facts, active_attempt, reason)
        }
        Some(_) | None => DialDecision::Stale,
    }
}

/// What is to be asked again before the dial: everything may have changed since the claim.
fn question<'a>(
    facts: &DialContext<'a>,
    active_attempt: &ActiveAttempt,
) -> Result<Question<'a>, DialRefusal> {
    let (Some(lead), Some(campaign), Some(workspace)) = (facts.lead, facts.campaign, facts.workspace) else {
        return Err(DialRefusal::LeadGone);
    };
    // The active attempt keeps all numbers of its person from being dialled: it has to know them all.
    if !lead.phones().eq(&active_attempt.person) {
        return Err(DialRefusal::NumbersChanged);
    }
    let (rules, records, cause) = (facts.rules, facts.records, active_attempt.cause);
    let question = Question { lead, campaign, workspace, rules, records, cause };
    // Room, rate and hours were those of what was claimed.
    if question.channel() == active_attempt.channel { Ok(question) } else { Err(DialRefusal::StepChanged) }
}

fn dial_transaction(
    facts: &DialContext<'_>,
    active_attempt: &ActiveAttempt,
    question: &Question<'_>,
    text: Option<&str>,
) -> Transaction {
    let lead = question.lead;
    let after = lead.dialled(active_attempt, facts.now);
    let mut writes =
        vec![Write::Dial(active_attempt.clone()), Write::UpdateLead { before: lead.clone(), after }];
    let latest = LatestAttempt { attempt: active_attempt.attempt.clone(), lead: lead.id.clone() };
    let called = |record: &NumberRecord| {
        Write::UpdateNumber(match lead.is_test {
            true => record.called_for_test(latest.clone()),
            false => record.called(latest.clone(), facts.now),
        })
    };
    writes.extend(facts.records.iter().map(called));
    let evidence = Some(Evidence::of(question, facts.now));
    let text = text.map(str::to_owned);
    let dialled = Interaction { evidence, text, ..Interaction::dialled(active_attempt, facts.now) };
    writes.push(match facts.interaction {
        None => Write::OpenInteraction(dialled),
        Some(requested) => {
            let after = Interaction { version: requested.version + 1, ..dialled };
            Write::UpdateInteraction { before: requested.clone(), after }
        }
    });
    Transaction(writes)
}

fn wait_for(active_attempt: &ActiveAttempt, now: Timestamp) -> DialDecision {
    match active_attempt.state {
        ActiveAttemptState::Claimed { dial_at, .. } => DialDecision::Wait { dial_at },
        ActiveAttemptState::Dialling { .. } => DialDecision::Wait { dial_at: now },
    }
}

/// Takes a claimed active attempt away. The lead stays as it was, unless it is to be settled or put off. A
/// call by hand ends as an error that says why.
fn refuse(facts: &DialContext<'_>, active_attempt: &ActiveAttempt, reason: DialRefusal) -> DialDecision {
    let mut transaction = Transaction::withdraw_claim(active_attempt);
    if let Some(requested) = facts.interaction {
        let after = requested.refused(reason.clone(), facts.now);
        transaction.push(Write::UpdateInteraction { before: requested.clone(), after });
    }
    if let (DialRefusal::Refused(refusal), Ok(question)) = (&reason, question(facts, active_attempt)) {
        if let Verdict::Become(lead) = eligibility::consequence(&question, refusal, facts.now) {
            transaction.extend(Transaction::change_lead(question.lead, *lead).0);
        }
        let attempt = Some(active_attempt.attempt.clone());
        let record = RefusalRecord::of(&question, refusal, attempt, facts.now);
        transaction.push(Write::NoteRefusal(record));
    }
    DialDecision::Refuse { transaction, reason }
}
