//! Folders for one test, removed when it is over.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A folder of this process that no other test uses; it is there as long as this value or a copy of it.
#[derive(Debug, Clone)]
pub struct Scratch(Arc<Folder>);

#[derive(Debug)]
struct Folder(PathBuf);

impl Scratch {
    #[expect(clippy::new_without_default, reason = "it makes a folder, which a default should not")]
    pub fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!("carillon-test-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        // What a killed process with the same id left behind.
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("a folder for temporary files");
        Self(Arc::new(Folder(path)))
    }

    pub fn path(&self) -> &Path {
        &self.0.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
