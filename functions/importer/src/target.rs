//! Where the rows of a file go: into a campaign, or on a contact list.

use std::collections::BTreeSet;

use carillon_domain::base::ids::{CampaignId, ImportId, WorkspaceId};
use carillon_domain::importing::ImportDefaults;
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::records::campaign::{Campaign, OnDuplicate};
use carillon_domain::records::import::{Import, ImportTarget};
use carillon_runtime::context::Context;
use carillon_runtime::services::lifecycle::{self, LifecycleError};

use crate::error::ImportError;

/// What holds where the rows go.
#[derive(Default)]
pub(crate) struct Terms {
    pub(crate) defaults: ImportDefaults,
    pub(crate) on_duplicate: OnDuplicate,
    /// The do-not-call lists that count there.
    pub(crate) lists: BTreeSet<ListName>,
}

/// Lets rows in. Answers with the reason if none are taken any more.
pub(crate) async fn open(
    context: &Context,
    ws: &WorkspaceId,
    import: &Import,
) -> Result<Result<Terms, String>, ImportError> {
    match &import.target {
        ImportTarget::Campaign(campaign) => {
            Ok(feed(context, ws, campaign, &import.id).await?.map(|campaign| Terms::of(&campaign)))
        }
        ImportTarget::ContactList(list) => {
            let stored = context.store.contact_list(ws, list).await?;
            Ok(stored.map(|_| Terms::default()).ok_or_else(|| format!("there is no contact list {list}")))
        }
    }
}

impl Terms {
    fn of(campaign: &Campaign) -> Self {
        let lists = campaign.spec.suppression_lists.clone();
        Self { defaults: ImportDefaults::of(&campaign.spec), on_duplicate: campaign.spec.on_duplicate, lists }
    }
}

/// Marks the campaign as being fed, which reopens it if it had completed. Answers with the reason
/// if it takes no leads any more.
async fn feed(
    context: &Context,
    ws: &WorkspaceId,
    campaign: &CampaignId,
    import: &ImportId,
) -> Result<Result<Campaign, String>, ImportError> {
    let mark = |campaign: &mut Campaign| {
        campaign.open_imports.insert(import.clone());
    };
    match lifecycle::feed(context, ws, campaign, None, mark).await {
        Ok(campaign) => Ok(Ok(campaign)),
        Err(LifecycleError::NotFound(id)) => Ok(Err(format!("there is no campaign {id}"))),
        Err(LifecycleError::NotAllowed(refusal)) => {
            Ok(Err(format!("the campaign takes no leads any more: {refusal}")))
        }
        Err(error) => Err(error.into()),
    }
}

/// Marks a campaign as not being fed by this import any more.
pub(crate) async fn close(context: &Context, ws: &WorkspaceId, import: &Import) -> Result<(), ImportError> {
    let Some(id) = import.target.campaign() else { return Ok(()) };
    let Some(campaign) = context.store.campaign(ws, id).await? else { return Ok(()) };
    if !campaign.open_imports.contains(&import.id) {
        return Ok(());
    }
    lifecycle::change(context, ws, id, None, |campaign| {
        let mut next = Campaign { version: campaign.version + 1, ..campaign.clone() };
        next.open_imports.remove(&import.id);
        Ok::<_, LifecycleError>(next)
    })
    .await?;
    Ok(())
}
