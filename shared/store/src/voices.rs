//! Who calls: assistants and caller numbers.

use carillon_domain::base::ids::{AssistantId, CallerNumberId, WorkspaceId};
use carillon_domain::policy::assistant::{Assistant, CallerNumber};

use crate::access::Store;
use crate::error::StoreError;
use crate::item;
use crate::keys;
use crate::table::{Condition, ItemWrite, Query, text_of};

impl Store {
    /// Creates an assistant. Says whether there was none with its id.
    pub async fn create_assistant(
        &self,
        ws: &WorkspaceId,
        assistant: &Assistant,
    ) -> Result<bool, StoreError> {
        self.put_new(keys::assistant(ws, &assistant.id), assistant).await
    }

    /// Stores a changed assistant, if the stored one is one version older. Says whether it was.
    pub async fn update_assistant(
        &self,
        ws: &WorkspaceId,
        assistant: &Assistant,
    ) -> Result<bool, StoreError> {
        self.put_next(keys::assistant(ws, &assistant.id), assistant, assistant.version).await
    }

    /// One assistant.
    pub async fn assistant(
        &self,
        ws: &WorkspaceId,
        id: &AssistantId,
    ) -> Result<Option<Assistant>, StoreError> {
        self.get(keys::assistant(ws, id)).await
    }

    /// Removes an assistant, if the stored one is this version. Says whether it was.
    pub async fn remove_assistant(
        &self,
        ws: &WorkspaceId,
        assistant: &Assistant,
    ) -> Result<bool, StoreError> {
        let delete = ItemWrite::delete(keys::assistant(ws, &assistant.id));
        self.write_if(delete, Condition::is_version(assistant.version)).await
    }

    /// All assistants and caller numbers of a workspace, in one request.
    pub async fn voices(&self, ws: &WorkspaceId) -> Result<(Vec<Assistant>, Vec<CallerNumber>), StoreError> {
        let (mut assistants, mut numbers) = (Vec::new(), Vec::new());
        for item in self.query_all(Query::table(keys::voices(ws))).await? {
            match text_of(&item, "sk") {
                Some(sk) if sk.starts_with(AssistantId::PREFIX) => assistants.push(item::decode(item)?),
                Some(sk) if sk.starts_with(CallerNumberId::PREFIX) => numbers.push(item::decode(item)?),
                Some(_) | None => {}
            }
        }
        Ok((assistants, numbers))
    }
}
