//! Why an attempt was not seen to.

use carillon_adapters::provider::InquiryError;
use carillon_adapters::secrets::SecretsError;
use carillon_runtime::services::call_updates::NewsError;
use carillon_runtime::services::placing::PlacingError;
use carillon_store::StoreError;

/// An attempt was not seen to; its message comes again, or its claim runs out.
#[derive(Debug, thiserror::Error)]
pub enum MessengerError {
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The text was not committed.
    #[error(transparent)]
    Placing(#[from] PlacingError),
    /// The secret store did not answer.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// The provider could not be asked.
    #[error(transparent)]
    Inquiry(#[from] InquiryError),
    /// What became known could not be written down.
    #[error(transparent)]
    News(#[from] NewsError),
}
