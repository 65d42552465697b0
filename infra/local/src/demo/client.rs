//! The API as a client sees it.

use serde_json::Value;

use super::{DemoError, text};
use crate::system::LocalSystem;

/// A client of the API.
pub(super) struct Client {
    http: reqwest::Client,
    url: String,
    key: String,
}

impl Client {
    pub(super) fn new(system: &LocalSystem) -> Self {
        Self { http: reqwest::Client::new(), url: system.api_url(), key: system.api_key().to_owned() }
    }

    pub(super) async fn get(&self, path: &str) -> Result<Value, DemoError> {
        self.send(self.http.get(format!("{}{path}", self.url))).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value, DemoError> {
        self.send(self.http.post(format!("{}{path}", self.url)).json(body)).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Value, DemoError> {
        let answer = request.bearer_auth(&self.key).send().await?;
        let status = answer.status();
        let body: Value = answer.json().await.unwrap_or_default();
        if status.is_success() { Ok(body) } else { Err(refused(&body)) }
    }

    /// Puts a file where a signed address says.
    pub(super) async fn upload(&self, upload: &Value, file: Vec<u8>) -> Result<(), DemoError> {
        let mut request = self.http.put(text(upload, "url"));
        for (name, value) in upload["headers"].as_object().into_iter().flatten() {
            request = request.header(name, value.as_str().unwrap_or_default());
        }
        let answer = request.body(file).send().await?;
        if answer.status().is_success() {
            return Ok(());
        }
        Err(DemoError::Refused(format!("the upload was refused: {}", answer.text().await?)))
    }
}

/// A problem in words, with the fields that it names.
fn refused(problem: &Value) -> DemoError {
    let fields: Vec<String> = problem["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|error| format!("; {}: {}", text(error, "field"), text(error, "reason")))
        .collect();
    DemoError::Refused(format!("{}{}", text(problem, "detail"), fields.concat()))
}
