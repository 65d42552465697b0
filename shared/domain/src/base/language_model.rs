//! Language models that read what was said: whose they are, what they are asked and what an answer costs.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::is_default::is_default;

/// Tokens of which a price is told.
const TOKENS_OF_A_PRICE: u64 = 1_000_000;

/// Who runs a language model. What it is called here, it is called in paths and secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum ModelProvider {
    /// Whoever speaks OpenAI's chat completions, at the address that the workspace names.
    OpenAi,
    /// Amazon Bedrock, in the account that Carillon runs in.
    Bedrock,
}

impl ModelProvider {
    pub const ALL: [Self; 2] = [Self::OpenAi, Self::Bedrock];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Bedrock => "bedrock",
        }
    }
}

impl fmt::Display for ModelProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// There is no such provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no provider of language models has this name")]
pub struct UnknownModelProvider;

impl FromStr for ModelProvider {
    type Err = UnknownModelProvider;

    fn from_str(text: &str) -> Result<Self, UnknownModelProvider> {
        Self::ALL.into_iter().find(|provider| provider.as_str() == text).ok_or(UnknownModelProvider)
    }
}

/// The language model of a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LanguageModel {
    pub provider: ModelProvider,
    /// What the provider calls it.
    pub model: String,
    /// Where its API lies, up to `/v1`, of one that speaks OpenAI's; OpenAI's own unless set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// What a million tokens of a question cost, in millionths of a US dollar.
    #[serde(default, skip_serializing_if = "is_default")]
    pub input_price_micros: u64,
    /// What a million tokens of an answer cost, in millionths of a US dollar.
    #[serde(default, skip_serializing_if = "is_default")]
    pub output_price_micros: u64,
}

impl LanguageModel {
    /// What asking cost, in millionths of a US dollar, rounded up.
    pub fn cost_micros(&self, usage: Usage) -> u64 {
        let input = usage.input_tokens.saturating_mul(self.input_price_micros);
        let output = usage.output_tokens.saturating_mul(self.output_price_micros);
        input.saturating_add(output).div_ceil(TOKENS_OF_A_PRICE)
    }
}

/// What a model has read and written, in tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    pub input_tokens: u64,
    pub output_tokens: u64,
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.input_tokens = self.input_tokens.saturating_add(other.input_tokens);
        self.output_tokens = self.output_tokens.saturating_add(other.output_tokens);
    }
}

/// What a model is asked. Its answer is to be JSON of this schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What the schema is called with the provider, which keeps it by this name: letters, digits, `_` and `-`, 64 at most.
    pub name: &'static str,
    /// What it is there for.
    pub system: &'static str,
    /// What it is to look at.
    pub prompt: String,
    /// As JSON. Its fields are answered in their order: reasons stand before what follows from them.
    pub schema: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_costs_what_its_tokens_do_rounded_up() {
        let model = LanguageModel {
            provider: ModelProvider::OpenAi,
            model: "m".into(),
            base_url: None,
            input_price_micros: 400_000,
            output_price_micros: 1_600_000,
        };
        assert_eq!(model.cost_micros(Usage { input_tokens: 1_000, output_tokens: 100 }), 560);
        assert_eq!(model.cost_micros(Usage { input_tokens: 1, output_tokens: 0 }), 1);
        assert_eq!(model.cost_micros(Usage::default()), 0);
    }
}
