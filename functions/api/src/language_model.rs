//! `/language-model`: the model that reads a workspace's calls once they have ended. Its key goes into the secret store and is
//! never shown again.

use axum::extract::State;
use axum::http::StatusCode;
use carillon_adapters::language_model::LanguageModels;
use carillon_adapters::secrets::Secret;
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::language_model::{LanguageModel, ModelProvider};
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::workspace::{ModelAccess, Workspace};
use carillon_runtime::context::{Context, language_model_key_name};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::auth::Principal;
use crate::http::change::on_current;
use crate::http::etag::{Changeable, ETag, Tagged};
use crate::http::if_match::IfMatch;
use crate::http::json::Body;
use crate::http::problem::Problem;
use crate::http::validation::{FieldErrors, MAX_NAME_CHARS};
use crate::money::{micros, usd};
use crate::secrets::check_secret;

/// What the audit log calls it.
const RESOURCE: &str = "language_model";
/// Highest price of a million tokens, in millionths of a US dollar.
const MAX_PRICE_MICROS: i64 = 1_000_000_000;

/// A language model.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LanguageModelForm {
    provider: ModelProvider,
    /// What the provider calls it.
    #[schema(example = "gpt-4.1-mini", min_length = 1, max_length = 200)]
    model: String,
    /// Where its API lies, of one that speaks OpenAI's; OpenAI's own unless set. By `https`, on the public internet.
    #[serde(default)]
    #[schema(example = "https://api.openai.com/v1")]
    base_url: Option<String>,
    /// The key; Bedrock needs none, because it is reached with the role of our functions.
    #[serde(default)]
    #[schema(format = Password, pattern = "^[!-~]{1,500}$")]
    api_key: Option<String>,
    /// US dollars for a million tokens of a question; at most six decimals. What reading costs is booked to the credits.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1000, example = 0.4)]
    input_usd_per_million: f64,
    /// US dollars for a million tokens of an answer; at most six decimals.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1000, example = 1.6)]
    output_usd_per_million: f64,
}

/// The language model that reads calls.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LanguageModel)]
pub(crate) struct LanguageModelView {
    /// Whether there is one. Without one no call is read.
    is_set: bool,
    provider: Option<ModelProvider>,
    /// What the provider calls it.
    model: Option<String>,
    /// Where its API lies; null for the provider's own.
    base_url: Option<String>,
    /// Whether a key is set.
    has_key: bool,
    /// US dollars for a million tokens of a question.
    input_usd_per_million: f64,
    /// US dollars for a million tokens of an answer.
    output_usd_per_million: f64,
    /// When it was set.
    set_at: Option<Timestamp>,
}

/// A workspace, as far as its language model goes.
#[derive(Clone)]
struct Stored(Workspace);

/// Sets the language model, in place of the one before. Calls that end from a minute after this answer on, and mostly at once, are read by it.
#[utoipa::path(put, path = "/language-model", tag = "workspace", request_body = LanguageModelForm,
    responses((status = 200, body = LanguageModelView)))]
pub(crate) async fn set_language_model(
    State(context): State<Context>,
    principal: Principal,
    if_match: IfMatch,
    Body(form): Body<LanguageModelForm>,
) -> Result<Tagged<LanguageModelView>, Problem> {
    let ws = &principal.workspace;
    let (model, api_key) = form.checked(&context.language_models)?;
    let key_name = match api_key {
        Some(key) => {
            // A key of its own name: no other is ever sent to this address.
            let name = hex::encode(context.random.draw());
            context.secrets.put(&language_model_key_name(ws, &name), &Secret::from(key)).await?;
            Some(name)
        }
        None => None,
    };
    let access = ModelAccess { model, key_name, set_at: context.now() };
    let set = replace(&context, &principal, &if_match, Some(&access)).await?;
    Ok(Tagged::of(set))
}

/// Shows the language model, but for its key.
#[utoipa::path(get, path = "/language-model", tag = "workspace",
    responses((status = 200, body = LanguageModelView)))]
pub(crate) async fn get_language_model(
    State(context): State<Context>,
    principal: Principal,
) -> Result<Tagged<LanguageModelView>, Problem> {
    Ok(Tagged::of(load(&context, &principal.workspace).await?))
}

/// Removes the language model with its key: no call is read after that. What was found stays.
#[utoipa::path(delete, path = "/language-model", tag = "workspace",
    responses((status = 204, description = "Gone")))]
