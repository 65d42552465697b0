//! Secrets in a JSON file that only its owner may read.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::cache::Cache;
use super::{Secret, SecretsError};
use crate::clock::Clock;

/// Read and write for the owner, nothing for anybody else.
#[cfg(unix)]
const OWNER_ONLY: u32 = 0o600;

/// A JSON object of names and secrets, written as a whole each time.
#[derive(Debug, Clone)]
pub struct SecretsFile {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    cache: Cache,
    /// One change at a time.
    writing: Mutex<()>,
}

impl SecretsFile {
    /// The file at `path`; it need not be there yet. If others may read it, that ends now.
    ///
    /// # Errors
    /// [`SecretsError::Unavailable`] if it is not a file of secrets of ours.
    pub fn open(path: impl Into<PathBuf>, clock: Clock) -> Result<Self, SecretsError> {
        let path = path.into();
        let checked = restrict(&path).and_then(|()| read(&path));
        checked.map_err(|error| SecretsError::unavailable(&path.display().to_string(), error))?;
        Ok(Self { inner: Arc::new(Inner { path, cache: Cache::new(clock), writing: Mutex::default() }) })
    }

    pub(super) fn get(&self, name: &str) -> Result<Option<Secret>, SecretsError> {
        if let Some(known) = self.inner.cache.get(name) {
            return Ok(Some(known));
        }
        let mut all = read(&self.inner.path).map_err(|error| SecretsError::unavailable(name, error))?;
        let secret = all.remove(name).map(Secret::from);
        if let Some(secret) = &secret {
            self.inner.cache.put(name, secret.clone());
        }
        Ok(secret)
    }

    pub(super) fn put(&self, name: &str, value: &Secret) -> Result<(), SecretsError> {
        self.change(name, |all| all.insert(name.to_owned(), value.expose().to_owned()))?;
        self.inner.cache.put(name, value.clone());
        Ok(())
    }

    pub(super) fn delete(&self, name: &str) -> Result<(), SecretsError> {
        self.change(name, |all| all.remove(name))?;
        self.inner.cache.forget(name);
        Ok(())
    }

    fn change<T>(
        &self,
        name: &str,
        change: impl FnOnce(&mut BTreeMap<String, String>) -> T,
    ) -> Result<(), SecretsError> {
        let _alone = self.inner.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = read(&self.inner.path).and_then(|mut all| {
            change(&mut all);
            write(&self.inner.path, &all)
        });
        changed.map_err(|error| SecretsError::unavailable(name, error))
    }
}

fn read(path: &Path) -> io::Result<BTreeMap<String, String>> {
    match fs::read_to_string(path) {
        // The cause would quote the text.
        Ok(text) => serde_json::from_str(&text).map_err(|_| ErrorKind::InvalidData.into()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(error),
    }
}

/// Writes beside the file and puts that in its place: whoever reads finds all or the old.
fn write(path: &Path, all: &BTreeMap<String, String>) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = create(&beside)?;
    file.write_all(serde_json::to_string_pretty(all)?.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

/// A new file that nobody else could ever read.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, OWNER_ONLY);
    options.open(path)
}

#[cfg(unix)]
fn restrict(path: &Path) -> io::Result<()> {
    let owner_only = std::os::unix::fs::PermissionsExt::from_mode(OWNER_ONLY);
    match fs::set_permissions(path, owner_only) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn restrict(_path: &Path) -> io::Result<()> {
    Ok(())
}
