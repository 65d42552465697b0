//! Which saved mapping a file is read by.

use std::collections::BTreeMap;

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::importing::without_report;
use carillon_domain::records::import::ImportOptions;
use carillon_domain::records::mapping::MappingName;
use carillon_store::StoreError;

use crate::context::Context;

/// No mapping has the name that a client gave.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no saved mapping `{0}`; `PUT /mappings/{0}` makes it")]
pub struct NoMapping(pub MappingName);

/// What a client said that columns mean: by the mapping that it names, and beside that by header.
pub async fn told(
    context: &Context,
    ws: &WorkspaceId,
    options: &ImportOptions,
) -> Result<Result<BTreeMap<String, String>, NoMapping>, StoreError> {
    let Some(name) = &options.mapping else { return Ok(Ok(options.columns.clone())) };
    let Some(mapping) = context.store.mapping(ws, name).await? else {
        return Ok(Err(NoMapping(name.clone())));
    };
    let mut columns = mapping.columns;
    columns.extend(options.columns.clone());
    Ok(Ok(columns))
}

/// Takes the saved mapping that fits a file with these headers, where the client said nothing of them. The
/// first by name, if several do.
pub async fn fill_in(
    context: &Context,
    ws: &WorkspaceId,
    options: &mut ImportOptions,
    headers: &[String],
) -> Result<(), StoreError> {
    if options.mapping.is_some() || !options.columns.is_empty() {
        return Ok(());
    }
    let headers = without_report(headers);
    let mappings = context.store.mappings(ws).await?;
    if let Some(mapping) =
        mappings.into_iter().find(|mapping| mapping.fits(headers.iter().map(String::as_str)))
    {
        options.mapping = Some(mapping.name);
        options.columns = mapping.columns;
    }
    Ok(())
}
