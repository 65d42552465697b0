//! Language models that read what was said: whoever speaks OpenAI's chat completions, and Amazon Bedrock.
//!
//! An answer must be JSON of the question's schema. Providers have two ways to force that, and a model may know neither:
//! so each is tried in its turn, and what comes is checked here in any case. Neither questions nor answers are logged.

#[cfg(feature = "aws")]
mod bedrock;
mod failure;
mod json_object;
mod mechanism;
mod openai;
mod request;

use std::sync::Arc;
use std::time::Duration;

use carillon_domain::base::language_model::{LanguageModel, ModelProvider, Question, Usage};
use carillon_domain::records::analysis::AnalysisFault;
use carillon_domain::records::webhook_endpoint::MAX_URL_BYTES;
use reqwest::{Client, Url};
use serde_json::Value;

pub use crate::reach::{Reach, UrlError};
use crate::secrets::Secret;
#[cfg(feature = "aws")]
pub use bedrock::{BedrockClient, once};
use failure::{Failure, cut};
use mechanism::{KnownMechanisms, Mechanism};
use openai::ChatCompletions;
use request::{Repair, Request};

/// How long an answer may take, with the connection.
const TIMEOUT: Duration = Duration::from_secs(60);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest that is told of what is wrong with an answer, in characters.
const MAX_FAULT_CHARS: usize = 1_000;
/// Where OpenAI's own API lies.
const OPENAI_URL: &str = "https://api.openai.com/v1";

/// Why Bedrock can't be reached where it is absent.
const NO_BEDROCK: &str = "this installation asks no models of Amazon Bedrock: it does not run on AWS";
const NO_KEY: &str = "the workspace has set no API key for its language model";

/// The way to language models.
#[derive(Debug, Clone)]
pub struct LanguageModels {
    http: Client,
    reach: Reach,
    /// Where a model is asked that names no address.
    openai_url: String,
    bedrock: Bedrock,
    known: Arc<KnownMechanisms>,
}

/// Amazon Bedrock, where we have it.
#[derive(Debug, Clone)]
enum Bedrock {
    #[cfg(feature = "aws")]
    Service(BedrockClient),
    Absent,
}

/// What asking came to.
#[derive(Debug)]
pub struct Asked<T> {
    pub answer: Result<T, NoAnswer>,
    /// That of all requests which it took.
    pub usage: Usage,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// None came, or the provider is busy or broken: the same may be asked later.
    #[error("no answer for now: {reason}")]
    Unavailable {
        reason: String,
        /// How long the provider asks us to wait, in milliseconds.
        retry_after_ms: Option<i64>,
    },
    /// The key, the name of the model or the address is wrong, or the model takes no question in any form.
    #[error("{0}")]
    Misconfigured(String),
    /// The model refused, or a filter did.
    #[error("the model declined: {0}")]
    Declined(String),
    /// The question or the answer has more tokens than the model has room for.
    #[error("the answer was cut off")]
    CutOff,
    /// It still does not fit after the model was told once what is wrong; the last fault.
    #[error("the answer can't be used: {0}")]
    Unreadable(String),
}

impl NoAnswer {
    /// What it says of a finding that rests on it.
    pub const fn fault(&self) -> AnalysisFault {
        match self {
            Self::Unavailable { .. } => AnalysisFault::Unavailable,
            Self::Misconfigured(_) => AnalysisFault::Misconfigured,
            Self::Declined(_) => AnalysisFault::Declined,
            Self::CutOff => AnalysisFault::CutOff,
            Self::Unreadable(_) => AnalysisFault::NeedsReview,
        }
    }
}

/// Who is asked.
enum Provider<'a> {
    OpenAi(ChatCompletions<'a>),
    #[cfg(feature = "aws")]
    Bedrock(&'a BedrockClient),
}

impl Provider<'_> {
    /// Makes one request; what it used is added. The text is the model's own, in whatever form it gave it.
    async fn reply(&self, request: &Request<'_>, usage: &mut Usage) -> Result<String, Failure> {
        match self {
            Self::OpenAi(api) => api.reply(request, usage).await,
            #[cfg(feature = "aws")]
            Self::Bedrock(client) => client.reply(request, usage).await,
        }
    }
}

impl LanguageModels {
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(reach: Reach) -> Result<Self, reqwest::Error> {
        let http = reach.client().connect_timeout(CONNECT_TIMEOUT).timeout(TIMEOUT).build()?;
        let openai_url = OPENAI_URL.to_owned();
        Ok(Self { http, reach, openai_url, bedrock: Bedrock::Absent, known: Arc::default() })
    }

    /// The same, where models that name no address are asked at this one, such as a test double's.
    #[must_use]
    pub fn with_openai_at(self, openai_url: String) -> Self {
        Self { openai_url, ..self }
    }

    /// The same, and Bedrock through this client.
    #[cfg(feature = "aws")]
    #[must_use]
    pub fn with_bedrock(self, client: BedrockClient) -> Self {
        Self { bedrock: Bedrock::Service(client), ..self }
    }

