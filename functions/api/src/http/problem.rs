//! Errors as problem+json (RFC 9457): one shape, one list of codes.

use std::fmt;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use carillon_adapters::files::FilesError;
use carillon_adapters::queue::QueueError;
use carillon_adapters::secrets::SecretsError;
use carillon_domain::base::scope::Scope;
use carillon_domain::records::campaign::{Action, NotAllowed};
use carillon_runtime::batch::Chain;
use carillon_runtime::services::lead_search::LeadSearchError;
use carillon_runtime::services::lifecycle::LifecycleError;
use carillon_runtime::services::recordings::RecordingError;
use carillon_store::{CommitError, StoreError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::etag::{self, ETag};
use crate::reasons::Message;

/// The media type of problems.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $status:ident, $title:literal;)*) => {
        /// What kind of problem it is; stable, so that programs may look at it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        #[schema(as = ProblemCode)]
        pub(crate) enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            const fn status(self) -> StatusCode {
                match self {
                    $(Self::$name => StatusCode::$status,)*
                }
            }

            const fn title(self) -> &'static str {
                match self {
                    $(Self::$name => $title,)*
                }
            }
        }
    };
}

codes! {
    /// The body is no JSON.
    MalformedJson = BAD_REQUEST, "The body is not JSON";
    /// The body can't be received.
    UnreadableBody = BAD_REQUEST, "The body can't be read";
    /// A parameter of the query is unknown, or its value can't be used.
    InvalidQuery = BAD_REQUEST, "The query can't be used";
    /// A header can't be used.
    InvalidHeader = BAD_REQUEST, "A header can't be used";
    /// No API key came with the request.
    MissingApiKey = UNAUTHORIZED, "An API key is missing";
    /// The API key is none of ours.
    InvalidApiKey = UNAUTHORIZED, "The API key is not valid";
    /// The API key was revoked.
    RevokedApiKey = UNAUTHORIZED, "The API key was revoked";
    /// The API key has expired.
    ExpiredApiKey = UNAUTHORIZED, "The API key has expired";
    /// The API key has not the scope that this needs; `missing_scope` names it.
    MissingScope = FORBIDDEN, "The API key does not allow this";
    /// There is nothing at this path.
    UnknownPath = NOT_FOUND, "There is nothing at this path";
    /// There is nothing with this id in this workspace.
    NotFound = NOT_FOUND, "There is nothing with this id";
    /// The call has no recording, or its provider has removed it.
    NoRecording = NOT_FOUND, "There is no recording";
    /// The path does not take this method.
    MethodNotAllowed = METHOD_NOT_ALLOWED, "The path does not take this method";
    /// The campaign's state does not allow it; `allowed_actions` names what it allows.
    ActionNotAllowed = CONFLICT, "The campaign's state does not allow this";
    /// As many campaigns run as the workspace's plan allows.
    TooManyRunning = CONFLICT, "Too many campaigns run at once";
    /// The workspace's credits are under its threshold.
    LowCredits = CONFLICT, "Credits are low";
    /// The person was called as often as the law or the contact budget allows.
    CalledOftenEnough = CONFLICT, "The person was called often enough for now";
    /// It is removed for good only with `?confirm=true`.
    ConfirmationRequired = CONFLICT, "This has to be confirmed";
    /// The number is a lead of the campaign already; `existing_id` names it.
    LeadExists = CONFLICT, "The number is a lead of this campaign already";
    /// The campaign has as many leads for testing as it may.
    TooManyTestLeads = CONFLICT, "The campaign has enough leads for testing";
    /// The number is a contact already; `existing_id` names it.
    ContactExists = CONFLICT, "The number is a contact already";
    /// The number is a caller number already; `existing_id` names it.
    CallerNumberExists = CONFLICT, "The number is a caller number already";
    /// Whoever runs the installation has not given this number of its account to the workspace.
    SenderNotGiven = CONFLICT, "The number is not given to this workspace";
    /// The workspace has as many API keys as it may.
    TooManyApiKeys = CONFLICT, "Too many API keys";
    /// No key could manage the keys any more.
    LastKeyManager = CONFLICT, "It is the last key that manages keys";
    /// Others use it; `existing_id` names one of them.
    InUse = CONFLICT, "It is in use";
    /// Calls of the campaign are up.
    CallsInProgress = CONFLICT, "Calls are in progress";
    /// The assistant is not active.
    AssistantNotActive = CONFLICT, "The assistant is not active";
    /// No lead that was looked at can be called: what is to be said can't be made of its values.
    TemplatesFail = CONFLICT, "The templates fail for every lead";
    /// There is no number to call from.
    NoCallerNumber = CONFLICT, "There is no number to call from";
    /// A call with this person is up.
    LiveCall = CONFLICT, "A call with this person is in progress";
    /// The lead's file is still read.
    BeingImported = CONFLICT, "The lead is still being imported";
    /// The workspace has no language model.
    NoLanguageModel = CONFLICT, "There is no language model";
    /// The workspace has tested goals as often as it may in a minute.
    TooManyGoalTests = TOO_MANY_REQUESTS, "Too many goal tests";
    /// The person asked for nothing that is open.
    NoOpenWish = CONFLICT, "No wish of this person is open";
    /// A call with this person was asked for and waits.
    AlreadyRequested = CONFLICT, "A call with this person is requested already";
    /// Nobody may be called there now.
    OutsideHours = CONFLICT, "Calls are not allowed there now";
    /// The person does not want to be called.
    DoNotCall = CONFLICT, "The person does not want to be called";
    /// The campaign calls nobody without consent, and none of this person's is known.
    ConsentMissing = CONFLICT, "No consent is known";
    /// The lead waits for a call, or one is up.
    LeadNotSettled = CONFLICT, "The lead is not settled";
    /// Nothing more is done for the lead.
    LeadSettled = CONFLICT, "The lead is settled";
    /// They did not want to be called, and nobody says why they may be now.
    ReasonMissing = CONFLICT, "A reason is needed";
    /// The lead does not rest.
    LeadNotSuspended = CONFLICT, "The lead is not suspended";
    /// Only the beginning of the event was kept.
    EventCut = CONFLICT, "The event was not kept whole";
    /// The job has ended.
    JobOver = CONFLICT, "The job is over";
    /// A job of this kind goes on to its end.
    NotCancellable = CONFLICT, "The job can't be stopped";
    /// The number is of a class, such as premium rate, that the workspace does not allow.
    NumberClassNotAllowed = CONFLICT, "Numbers of this class are not called";
    /// The workspace has as many do-not-call lists as it may.
    TooManyLists = CONFLICT, "Too many do-not-call lists";
    /// The workspace has as many saved mappings as it may.
    TooManyMappings = CONFLICT, "Too many saved mappings";
    /// The workspace has as many endpoints of webhooks as it may.
    TooManyEndpoints = CONFLICT, "Too many webhook endpoints";
    /// Nothing is sent to the endpoint.
    EndpointNotEnabled = CONFLICT, "The endpoint is not enabled";
    /// Somebody else changed the same fields at the same time; `changed` names them.
    EditConflict = CONFLICT, "Somebody else changed the same fields";
    /// Others kept changing it; the request may be sent again.
    Contended = CONFLICT, "Others are changing it";
    /// A request with this idempotency key is being worked on.
    RequestUnderWay = CONFLICT, "The same request is being worked on";
    /// It is not as the tag in `If-Match` says; `changed` names the fields that are known to have changed, and
    /// `ETag` is its tag now.
    PreconditionFailed = PRECONDITION_FAILED, "It has changed since it was read";
    /// The body is too large.
    BodyTooLarge = PAYLOAD_TOO_LARGE, "The body is too large";
    /// The body is not announced as what the path takes: JSON, or CSV for a list.
    UnsupportedMediaType = UNSUPPORTED_MEDIA_TYPE, "The body is of another type than is taken here";
    /// Fields are missing, unknown or wrong; `errors` names each.
    InvalidFields = UNPROCESSABLE_ENTITY, "Some fields can't be used";
    /// Numbers of a do-not-call list can't be read: these people can still be called. All others are on the list;
    /// `errors` names each row.
    UnreadNumbers = UNPROCESSABLE_ENTITY, "Numbers that may not be called can't be read";
    /// It is too large to be exported at once.
    ExportTooLarge = UNPROCESSABLE_ENTITY, "The export is too large";
    /// The idempotency key was used for another request.
    IdempotencyKeyReused = UNPROCESSABLE_ENTITY, "The idempotency key was used for another request";
    /// The provider did not give the recording; `detail` says why.
    RecordingNotFetched = BAD_GATEWAY, "The recording could not be fetched";
    /// A neighbour did not answer; the request may be sent again.
    Unavailable = SERVICE_UNAVAILABLE, "Not available at the moment";
}