pub(crate) async fn delete_language_model(
    State(context): State<Context>,
    principal: Principal,
    if_match: IfMatch,
) -> Result<StatusCode, Problem> {
    replace(&context, &principal, &if_match, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Puts a model into the place of the one that is stored, and forgets the key of that.
async fn replace(
    context: &Context,
    principal: &Principal,
    if_match: &IfMatch,
    access: Option<&ModelAccess>,
) -> Result<Stored, Problem> {
    let ws = &principal.workspace;
    let write = |Stored(before): Stored| async move {
        let after =
            Workspace { version: before.version + 1, language_model: access.cloned(), ..before.clone() };
        let told = |workspace: &Workspace| json!(LanguageModelView::from(workspace.language_model.as_ref()));
        let store = principal.noting(context, &RESOURCE, &told(&before), &told(&after))?;
        Ok(store.update_workspace(&after).await?.then_some((before.language_model, Stored(after))))
    };
    let (before, after) = on_current(if_match, || load(context, ws), write).await?;
    if let Some(name) = before.and_then(|before| before.key_name)
        && let Err(error) = context.secrets.delete(&language_model_key_name(ws, &name)).await
    {
        tracing::warn!(%error, "the key of the model before was not forgotten");
    }
    Ok(after)
}

async fn load(context: &Context, ws: &WorkspaceId) -> Result<Stored, Problem> {
    crate::workspace::load(context, ws).await.map(Stored)
}

impl LanguageModelForm {
    /// The model, and its key.
    fn checked(self, models: &LanguageModels) -> Result<(LanguageModel, Option<String>), Problem> {
        let mut errors = FieldErrors::default();
        errors.check_text("model", &self.model, MAX_NAME_CHARS);
        if let Err(reason) = models.reaches(self.provider) {
            errors.push("provider", reason);
        }
        match (self.provider, &self.api_key, &self.base_url) {
            (ModelProvider::OpenAi, Some(key), url) => {
                check_secret(&mut errors, "api_key", key);
                if let Some(Err(error)) = url.as_deref().map(|url| models.check(url)) {
                    errors.push("base_url", error);
                }
            }
            (ModelProvider::OpenAi, None, _) => errors.push("api_key", "it is required"),
            (ModelProvider::Bedrock, None, None) => {}
            (ModelProvider::Bedrock, Some(_), _) => {
                errors.push("api_key", "Bedrock is reached with the role of our functions; leave it out");
            }
            (ModelProvider::Bedrock, None, Some(_)) => {
                errors.push("base_url", "Bedrock has an address of its own; leave it out");
            }
        }
        let mut price =
            |field: &str, usd| micros(&mut errors, field, usd, 0..=MAX_PRICE_MICROS).unsigned_abs();
        let input_price_micros = price("input_usd_per_million", self.input_usd_per_million);
        let output_price_micros = price("output_usd_per_million", self.output_usd_per_million);
        errors.into_result()?;
        let model = LanguageModel {
            provider: self.provider,
            model: self.model.trim().to_owned(),
            base_url: self.base_url.map(|url| url.trim_end_matches('/').to_owned()),
            input_price_micros,
            output_price_micros,
        };
        Ok((model, self.api_key))
    }
}

impl Changeable for Stored {
    fn etag(&self) -> ETag {
        ETag::of(self.0.version, &LanguageModelView::from(self.0.language_model.as_ref()))
    }
}

impl From<Stored> for LanguageModelView {
    fn from(Stored(workspace): Stored) -> Self {
        workspace.language_model.as_ref().into()
    }
}

impl From<Option<&ModelAccess>> for LanguageModelView {
    fn from(access: Option<&ModelAccess>) -> Self {
        let model = access.map(|access| &access.model);
        let price = |micros: fn(&LanguageModel) -> u64| {
            usd(i64::try_from(model.map_or(0, micros)).unwrap_or(i64::MAX))
        };
        Self {
            is_set: access.is_some(),
            provider: model.map(|model| model.provider),
            model: model.map(|model| model.model.clone()),
            base_url: model.and_then(|model| model.base_url.clone()),
            has_key: access.is_some_and(|access| access.key_name.is_some()),
            input_usd_per_million: price(|model| model.input_price_micros),
            output_usd_per_million: price(|model| model.output_price_micros),
            set_at: access.map(|access| access.set_at),
        }
    }
}
