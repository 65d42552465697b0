//! `/secrets/{provider}`: the key for a provider of calls or texts and what it signs its webhooks with.
//! They go into the secret store and are never shown again.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use carillon_adapters::secrets::{Secret, SecretsError};
use carillon_adapters::sms::{self, webhook};
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::provider::Provider;
use carillon_domain::base::time::{MINUTE_MS, Timestamp};
use carillon_runtime::context::{
    Context, inbound_message_path, initiation_path, initiation_secret_name, provider_key_name, webhook_path,
    webhook_secrets_name,
};
use carillon_store::ProviderAccess;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::Principal;
use crate::http::change::on_current;
use crate::http::etag::{Changeable, ETag, Tagged};
use crate::http::if_match::IfMatch;
use crate::http::json::Body;
use crate::http::path::Id;
use crate::http::problem::Problem;
use crate::http::validation::FieldErrors;

/// What the audit log calls them.
const RESOURCE: &str = "provider";
/// How long whoever writes the secrets has them for itself, in milliseconds: longer than a request lives
/// (29 s), whatever the clocks say.
const HOLD_MS: i64 = MINUTE_MS;
/// Longest secret in bytes.
const MAX_SECRET_BYTES: usize = 500;
/// Most secrets for webhooks: the one in use and those before and after it.
const MAX_WEBHOOK_SECRETS: usize = 5;

/// The secrets of a provider.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProviderSecretsForm {
    /// The API key; for Twilio the account with its auth token (`AC…:<token>`) or with an API key (`AC…:SK…:<secret>`).
    #[schema(format = Password, pattern = "^[!-~]{1,500}$")]
    api_key: String,
    /// What its webhooks may be signed with, for Twilio the auth token: several while one is being replaced.
    #[schema(min_items = 1, max_items = 5)]
    webhook_secrets: Vec<String>,
    /// What it sends in the header `X-Carillon-Secret` when it asks what a call that comes in begins
    /// with; of Retell, what it signs the question with: the API key. Without one nobody may ask.
    #[serde(default)]
    #[schema(format = Password, pattern = "^[!-~]{1,500}$")]
    initiation_secret: Option<String>,
}

/// Whether a provider can be reached.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProviderAccess)]
pub(crate) struct ProviderAccessView {
    /// Whether a key is set.
    is_set: bool,
    /// How many secrets webhooks may be signed with.
    webhook_secrets: usize,
    /// Whether a secret is set with which it may ask what a call that comes in begins with.
    has_initiation_secret: bool,
    /// When they were set.
    set_at: Option<Timestamp>,
    /// Where the provider is to send its webhooks, of Twilio the messages that come in, below the address of this API;
    /// null for one that has none.
    #[schema(example = "/api/v1/webhooks/<provider>/ws_01ARYZ6S41TSV4RRFFQ69G5FAV")]
    webhook_path: Option<String>,
    /// Where the provider is to ask what a call that comes in begins with, below the address of
    /// this API; null for one that sends texts, which has nothing to ask.
    #[schema(example = "/api/v1/webhooks/<provider>/ws_01ARYZ6S41TSV4RRFFQ69G5FAV/initiation")]
    initiation_path: Option<String>,
}

/// Sets the secrets of a provider, in place of all that were set.
#[utoipa::path(put, path = "/secrets/{provider}", tag = "secrets",
    params(("provider" = String, Path, example = "elevenlabs")), request_body = ProviderSecretsForm,
    responses((status = 200, body = ProviderAccessView)))]
pub(crate) async fn set_provider_secrets(
    State(context): State<Context>,
    principal: Principal,
    Id(provider): Id<Provider>,
    if_match: IfMatch,
    Body(form): Body<ProviderSecretsForm>,
) -> Result<Tagged<ProviderAccessView>, Problem> {
    form.check(provider)?;
    let access = ProviderAccess {
        webhook_secrets: form.webhook_secrets.len(),
        has_initiation_secret: form.initiation_secret.is_some(),
        set_at: Some(context.now()),
        ..ProviderAccess::default()
    };
    let ws = &principal.workspace;
    let webhook_secrets: Vec<Secret> = form.webhook_secrets.into_iter().map(Secret::from).collect();
    let api_key = Secret::from(form.api_key);
    let initiation_secret = form.initiation_secret.map(Secret::from);
    let write = async || {
        context.secrets.put_list(&webhook_secrets_name(ws, provider), &webhook_secrets).await?;
        context.secrets.put(&provider_key_name(ws, provider), &api_key).await?;
        match &initiation_secret {
            Some(secret) => context.secrets.put(&initiation_secret_name(ws, provider), secret).await,
            None => context.secrets.delete(&initiation_secret_name(ws, provider)).await,
        }
    };
    let set = replace(&context, &principal, provider, &if_match, access, write).await?;
    Ok(Tagged::new(&set, view(ws, provider, set)))
}

/// Says whether the secrets of a provider are set, and nothing else of them.
#[utoipa::path(get, path = "/secrets/{provider}", tag = "secrets",
    params(("provider" = String, Path, example = "elevenlabs")),
    responses((status = 200, body = ProviderAccessView)))]
pub(crate) async fn get_provider_secrets(
    State(context): State<Context>,
    principal: Principal,
    Id(provider): Id<Provider>,
) -> Result<Tagged<ProviderAccessView>, Problem> {
    let access = load(&context, &principal.workspace, provider).await?;
    Ok(Tagged::new(&access, view(&principal.workspace, provider, access)))
}