    /// Whether a provider can be reached from here.
    ///
    /// # Errors
    /// Why it can't.
    pub fn reaches(&self, provider: ModelProvider) -> Result<(), &'static str> {
        match (provider, &self.bedrock) {
            (ModelProvider::OpenAi, _) => Ok(()),
            #[cfg(feature = "aws")]
            (ModelProvider::Bedrock, Bedrock::Service(_)) => Ok(()),
            (ModelProvider::Bedrock, Bedrock::Absent) => Err(NO_BEDROCK),
        }
    }

    /// Whether models may be asked at an address, as far as it can be told without asking DNS.
    ///
    /// # Errors
    /// [`UrlError`]
    pub fn check(&self, base_url: &str) -> Result<(), UrlError> {
        self.checked(base_url).map(drop)
    }

    fn checked(&self, base_url: &str) -> Result<Url, UrlError> {
        if base_url.len() > MAX_URL_BYTES {
            return Err(UrlError::TooLong(base_url.len()));
        }
        self.reach.checked(base_url)
    }

    /// Asks, and reads the answer with `read`. Its error is told to the model once so that it can mend its answer.
    pub async fn ask<T>(
        &self,
        model: &LanguageModel,
        api_key: Option<&Secret>,
        question: &Question,
        read: impl Fn(&Value) -> Result<T, String>,
    ) -> Asked<T> {
        let mut usage = Usage::default();
        let answer = self.answer(model, api_key, question, read, &mut usage).await;
        Asked { answer, usage }
    }

    async fn answer<T>(
        &self,
        model: &LanguageModel,
        api_key: Option<&Secret>,
        question: &Question,
        read: impl Fn(&Value) -> Result<T, String>,
        usage: &mut Usage,
    ) -> Result<T, NoAnswer> {
        let provider = self.provider(model, api_key)?;
        let (mechanism, text) = self.first_answer(&provider, model, question, usage).await?;
        let fault = match understood(&text, &read) {
            Ok(answer) => return Ok(answer),
            Err(fault) => fault,
        };
        let repair = Repair { answer: text, fault };
        let request = Request { model: &model.model, question, mechanism, repair: Some(&repair) };
        match provider.reply(&request, usage).await {
            Ok(text) => understood(&text, &read).map_err(NoAnswer::Unreadable),
            // The conversation can't be continued; the question itself was taken.
            Err(Failure::NotTaken(_)) => Err(NoAnswer::Unreadable(repair.fault)),
            Err(Failure::NoAnswer(none)) => Err(none),
        }
    }

    fn provider<'a>(
        &'a self,
        model: &LanguageModel,
        api_key: Option<&'a Secret>,
    ) -> Result<Provider<'a>, NoAnswer> {
        match (model.provider, &self.bedrock) {
            (ModelProvider::OpenAi, _) => {
                let key = api_key.filter(|key| !key.expose().is_empty());
                let key = key.ok_or_else(|| NoAnswer::Misconfigured(NO_KEY.to_owned()))?;
                let base_url = self.checked(model.base_url.as_deref().unwrap_or(&self.openai_url));
                let base_url =
                    base_url.map_err(|error| NoAnswer::Misconfigured(format!("its address: {error}")))?;
                Ok(Provider::OpenAi(ChatCompletions::new(&self.http, base_url, key)?))
            }
            #[cfg(feature = "aws")]
            (ModelProvider::Bedrock, Bedrock::Service(client)) => Ok(Provider::Bedrock(client)),
            (ModelProvider::Bedrock, Bedrock::Absent) => Err(NoAnswer::Misconfigured(NO_BEDROCK.to_owned())),
        }
    }

    /// The first text that comes, and by which mechanism: the one that worked the last time, or one below it.
    async fn first_answer(
        &self,
        provider: &Provider<'_>,
        model: &LanguageModel,
        question: &Question,
        usage: &mut Usage,
    ) -> Result<(Mechanism, String), NoAnswer> {
        let mut mechanism = self.known.mechanism(model);
        loop {
            let request = Request { model: &model.model, question, mechanism, repair: None };
            let reason = match provider.reply(&request, usage).await {
                Ok(text) => {
                    self.known.works(model, mechanism);
                    return Ok((mechanism, text));
                }
                Err(Failure::NotTaken(reason)) => reason,
                Err(Failure::NoAnswer(none)) => return Err(none),
            };
            let Some(next) = mechanism.next() else {
                // Whatever is wrong, it was not the mechanism: the next question begins with the best again.
                self.known.forget(model);
                return Err(NoAnswer::Misconfigured(reason));
            };
            mechanism = next;
        }
    }
}

/// What a text says, or what is wrong with it.
fn understood<T>(text: &str, read: impl Fn(&Value) -> Result<T, String>) -> Result<T, String> {
    let answer = json_object::first(text).ok_or("it is no JSON object")?;
    read(&answer).map_err(|fault| cut(&fault, MAX_FAULT_CHARS))
}

#[cfg(test)]
mod tests;
