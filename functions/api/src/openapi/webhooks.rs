//! What subscribers get: one event each, in the section of webhooks.

use carillon_domain::reporting::events::Fact;
use utoipa::openapi::path::{HttpMethod, OperationBuilder, PathItem, Paths, PathsBuilder};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{AllOfBuilder, KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{Components, ContentBuilder, Ref, Required, ResponseBuilder};

/// What all events have.
const ENVELOPE: &str = "Event";

/// The section, whose schemas refer to [`ENVELOPE`] and to those of the facts.
pub(super) fn section(components: &mut Components) -> Paths {
    components.schemas.insert(ENVELOPE.to_owned(), envelope().into());
    let told = Fact::ALL.iter().map(|(name, data, says)| (*name, told(name, data, says)));
    told.fold(PathsBuilder::new(), |paths, (name, item)| paths.path(name, item)).build()
}

fn told(name: &str, data: &str, says: &str) -> PathItem {
    let kind = ObjectBuilder::new().schema_type(Type::String).enum_values(Some([name]));
    let own = ObjectBuilder::new()
        .property("type", kind)
        .required("type")
        .property("data", Ref::from_schema_name(data))
        .required("data");
    let event = AllOfBuilder::new().item(Ref::from_schema_name(ENVELOPE)).item(own);
    let content = ContentBuilder::new().schema(Some(event)).build();
    let body = RequestBodyBuilder::new().content("application/json", content).required(Some(Required::True));
    let operation = OperationBuilder::new()
        .operation_id(Some(name))
        .summary(Some(says.trim()))
        .request_body(Some(body.build()))
        .response("2XX", ResponseBuilder::new().description("Taken"));
    PathItem::new(HttpMethod::Post, operation)
}

fn envelope() -> utoipa::openapi::Schema {
    let text = |says: &str| ObjectBuilder::new().schema_type(Type::String).description(Some(says.to_owned()));
    let moment = text("When it happened; of a call, when it began or ended (RFC 3339).")
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)));
    let sequence = "Counts the events of the campaign from 1 on, without gaps; of the workspace, where there is no \
        campaign. The events of one lead, and of one call, stand in the order of its changes.";
    ObjectBuilder::new()
        .description(Some("Something that happened. It may come again, under the same id and number."))
        .property("id", text("Its id, such as `evt_01ARYZ6S41TSV4RRFFQ69G5FAV`."))
        .required("id")
        .property("workspace_id", text("The workspace."))
        .required("workspace_id")
        .property(
            "campaign_id",
            ObjectBuilder::new()
                .schema_type(utoipa::openapi::schema::SchemaType::from_iter([Type::String, Type::Null]))
                .description(Some("The campaign; null if it concerns none.")),
        )
        .required("campaign_id")
        .property("sequence", ObjectBuilder::new().schema_type(Type::Integer).description(Some(sequence)))
        .required("sequence")
        .property("timestamp", moment)
        .required("timestamp")
        .build()
        .into()
}
