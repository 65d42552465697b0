//! One object in place of several of which one is closed: all together would allow nothing.

use std::collections::BTreeMap;

use utoipa::openapi::schema::{AdditionalProperties, AllOf, Object, Type};
use utoipa::openapi::{Components, RefOr, Schema};

/// Merges the parts of each schema that is made of a closed one and others.
pub(super) fn merge_closed(components: &mut Components) {
    let merged: BTreeMap<String, Object> = components
        .schemas
        .iter()
        .filter_map(|(name, schema)| {
            let RefOr::T(Schema::AllOf(all)) = schema else { return None };
            let parts: Vec<&Object> = all.items.iter().filter_map(|item| object(components, item)).collect();
            let is_whole = parts.len() == all.items.len();
            (is_whole && parts.iter().any(|part| is_closed(part))).then(|| (name.clone(), merge(all, &parts)))
        })
        .collect();
    components.schemas.extend(merged.into_iter().map(|(name, object)| (name, Schema::Object(object).into())));
}

fn object<'a>(components: &'a Components, schema: &'a RefOr<Schema>) -> Option<&'a Object> {
    match schema {
        RefOr::T(Schema::Object(object)) => Some(object),
        RefOr::T(_) => None,
        RefOr::Ref(to) => object(components, components.schemas.get(to.ref_location.rsplit('/').next()?)?),
    }
}

fn is_closed(object: &Object) -> bool {
    matches!(object.additional_properties.as_deref(), Some(AdditionalProperties::FreeForm(false)))
}

fn merge(all: &AllOf, parts: &[&Object]) -> Object {
    let mut merged = Object::with_type(Type::Object);
    merged.description.clone_from(&all.description);
    for part in parts {
        merged.properties.extend(part.properties.clone());
        merged.required.extend(part.required.clone());
    }
    merged
}
