//! What texts may hold: ids in paths, cursors in queries, and the texts of bodies.

use std::collections::BTreeSet;

use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, Object, SchemaType, Type};
use utoipa::openapi::{Components, OpenApi, Ref, RefOr, Schema};

use super::operations;

/// A text without control characters; tabs and line ends are none (ECMA-262).
const TEXT: &str = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$";
/// The same, with something in it that can be seen.
const SOME_TEXT: &str = concat!(
    r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*",
    r"[^\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]",
    r"[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$"
);
/// What stands in paths, and the schema that says what it looks like.
const IN_PATHS: [(&str, &str); 17] = [
    ("campaign_id", "CampaignId"),
    ("lead_id", "LeadId"),
    ("contact_id", "ContactId"),
    ("contact_list_id", "ContactListId"),
    ("import_id", "ImportId"),
    ("job_id", "JobId"),
    ("assistant_id", "AssistantId"),
    ("caller_number_id", "CallerNumberId"),
    ("interaction_id", "InteractionId"),
    ("key_id", "KeyId"),
    ("event_id", "UnreadEventId"),
    ("endpoint_id", "WebhookEndpointId"),
    ("delivery_id", "DeliveryId"),
    ("list", "ListName"),
    ("mapping", "MappingName"),
    ("number", "E164"),
    ("provider", "Provider"),
];

/// Says of every text that a client may send what it may hold.
pub(super) fn describe(openapi: &mut OpenApi) {
    let mut sent = BTreeSet::new();
    for operation in openapi.paths.paths.values_mut().flat_map(operations) {
        operation.parameters.iter_mut().flatten().for_each(|parameter| {
            if let RefOr::T(parameter) = parameter {
                describe_parameter(parameter);
            }
        });
        sent.extend(body_of(operation));
    }
    let Some(components) = &mut openapi.components else { return };
    for name in with_parts(components, sent) {
        if let Some(schema) = components.schemas.get_mut(&name) {
            each_text(schema, &mut restrict);
        }
    }
}

fn describe_parameter(parameter: &mut Parameter) {
    let known = IN_PATHS.iter().find(|(name, _)| *name == parameter.name);
    match (&parameter.parameter_in, known) {
        (ParameterIn::Path, Some((_, schema))) => {
            parameter.schema = Some(Ref::from_schema_name(*schema).into());
        }
        (ParameterIn::Query, _) => {
            parameter.schema.iter_mut().for_each(|schema| each_text(schema, &mut restrict));
        }
        _ => {}
    }
}

fn restrict(text: &mut Object) {
    let is_some = text.min_length.is_some_and(|least| least > 0);
    text.pattern = Some(if is_some { SOME_TEXT } else { TEXT }.to_owned());
}

/// The schemas that an operation's body names.
fn body_of(operation: &Operation) -> Vec<String> {
    let mut names = Vec::new();
    if let Some(RefOr::T(body)) = &operation.request_body {
        let schemas = body.content.values().filter_map(|content| match content {
            RefOr::T(content) => content.schema.as_ref(),
            RefOr::Ref(_) => None,
        });
        schemas.for_each(|schema| refer(schema, &mut names));
    }
    names
}

/// These schemas and those of their parts.
fn with_parts(components: &Components, mut open: BTreeSet<String>) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    while let Some(name) = open.pop_first() {
        let mut parts = Vec::new();
        components.schemas.get(&name).iter().for_each(|schema| refer(schema, &mut parts));
        seen.insert(name);
        open.extend(parts.into_iter().filter(|part| !seen.contains(part)));
    }
    seen
}

/// Notes the names of the schemas that this one refers to.
fn refer(schema: &RefOr<Schema>, names: &mut Vec<String>) {
    match schema {
        RefOr::Ref(to) => names.extend(to.ref_location.rsplit('/').next().map(str::to_owned)),
        RefOr::T(Schema::Object(object)) => {
            object.properties.values().for_each(|part| refer(part, names));
            if let Some(AdditionalProperties::RefOr(part)) = object.additional_properties.as_deref() {
                refer(part, names);
            }
        }
        RefOr::T(Schema::Array(list)) => {
            if let ArrayItems::RefOrSchema(item) = &list.items {
                refer(item, names);
            }
        }
        RefOr::T(Schema::OneOf(any)) => any.items.iter().for_each(|part| refer(part, names)),
        RefOr::T(Schema::AnyOf(any)) => any.items.iter().for_each(|part| refer(part, names)),
        RefOr::T(Schema::AllOf(all)) => all.items.iter().for_each(|part| refer(part, names)),
        RefOr::T(_) => {}
    }
}

/// Does this to each text that is not described by more than its length.
fn each_text(schema: &mut RefOr<Schema>, act: &mut impl FnMut(&mut Object)) {
    let RefOr::T(schema) = schema else { return };
    match schema {
        Schema::Object(object) => {
            object.properties.values_mut().for_each(|part| each_text(part, act));
            if let Some(AdditionalProperties::RefOr(part)) = object.additional_properties.as_deref_mut() {
                each_text(part, act);
            }
            let is_plain =
                object.pattern.is_none() && object.format.is_none() && object.enum_values.is_none();
            if is_plain && is_text(&object.schema_type) {
                act(object);
            }
        }
        Schema::Array(list) => {
            if let ArrayItems::RefOrSchema(item) = &mut list.items {
                each_text(item, act);
            }
        }
        Schema::OneOf(any) => any.items.iter_mut().for_each(|part| each_text(part, act)),
        Schema::AnyOf(any) => any.items.iter_mut().for_each(|part| each_text(part, act)),
        Schema::AllOf(all) => all.items.iter_mut().for_each(|part| each_text(part, act)),
        _ => {}
    }
}

fn is_text(kind: &SchemaType) -> bool {
    match kind {
        SchemaType::Type(kind) => *kind == Type::String,
        SchemaType::Array(kinds) => kinds.contains(&Type::String),
        SchemaType::AnyValue => false,
    }
}
