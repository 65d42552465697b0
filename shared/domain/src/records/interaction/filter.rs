//! Which calls and texts are meant: by how they ended, with whom, and their names and numbers.

use serde::{Deserialize, Serialize};

use super::{Interaction, InteractionStatus};
use crate::base::channel::Channel;
use crate::base::ids::LeadId;
use crate::base::is_default::is_default;
use crate::base::phone::E164;
use crate::records::analysis::{Analysis, Evaluation, GoalResult};
use crate::records::lead::TextSearch;

/// What is meant where no status is asked for: `results`, the calls that have ended but for tests and those that a machine
/// answered, or `all`, with those that are up and with texts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Show {
    #[default]
    Results,
    All,
}

/// The calls and texts that all of these hold for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct InteractionFilter {
    /// Only those that stand so; `in_progress` are those that are up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<InteractionStatus>,
    #[serde(default, skip_serializing_if = "is_default")]
    #[cfg_attr(feature = "openapi", schema(inline))]
    pub show: Show,
    /// Only those with this lead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_id: Option<LeadId>,
    /// Only those with this in the lead's name, in any case, or in the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub search: Option<TextSearch>,
    /// Only those that were judged so by the goal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal_result: Option<GoalResult>,
    /// Only those whose person was evaluated so by the criteria.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluation: Option<Evaluation>,
}

impl InteractionFilter {
    /// Whether one that is still up may be among them.
    pub fn takes_open(&self) -> bool {
        match self.status {
            Some(status) => status == InteractionStatus::InProgress,
            None => self.show == Show::All,
        }
    }

    /// Whether one that has ended may be among them.
    pub fn takes_ended(&self) -> bool {
        self.status != Some(InteractionStatus::InProgress)
    }

    /// Whether most of what is read may be left out.
    pub const fn is_narrow(&self) -> bool {
        self.status.is_some()
            || self.lead_id.is_some()
            || self.search.is_some()
            || self.goal_result.is_some()
            || self.evaluation.is_some()
    }

    /// Whether all holds for it but for the search, which needs the name of its lead, and for what was found in it.
    pub fn may_take(&self, interaction: &Interaction) -> bool {
        if self.lead_id.as_ref().is_some_and(|lead| *lead != interaction.lead) {
            return false;
        }
        match (self.status, self.show) {
            (Some(status), _) => interaction.status == status,
            (None, Show::All) => true,
            (None, Show::Results) => {
                interaction.channel == Channel::Call
                    && !interaction.is_test
                    && !matches!(
                        interaction.status,
                        InteractionStatus::InProgress | InteractionStatus::Voicemail
                    )
            }
        }
    }

    /// Whether what is searched for is in the name of its lead, or in its number, and it was judged as is asked for.
    pub fn finds(&self, interaction: &Interaction, name: Option<&str>, analysis: Option<&Analysis>) -> bool {
        let number = interaction.number.iter().map(E164::as_str);
        let goal_result = analysis.and_then(|analysis| analysis.goal.value());
        let evaluation = analysis.and_then(|analysis| analysis.evaluation.value());
        self.search.as_ref().is_none_or(|search| search.finds(name, number))
            && (self.goal_result.is_none() || self.goal_result == goal_result)
            && (self.evaluation.is_none() || self.evaluation == evaluation)
    }
}
