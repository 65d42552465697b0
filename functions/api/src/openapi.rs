//! What the routes can't say of themselves in the description of the API.

mod merged;
mod preconditions;
mod texts;
mod webhooks;

use carillon_domain::base::provider::Provider;
use carillon_domain::base::scope::Scope;
use carillon_domain::reporting::events::{
    AnalysisFacts, CampaignFacts, Charge, ImportFacts, InteractionFacts, LeadFacts, TopUpFacts,
    WebhookEndpointFacts,
};
use utoipa::OpenApi as _;
pub(crate) use utoipa::openapi::path::Operation;
use utoipa::openapi::path::PathItem;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{Components, ContentBuilder, OpenApi, Ref, RefOr, ResponseBuilder};

pub(crate) use preconditions::{add_etag, add_if_match};

use crate::http::problem::{FieldError, PROBLEM_JSON, ProblemBody};

/// The name of the key as `Authorization: Bearer`.
const BEARER: &str = "bearer";
/// The name of the key as `X-Api-Key`.
const HEADER: &str = "header";

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "Carillon", description = "Outbound calls by voice assistants, and texts: campaigns, their \
        leads, and what came of both. JSON in snake case, times in RFC 3339 and UTC, lists in pages, errors \
        as problem+json (RFC 9457). Whatever can be changed is shown under an `ETag`, and is \
        changed on condition of one if `If-Match` names it (RFC 9110)."),
    components(schemas(
        ProblemBody<'static>, FieldError, CampaignFacts, LeadFacts, InteractionFacts, AnalysisFacts, ImportFacts, TopUpFacts, Charge,
        WebhookEndpointFacts, Provider
    )),
    tags(
        (name = "campaigns", description = "Whom to call, when, how often, and with which words."),
        (name = "leads", description = "The people of a campaign."),
        (name = "contacts", description = "The address book: people, and the lists that they are on."),
        (name = "imports", description = "Files of leads."),
        (name = "do not call", description = "Numbers that are never called."),
        (name = "assistants", description = "The AI voice agents."),
        (name = "caller numbers", description = "The numbers to call from."),
        (name = "calls", description = "Calls by hand."),
        (name = "interactions", description = "What came of the calls."),
        (name = "jobs", description = "What goes on in the background."),
        (name = "slots", description = "Who is in a call, or about to be."),
        (name = "evidence", description = "What each dial, and each refusal to dial, rested on."),
        (name = "workspace", description = "The limits that all campaigns share."),
        (name = "webhooks", description = "Where events are delivered to, signed as Standard Webhooks has it."),
        (name = "credits", description = "What was paid in, and what is left of it."),
        (name = "API keys", description = "Who may use the API, and for what."),
        (name = "audit", description = "Who changed what."),
        (name = "secrets", description = "Credentials, which can be set and never read."),
        (name = "health", description = "Whether the API answers."),
    )
)]
struct Head;

/// The description before its routes.
pub(crate) fn head() -> OpenApi {
    let mut head = Head::openapi();
    let components = head.components.get_or_insert_with(Components::new);
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("crl_…").build();
    components.add_security_scheme(BEARER, SecurityScheme::Http(bearer));
    let header = ApiKey::Header(ApiKeyValue::new("X-Api-Key"));
    components.add_security_scheme(HEADER, SecurityScheme::ApiKey(header));
    let webhooks = webhooks::section(components);
    head.webhooks = Some(webhooks);
    head
}

/// The description with what holds for all of its routes: any of them may answer with a problem.
pub(crate) fn finished(mut openapi: OpenApi) -> OpenApi {
    for item in openapi.paths.paths.values_mut() {
        for operation in operations(item) {
            add_problem(operation);
            describe_success(operation);
        }
    }
    merged::merge_closed(&mut openapi);
    texts::describe(&mut openapi);
    openapi
}

pub(crate) fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    [get, put, post, delete, patch].into_iter().flatten()
}

/// Either way of sending a key, if the key has this scope.
pub(crate) fn keys_with(scope: Scope) -> [SecurityRequirement; 2] {
    [BEARER, HEADER].map(|scheme| SecurityRequirement::new(scheme, [scope.name()]))
}

fn add_problem(operation: &mut Operation) {
    let response = problem("What went wrong").build();
    operation.responses.responses.insert("default".to_owned(), RefOr::T(response));
}

fn problem(description: &str) -> ResponseBuilder {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(description).content(PROBLEM_JSON, content)
}

/// The standard wants words for each answer.
fn describe_success(operation: &mut Operation) {
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && response.description.is_empty()
        {
            response.description = match status.as_str() {
                "201" => "Created",
                "202" => "Accepted",
                _ => "Done",
            }
            .to_owned();
        }
    }
}
