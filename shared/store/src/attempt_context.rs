//! What stands around one attempt.

use carillon_domain::base::ids::{AssistantId, CallerNumberId, InteractionId, WorkspaceId};
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::Timestamp;
use carillon_domain::policy::assistant::{Assistant, CallerNumber};
use carillon_domain::records::active_attempt::ActiveAttempt;
use carillon_domain::records::campaign::Campaign;
use carillon_domain::records::interaction::Interaction;
use carillon_domain::records::lead::Lead;
use carillon_domain::records::number_record::NumberRecord;
use carillon_domain::records::workspace::Workspace;
use serde::Deserialize;

use crate::access::Store;
use crate::calls::ProviderCall;
use crate::error::StoreError;
use crate::item::take;
use crate::keys;
use crate::leads::lead_in;
use crate::number_records::{record_keys, records_in};
use crate::table::Key;

/// What stands around one attempt, read strongly in one request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttemptContext {
    /// The active attempt of the number.
    pub active_attempt: Option<ActiveAttempt>,
    pub lead: Option<Lead>,
    pub campaign: Option<Campaign>,
    /// The interaction that records the attempt.
    pub interaction: Option<Interaction>,
    /// What is known of the person's numbers, if asked for.
    pub records: Vec<NumberRecord>,
    /// Until when the end of a call gives the planner nothing to do; not known if who calls is asked for.
    pub rests_until: Option<Timestamp>,
    /// Who calls, if asked for.
    pub voice: Voice,
}

#[derive(Deserialize)]
struct Rest {
    rests_until: Option<Timestamp>,
}

/// Who calls: what the dialler needs besides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Voice {
    pub assistant: Option<Assistant>,
    /// The number that is dialled from.
    pub caller_number: Option<CallerNumber>,
    pub workspace: Option<Workspace>,
}

#[derive(Debug, Clone, Copy)]
pub struct VoiceKeys<'a> {
    pub assistant: &'a AssistantId,
    /// The number that is dialled from.
    pub caller_number: &'a CallerNumberId,
    /// All numbers of the person.
    pub person: &'a [E164],
}

impl Store {
    /// What stands around one attempt, strongly and in one request; with the assistant, the caller
    /// number, the workspace and the person's numbers if they are named.
    pub async fn attempt_context(
        &self,
        ws: &WorkspaceId,
        call: &ProviderCall,
        voice: Option<VoiceKeys<'_>>,
    ) -> Result<AttemptContext, StoreError> {
        let active_attempt = keys::active_attempt(ws, &call.number);
        let lead = keys::lead(ws, &call.lead);
        let campaign = keys::campaign(ws, &call.lead.campaign());
        let interaction = keys::interaction(ws, &InteractionId::of(&call.attempt));
        let mut wanted = vec![active_attempt.clone(), lead.clone(), campaign.clone(), interaction.clone()];
        match &voice {
            None => wanted.push(keys::planning(ws)),
            Some(voice) => wanted.extend(voice.keys(ws)),
        }
        let mut items = self.get_all(wanted).await?;
        Ok(AttemptContext {
            active_attempt: take(&mut items, &active_attempt)?,
            lead: items.remove(&lead).map(lead_in).transpose()?.flatten(),
            campaign: take(&mut items, &campaign)?,
            interaction: take(&mut items, &interaction)?,
            records: match &voice {
                None => Vec::new(),
                Some(voice) => records_in(&mut items, ws, voice.person)?,
            },
            rests_until: take::<Rest>(&mut items, &keys::planning(ws))?.and_then(|rest| rest.rests_until),
            voice: match &voice {
                None => Voice::default(),
                Some(voice) => Voice {
                    assistant: take(&mut items, &keys::assistant(ws, voice.assistant))?,
                    caller_number: take(&mut items, &keys::caller_number(ws, voice.caller_number))?,
                    workspace: take(&mut items, &keys::workspace(ws))?,
                },
            },
        })
    }
}

impl VoiceKeys<'_> {
    fn keys(&self, ws: &WorkspaceId) -> Vec<Key> {
        let voice = [
            keys::assistant(ws, self.assistant),
            keys::caller_number(ws, self.caller_number),
            keys::workspace(ws),
        ];
        let records = record_keys(ws, self.person).into_iter().map(|(key, _)| key);
        voice.into_iter().chain(records).collect()
    }
}
