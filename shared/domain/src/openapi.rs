//! How what is written as text, or in a form of its own, stands in the description of the API.

use utoipa::openapi::KnownFormat;
use utoipa::openapi::schema::{Object, ObjectBuilder, SchemaFormat, Type};

use crate::base::ids::{
    AssistantId, AuditId, CallerNumberId, CampaignId, ContactId, ContactListId, DeliveryId, EventId,
    ImportId, InteractionId, JobId, KeyId, LeadId, TopUpId, UnreadEventId, WebhookEndpointId, WorkspaceId,
};
use crate::base::numbering::Country;
use crate::base::phone::E164;
use crate::base::scope::Scope;
use crate::base::time::Timestamp;
use crate::base::zone::{Jurisdiction, Zone};
use crate::policy::do_not_call::ListName;
use crate::policy::rules::RuleScope;
use crate::policy::schedule::TimeOfDay;
use crate::records::mapping::MappingName;

/// A text; one without a pattern is checked by more than its letters.
fn text(description: &str, example: &str, pattern: Option<String>) -> Object {
    let text = ObjectBuilder::new().schema_type(Type::String).description(Some(description));
    text.examples([example]).pattern(pattern).build()
}

macro_rules! texts {
    ($($name:ident: $schema:expr;)*) => {$(
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                Object::from($schema).into()
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
        }
    )*};
}

macro_rules! ids {
    ($($name:ident: $what:literal, $body:literal;)*) => {
        texts! {$(
            $name: {
                let pattern = format!("^{}[0-9A-HJKMNP-TV-Z]{{{}}}$", $name::PREFIX, $body.len());
                text($what, &format!("{}{}", $name::PREFIX, $body), Some(pattern))
            };
        )*}
    };
}

ids! {
    WorkspaceId: "The id of a workspace.", "01ARYZ6S41TSV4RRFFQ69G5FAV";
    CampaignId: "The id of a campaign.", "01ARYZ6S41TSV4RRFFQ69G5FAV";
    LeadId: "The id of a lead.", "01ARYZ6S41TSV4RRFFQ69G5FAV4B1CD2EF3GH4JK5M";
    AssistantId: "The id of an assistant.", "01ARYZ6S41TSV4RRFFQ69G5FAV";
    CallerNumberId: "The id of a caller number.", "01ARYZ6S41TSV4RRFFQ69G5FAV";
    InteractionId: "The id of an interaction.", "01ARYZ6S41TSV4RRFFQ69G5FAV";
    WebhookEndpointId: "The id of an endpoint of webhooks.", "01ARYZ6S41TSV4RRFFQ69G5FAV";
    DeliveryId: "The id of a delivery.", "01ARYZ6S41TSV4RRFFQ69G5FAV";
    EventId: "The id of an event.", "01ARYZ6S41TSV4RRFFQ69G5FAV";
    TopUpId: "The id of a top-up.", "01ARYZ6S41TSV4RRFFQ69G5FAV";
    ImportId: "The id of an import.", "01ARYZ6S41TSV4RRFFQ69G5FAV";
    AuditId: "The id of an entry of the audit log.", "01ARYZ6S41TSV4RRFFQ69G5FAV";
    JobId: "The id of a job.", "01ARYZ6S41TSV4RRFFQ69G5FAV";
    KeyId: "The id of an API key.", "01ARYZ6S41TSV4RRFFQ69G5FAV";
    ContactId: "The id of a contact.", "01ARYZ6S41TSV4RRFFQ69G5FAV";
    ContactListId: "The id of a contact list.", "01ARYZ6S41TSV4RRFFQ69G5FAV";
    UnreadEventId: "The id of an event that waits for a person.", "5A9JZ6S41TSV4RRF";
}

texts! {
    Timestamp: {
        let what = "A moment (RFC 3339), in UTC to the millisecond when it is shown.";
        let mut moment = text(what, "2026-11-23T14:30:00.000Z", None);
        moment.format = Some(SchemaFormat::KnownFormat(KnownFormat::DateTime));
        moment
    };
    E164: text("A number in its international form (E.164).", "+4930901820", Some(r"^\+[1-9][0-9]{6,14}$".into()));
    Country: text("A country (ISO 3166-1 alpha-2).", "DE", Some("^[A-Z]{2}$".into()));
    MappingName: text("The name of a saved mapping.", "crm_export", Some("^[a-z0-9_-]{1,40}$".into()));
    ListName: text("The name of a do-not-call list.", "do_not_call", Some("^[a-z0-9_-]{1,40}$".into()));
    TimeOfDay: text("A time of day.", "09:00", Some("^([01][0-9]|2[0-3]):[0-5][0-9]$".into()));
    Zone: text(
        "On whose clocks somebody may be called: one time zone (IANA), several with `&` between them, of which \
         every one must allow it, or `campaign` where none is known; with whose law they are under behind an \
         `@`, where that stands in no field of its own.",
        "Europe/Berlin@DE",
        None,
    );
    Scope: {
        let mut scope = text("What an operation of the API needs, and a key may have.", "campaigns:read", None);
        scope.enum_values = Some(Scope::ALL.iter().map(|scope| scope.name().into()).collect());
        scope
    };
    Jurisdiction: text("Whose law a number is under: a country, or a state of the US.", "US-FL", None);
    RuleScope: text(
        "Where a rule holds: a country (`FR`), a state (`US-FL`), `US` for all states, `US-*` for numbers whose \
         state is not known, a group of countries (`EU`, `FR and overseas`, `US and territories`), `*` for \
         everywhere, or `otherwise` where no other built-in rule sets hours.",
        "US and territories",
        None,
    );
}
