//! Why something was not taken.

use carillon_adapters::queue::QueueError;
use carillon_adapters::sms::aws::notice::NoticeError;
use carillon_runtime::services::call_updates::NewsError;
use carillon_runtime::services::replies::ReplyError;
use carillon_store::{CommitError, StoreError};

/// What was told was not taken; it comes again, and lies with the dead letters in the end.
#[derive(Debug, thiserror::Error)]
pub enum ListenerError {
    /// It is none of what AWS tells.
    #[error(transparent)]
    Notice(#[from] NoticeError),
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What became of a text could not be written down.
    #[error(transparent)]
    News(#[from] NewsError),
    /// A job could not be begun.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// A queue did not answer.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// A text came to a number of our account that no workspace has: give it to one, and have it brought again.
    #[error("a text came to a number that is given to no workspace")]
    NotGranted,
    /// A text could not be kept.
    #[error(transparent)]
    Reply(#[from] ReplyError),
}
