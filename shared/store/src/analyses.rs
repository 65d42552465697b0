//! What was found in calls, and all that has to be known to find it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use carillon_domain::analysis::goal_test::RecentGoalTests;
use carillon_domain::base::call::Turn;
use carillon_domain::base::ids::{InteractionId, LeadId, WorkspaceId};
use carillon_domain::base::time::{MINUTE_MS, Timestamp};
use carillon_domain::records::analysis::Analysis;
use carillon_domain::records::campaign::Campaign;
use carillon_domain::records::interaction::Interaction;
use carillon_domain::records::lead::Lead;
use carillon_domain::records::workspace::Workspace;

use crate::access::Store;
use crate::error::StoreError;
use crate::interactions::turns_in;
use crate::item::{decode, encode, take};
use crate::keys;
use crate::leads::lead_in;
use crate::table::{Condition, ItemWrite};

/// How long it is remembered whether a workspace has a language model, in milliseconds: most have none, and pay for the question.
const MODEL_REMEMBERED_MS: i64 = MINUTE_MS;
/// Workspaces of which that is remembered.
const WORKSPACES_REMEMBERED: usize = 10_000;

/// Whether workspaces have a language model, each as it was read at a moment.
#[derive(Debug, Default)]
pub(crate) struct KnownModels(Mutex<HashMap<WorkspaceId, (Timestamp, bool)>>);

impl KnownModels {
    fn of(&self, ws: &WorkspaceId, now: Timestamp) -> Option<bool> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (read_at, has_model) = *known.get(ws)?;
        (0..MODEL_REMEMBERED_MS).contains(&now.since_ms(read_at)).then_some(has_model)
    }

    fn remember(&self, ws: &WorkspaceId, has_model: bool, now: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= WORKSPACES_REMEMBERED {
            known.clear();
        }
        known.insert(ws.clone(), (now, has_model));
    }
}

/// A call that may be read, read strongly in one request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnalysisContext {
    pub interaction: Option<Interaction>,
    pub transcript: Vec<Turn>,
    /// What was found before.
    pub stored: Option<Analysis>,
    pub lead: Option<Lead>,
    pub campaign: Option<Campaign>,
    pub workspace: Option<Workspace>,
}

impl Store {
    /// All that has to be known to read a call.
    pub async fn analysis_context(
        &self,
        ws: &WorkspaceId,
        id: &InteractionId,
        lead: &LeadId,
    ) -> Result<AnalysisContext, StoreError> {
        let (interaction, transcript) = (keys::interaction(ws, id), keys::transcript(ws, id));
        let (stored, lead) = (keys::analysis(ws, id), (keys::lead(ws, lead), lead.campaign()));
        let (campaign, workspace) = (keys::campaign(ws, &lead.1), keys::workspace(ws));
        let wanted = [&interaction, &transcript, &stored, &lead.0, &campaign, &workspace];
        let mut items = self.get_all(wanted.into_iter().cloned().collect()).await?;
        Ok(AnalysisContext {
            interaction: take(&mut items, &interaction)?,
            transcript: items.remove(&transcript).map(turns_in).transpose()?.unwrap_or_default(),
            stored: take(&mut items, &stored)?,
            lead: items.remove(&lead.0).map(lead_in).transpose()?.flatten(),
            campaign: take(&mut items, &campaign)?,
            workspace: take(&mut items, &workspace)?,
        })
    }

    /// Whether a workspace had a language model a minute ago at most.
    pub async fn known_to_have_model(&self, ws: &WorkspaceId, now: Timestamp) -> Result<bool, StoreError> {
        if let Some(known) = self.known_models.of(ws, now) {
            return Ok(known);
        }
        let has_model = self.workspace(ws).await?.is_some_and(|workspace| workspace.language_model.is_some());
        self.known_models.remember(ws, has_model, now);
        Ok(has_model)
    }

    /// What was found in these calls, as far as they were read.
    pub async fn analyses<'a>(
        &self,
        ws: &WorkspaceId,
        ids: impl IntoIterator<Item = &'a InteractionId>,
    ) -> Result<HashMap<InteractionId, Analysis>, StoreError> {
        let wanted = ids.into_iter().map(|id| keys::analysis(ws, id)).collect();
        let found = self.get_all(wanted).await?.into_values().map(decode::<Analysis>);
        found.map(|one| one.map(|one| (one.id.clone(), one))).collect()
    }

    /// The goal tests of a workspace that began lately.
    pub async fn recent_goal_tests(&self, ws: &WorkspaceId) -> Result<RecentGoalTests, StoreError> {
        Ok(self.get(keys::goal_tests(ws)).await?.unwrap_or_default())
    }

    /// Notes one more, if nobody else did meanwhile. Says whether it was noted.
    pub async fn note_goal_test(
        &self,
        ws: &WorkspaceId,
        tests: &RecentGoalTests,
    ) -> Result<bool, StoreError> {
        let item = ItemWrite::put(encode(keys::goal_tests(ws), tests)?);
        self.write_if(item, Condition::first_or_one_older(tests.version)).await
    }
}
