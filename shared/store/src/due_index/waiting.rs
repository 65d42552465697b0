//! How many leads wait, as the due index has it.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::Select;
use carillon_domain::base::ids::{CampaignId, WorkspaceId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::base::zone::Zone;
use carillon_domain::records::lead::{DueClass, Lead};

use crate::item::{text, text_of};
use crate::keys::{self, INDEX};
use crate::{Store, StoreError};

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
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn due_by(
        &self,
        ws: &WorkspaceId,
        campaign: &CampaignId,
        class: DueClass,
        zone: Option<&Zone>,
        now: Timestamp,
    ) -> Result<Waiting, StoreError> {
        // `$` follows `#`: everything up to and including this moment.
        self.count_before(&keys::due(ws, campaign, class, zone), &format!("{now}$")).await
    }

    /// When the next lead falls due in one place of the index, after now.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn next_due_at(
        &self,
        ws: &WorkspaceId,
        campaign: &CampaignId,
        class: DueClass,
        zone: Option<&Zone>,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let answer = self
            .due_place(&keys::due(ws, campaign, class, zone))
            .key_condition_expression("gsi1pk = :pk AND gsi1sk > :edge")
            .expression_attribute_values(":edge", text(format!("{now}$")))
            .limit(1)
            .send()
            .await
            .map_err(StoreError::service)?;
        let items = answer.items.unwrap_or_default();
        let place = items.first().and_then(|item| text_of(item, "gsi1sk")?.split_once('#'));
        Ok(place.and_then(|(due_at, _)| due_at.parse().ok()))
    }

    /// Leads that stand before this one in its place of the index; none if it does not wait.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn waiting_before(&self, ws: &WorkspaceId, lead: &Lead) -> Result<Waiting, StoreError> {
        match keys::due_entry(ws, lead) {
            None => Ok(Waiting::default()),
            Some(entry) => self.count_before(&entry.pk, &entry.sk).await,
        }
    }

    async fn count_before(&self, place: &str, edge: &str) -> Result<Waiting, StoreError> {
        let answer = self
            .due_place(place)
            .key_condition_expression("gsi1pk = :pk AND gsi1sk < :edge")
            .expression_attribute_values(":edge", text(edge))
            .select(Select::Count)
            .limit(i32::try_from(MAX_COUNTED).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(StoreError::service)?;
        let count = usize::try_from(answer.count).unwrap_or_default();
        Ok(Waiting { count, is_more: answer.last_evaluated_key.is_some() })
    }

    fn due_place(&self, place: &str) -> QueryFluentBuilder {
        let query = self.client.query().table_name(&self.table).index_name(INDEX);
        query.expression_attribute_values(":pk", text(place))
    }
}
