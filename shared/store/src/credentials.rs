//! Workspaces and the keys that open them.

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::workspace::Workspace;
use serde::{Deserialize, Serialize};

use crate::keys;
use crate::{Store, StoreError};

/// An API key; only its hash is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeyRecord {
    /// SHA-256 of the key in hexadecimal.
    pub hash: String,
    pub label: String,
    pub created_at: Timestamp,
}

impl Store {
    /// Creates a workspace. Says whether there was none with its id.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn create_workspace(&self, workspace: &Workspace) -> Result<bool, StoreError> {
        self.put_new(keys::workspace(&workspace.id), workspace).await
    }

    /// One workspace.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn workspace(&self, ws: &WorkspaceId) -> Result<Option<Workspace>, StoreError> {
        self.get(keys::workspace(ws)).await
    }

    /// Stores a changed workspace, if the stored one is one version older. Says whether it was.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn update_workspace(&self, workspace: &Workspace) -> Result<bool, StoreError> {
        self.put_over(keys::workspace(&workspace.id), workspace, workspace.version - 1).await
    }

    /// Keeps an API key's hash. Says whether it was new.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn create_api_key(&self, ws: &WorkspaceId, key: &ApiKeyRecord) -> Result<bool, StoreError> {
        self.put_new(keys::api_key(ws, &key.hash), key).await
    }

    /// The API key with this hash.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn api_key(&self, ws: &WorkspaceId, hash: &str) -> Result<Option<ApiKeyRecord>, StoreError> {
        self.get(keys::api_key(ws, hash)).await
    }
}
