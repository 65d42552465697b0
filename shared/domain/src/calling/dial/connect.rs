//! A call of our own account that somebody has answered: what the agent is connected with.

use super::order;
use crate::base::call::{CallOrder, Line};
use crate::base::channel::Channel;
use crate::base::ids::AttemptId;
use crate::calling::values::Conversation;
use crate::policy::assistant::{Assistant, CallerNumber};
use crate::records::active_attempt::ActiveAttempt;
use crate::records::campaign::Campaign;
use crate::records::lead::Lead;
use crate::records::refusal::DialRefusal;
use crate::records::workspace::Workspace;

/// What is stored about a call that somebody has answered.
#[derive(Debug, Clone, Copy)]
pub struct AnsweredCall<'a> {
    /// The attempt that the carrier names.
    pub attempt: &'a AttemptId,
    /// The active attempt of the number.
    pub active_attempt: Option<&'a ActiveAttempt>,
    pub lead: Option<&'a Lead>,
    pub campaign: Option<&'a Campaign>,
    pub workspace: Option<&'a Workspace>,
    pub assistant: Option<&'a Assistant>,
    /// The number that was dialled from.
    pub caller_number: Option<&'a CallerNumber>,
}

/// Why nobody is connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotConnected {
    /// No call of our account is up in this attempt: it is over, or was never placed so.
    NotUp,
    /// What is stored makes no conversation any more.
    NoConversation(DialRefusal),
}

/// What the agent is connected with: the order of the dial, made again of what is stored now. Nothing is decided: the
/// call is up.
///
/// # Errors
/// Why nobody is connected.
pub fn connect(facts: &AnsweredCall<'_>) -> Result<CallOrder, NotConnected> {
    let is_up = |active_attempt: &&ActiveAttempt| {
        active_attempt.attempt == *facts.attempt
            && active_attempt.dialled_at().is_some()
            && (active_attempt.channel, active_attempt.line) == (Channel::Call, Line::OwnTwilio)
    };
    let active_attempt = facts.active_attempt.filter(is_up).ok_or(NotConnected::NotUp)?;
    let no_conversation = NotConnected::NoConversation;
    let (Some(lead), Some(campaign), Some(workspace)) = (facts.lead, facts.campaign, facts.workspace) else {
        return Err(no_conversation(DialRefusal::LeadGone));
    };
    let (Some(assistant), Some(caller)) = (facts.assistant, facts.caller_number) else {
        return Err(no_conversation(DialRefusal::AssistantUnusable));
    };
    let conversation = Conversation {
        lead,
        number: &active_attempt.number,
        campaign: &campaign.spec,
        assistant,
        workspace_name: &workspace.name,
        instructions: active_attempt.instructions.as_deref(),
    };
    order::call(&conversation, active_attempt, assistant, caller).map_err(no_conversation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calling::dial::{DialContext, DialDecision, Order, decide};
    use crate::fixtures::{self, NOW};
    use crate::policy::rules::Rulebook;

    #[test]
    fn what_was_dialled_is_connected_and_nothing_else() {
        let (campaign, lead, workspace) = (fixtures::campaign(), fixtures::lead(1), fixtures::workspace());
        let assistant = fixtures::assistant();
        let caller = CallerNumber { line: Line::OwnTwilio, ..fixtures::caller_number(1) };
        let claimed = fixtures::claimed(&lead, NOW);
        let decision = decide(&DialContext {
            now: NOW,
            attempt: &claimed.attempt,
            run: "run",
            active_attempt: Some(&claimed),
            lead: Some(&lead),
            campaign: Some(&campaign),
            workspace: Some(&workspace),
            rules: Rulebook::builtin(),
            assistant: Some(&assistant),
            caller_number: Some(&caller),
            records: &[],
            interaction: None,
        });
        let DialDecision::Dial { active_attempt, order: Order::Call(dialled), .. } = decision else {
            panic!("a due lead is dialled: {decision:?}");
        };
        assert_eq!(
            (active_attempt.line, &dialled.from),
            (Line::OwnTwilio, &caller.number),
            "as it was dialled"
        );
        let facts = AnsweredCall {
            attempt: &claimed.attempt,
            active_attempt: Some(&active_attempt),
            lead: Some(&lead),
            campaign: Some(&campaign),
            workspace: Some(&workspace),
            assistant: Some(&assistant),
            caller_number: Some(&caller),
        };
        assert_eq!(connect(&facts).as_ref(), Ok(&*dialled));
        let other = fixtures::attempt(1);
        let elsewhere = ActiveAttempt { line: Line::Twilio, ..(*active_attempt).clone() };
        for not_up in [
            AnsweredCall { attempt: &other, ..facts },
            AnsweredCall { active_attempt: None, ..facts },
            AnsweredCall { active_attempt: Some(&claimed), ..facts },
            AnsweredCall { active_attempt: Some(&elsewhere), ..facts },
        ] {
            assert_eq!(connect(&not_up), Err(NotConnected::NotUp));
        }
        let gone = connect(&AnsweredCall { lead: None, ..facts });
        assert_eq!(gone, Err(NotConnected::NoConversation(DialRefusal::LeadGone)));
    }
}
