//! Why a delivery was not seen to.

use carillon_adapters::secrets::SecretsError;
use carillon_store::StoreError;

/// A delivery was not seen to; its message comes again.
#[derive(Debug, thiserror::Error)]
pub enum CourierError {
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The secret store did not answer.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
}
