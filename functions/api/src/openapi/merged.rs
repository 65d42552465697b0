//! One object in place of several of which one is closed: all together would allow nothing.

use utoipa::openapi::schema::{AdditionalProperties, AllOf, ArrayItems, Object, Type};
use utoipa::openapi::{Components, OpenApi, RefOr, Schema};

use super::operations;

/// Merges the parts of each schema that is made of a closed one and others.
pub(super) fn merge_closed(openapi: &mut OpenApi) {
    let Some(components) = &mut openapi.components else { return };
    let known = components.clone();
    components.schemas.values_mut().for_each(|schema| merge_within(&known, schema));
    for operation in openapi.paths.paths.values_mut().flat_map(operations) {
        for response in operation.responses.responses.values_mut() {
            let RefOr::T(response) = response else { continue };
            for content in response.content.values_mut() {
                if let RefOr::T(content) = content {
                    content.schema.iter_mut().for_each(|schema| merge_within(&known, schema));
                }
            }
        }
    }
}

fn merge_within(known: &Components, schema: &mut RefOr<Schema>) {
    let RefOr::T(inner) = schema else { return };
    match inner {
        Schema::AllOf(all) => {
            if let Some(merged) = merged(known, all) {
                *schema = Schema::Object(merged).into();
            }
        }
        Schema::Object(object) => object.properties.values_mut().for_each(|part| merge_within(known, part)),
        Schema::Array(list) => {
            if let ArrayItems::RefOrSchema(item) = &mut list.items {
                merge_within(known, item);
            }
        }
        Schema::OneOf(any) => any.items.iter_mut().for_each(|part| merge_within(known, part)),
        _ => {}
    }
}

/// The parts as one object, if all are objects and one of them is closed.
fn merged(known: &Components, all: &AllOf) -> Option<Object> {
    let parts = all.items.iter().map(|item| object(known, item)).collect::<Option<Vec<_>>>()?;
    if !parts.iter().any(|part| is_closed(part)) {
        return None;
    }
    let mut merged = Object::with_type(Type::Object);
    merged.description.clone_from(&all.description);
    for part in parts {
        merged.properties.extend(part.properties.clone());
        merged.required.extend(part.required.clone());
    }
    Some(merged)
}

fn object<'a>(known: &'a Components, schema: &'a RefOr<Schema>) -> Option<&'a Object> {
    match schema {
        RefOr::T(Schema::Object(object)) => Some(object),
        RefOr::T(_) => None,
        RefOr::Ref(to) => object(known, known.schemas.get(to.ref_location.rsplit('/').next()?)?),
    }
}

fn is_closed(object: &Object) -> bool {
    matches!(object.additional_properties.as_deref(), Some(AdditionalProperties::FreeForm(false)))
}
