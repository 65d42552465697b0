//! Workspaces.

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::records::workspace::Workspace;

use crate::access::Store;
use crate::error::StoreError;
use crate::keys;

impl Store {
    /// Creates a workspace. Says whether there was none with its id.
    pub async fn create_workspace(&self, workspace: &Workspace) -> Result<bool, StoreError> {
        self.put_new(keys::workspace(&workspace.id), workspace).await
    }

    /// One workspace.
    pub async fn workspace(&self, ws: &WorkspaceId) -> Result<Option<Workspace>, StoreError> {
        self.get(keys::workspace(ws)).await
    }

    /// Stores a changed workspace, if the stored one is one version older. Says whether it was.
    pub async fn update_workspace(&self, workspace: &Workspace) -> Result<bool, StoreError> {
        self.put_next(keys::workspace(&workspace.id), workspace, workspace.version).await
    }
}
