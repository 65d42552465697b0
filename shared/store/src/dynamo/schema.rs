//! The table itself; `infra/template.yaml` describes the same one for AWS.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, TimeToLiveSpecification,
};

use super::{error, unbuilt};
use crate::error::StoreError;
use crate::keys::{INDEX, TTL_ATTRIBUTE};

/// Creates the table if it is not there.
///
/// # Errors
/// [`StoreError::Table`] if the service refuses.
pub async fn create_table(client: &Client, table: &str) -> Result<(), StoreError> {
    if client.describe_table().table_name(table).send().await.is_ok() {
        return Ok(());
    }
    let request = ["pk", "sk", "gsi1pk", "gsi1sk"]
        .into_iter()
        .try_fold(client.create_table().table_name(table), |request, name| {
            Ok(request.attribute_definitions(
                AttributeDefinition::builder()
                    .attribute_name(name)
                    .attribute_type(ScalarAttributeType::S)
                    .build()?,
            ))
        })
        .map_err(unbuilt)?;
    let index = index().map_err(unbuilt)?;
    request
        .key_schema(key("pk", KeyType::Hash).map_err(unbuilt)?)
        .key_schema(key("sk", KeyType::Range).map_err(unbuilt)?)
        .global_secondary_indexes(index)
        .billing_mode(BillingMode::PayPerRequest)
        .send()
        .await
        .map_err(error)?;
    let expiry = TimeToLiveSpecification::builder().enabled(true).attribute_name(TTL_ATTRIBUTE);
    client
        .update_time_to_live()
        .table_name(table)
        .time_to_live_specification(expiry.build().map_err(unbuilt)?)
        .send()
        .await
        .map_err(error)?;
    Ok(())
}

fn key(name: &str, kind: KeyType) -> Result<KeySchemaElement, BuildError> {
    KeySchemaElement::builder().attribute_name(name).key_type(kind).build()
}

fn index() -> Result<GlobalSecondaryIndex, BuildError> {
    GlobalSecondaryIndex::builder()
        .index_name(INDEX)
        .key_schema(key("gsi1pk", KeyType::Hash)?)
        .key_schema(key("gsi1sk", KeyType::Range)?)
        .projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build())
        .build()
}
