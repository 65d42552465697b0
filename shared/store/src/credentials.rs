//! Workspaces and the keys that open them.

use carillon_domain::ids::WorkspaceId;
use carillon_domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::keys;
use crate::{Store, StoreError};

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workspace {
    /// Its id.
    pub id: WorkspaceId,
    /// Raised by every change.
    pub version: u64,
    /// The company; `our_company` in templates.
    pub name: String,
    /// Most calls at once.
    pub concurrent_limit: u32,
    /// When it was created.
    pub created_at: Timestamp,
}

/// An API key; only its hash is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeyRecord {
    /// SHA-256 of the key in hexadecimal.
    pub hash: String,
    /// What it is for.
    pub label: String,
    /// When it was made.
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