impl Code {
    /// When another try makes sense, in seconds.
    const fn retry_after_secs(self) -> Option<u16> {
        match self {
            Self::Unavailable | Self::Contended => Some(1),
            Self::RequestUnderWay => Some(5),
            Self::RecordingNotFetched | Self::TooManyGoalTests => Some(60),
            _ => None,
        }
    }
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// The field, as a path into the body; or the parameter or header.
    #[schema(example = "hours.monday")]
    pub(crate) field: String,
    /// What is wrong with it, and how it would be right.
    pub(crate) reason: String,
}

/// Why a request was not done.
#[derive(Debug)]
pub(crate) struct Problem {
    code: Code,
    detail: String,
    pub(crate) errors: Vec<FieldError>,
    allowed_actions: Vec<Action>,
    existing_id: Option<String>,
    missing_scope: Option<Scope>,
    meanwhile: Option<Box<Meanwhile>>,
}

/// What somebody else did to a resource meanwhile.
#[derive(Debug)]
struct Meanwhile {
    changed: Vec<String>,
    etag: Option<ETag>,
}

/// An error (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody<'a> {
    /// The kind of problem as a URI: `urn:carillon:problem:` and the code.
    #[serde(rename = "type")]
    #[schema(example = "urn:carillon:problem:invalid_fields")]
    kind: String,
    code: Code,
    /// The kind of problem in words.
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 422)]
    status: u16,
    /// What is wrong with this request.
    detail: &'a str,
    /// What is wrong with each field.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
    /// What the campaign's state allows instead.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    allowed_actions: &'a [Action],
    /// What is there already, or in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    existing_id: Option<&'a str>,
    /// What the API key would need.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_scope: Option<Scope>,
    /// The fields that somebody else has changed.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(example = json!(["name", "period"]))]
    changed: &'a [String],
}

