//! Which calls and texts a list shows.

use std::collections::{BTreeSet, HashMap};

use carillon_domain::base::channel::Channel;
use carillon_domain::base::ids::{LeadId, WorkspaceId};
use carillon_domain::base::phone::E164;
use carillon_domain::records::interaction::{Interaction, InteractionStatus};
use carillon_domain::records::lead::TextSearch;
use carillon_runtime::context::Context;
use carillon_store::StoreError;
use serde::Deserialize;
use utoipa::ToSchema;

/// What is listed where no status is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Show {
    /// Calls that have ended, but for those that a machine answered.
    #[default]
    Results,
    /// Whatever there is.
    All,
}

/// Which of a campaign's calls and texts are asked for.
#[derive(Debug)]
pub(super) struct Filter {
    pub(super) status: Option<InteractionStatus>,
    pub(super) show: Show,
    pub(super) lead: Option<LeadId>,
    pub(super) search: Option<TextSearch>,
}

/// A call or a text, with the name of its lead.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) interaction: Interaction,
    pub(super) name: Option<String>,
}

impl Filter {
    /// Whether one that is still up may be among them.
    pub(super) fn takes_open(&self) -> bool {
        match self.status {
            Some(status) => status == InteractionStatus::InProgress,
            None => self.show == Show::All,
        }
    }

    /// Whether one that has ended may be among them.
    pub(super) fn takes_ended(&self) -> bool {
        self.status != Some(InteractionStatus::InProgress)
    }

    /// Whether most of what is read may be left out.
    pub(super) const fn is_narrow(&self) -> bool {
        self.status.is_some() || self.lead.is_some() || self.search.is_some()
    }

    fn takes(&self, interaction: &Interaction) -> bool {
        if self.lead.as_ref().is_some_and(|lead| *lead != interaction.lead) {
            return false;
        }
        match (self.status, self.show) {
            (Some(status), _) => interaction.status == status,
            (None, Show::All) => true,
            (None, Show::Results) => {
                interaction.channel == Channel::Call
                    && !matches!(
                        interaction.status,
                        InteractionStatus::InProgress | InteractionStatus::Voicemail
                    )
            }
        }
    }

    /// Those of these that are asked for, in their order.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub(super) async fn among(
        &self,
        context: &Context,
        ws: &WorkspaceId,
        mut interactions: Vec<Interaction>,
    ) -> Result<Vec<Found>, StoreError> {
        interactions.retain(|interaction| self.takes(interaction));
        let mut found = named(context, ws, interactions).await?;
        if let Some(search) = &self.search {
            found.retain(|one| {
                let number = one.interaction.number.iter().map(E164::as_str);
                search.finds(one.name.as_deref(), number)
            });
        }
        Ok(found)
    }
}

/// Each with the name of its lead, as long as there is that lead.
pub(super) async fn named(
    context: &Context,
    ws: &WorkspaceId,
    interactions: Vec<Interaction>,
) -> Result<Vec<Found>, StoreError> {
    let ids: BTreeSet<_> = interactions.iter().map(|interaction| interaction.lead.clone()).collect();
    let leads = context.store.leads(ws, &Vec::from_iter(ids)).await?;
    let names: HashMap<_, _> = leads.into_iter().map(|lead| (lead.id, lead.profile.name)).collect();
    let named = interactions.into_iter().map(|interaction| {
        let name = names.get(&interaction.lead).cloned().flatten();
        Found { interaction, name }
    });
    Ok(named.collect())
}
