//! When workspaces are to be looked at.

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::time::Timestamp;

use super::RESTS_UNTIL;
use crate::access::Store;
use crate::error::StoreError;
use crate::item::text;
use crate::keys::{self, WAKE_SHARDS};
use crate::table::{AttributeValue, Change, Query, SortRange, text_of};

/// Most workspaces that one look at a wake shard returns.
const WAKE_PAGE: usize = 1_000;

/// When the workspace is to be looked at.
pub(crate) fn wake_at(ws: &WorkspaceId, at: Timestamp) -> [Change; 3] {
    let entry = keys::wake_entry(ws, at);
    [
        Change::Set("wake_at", text(at)),
        Change::Set("gsi1pk", text(entry.pk)),
        Change::Set("gsi1sk", text(entry.sk)),
    ]
}

impl Store {
    /// Notes that there is new work: marks seen before count for nothing, the planner at work
    /// plans again, and the tick finds the workspace even if every hint is lost.
    pub async fn add_work(&self, ws: &WorkspaceId, now: Timestamp) -> Result<(), StoreError> {
        let mut changes = vec![
            Change::Set("work_added_at", text(now)),
            Change::Set("dirty", AttributeValue::Bool(true)),
            // It decides nothing, but a new item needs one.
            Change::Add("epoch", 0),
            Change::Remove(RESTS_UNTIL),
        ];
        changes.extend(wake_at(ws, now));
        self.update(keys::planning(ws), changes).await
    }

    /// The workspaces that are to be looked at by now.
    pub async fn due_workspaces(&self, now: Timestamp) -> Result<Vec<WorkspaceId>, StoreError> {
        let mut due = Vec::new();
        for shard in 0..WAKE_SHARDS {
            // `$` follows `#`: everything up to and including this moment.
            let range = SortRange::Before(format!("{now}$"));
            let page = self.page(Query::index(keys::wake(shard)).range(range).limit(WAKE_PAGE)).await?;
            due.extend(page.items.iter().filter_map(|item| {
                let (_, ws) = text_of(item, "gsi1sk")?.split_once('#')?;
                ws.parse::<WorkspaceId>().ok()
            }));
        }
        Ok(due)
    }
}