/// Removes the secrets of a provider: nothing can be dialled or sent through it after that.
#[utoipa::path(delete, path = "/secrets/{provider}", tag = "secrets",
    params(("provider" = String, Path, example = "elevenlabs")),
    responses((status = 204, description = "Gone")))]
pub(crate) async fn delete_provider_secrets(
    State(context): State<Context>,
    principal: Principal,
    Id(provider): Id<Provider>,
    if_match: IfMatch,
) -> Result<StatusCode, Problem> {
    let ws = &principal.workspace;
    let write = async || {
        context.secrets.delete(&provider_key_name(ws, provider)).await?;
        context.secrets.delete(&webhook_secrets_name(ws, provider)).await?;
        context.secrets.delete(&initiation_secret_name(ws, provider)).await
    };
    replace(&context, &principal, provider, &if_match, ProviderAccess::default(), write).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Has `write` put other secrets in the place of those that are there. They are several, so whoever writes them
/// takes them for itself first: two at once would leave a mixture.
async fn replace(
    context: &Context,
    principal: &Principal,
    provider: Provider,
    if_match: &IfMatch,
    by: ProviderAccess,
    write: impl AsyncFnOnce() -> Result<(), SecretsError>,
) -> Result<ProviderAccess, Problem> {
    let ws = &principal.workspace;
    let load = || load(context, ws, provider);
    let held = on_current(if_match, load, |stored| hold(context, principal, provider, stored, by)).await?;
    let written = write().await;
    let left = if written.is_ok() { by } else { held };
    let left = ProviderAccess { version: held.version + 1, held_until: None, ..left };
    let store = &context.store;
    // Where the reply was lost, a second try finds what the first has written.
    if !store.update_provider_access(ws, provider, &left).await? && load().await? != left {
        return Err(Problem::contended());
    }
    written?;
    Ok(left)
}

/// Takes the secrets for one change, and notes it. None if somebody else was faster.
async fn hold(
    context: &Context,
    principal: &Principal,
    provider: Provider,
    stored: ProviderAccess,
    by: ProviderAccess,
) -> Result<Option<ProviderAccess>, Problem> {
    let (ws, now) = (&principal.workspace, context.now());
    if stored.held_until.is_some_and(|until| now < until) {
        return Err(Problem::contended());
    }
    let store = principal.noting(context, &RESOURCE, &view(ws, provider, stored), &view(ws, provider, by))?;
    let held =
        ProviderAccess { version: stored.version + 1, held_until: Some(now.plus_ms(HOLD_MS)), ..stored };
    Ok(store.update_provider_access(ws, provider, &held).await?.then_some(held))
}

async fn load(context: &Context, ws: &WorkspaceId, provider: Provider) -> Result<ProviderAccess, Problem> {
    Ok(context.store.provider_access(ws, provider).await?)
}

impl Changeable for ProviderAccess {
    /// They are all set anew each time. Of the secrets themselves nothing shows, not even some bits.
    fn etag(&self) -> ETag {
        let fields = ["api_key", "webhook_secrets", "initiation_secret"].map(|name| (name, self.version));
        ETag::of(self.version, &BTreeMap::from(fields))
    }
}

fn view(ws: &WorkspaceId, provider: Provider, access: ProviderAccess) -> ProviderAccessView {
    ProviderAccessView {
        is_set: access.set_at.is_some(),
        webhook_secrets: access.webhook_secrets,
        has_initiation_secret: access.has_initiation_secret,
        set_at: access.set_at,
        webhook_path: match provider {
            Provider::Voice(provider) => Some(webhook_path(ws, provider)),
            Provider::Message(provider) => {
                webhook::inbound_address(provider, &inbound_message_path(ws, provider))
            }
        },
        initiation_path: match provider {
            Provider::Voice(provider) => Some(initiation_path(ws, provider)),
            Provider::Message(_) => None,
        },
    }
}

impl ProviderSecretsForm {
    fn check(&self, provider: Provider) -> Result<(), Problem> {
        let mut errors = FieldErrors::default();
        check_secret(&mut errors, "api_key", &self.api_key);
        if let Provider::Message(provider) = provider
            && let Err(form) = sms::check_credentials(provider, &self.api_key)
        {
            errors.push("api_key", format_args!("give {form}"));
        }
        // Whatever it signs would be refused: people who answer would be hung up on, and opt-outs be lost.
        if let Provider::Message(provider) = provider
            && let Some(token) = sms::signing_secret(provider, &self.api_key)
            && !self.webhook_secrets.iter().any(|secret| secret == token)
        {
            errors.push("webhook_secrets", "the auth token of `api_key` signs webhooks; give it here, too");
        }
        if let (Provider::Message(_), Some(_)) = (provider, &self.initiation_secret) {
            errors.push("initiation_secret", "a provider of texts asks nothing; leave it out");
        }
        errors.check_range("webhook_secrets", self.webhook_secrets.len(), 1..=MAX_WEBHOOK_SECRETS);
        for (n, secret) in self.webhook_secrets.iter().enumerate() {
            check_secret(&mut errors, &format!("webhook_secrets[{n}]"), secret);
        }
        if let Some(secret) = &self.initiation_secret {
            check_secret(&mut errors, "initiation_secret", secret);
        }
        errors.into_result()
    }
}

/// A secret goes into a header or a signature as it is.
pub(crate) fn check_secret(errors: &mut FieldErrors, field: &str, secret: &str) {
    if !(1..=MAX_SECRET_BYTES).contains(&secret.len()) || !secret.bytes().all(|byte| byte.is_ascii_graphic())
    {
        errors.push(field, format_args!("give 1 to {MAX_SECRET_BYTES} visible ASCII characters"));
    }
}
