//! `/assistants`: the AI voice agents.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use carillon_domain::base::call::VoiceProvider;
use carillon_domain::base::ids::{AssistantId, CallerNumberId, WorkspaceId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::calling::personalization;
use carillon_domain::policy::assistant::{Assistant, AssistantStatus};
use carillon_domain::policy::variables::Variable;
use carillon_runtime::context::Context;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::Principal;
use crate::callers::{Voices, announce, check_provider};
use crate::campaigns::MAX_CALLER_NUMBERS;
use crate::http::change::{Patchable, change, on_current};
use crate::http::etag::{Changeable, ETag, Tagged};
use crate::http::idempotency::{Birth, Created, Creation, IdempotencyHeader};
use crate::http::if_match::IfMatch;
use crate::http::json::Patch;
use crate::http::pagination::{Listing, Page};
use crate::http::path::Id;
use crate::http::problem::{Code, Problem};
use crate::http::query::Asked;
use crate::http::validation::{FieldErrors, MAX_NAME_CHARS, present};
use crate::imports::PageQuery;

/// An AI voice agent.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AssistantForm {
    /// The name it goes by; `assistant_name` in templates.
    #[schema(example = "Robin", min_length = 1, max_length = 200)]
    name: String,
    /// The voice provider, `elevenlabs` unless set. It can't be changed.
    #[serde(default)]
    #[schema(default = "elevenlabs")]
    provider: VoiceProvider,
    /// The provider's id of the agent.
    #[schema(example = "agent_7101k5zvyjhmfg983brhmhkd98n6", min_length = 1, max_length = 200)]
    agent_id: String,
    /// Whether it may be used; `active` unless set.
    #[serde(default = "active")]
    status: AssistantStatus,
    /// The numbers that it calls from.
    #[serde(default)]
    caller_number_ids: Vec<CallerNumberId>,
    /// Its instructions, as a Jinja2 template; the provider's own unless set. The campaign's `agenda`,
    /// `end_call_message` and `voicemail_message`, and a call's `additional_instructions`, stand where it names them,
    /// and else behind it.
    #[serde(default)]
    prompt_template: Option<String>,
    /// Language of its calls (ISO 639-1); the provider's own unless set.
    #[serde(default)]
    #[schema(example = "de", pattern = "^[a-z]{2}$")]
    language: Option<String>,
    /// Its variables: what may be set of it for one lead (`overwrites`), with type and default.
    #[serde(default)]
    variables: BTreeMap<String, Variable>,
    /// The assistant that speaks with people whom this one called, when they call back: with its own
    /// instructions and first message, and the values of their campaign. This one unless set.
    #[serde(default)]
    paired_assistant_id: Option<AssistantId>,
}

const fn active() -> AssistantStatus {
    AssistantStatus::Active
}

/// An AI voice agent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Assistant)]
pub(crate) struct AssistantView {
    /// Its id.
    id: AssistantId,
    /// The name it goes by; `assistant_name` in templates.
    name: String,
    /// The voice provider.
    provider: VoiceProvider,
    /// The provider's id of the agent.
    agent_id: String,
    /// Whether it may be used.
    status: AssistantStatus,
    /// The numbers that it calls from.
    caller_number_ids: Vec<CallerNumberId>,
    /// Its instructions, as a Jinja2 template.
    prompt_template: Option<String>,
    /// Language of its calls (ISO 639-1).
    language: Option<String>,
    /// Its variables: what may be set of it for one lead (`overwrites`), with type and default.
    variables: BTreeMap<String, Variable>,
    /// The assistant that speaks with people whom this one called, when they call back.
    paired_assistant_id: Option<AssistantId>,
    /// When it was created.
    created_at: Timestamp,
    /// When it was last changed.
    updated_at: Timestamp,
}

type AssistantPatch = Patch<AssistantForm>;

/// Creates an assistant.
#[utoipa::path(post, path = "/assistants", tag = "assistants", params(IdempotencyHeader),
    request_body = AssistantForm, responses((status = 201, body = AssistantView)))]
