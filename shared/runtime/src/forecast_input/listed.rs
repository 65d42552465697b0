//! Leads whose numbers are on do-not-call lists.

use std::collections::{BTreeMap, BTreeSet};

use carillon_domain::base::ids::{CampaignId, LeadId, WorkspaceId};
use carillon_domain::base::phone::E164;
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::records::lead::Lead;
use carillon_store::{StoreError, in_parallel};

use super::{LEADS_PER_READ, PARALLEL};
use crate::context::Context;

/// Most numbers on do-not-call lists that are looked up one by one.
pub const MAX_LISTED: usize = 10_000;

/// The leads of a campaign that wait and of which a number is on `do_not_call` or one of these lists;
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
    let numbers: Vec<_> = numbers.into_iter().map(|number| (campaign.clone(), number)).collect();
    let reads = numbers.chunks(LEADS_PER_READ).map(|part| {
        let (context, ws, part) = (context.clone(), ws.clone(), part.to_vec());
        async move { context.store.holders(&ws, &part).await }
    });
    let found = in_parallel(PARALLEL, reads.collect::<Vec<_>>()).await?;
    let leads: BTreeMap<LeadId, Lead> = found.into_iter().flat_map(|(_, leads)| leads).collect();
    Ok(Some(leads.into_values().filter(|lead| lead.state.is_waiting()).collect()))
}
