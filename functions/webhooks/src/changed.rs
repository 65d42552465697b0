//! Events of a form that is not read: the provider is asked what became of the call that they name.

use carillon_domain::base::call::{Inquiry, ProviderCallId, VoiceProvider};
use carillon_domain::base::ids::{AttemptId, InteractionId, WorkspaceId};
use carillon_domain::calling::outcome::CallUpdate;
use carillon_domain::records::unread_event::{Unread, UnreadCause};
use carillon_runtime::batch::Chain;
use carillon_runtime::context::{Context, provider_key_name};
use carillon_runtime::services::call_updates;
use carillon_store::ProviderCall;

use crate::attempt_lookup::{self, IntakeError, of_attempt};

/// What such an event says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Changed<'a> {
    /// The provider's id of the call.
    pub(crate) call: &'a ProviderCallId,
    /// Our attempt, where the event carries it.
    pub(crate) attempt: Option<&'a AttemptId>,
    /// Its type, in the provider's words.
    pub(crate) kind: &'a str,
}

impl Changed<'_> {
    /// Has the provider asked: at once by the planner about an attempt that flies, here about any other call. Answers
    /// with what is left for a person to look at.
    pub(crate) async fn ask(
        self,
        context: &Context,
        ws: &WorkspaceId,
        provider: VoiceProvider,
    ) -> Result<Option<Unread>, IntakeError> {
        let known = match self.attempt {
            Some(attempt) => of_attempt(context, ws, attempt).await?,
            None => context.store.call_trail(ws, self.call).await?.call,
        };
        let is_told = match &known {
            Some(call) => self.ask_of_attempt(context, ws, provider, call).await?,
            None => self.ask_of_call(context, ws, provider).await?,
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
        provider: VoiceProvider,
        call: &ProviderCall,
    ) -> Result<Told, IntakeError> {
        let active_attempt = context.store.active_attempt(ws, &call.number).await?;
        if active_attempt.is_some_and(|it| it.attempt == call.attempt) {
            call_updates::apply(context, ws, call, CallUpdate::Changed).await?;
            return Ok(Told::All);
        }
        let record = context.store.interaction(ws, &InteractionId::of(&call.attempt)).await?;
        let (Some(record), Some(key)) = (record, key(context, ws, provider).await) else {
            return Ok(Told::Nothing);
        };
        match context.voice.inquire(provider, &key, &call.attempt, record.started_at).await {
            Ok(Inquiry::Ended { report, .. }) => {
                call_updates::apply(context, ws, call, CallUpdate::Ended(&report)).await?;
                Ok(Told::All)
            }
            Ok(Inquiry::NotFound | Inquiry::InProgress { .. }) => Ok(Told::Nothing),
            Err(error) => Ok(self.unanswered(&error)),
        }
    }

    async fn ask_of_call(
        self,
        context: &Context,
        ws: &WorkspaceId,
        provider: VoiceProvider,
    ) -> Result<Told, IntakeError> {
        let Some(key) = key(context, ws, provider).await else { return Ok(Told::Nothing) };
        match context.voice.look_up(provider, &key, self.call, context.now()).await {
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
}

/// What is known of the call after the question.
enum Told {
    All,
    Nothing,
    /// All, and something of it is left for a person.
    But(Unread),
}

/// The provider's key; none if there is none to be had: then nobody can be asked.
async fn key(context: &Context, ws: &WorkspaceId, provider: VoiceProvider) -> Option<String> {
    let key = context.secrets.get(&provider_key_name(ws, provider)).await;
    Some(key.ok()??.expose().to_owned())
}
