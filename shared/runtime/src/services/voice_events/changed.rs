//! Events of a form that is not read: the provider is asked what became of the call that they name.

use carillon_adapters::voice::SoughtCall;
use carillon_domain::base::call::{Inquiry, ProviderCallId, VoiceEvent, VoiceProvider};
use carillon_domain::base::ids::{AttemptId, InteractionId, WorkspaceId};
use carillon_domain::calling::outcome::CallUpdate;
use carillon_domain::records::unread_event::{Unread, UnreadCause};
use carillon_store::ProviderCall;

use super::Asking;
use super::attempt_lookup::{self, IntakeError, of_attempt};
use crate::batch::Chain;
use crate::context::{Context, provider_key_name};
use crate::services::call_updates;

/// What such an event says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Changed<'a> {
    pub(super) provider: VoiceProvider,
    /// The provider's id of the call.
    pub(super) call: &'a ProviderCallId,
    /// Our attempt, where the event carries it.
    pub(super) attempt: Option<&'a AttemptId>,
    /// Its type, in the provider's words.
    pub(super) kind: &'a str,
    /// What can be read of it all the same.
    pub(super) told: Option<&'a VoiceEvent>,
    pub(super) asking: Asking,
}

impl Changed<'_> {
    /// Has the provider asked: here, or by the planner about an attempt that flies. Answers with what is left for a
    /// person to look at.
    pub(super) async fn see_to(
        self,
        context: &Context,
        ws: &WorkspaceId,
    ) -> Result<Option<Unread>, IntakeError> {
        if let Some(told) = self.told {
            tracing::warn!(workspace = %ws, kind = self.kind, "the provider sends a form that does not tell all of a call");
            // The call is over: only what the provider says of it in full is more than what the event tells.
            return match self.ask_of_call(context, ws).await? {
                Told::All => Ok(None),
                Told::But(unread) => Ok(Some(unread)),
                Told::Nothing => attempt_lookup::take(context, ws, told).await,
            };
        }
        let known = match self.attempt {
            Some(attempt) => of_attempt(context, ws, attempt).await?,
            None => context.store.call_trail(ws, self.call).await?.call,
        };
        let is_told = match &known {
            Some(call) => self.ask_of_attempt(context, ws, call).await?,
            None => self.ask_of_call(context, ws).await?,
        };
        match is_told {
            Told::All => Ok(None),
            Told::But(unread) => Ok(Some(unread)),
            Told::Nothing => Ok(Some(Unread {
                kind: Some(self.kind.to_owned()),
                call: Some(self.call.clone()),
                interaction: known.map(|call| InteractionId::of(&call.attempt)),
                ..Unread::bare(UnreadCause::NotTold)
            })),
        }
    }

    async fn ask_of_attempt(
        self,
        context: &Context,
        ws: &WorkspaceId,
        call: &ProviderCall,
    ) -> Result<Told, IntakeError> {
        let active_attempt = context.store.active_attempt(ws, &call.number).await?;
        if active_attempt.is_some_and(|it| it.attempt == call.attempt) {
            call_updates::apply(context, ws, call, CallUpdate::Changed).await?;
            return Ok(Told::All);
        }
        let record = context.store.interaction(ws, &InteractionId::of(&call.attempt)).await?;
        let (Some(record), Some(key)) = (record, self.key(context, ws).await) else {
            return Ok(Told::Nothing);
        };
        // The call is over for us: only what was said in it is more.
        let sought = SoughtCall {
            provider: self.provider,
            attempt: &call.attempt,
            placed_at: record.started_at,
            now: context.now(),
            leg: None,
        };
        match context.voice.inquire(&key, sought).await {
            Ok(Inquiry::Ended { report, .. }) => {
                call_updates::apply(context, ws, call, CallUpdate::Found(&report)).await?;
                Ok(Told::All)
            }
            Ok(Inquiry::NotFound | Inquiry::InProgress { .. }) => Ok(Told::Nothing),
            Err(error) => Ok(self.unanswered(&error)),
        }
    }

    async fn ask_of_call(self, context: &Context, ws: &WorkspaceId) -> Result<Told, IntakeError> {
        let Some(key) = self.key(context, ws).await else { return Ok(Told::Nothing) };
        match context.voice.look_up(self.provider, &key, self.call, context.now()).await {
            Ok(Some(event)) => {
                Ok(attempt_lookup::take(context, ws, &event).await?.map_or(Told::All, Told::But))
            }
            Ok(None) => Ok(Told::Nothing),
            Err(error) => Ok(self.unanswered(&error)),
        }
    }

    fn unanswered(self, error: &dyn std::error::Error) -> Told {
        tracing::warn!(call = self.call.0, error = %Chain(error), "the provider did not tell of a call");
        Told::Nothing
    }

    /// The provider's key; none if there is none to be had: then nobody can be asked.
    async fn key(self, context: &Context, ws: &WorkspaceId) -> Option<String> {
        if self.asking == Asking::Planner {
            return None;
        }
        let key = context.secrets.get(&provider_key_name(ws, self.provider)).await;
        Some(key.ok()??.expose().to_owned())
    }
}

/// What is known of the call after the question.
enum Told {
    All,
    Nothing,
    /// All, and something of it is left for a person.
    But(Unread),
}
