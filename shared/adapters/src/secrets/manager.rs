//! AWS Secrets Manager.

use std::sync::Arc;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::{ProvideErrorMetadata, SdkError};

use super::cache::Cache;
use super::{Secret, SecretsError};
use crate::clock::Clock;

/// The secrets of one deployment in AWS Secrets Manager, below a prefix of its own.
#[derive(Debug, Clone)]
pub struct SecretsManager {
    client: Client,
    prefix: Arc<str>,
    cache: Arc<Cache>,
}

impl SecretsManager {
    /// Secrets whose names start with `prefix`, such as `carillon/production/`.
    pub fn new(client: Client, prefix: &str, clock: Clock) -> Self {
        Self { client, prefix: prefix.into(), cache: Arc::new(Cache::new(clock)) }
    }

    pub(super) async fn get(&self, name: &str) -> Result<Option<Secret>, SecretsError> {
        if let Some(known) = self.cache.get(name) {
            return Ok(Some(known));
        }
        let answer = self.client.get_secret_value().secret_id(self.id(name)).send().await;
        let text = match answer {
            Ok(value) => value.secret_string,
            Err(error) if is_missing(&error) => None,
            Err(error) => return Err(SecretsError::unavailable(name, error)),
        };
        let secret = text.map(Secret::from);
        if let Some(secret) = &secret {
            self.cache.put(name, secret.clone());
        }
        Ok(secret)
    }

    pub(super) async fn put(&self, name: &str, value: &Secret) -> Result<(), SecretsError> {
        let put = self.client.put_secret_value().secret_id(self.id(name)).secret_string(value.expose());
        match put.send().await {
            Ok(_) => {}
            Err(error) if is_missing(&error) => self.create(name, value).await?,
            Err(error) => return Err(SecretsError::unavailable(name, error)),
        }
        self.cache.put(name, value.clone());
        Ok(())
    }

    async fn create(&self, name: &str, value: &Secret) -> Result<(), SecretsError> {
        let create = self.client.create_secret().name(self.id(name)).secret_string(value.expose());
        create.send().await.map(drop).map_err(|error| SecretsError::unavailable(name, error))
    }

    /// At once, without the usual days of grace: whoever takes a credential back means it.
    pub(super) async fn delete(&self, name: &str) -> Result<(), SecretsError> {
        let delete = self.client.delete_secret().secret_id(self.id(name)).force_delete_without_recovery(true);
        match delete.send().await {
            Ok(_) => {}
            Err(error) if is_missing(&error) => {}
            Err(error) => return Err(SecretsError::unavailable(name, error)),
        }
        self.cache.forget(name);
        Ok(())
    }

    fn id(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

fn is_missing<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    error.code() == Some("ResourceNotFoundException")
}

#[cfg(test)]
mod tests;
