//! How many leads wait, as the due index has it.

use carillon_domain::base::ids::{CampaignId, WorkspaceId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::base::zone::Zone;
use carillon_domain::records::lead::{DueClass, Lead};

use crate::access::Store;
use crate::error::StoreError;
use crate::keys;
use crate::table::{Query, Select, SortRange, text_of};

/// Most leads that are counted in one place; nobody needs to know more than that there are more.
pub const MAX_COUNTED: usize = 1_000;

/// Leads that wait in one place of the due index. It may be a little behind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waiting {
    pub count: usize,
    /// Whether there are more: at most [`MAX_COUNTED`] are counted.
    pub is_more: bool,
}

impl Store {
    /// Leads that are due in one place of the index by now.
    pub async fn due_by(
        &self,
        ws: &WorkspaceId,
        campaign: &CampaignId,
        class: DueClass,
        zone: Option<&Zone>,
        now: Timestamp,
    ) -> Result<Waiting, StoreError> {
        // `$` follows `#`: everything up to and including this moment.
        self.count_before(keys::due(ws, campaign, class, zone), format!("{now}$")).await
    }

    /// When the next lead falls due in one place of the index, after now.
    pub async fn next_due_at(
        &self,
        ws: &WorkspaceId,
        campaign: &CampaignId,
        class: DueClass,
        zone: Option<&Zone>,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let range = SortRange::After(format!("{now}$"));
        let query = Query::index(keys::due(ws, campaign, class, zone)).range(range).limit(1);
        let items = self.page(query).await?.items;
        let place = items.first().and_then(|item| text_of(item, "gsi1sk")?.split_once('#'));
        Ok(place.and_then(|(due_at, _)| due_at.parse().ok()))
    }

    /// Leads that stand before this one in its place of the index; none if it does not wait.
    pub async fn waiting_before(&self, ws: &WorkspaceId, lead: &Lead) -> Result<Waiting, StoreError> {
        match keys::due_entry(ws, lead) {
            None => Ok(Waiting::default()),
            Some(entry) => self.count_before(entry.pk, entry.sk).await,
        }
    }

    async fn count_before(&self, pk: String, edge: String) -> Result<Waiting, StoreError> {
        let query = Query::index(pk).range(SortRange::Before(edge)).select(Select::Count).limit(MAX_COUNTED);
        let page = self.page(query).await?;
        Ok(Waiting { count: page.count, is_more: page.next.is_some() })
    }
}