impl Problem {
    /// A problem of this kind.
    pub(crate) fn new(code: Code, detail: impl fmt::Display) -> Self {
        Self {
            code,
            detail: detail.to_string(),
            errors: Vec::new(),
            allowed_actions: Vec::new(),
            existing_id: None,
            missing_scope: None,
            meanwhile: None,
        }
    }

    /// A problem with one field, parameter or header.
    pub(crate) fn of_field(code: Code, field: impl Into<String>, reason: impl fmt::Display) -> Self {
        Self::of_fields(code, vec![FieldError { field: field.into(), reason: reason.to_string() }])
    }

    /// A problem with several.
    pub(crate) fn of_fields(code: Code, errors: Vec<FieldError>) -> Self {
        let told: Vec<_> = errors.iter().map(|error| format!("{}: {}", error.field, error.reason)).collect();
        Self { errors, ..Self::new(code, told.join("; ")) }
    }

    /// Nothing of this kind has this id in this workspace.
    pub(crate) fn not_found(what: &str, id: impl fmt::Display) -> Self {
        Self::new(Code::NotFound, format_args!("there is no {what} {id} in this workspace"))
    }

    /// Whoever asks may not do this.
    pub(crate) fn missing_scope(scope: Scope, actor: &str) -> Self {
        let detail = format!("this needs the scope `{scope}`, which the key \"{actor}\" does not have");
        Self { missing_scope: Some(scope), ..Self::new(Code::MissingScope, detail) }
    }