pub(crate) async fn create_assistant(
    State(context): State<Context>,
    principal: Principal,
    creation: Creation<AssistantForm>,
) -> Result<Created, Problem> {
    let create = async |form: AssistantForm, birth: Birth| {
        form.check(&Voices::of(&context, &principal.workspace).await?, None)?;
        let id = AssistantId::new(birth.at, birth.seed);
        let assistant = form.into_assistant(id, 1, birth.at, birth.at);
        let store = principal.noting(&context, &assistant.id, &(), &AssistantForm::from(&assistant))?;
        if store.create_assistant(&principal.workspace, &assistant).await? {
            return Ok(Tagged::<AssistantView>::of(assistant));
        }
        Ok(Tagged::of(load(&context, &principal.workspace, &assistant.id).await?))
    };
    creation.once(&context, &principal.workspace, StatusCode::CREATED, create).await
}

/// Lists assistants, the oldest first.
#[utoipa::path(get, path = "/assistants", tag = "assistants", params(PageQuery),
    responses((status = 200, body = Page<AssistantView>)))]
pub(crate) async fn list_assistants(
    State(context): State<Context>,
    principal: Principal,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<AssistantView>>, Problem> {
    let assistants = Voices::of(&context, &principal.workspace).await?.assistants;
    let cursor = query.cursor.as_ref();
    let listing = Listing { list: "assistants", is_descending: false, limit: query.limit, cursor };
    Ok(Json(listing.page(&assistants, |one| [one.id.to_string()], |one| one.clone().into())?))
}

/// Shows an assistant.
#[utoipa::path(get, path = "/assistants/{assistant_id}", tag = "assistants",
    params(("assistant_id" = String, Path)), responses((status = 200, body = AssistantView)))]
pub(crate) async fn get_assistant(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<AssistantId>,
) -> Result<Tagged<AssistantView>, Problem> {
    Ok(Tagged::of(load(&context, &principal.workspace, &id).await?))
}

/// Changes an assistant.
#[utoipa::path(patch, path = "/assistants/{assistant_id}", tag = "assistants",
    params(("assistant_id" = String, Path)), request_body = AssistantPatch,
    responses((status = 200, body = AssistantView)))]
pub(crate) async fn change_assistant(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<AssistantId>,
    if_match: IfMatch,
    patch: AssistantPatch,
) -> Result<Tagged<AssistantView>, Problem> {
    let ws = &principal.workspace;
    let voices = Voices::of(&context, ws).await?;
    let make = |before: &Assistant, form: AssistantForm| {
        form.check(&voices, Some(before.provider))?;
        Ok(form.into_assistant(id.clone(), before.version + 1, before.created_at, context.now()))
    };
    let load = || load(&context, ws, &id);
    let save = |before, after| save(&context, &principal, before, after);
    let changed = change(&if_match, &patch, load, make, save).await?;
    announce(&context, ws).await?;
    Ok(Tagged::of(changed))
}

pub(crate) async fn save(
    context: &Context,
    principal: &Principal,
    before: Assistant,
    after: Assistant,
) -> Result<bool, Problem> {
    let store = principal.noting(context, &after.id, &before.form(), &after.form())?;
    Ok(store.update_assistant(&principal.workspace, &after).await?)
}

/// Deletes an assistant that no campaign and no other assistant needs any more.
#[utoipa::path(delete, path = "/assistants/{assistant_id}", tag = "assistants",
    params(("assistant_id" = String, Path)), responses((status = 204, description = "Gone")))]
pub(crate) async fn delete_assistant(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<AssistantId>,
    if_match: IfMatch,
) -> Result<StatusCode, Problem> {
    let load = || load(&context, &principal.workspace, &id);
    on_current(&if_match, load, |stored| remove(&context, &principal, stored)).await
}

async fn remove(
    context: &Context,
    principal: &Principal,
    stored: Assistant,
) -> Result<Option<StatusCode>, Problem> {
    let ws = &principal.workspace;
    check_unused(context, ws, &stored.id).await?;
    let store = principal.noting(context, &stored.id, &stored.form(), &())?;
    Ok(store.remove_assistant(ws, &stored).await?.then_some(StatusCode::NO_CONTENT))
}

