//! Secrets that are gone with the process: for tests and simulations.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Secret;

#[derive(Debug, Clone, Default)]
pub struct MemorySecrets(Arc<Mutex<BTreeMap<String, Secret>>>);

impl MemorySecrets {
    pub(super) fn get(&self, name: &str) -> Option<Secret> {
        self.with(|all| all.get(name).cloned())
    }

    pub(super) fn put(&self, name: &str, value: &Secret) {
        self.with(|all| all.insert(name.to_owned(), value.clone()));
    }

    pub(super) fn delete(&self, name: &str) {
        self.with(|all| all.remove(name));
    }

    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<String, Secret>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
