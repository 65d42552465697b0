//! Which numbers a campaign calls from.

use super::{Campaign, CampaignSpec};
use crate::base::ids::{AssistantId, CallerNumberId};
use crate::policy::assistant::{Assistant, AssistantStatus, CallerNumber};

/// Why a campaign has no number to call from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoCallers {
    #[error("there is no assistant {0} any more; choose another one")]
    NoAssistant(AssistantId),
    #[error("the assistant {0} is not active; set its status to `active`")]
    AssistantNotActive(AssistantId),
    #[error("neither the campaign nor the assistant {0} has a caller number")]
    NoNumber(AssistantId),
    #[error("a step is a text, and none of its caller numbers sends texts; set `sms` of one")]
    NoSender,
}

impl CampaignSpec {
    /// The numbers that the campaign calls from: its own, else its assistant's.
    ///
    /// # Errors
    /// [`NoCallers`] if the assistant is not active, or there is no number for what the campaign does.
    pub fn callers<'a>(
        &self,
        assistants: &[Assistant],
        numbers: &'a [CallerNumber],
    ) -> Result<Vec<&'a CallerNumber>, NoCallers> {
        let id = || self.assistant_id.clone();
        let assistant = assistants.iter().find(|assistant| assistant.id == self.assistant_id);
        let assistant = assistant.ok_or_else(|| NoCallers::NoAssistant(id()))?;
        if assistant.status != AssistantStatus::Active {
            return Err(NoCallers::AssistantNotActive(id()));
        }
        let chosen = self.caller_ids(assistant);
        let callers: Vec<_> = numbers.iter().filter(|number| chosen.contains(&number.id)).collect();
        if callers.is_empty() {
            return Err(NoCallers::NoNumber(id()));
        }
        let is_sent = |channel| callers.iter().any(|number| number.serves(channel));
        if self.cadence.channels().all(is_sent) { Ok(callers) } else { Err(NoCallers::NoSender) }
    }

    /// The numbers that it is to call from, whether there are such or not.
    pub fn caller_ids<'a>(&'a self, assistant: &'a Assistant) -> &'a [CallerNumberId] {
        let own = &self.caller_number_ids;
        if own.is_empty() { &assistant.caller_number_ids } else { own }
    }
}

impl Campaign {
    /// Whether it can still call through this assistant. One that has ended can't, unless it is
    /// reopened, and that looks for the assistant first.
    pub fn needs_assistant(&self, id: &AssistantId) -> bool {
        let Self { spec, status, .. } = self;
        !status.is_ended() && (spec.assistant_id == *id || spec.test_assistant_id.as_ref() == Some(id))
    }

    /// Whether it can still call from this number.
    pub fn needs_number(&self, id: &CallerNumberId) -> bool {
        !self.status.is_ended() && self.spec.caller_number_ids.contains(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn a_campaign_calls_from_its_own_numbers_else_from_its_assistants() {
        let mut spec = fixtures::campaign().spec;
        let assistant = fixtures::assistant();
        let numbers = [1, 2].map(fixtures::caller_number);
        let callers = |spec: &CampaignSpec, assistant: &Assistant| {
            let callers = spec.callers(std::slice::from_ref(assistant), &numbers)?;
            Ok::<Vec<_>, NoCallers>(callers.into_iter().map(|number| number.id.clone()).collect())
        };
        assert_eq!(callers(&spec, &assistant), Ok(vec![numbers[0].id.clone()]));
        spec.caller_number_ids = vec![numbers[1].id.clone()];
        assert_eq!(callers(&spec, &assistant), Ok(vec![numbers[1].id.clone()]));
        let paused = Assistant { status: AssistantStatus::Paused, ..assistant.clone() };
        let id = spec.assistant_id.clone();
        assert_eq!(callers(&spec, &paused), Err(NoCallers::AssistantNotActive(id.clone())));
        spec.caller_number_ids = vec![fixtures::caller_number(3).id];
        assert_eq!(callers(&spec, &assistant), Err(NoCallers::NoNumber(id.clone())));
        assert_eq!(spec.callers(&[], &numbers), Err(NoCallers::NoAssistant(id)));
    }
}
