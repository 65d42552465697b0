//! Tags, and changes on condition of one: the same words for each operation that has them.

use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Required};

use super::problem;

const ETAG: &str = "ETag";
/// What `If-Match` may be (RFC 9110, section 13.1.1).
const CONDITION: &str = r#"^(\*|(W/)?"[!#-~]*"(, ?(W/)?"[!#-~]*")*)$"#;

/// Says that each answer with a body carries a tag.
pub(crate) fn add_etag(operation: &mut Operation) {
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response
            && !response.content.is_empty()
        {
            response.headers.insert(ETAG.to_owned(), RefOr::T(etag()));
        }
    }
}

/// Says that the operation is done only on what the client has seen, if it says so.
pub(crate) fn add_if_match(operation: &mut Operation) {
    const SAYS: &str = "Do it only if the resource still has this `ETag`, or one of several with commas between; \
        `*` means any.";
    const OF_PATCHES: &str = "Without it a patch undoes nobody else's all the same: of a field that somebody else \
        changes at the same moment it is refused with `edit_conflict`.";
    let is_patch = operation.operation_id.as_ref().is_some_and(|id| id.starts_with("change_"));
    let says = if is_patch { format!("{SAYS} {OF_PATCHES}") } else { SAYS.to_owned() };
    let parameter = ParameterBuilder::new()
        .name("If-Match")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(says))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).pattern(Some(CONDITION))));
    operation.parameters.get_or_insert_default().push(RefOr::T(parameter.build()));
    let refused =
        problem("It is not as `If-Match` says; `changed` names what has changed").header(ETAG, etag());
    operation.responses.responses.insert("412".to_owned(), RefOr::T(refused.build()));
}

fn etag() -> Header {
    HeaderBuilder::new()
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .description(Some(
            "Names what clients may change of it, as it is now; counts and times may move without it. Send it as \
             `If-Match` with a change",
        ))
        .build()
}
