//! OpenAI's chat completions, which many others speak as well.
//!
//! Two fields are left out on purpose: `temperature`, which newer models refuse, and a limit of tokens, whose old name
//! OpenAI's newer models refuse and whose new one others don't know.

mod body;

use carillon_domain::base::language_model::Usage;
use http::HeaderValue;
use http::header::{AUTHORIZATION, RETRY_AFTER};
use reqwest::{Client, Response, Url};
use serde_json::Value;

use super::NoAnswer;
use super::failure::{Failure, MAX_REASON_CHARS, cut, unavailable};
use super::request::Request;
use crate::provider::{BodyError, read};
use crate::reach::{chain, is_forbidden_host};
use crate::secrets::Secret;
use body::Body;

/// Longest answer that is read, in bytes.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// An address, and the key with which it is asked.
pub(super) struct ChatCompletions<'a> {
    http: &'a Client,
    url: Url,
    key: &'a Secret,
    authorization: HeaderValue,
}

impl<'a> ChatCompletions<'a> {
    pub(super) fn new(http: &'a Client, base_url: Url, key: &'a Secret) -> Result<Self, NoAnswer> {
        let mut authorization = HeaderValue::from_str(&format!("Bearer {}", key.expose())).map_err(|_| {
            NoAnswer::Misconfigured("the API key has characters that no header can carry".to_owned())
        })?;
        authorization.set_sensitive(true);
        let mut url = base_url;
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["chat", "completions"]);
        }
        Ok(Self { http, url, key, authorization })
    }

    /// Makes one request; what it used is added.
    pub(super) async fn reply(&self, request: &Request<'_>, usage: &mut Usage) -> Result<String, Failure> {
        let body = Body::of(request).map_err(|error| NoAnswer::Misconfigured(error.to_string()))?;
        let request = self.http.post(self.url.clone()).header(AUTHORIZATION, &self.authorization).json(&body);
        let response = request.send().await.map_err(|error| unanswered(&error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let answer = match json(response).await {
            Ok(answer) => answer,
            // The status alone says enough if it is an error's.
            Err(_) if !status.is_success() => Value::Null,
            Err(none) => return Err(none.into()),
        };
        if status.is_success() {
            *usage += tokens(&answer["usage"]);
            return Ok(self.text(&answer)?);
        }
        let reason = format!("{}: {}", status.as_u16(), self.complaint(&answer));
        if let Some(none) = by_code(&answer["error"]["code"], &reason) {
            return Err(none.into());
        }
        let retry_after = headers.get(RETRY_AFTER).and_then(|wait| wait.to_str().ok());
        Err(Failure::of_status(status.as_u16(), reason, retry_after))
    }

    /// What the model wrote, as a text or as the input of the tool.
    fn text(&self, answer: &Value) -> Result<String, NoAnswer> {
        let choice = &answer["choices"][0];
        let message = &choice["message"];
        if !message.is_object() {
            return Err(unavailable(format!("no chat completion came: {}", self.complaint(answer))));
        }
        if let Some(refusal) = message["refusal"].as_str().filter(|words| !words.trim().is_empty()) {
            return Err(NoAnswer::Declined(cut(refusal, MAX_REASON_CHARS)));
        }
        match choice["finish_reason"].as_str() {
            Some("length" | "max_tokens" | "model_length") => return Err(NoAnswer::CutOff),
            Some("content_filter") => return Err(filtered()),
            _ => {}
        }
        let input = &message["tool_calls"][0]["function"]["arguments"];
        Ok(match (input, &message["content"]) {
            (Value::String(text), _) | (Value::Null, Value::String(text)) => text.clone(),
            (Value::Null, _) => String::new(),
            // Some servers write an object where OpenAI writes it as a text.
            _ => input.to_string(),
        })
    }

    /// The provider's words for what is wrong. The key is none of them, even where the server repeats it.
    fn complaint(&self, answer: &Value) -> String {
        let error = &answer["error"];
        let places = [&error["message"], error, &answer["message"], &answer["detail"]];
        let words = places.into_iter().find_map(Value::as_str).unwrap_or("the provider says nothing of it");
        cut(&words.replace(self.key.expose(), "…"), MAX_REASON_CHARS)
    }
}

/// The body of an answer; nothing if it is no JSON.
async fn json(response: Response) -> Result<Value, NoAnswer> {
    match read(response, MAX_ANSWER_BYTES).await {
        Ok(body) => Ok(serde_json::from_slice(&body).unwrap_or_default()),
        Err(BodyError::Lost(error)) => Err(unanswered(&error)),
        Err(BodyError::TooLong) => Err(unavailable("the answer is too long")),
    }
}

fn unanswered(error: &reqwest::Error) -> NoAnswer {
    if is_forbidden_host(error) || error.is_builder() {
        NoAnswer::Misconfigured(format!("its address: {}", chain(error)))
    } else if error.is_timeout() {
        unavailable(format!("no answer within {} s", super::TIMEOUT.as_secs()))
    } else {
        unavailable(chain(error))
    }
}

/// What some codes say more exactly than the status with which they come, which is 400.
fn by_code(code: &Value, reason: &str) -> Option<NoAnswer> {
    match code.as_str()? {
        "context_length_exceeded" => Some(NoAnswer::CutOff),
        "content_filter" | "content_policy_violation" => Some(filtered()),
        "model_not_found" | "invalid_api_key" => Some(NoAnswer::Misconfigured(reason.to_owned())),
        _ => None,
    }
}

fn filtered() -> NoAnswer {
    NoAnswer::Declined("the provider's filter stopped it".to_owned())
}

/// What was used; a server that doesn't tell costs nothing that we know of.
fn tokens(usage: &Value) -> Usage {
    let count = |name: &str| usage[name].as_u64().unwrap_or_default();
    Usage { input_tokens: count("prompt_tokens"), output_tokens: count("completion_tokens") }
}

#[cfg(test)]
mod tests;
