//! The folder in which everything is kept, for one process at a time.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::start_error::StartError;

/// The file whose lock says that the folder is in use; the lock goes with the process, however it ends.
const LOCK: &str = "lock";

/// The folder as this process has it for itself.
#[derive(Debug)]
pub(crate) struct DataFolder {
    _lock: File,
}

impl DataFolder {
    /// Takes the folder, made if need be.
    ///
    /// # Errors
    /// [`StartError::InUse`] if another process has it, [`StartError::File`].
    pub(crate) fn take(dir: &Path) -> Result<Self, StartError> {
        std::fs::create_dir_all(dir).map_err(StartError::of_file(dir))?;
        let path = dir.join(LOCK);
        let lock = File::create(&path).map_err(StartError::of_file(&path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(StartError::InUse(dir.to_owned())),
            Err(TryLockError::Error(source)) => Err(StartError::File { path, source }),
        }
    }
}
