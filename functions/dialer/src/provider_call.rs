//! The provider's call that an attempt is.

use carillon_domain::base::call::ProviderCallId;
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::time::Timestamp;
use carillon_domain::calling::outcome::CallUpdate;
use carillon_runtime::context::Context;
use carillon_runtime::services::call_updates;
use carillon_store::ProviderCall;

use crate::error::DialerError;

/// Notes under which ids the provider speaks of a call, then takes the events that came before.
///
/// Both are one item: a webhook either finds the note, or has left its event for us.
pub(crate) async fn note_calls(
    context: &Context,
    ws: &WorkspaceId,
    call: &ProviderCall,
    ids: &[ProviderCallId],
    now: Timestamp,
) -> Result<(), DialerError> {
    for id in ids {
        let early = context.store.note_provider_call(ws, id, call, now).await?.events;
        for news in early.iter().filter_map(CallUpdate::of) {
            call_updates::apply(context, ws, call, news).await?;
        }
    }
    Ok(())
}
