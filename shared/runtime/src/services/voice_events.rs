//! What a voice provider tells us by itself: read, and taken to the attempt that it speaks of.

mod attempt_lookup;
mod changed;

use carillon_adapters::voice::webhook;
use carillon_domain::base::call::{VoiceEvent, VoiceProvider};
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::unread_event::{Unread, UnreadCause};

use self::changed::Changed;
use crate::context::Context;

pub use attempt_lookup::IntakeError;

/// Who is asked where an event does not tell what became of its call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// The provider, at once.
    Provider,
    /// Nobody but the planner, about an attempt that flies: who takes the event may not read the provider's key.
    Planner,
}

/// Takes an event whose signature has been checked; answers with what is left of it for a person. The same event
/// twice, late or out of order changes nothing that is true already.
///
/// # Errors
/// [`IntakeError`]; nothing is lost if the event is brought again.
pub async fn take(
    context: &Context,
    ws: &WorkspaceId,
    provider: VoiceProvider,
    (raw_body, signed_at): (&[u8], Timestamp),
    asking: Asking,
) -> Result<Option<Unread>, IntakeError> {
    match webhook::parse_event(provider, raw_body, signed_at) {
        Ok(VoiceEvent::Changed { call, attempt, event: kind, told }) => {
            let (attempt, told) = (attempt.as_ref(), told.as_deref());
            let changed = Changed { provider, call: &call, attempt, kind: &kind, told, asking };
            changed.see_to(context, ws).await
        }
        Ok(VoiceEvent::Unknown { event: kind }) => {
            Ok(Some(Unread { kind: Some(kind), ..Unread::bare(UnreadCause::UnknownType) }))
        }
        Ok(event) => attempt_lookup::take(context, ws, &event).await,
        Err(_) => Ok(Some(Unread::bare(UnreadCause::NotAnEvent))),
    }
}
