//! Credentials: AWS Secrets Manager, or a file of this machine that only its owner may read.
//!
//! A name is a path such as `ws_…/provider/api_key`. A secret that is rotated, such as
//! `ws_…/provider/webhook_secrets`, is a JSON array with all that are good at the moment.
#![cfg_attr(
    not(any(feature = "aws", feature = "local")),
    allow(unused_variables, reason = "no secrets to call")
)]

#[cfg(any(test, feature = "aws", feature = "local"))]
mod cache;
#[cfg(feature = "local")]
mod file;
#[cfg(feature = "aws")]
mod manager;
#[cfg(feature = "local")]
mod memory;

use std::error::Error;
use std::fmt;

#[cfg(feature = "local")]
pub use file::SecretsFile;
#[cfg(feature = "aws")]
pub use manager::SecretsManager;
#[cfg(feature = "local")]
pub use memory::MemorySecrets;

/// How long a secret that was read counts as known, in seconds.
pub const CACHE_TTL_SECS: i64 = 60;
/// Longest name in bytes; Secrets Manager takes 512, a prefix for the deployment included.
pub const MAX_NAME_BYTES: usize = 400;

/// A text that must not be seen: it shows in no log and goes into no record.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<str>);

impl Secret {
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl<T: Into<Box<str>>> From<T> for Secret {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where secrets are kept.
///
/// What is read is remembered for [`CACHE_TTL_SECS`]; that there is none is not, so a new
/// secret counts everywhere at once and a changed one within that time.
#[derive(Debug, Clone)]
pub enum Secrets {
    #[cfg(feature = "aws")]
    Manager(SecretsManager),
    /// A file of this machine.
    #[cfg(feature = "local")]
    File(SecretsFile),
    #[cfg(feature = "local")]
    Memory(MemorySecrets),
}

impl Secrets {
    /// The secret called `name`, if there is one.
    ///
    /// # Errors
    /// [`SecretsError::BadName`], [`SecretsError::Unavailable`].
    pub async fn get(&self, name: &str) -> Result<Option<Secret>, SecretsError> {
        check_name(name)?;
        match *self {
            #[cfg(feature = "aws")]
            Self::Manager(ref secrets) => secrets.get(name).await,
            #[cfg(feature = "local")]
            Self::File(ref secrets) => secrets.get(name),
            #[cfg(feature = "local")]
            Self::Memory(ref secrets) => Ok(secrets.get(name)),
        }
    }

    /// All secrets in the JSON array called `name`, in its order; none if there is no such array.
    ///
    /// # Errors
    /// [`SecretsError::NotAList`], [`SecretsError::BadName`], [`SecretsError::Unavailable`].
    pub async fn get_list(&self, name: &str) -> Result<Vec<Secret>, SecretsError> {
        self.get(name).await?.map_or(Ok(Vec::new()), |secret| list(name, &secret))
    }

    /// Keeps `value` under `name`, in place of any other.
    ///
    /// # Errors
    /// [`SecretsError::BadName`], [`SecretsError::Unavailable`].
    pub async fn put(&self, name: &str, value: &Secret) -> Result<(), SecretsError> {
        check_name(name)?;
        match *self {
            #[cfg(feature = "aws")]
            Self::Manager(ref secrets) => secrets.put(name, value).await,
            #[cfg(feature = "local")]
            Self::File(ref secrets) => secrets.put(name, value),
            #[cfg(feature = "local")]
            Self::Memory(ref secrets) => {
                secrets.put(name, value);
                Ok(())
            }
        }
    }

    /// Keeps `values` as the JSON array called `name`.
    ///
    /// # Errors
    /// [`SecretsError::BadName`], [`SecretsError::Unavailable`].
    pub async fn put_list(&self, name: &str, values: &[Secret]) -> Result<(), SecretsError> {
        let texts: serde_json::Value = values.iter().map(Secret::expose).collect();
        self.put(name, &texts.to_string().into()).await
    }

    /// Forgets the secret called `name` for good, if there is one.
    ///
    /// # Errors
    /// [`SecretsError::BadName`], [`SecretsError::Unavailable`].
    pub async fn delete(&self, name: &str) -> Result<(), SecretsError> {
        check_name(name)?;
        match *self {
            #[cfg(feature = "aws")]
            Self::Manager(ref secrets) => secrets.delete(name).await,
            #[cfg(feature = "local")]
            Self::File(ref secrets) => secrets.delete(name),
            #[cfg(feature = "local")]
            Self::Memory(ref secrets) => {
                secrets.delete(name);
                Ok(())
            }
        }
    }
}

/// Why a secret can't be had or kept. Never tells the secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// No secret can have this name.
    #[error("`{0}` can't name a secret: letters, digits and /_+=.@- only")]
    BadName(String),
    /// The secret is not a JSON array of texts.
    #[error("the secret `{0}` is no JSON array of texts")]
    NotAList(String),
    /// The store did not answer, or not to our request.
    #[error("the secret `{name}` is not available")]
    Unavailable { name: String, source: Box<dyn Error + Send + Sync> },
}

#[cfg(any(feature = "aws", feature = "local"))]
impl SecretsError {
    fn unavailable(name: &str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unavailable { name: name.to_owned(), source: source.into() }
    }
}

/// What Secrets Manager allows in a name, in both places.
fn check_name(name: &str) -> Result<(), SecretsError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/_+=.@-".contains(&byte);
    if (1..=MAX_NAME_BYTES).contains(&name.len()) && name.bytes().all(allowed) {
        Ok(())
    } else {
        Err(SecretsError::BadName(name.to_owned()))
    }
}

fn list(name: &str, secret: &Secret) -> Result<Vec<Secret>, SecretsError> {
    // The cause would quote the text.
    let texts: Vec<String> =
        serde_json::from_str(secret.expose()).map_err(|_| SecretsError::NotAList(name.to_owned()))?;
    Ok(texts.into_iter().map(Secret::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show() {
        let secret = Secret::from("sk_0123456789");
        assert_eq!(format!("{secret:?} {:#?}", Some(&secret)), "Secret(…) Some(\n    Secret(…),\n)");
        assert_eq!(secret.expose(), "sk_0123456789");
    }

    #[test]
    fn names_are_paths() {
        for name in ["ws_01J/provider/api_key", "a", "A+b=c.d@e-f"] {
            check_name(name).unwrap_or_else(|error| panic!("{error}"));
        }
        for name in ["", "a b", "ü", "a\n", "a:b", &"x".repeat(MAX_NAME_BYTES + 1)] {
            check_name(name).expect_err(name);
        }
    }

    #[test]
    fn a_list_is_a_json_array_of_texts_and_an_error_does_not_quote_it() {
        let both = list("a", &Secret::from(r#"["old","new"]"#)).expect("a list");
        assert_eq!(both, [Secret::from("old"), Secret::from("new")]);
        for text in ["hush", r#"{"hush":1}"#, r#"["hush",1]"#] {
            let error = list("name", &Secret::from(text)).expect_err("no list");
            assert!(!format!("{error} {error:?}").contains("hush"));
        }
    }
}