async fn check_unused(context: &Context, ws: &WorkspaceId, id: &AssistantId) -> Result<(), Problem> {
    let campaigns = context.store.campaigns(ws).await?;
    if let Some(campaign) = campaigns.iter().find(|campaign| campaign.needs_assistant(id)) {
        let detail = format!("the campaign {} uses it; give that another assistant first", campaign.id);
        return Err(Problem::new(Code::InUse, detail).existing(&campaign.id));
    }
    let assistants = Voices::of(context, ws).await?.assistants;
    let answers_for = |other: &&Assistant| other.id != *id && other.paired_assistant_id.as_ref() == Some(id);
    if let Some(other) = assistants.iter().find(answers_for) {
        let detail =
            format!("the assistant {} names it as `paired_assistant_id`; change that first", other.id);
        return Err(Problem::new(Code::InUse, detail).existing(&other.id));
    }
    Ok(())
}

async fn load(context: &Context, ws: &WorkspaceId, id: &AssistantId) -> Result<Assistant, Problem> {
    context.store.assistant(ws, id).await?.ok_or_else(|| Problem::not_found("assistant", id))
}

impl AssistantForm {
    fn check(&self, voices: &Voices, before: Option<VoiceProvider>) -> Result<(), Problem> {
        let mut errors = FieldErrors::default();
        errors.check_text("name", &self.name, MAX_NAME_CHARS);
        errors.check_text("agent_id", &self.agent_id, MAX_NAME_CHARS);
        errors.check_count("caller_number_ids", self.caller_number_ids.len(), MAX_CALLER_NUMBERS);
        check_provider(&mut errors, self.provider, before);
        voices.check_numbers(&mut errors, &self.caller_number_ids, Some(self.provider));
        let mut given: Vec<&str> = self.variables.keys().map(String::as_str).collect();
        for part in personalization::parts_of_prompt() {
            given.push(part);
        }
        errors.check_template("prompt_template", self.prompt_template.as_deref(), &given);
        errors.check_schema(&self.variables);
        if let Some(id) = &self.paired_assistant_id {
            match voices.assistants.iter().find(|assistant| assistant.id == *id) {
                None => errors.push("paired_assistant_id", "there is no such assistant"),
                Some(paired) if paired.provider != self.provider => {
                    let reason = format!("it is of {}, this assistant of {}", paired.provider, self.provider);
                    errors.push("paired_assistant_id", reason);
                }
                Some(_) => {}
            }
        }
        let is_code = |text: &String| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_lowercase());
        if self.language.as_ref().is_some_and(|language| !is_code(language)) {
            errors.push("language", "it is not a language in two small letters such as de");
        }
        errors.into_result()
    }

    fn into_assistant(
        self,
        id: AssistantId,
        version: u64,
        created_at: Timestamp,
        now: Timestamp,
    ) -> Assistant {
        Assistant {
            id,
            version,
            name: self.name.trim().to_owned(),
            provider: self.provider,
            agent_id: self.agent_id.trim().to_owned(),
            status: self.status,
            caller_number_ids: self.caller_number_ids,
            prompt_template: present(self.prompt_template),
            language: self.language,
            variables: self.variables,
            paired_assistant_id: self.paired_assistant_id,
            created_at,
            updated_at: now,
        }
    }
}

impl Changeable for Assistant {
    fn etag(&self) -> ETag {
        ETag::of(self.version, &self.form())
    }
}

impl Patchable for Assistant {
    type Form = AssistantForm;

    fn form(&self) -> AssistantForm {
        self.into()
    }
}

impl From<&Assistant> for AssistantForm {
    fn from(assistant: &Assistant) -> Self {
        let assistant = assistant.clone();
        Self {
            name: assistant.name,
            provider: assistant.provider,
            agent_id: assistant.agent_id,
            status: assistant.status,
            caller_number_ids: assistant.caller_number_ids,
            prompt_template: assistant.prompt_template,
            language: assistant.language,
            variables: assistant.variables,
            paired_assistant_id: assistant.paired_assistant_id,
        }
    }
}

impl From<Assistant> for AssistantView {
    fn from(assistant: Assistant) -> Self {
        Self {
            id: assistant.id,
            name: assistant.name,
            provider: assistant.provider,
            agent_id: assistant.agent_id,
            status: assistant.status,
            caller_number_ids: assistant.caller_number_ids,
            prompt_template: assistant.prompt_template,
            language: assistant.language,
            variables: assistant.variables,
            paired_assistant_id: assistant.paired_assistant_id,
            created_at: assistant.created_at,
            updated_at: assistant.updated_at,
        }
    }
}
