//! The secrets with which we sign, which stand in the secret store alone.

use carillon_adapters::secrets::{Secret, SecretsError};
use carillon_adapters::webhook_sender::secret_of;
use carillon_domain::base::ids::{WebhookEndpointId, WorkspaceId};
use carillon_runtime::context::{Context, endpoint_secret_name};

use crate::keys::random_bytes;

/// A new secret, under a new name.
pub(super) struct Fresh {
    pub(super) name: String,
    pub(super) secret: Secret,
}

/// Makes a secret and keeps it. It counts once the endpoint names it.
pub(super) async fn keep_fresh(
    context: &Context,
    ws: &WorkspaceId,
    endpoint: &WebhookEndpointId,
) -> Result<Fresh, SecretsError> {
    let (name, secret) = (hex::encode(context.random.draw()), secret_of(&random_bytes()));
    context.secrets.put(&endpoint_secret_name(ws, endpoint, &name), &secret).await?;
    Ok(Fresh { name, secret })
}

/// Forgets a secret that no endpoint names any more. One that stays harms nobody.
pub(super) async fn forget(context: &Context, ws: &WorkspaceId, endpoint: &WebhookEndpointId, name: &str) {
    if let Err(error) = context.secrets.delete(&endpoint_secret_name(ws, endpoint, name)).await {
        tracing::warn!(%error, %endpoint, "an old secret was not forgotten");
    }
}