    pub(crate) const fn code(&self) -> Code {
        self.code
    }

    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    /// Others kept changing it.
    pub(crate) fn contended() -> Self {
        Self::new(Code::Contended, "others kept changing it meanwhile; send the request again")
    }

    /// A neighbour did not answer. What went wrong is logged, and none of the client's business.
    pub(crate) fn unavailable(error: &dyn std::error::Error) -> Self {
        tracing::error!(error = %Chain(error), "a request could not be done");
        Self::new(Code::Unavailable, "a service behind the API did not answer; send the request again")
    }

    /// The same, with what is wrong with each field.
    pub(crate) fn with_errors(self, errors: Vec<FieldError>) -> Self {
        Self { errors, ..self }
    }

    /// The same, naming what is there already or in the way.
    pub(crate) fn existing(self, id: impl fmt::Display) -> Self {
        Self { existing_id: Some(id.to_string()), ..self }
    }

    /// The same, naming the fields that somebody else has changed, and the tag that there is now.
    pub(crate) fn changed(self, changed: Vec<String>, etag: Option<ETag>) -> Self {
        Self { meanwhile: Some(Box::new(Meanwhile { changed, etag })), ..self }
    }

    /// Whether nothing is known of what became of the request's writes.
    pub(crate) fn is_in_doubt(&self) -> bool {
        self.code.status().is_server_error()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.code.status();
        let name = serde_json::to_value(self.code).unwrap_or_default();
        let body = ProblemBody {
            kind: format!("urn:carillon:problem:{}", name.as_str().unwrap_or_default()),
            code: self.code,
            title: self.code.title(),
            status: status.as_u16(),
            detail: &self.detail,
            errors: &self.errors,
            allowed_actions: &self.allowed_actions,
            existing_id: self.existing_id.as_deref(),
            missing_scope: self.missing_scope,
            changed: self.meanwhile.as_ref().map_or(&[], |meanwhile| &meanwhile.changed),
        };
        let text = serde_json::to_string(&body).unwrap_or_default();
        let mut response = (status, [(header::CONTENT_TYPE, PROBLEM_JSON)], text).into_response();
        let headers = response.headers_mut();
        let etag = self.meanwhile.and_then(|meanwhile| meanwhile.etag);
        etag::add_header(headers, etag.map(|etag| etag.quoted()).as_deref());
        if let Some(secs) = self.code.retry_after_secs() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(secs));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::unavailable(&error)
    }
}

impl From<CommitError> for Problem {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Refused(_) => Self::contended(),
            CommitError::Store(error) => Self::unavailable(&error),
        }
    }
}

impl From<QueueError> for Problem {
    fn from(error: QueueError) -> Self {
        Self::unavailable(&error)
    }
}

impl From<FilesError> for Problem {
    fn from(error: FilesError) -> Self {
        Self::unavailable(&error)
    }
}

impl From<LeadSearchError> for Problem {
    fn from(error: LeadSearchError) -> Self {
        Self::unavailable(&error)
    }
}

impl From<RecordingError> for Problem {
    fn from(error: RecordingError) -> Self {
        Self::unavailable(&error)
    }
}

impl From<SecretsError> for Problem {
    fn from(error: SecretsError) -> Self {
        Self::unavailable(&error)
    }
}

impl From<NotAllowed> for Problem {
    fn from(refusal: NotAllowed) -> Self {
        let problem = Self::new(Code::ActionNotAllowed, &refusal);
        Self { allowed_actions: refusal.allowed, ..problem }
    }
}

impl From<LifecycleError> for Problem {
    fn from(error: LifecycleError) -> Self {
        match error {
            LifecycleError::NotFound(id) => Self::not_found("campaign", id),
            LifecycleError::NotAllowed(refusal) => refusal.into(),
            LifecycleError::TooManyRunning { .. } => Self::new(Code::TooManyRunning, error.to_string()),
            LifecycleError::LowCredits(refusal) => Self::new(Code::LowCredits, refusal.message()),
            LifecycleError::NotDue | LifecycleError::Contended => Self::contended(),
            LifecycleError::Store(error) => error.into(),
        }
    }
}
