//! What a client sends of an endpoint.

use std::collections::BTreeSet;

use carillon_adapters::webhook_sender::WebhookSender;
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::webhook_endpoint::WebhookEndpoint;
use carillon_domain::reporting::events::Fact;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::problem::Problem;
use crate::http::validation::{FieldErrors, MAX_NAME_CHARS, present};

/// An address to which events are delivered.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WebhookEndpointForm)]
pub(crate) struct EndpointForm {
    /// Where events are sent by POST: an address of the public internet, by `https`.
    #[schema(example = "https://crm.example.com/carillon", min_length = 1, max_length = 2000)]
    url: String,
    /// What we call it.
    #[serde(default)]
    #[schema(max_length = 200)]
    label: Option<String>,
    /// The events that it gets, by name; all of them if none is named.
    #[serde(default)]
    #[schema(example = json!(["attempt.ended", "lead.settled"]))]
    event_types: BTreeSet<String>,
}

impl EndpointForm {
    pub(super) fn check(&self, sender: &WebhookSender) -> Result<(), Problem> {
        let mut errors = FieldErrors::default();
        if let Err(error) = sender.check(self.url.trim()) {
            errors.push("url", error);
        }
        errors.check_optional_text("label", self.label.as_deref(), MAX_NAME_CHARS);
        for name in &self.event_types {
            if !Fact::ALL.iter().any(|(known, ..)| known == name) {
                errors.push("event_types", unknown(name));
            }
        }
        errors.into_result()
    }

    /// The endpoint with these fields.
    pub(super) fn into_endpoint(self, before: WebhookEndpoint, now: Timestamp) -> WebhookEndpoint {
        let moved = before.moved(self.url.trim().to_owned(), now);
        WebhookEndpoint { label: present(self.label), event_types: self.event_types, ..moved }
    }
}

/// What to say of a name that no event has.
pub(super) fn unknown(name: &str) -> String {
    let all: Vec<_> = Fact::ALL.iter().map(|(known, ..)| *known).collect();
    format!("there is no event `{name}`; there are {}", all.join(", "))
}

impl From<&WebhookEndpoint> for EndpointForm {
    fn from(endpoint: &WebhookEndpoint) -> Self {
        Self {
            url: endpoint.url.clone(),
            label: endpoint.label.clone(),
            event_types: endpoint.event_types.clone(),
        }
    }
}
