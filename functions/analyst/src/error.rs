//! Why a call was not read.

use carillon_adapters::queue::QueueError;
use carillon_adapters::secrets::SecretsError;
use carillon_runtime::services::suppression::SuppressionError;
use carillon_store::StoreError;

/// A call was not read, or what was found was not kept; its message comes again.
#[derive(Debug, thiserror::Error)]
pub enum AnalystError {
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The secret store did not answer.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// The queue did not take the message for a later try.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// Who never wants to be called again could not be listed.
    #[error(transparent)]
    Suppression(#[from] SuppressionError),
}
