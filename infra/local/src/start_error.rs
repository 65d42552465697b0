//! Why the local system does not start.

use std::io;
use std::path::{Path, PathBuf};

use carillon_adapters::files::FilesError;
use carillon_adapters::queue::QueueError;
use carillon_adapters::secrets::SecretsError;
use carillon_store::StoreError;

use crate::table::TableError;

/// The system could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("port {port} of this machine can't be used; choose another with --port or --network-port")]
    Port { port: u16, source: io::Error },
    /// A file or folder can't be read or written.
    #[error("{} can't be used", .path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{} is in use by another carillon; stop that one, or choose another folder with --data", .0.display())]
    InUse(PathBuf),
    #[error("{} holds no moment: write one into it such as 2026-11-23T08:00:00Z, at which the clock goes on, and none that has passed there", .0.display())]
    Clock(PathBuf),
    #[error("{} is gone, and without it nobody can open what the folder holds; put it back, or choose another folder with --data", .0.display())]
    IdentityLost(PathBuf),
    #[error("{path} is not the key of this folder; put it back: `identity.json` beside it holds it as `api_key`", path = .0.display())]
    KeyLost(PathBuf),
    #[error("the first start could not be made whole")]
    FirstStart(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error(transparent)]
    Table(#[from] TableError),
    /// The table does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Queues(#[from] QueueError),
    #[error(transparent)]
    Uploads(#[from] FilesError),
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    #[error(transparent)]
    Http(#[from] reqwest::Error),
}

impl StartError {
    /// What is wrong with this file.
    pub(crate) fn of_file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }
}
