//! Why the local system does not start.

use std::io;

use carillon_adapters::files::FilesError;
use carillon_adapters::queue::QueueError;
use carillon_adapters::secrets::SecretsError;
use carillon_store::StoreError;

use crate::table::TableError;

/// The system could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(
        "port {port} of this machine can't be used: {source}; choose another with --port or --network-port"
    )]
    Port { port: u16, source: io::Error },
    /// A file can't be read or written.
    #[error("the data folder can't be used: {0}")]
    Files(#[from] io::Error),
    /// The table can't be opened.
    #[error("the table can't be opened: {0}")]
    Table(#[from] TableError),
    /// The table does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The queues can't be opened.
    #[error(transparent)]
    Queues(#[from] QueueError),
    /// The upload folder can't be used.
    #[error(transparent)]
    Uploads(#[from] FilesError),
    /// The secrets can't be read or written.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    #[error(transparent)]
    Http(#[from] reqwest::Error),
}
