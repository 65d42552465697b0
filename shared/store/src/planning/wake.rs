//! When workspaces are to be looked at.

use aws_sdk_dynamodb::types::AttributeValue;
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::time::Timestamp;

use crate::item::{self, number, text};
use crate::keys::{self, INDEX, WAKE_SHARDS};
use crate::{Store, StoreError};

/// Most workspaces that one look at a wake shard returns.
const WAKE_PAGE: i32 = 1_000;

impl Store {
    /// Notes that there is new work: marks seen before count for nothing, the planner at work
    /// plans again, and the tick finds the workspace even if every hint is lost.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn add_work(&self, ws: &WorkspaceId, now: Timestamp) -> Result<(), StoreError> {
        let entry = keys::wake_entry(ws, now);
        let note = self
            .plan_update(ws)
            .update_expression(
                "SET work_added_at = :now, dirty = :yes, wake_at = :now, gsi1pk = :pk, gsi1sk = :sk \
                 ADD epoch :zero",
            )
            .expression_attribute_values(":now", text(now))
            .expression_attribute_values(":yes", AttributeValue::Bool(true))
            .expression_attribute_values(":zero", number(0))
            .expression_attribute_values(":pk", text(entry.pk))
            .expression_attribute_values(":sk", text(entry.sk));
        self.update_uncontended(note).await.map(drop)
    }

    /// The workspaces that are to be looked at by now.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn due_workspaces(&self, now: Timestamp) -> Result<Vec<WorkspaceId>, StoreError> {
        let mut due = Vec::new();
        for shard in 0..WAKE_SHARDS {
            let answer = self
                .client
                .query()
                .table_name(&self.table)
                .index_name(INDEX)
                .key_condition_expression("gsi1pk = :pk AND gsi1sk < :after")
                .expression_attribute_values(":pk", text(keys::wake(shard)))
                // `$` follows `#`: everything up to and including this moment.
                .expression_attribute_values(":after", text(format!("{now}$")))
                .limit(WAKE_PAGE)
                .send()
                .await
                .map_err(StoreError::service)?;
            let names = answer.items.unwrap_or_default();
            due.extend(names.iter().filter_map(|item| {
                let (_, ws) = item::text_of(item, "gsi1sk")?.split_once('#')?;
                ws.parse::<WorkspaceId>().ok()
            }));
        }
        Ok(due)
    }
}
