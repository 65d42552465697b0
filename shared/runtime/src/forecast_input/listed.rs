//! Leads whose numbers are on do-not-call lists.

use std::collections::BTreeSet;

use carillon_domain::base::ids::{CampaignId, LeadId, WorkspaceId};
use carillon_domain::base::phone::E164;
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::records::lead::Lead;
use carillon_store::{StoreError, in_parallel};

use super::{LEADS_PER_READ, PARALLEL};
use crate::context::Context;

/// Most numbers on do-not-call lists that are looked up one by one.
pub const MAX_LISTED: usize = 10_000;

/// The leads of a campaign that wait and whose first number is on `do_not_call` or one of these lists;
/// none if there are more than [`MAX_LISTED`] numbers to look up.
pub(super) async fn waiting(
    context: &Context,
    ws: &WorkspaceId,
    campaign: &CampaignId,
    mut lists: BTreeSet<ListName>,
) -> Result<Option<Vec<Lead>>, StoreError> {
    let mut numbers = BTreeSet::<E164>::new();
    lists.extend([ListName::do_not_call(), ListName::unclear_wishes()]);
    for list in &lists {
        let page = context.store.list_page(ws, list, None, MAX_LISTED + 1 - numbers.len()).await?;
        numbers.extend(page.entries.into_iter().map(|entry| entry.number));
        if numbers.len() > MAX_LISTED || page.next.is_some() {
            return Ok(None);
        }
    }
    let ids: Vec<LeadId> = numbers.iter().map(|number| LeadId::derive(campaign, number)).collect();
    let reads = ids.chunks(LEADS_PER_READ).map(|part| {
        let (context, ws, part) = (context.clone(), ws.clone(), part.to_vec());
        async move { context.store.leads(&ws, &part).await }
    });
    let leads = in_parallel(PARALLEL, reads.collect::<Vec<_>>()).await?.into_iter().flatten();
    Ok(Some(leads.filter(|lead| lead.state.is_waiting()).collect()))
}
