//! A directory for one test, removed when the test is over.

use std::path::{Path, PathBuf};

/// A directory that exists as long as this value.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// An empty directory of its own for the test called `label`.
    pub(crate) fn new(label: &str) -> Self {
        let path = std::env::temp_dir().join(format!("carillon-{label}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("a temporary directory");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
