//! What a changed entity tells.

use super::event::Event;
use super::fact::{
    AnalysisFacts, CampaignFacts, Charge, Fact, ImportFacts, InteractionFacts, LeadFacts, TopUpFacts,
    WebhookEndpointFacts,
};
use crate::base::ids::{CampaignId, EventId};
use crate::base::time::Timestamp;
use crate::records::analysis::Analysis;
use crate::records::campaign::{Campaign, CampaignStatus};
use crate::records::credits::TopUp;
use crate::records::import::{Import, ImportStatus};
use crate::records::interaction::{Interaction, InteractionStatus};
use crate::records::lead::Lead;
use crate::records::webhook_endpoint::{EndpointStatus, WebhookEndpoint};

/// An entity before and after; none before is a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "one is made, looked at and dropped")]
pub enum Change {
    Campaign {
        before: Option<Campaign>,
        after: Campaign,
    },
    /// With everything that belonged to it.
    CampaignRemoved(Campaign),
    Lead {
        before: Option<Lead>,
        after: Lead,
    },
    LeadRemoved(Lead),
    Interaction {
        before: Option<Interaction>,
        after: Interaction,
    },
    Analysis {
        before: Option<Analysis>,
        after: Analysis,
    },
    Import {
        before: Option<Import>,
        after: Import,
    },
    TopUp(TopUp),
    WebhookEndpoint {
        before: Option<WebhookEndpoint>,
        after: WebhookEndpoint,
    },
}

impl Change {
    /// What the change tells. Only a new version does: what is kept of a removed campaign's calls, for
    /// one, is stored under the version that it had.
    pub fn events(&self) -> Vec<Event> {
        match self {
            Self::Campaign { before: Some(before), after } if before.version == after.version => Vec::new(),
            Self::Campaign { before, after } => {
                let status = before.as_ref().map(|before| &before.status);
                vec![of_campaign(campaign_fact(status, &after.status), after)]
            }
            Self::CampaignRemoved(campaign) => vec![of_campaign(Fact::CampaignRemoved, campaign)],
            Self::Lead { before: Some(before), after } if before.version == after.version => Vec::new(),
            Self::Lead { before, after } => vec![of_lead(before.as_ref(), after)],
            Self::LeadRemoved(lead) => {
                let (id, campaign) = (lead.id.as_str(), Some(lead.id.campaign()));
                let fact = Fact::LeadRemoved(LeadFacts::from(lead));
                vec![event(id, lead.version, lead.updated_at, campaign, fact)]
            }
            Self::Interaction { before: Some(before), after } if before.version == after.version => {
                Vec::new()
            }
            Self::Interaction { before, after } => of_interaction(before.as_ref(), after),
            Self::Analysis { before: Some(before), after } if before.version == after.version => Vec::new(),
            Self::Analysis { before, after } => of_analysis(before.as_ref(), after),
            Self::Import { before: Some(before), after } if before.version == after.version => Vec::new(),
            Self::Import { before, after } => vec![of_import(before.as_ref(), after)],
            Self::TopUp(top_up) => {
                let fact = Fact::CreditsToppedUp(TopUpFacts::from(top_up));
                vec![event(top_up.id.as_str(), 1, top_up.at, None, fact)]
            }
            Self::WebhookEndpoint { before, after } => {
                let was = before.as_ref().map(|before| before.status);
                if was == Some(after.status) { Vec::new() } else { vec![of_endpoint(after)] }
            }
        }
    }
}

/// An event of a version of an entity.
fn event(entity: &str, version: u64, at: Timestamp, campaign_id: Option<CampaignId>, fact: Fact) -> Event {
    Event { id: EventId::derive(entity, version, fact.name(), at), at, campaign_id, fact }
}

fn of_endpoint(endpoint: &WebhookEndpoint) -> Event {
    let facts = WebhookEndpointFacts::from(endpoint);
    let fact = match endpoint.status {
        EndpointStatus::Enabled => Fact::WebhookEndpointEnabled(facts),
        EndpointStatus::Disabled | EndpointStatus::Gone => Fact::WebhookEndpointDisabled(facts),
        EndpointStatus::Parked => Fact::WebhookEndpointParked(facts),
    };
    event(endpoint.id.as_str(), endpoint.version, endpoint.updated_at, None, fact)
}

fn of_campaign(fact: fn(CampaignFacts) -> Fact, campaign: &Campaign) -> Event {
    let fact = fact(CampaignFacts::from(campaign));
    event(campaign.id.as_str(), campaign.version, campaign.updated_at, Some(campaign.id.clone()), fact)
}

fn campaign_fact(before: Option<&CampaignStatus>, after: &CampaignStatus) -> fn(CampaignFacts) -> Fact {
    let Some(before) = before else { return Fact::CampaignCreated };
    if before.name() == after.name() {
        return Fact::CampaignUpdated;
    }
    match (before, after) {
        (_, CampaignStatus::Draft) => Fact::CampaignUnscheduled,
        (_, CampaignStatus::Scheduled { .. }) => Fact::CampaignScheduled,
        (CampaignStatus::Paused { .. }, CampaignStatus::Running | CampaignStatus::Completing) => {
            Fact::CampaignResumed
        }
        (CampaignStatus::Completed, CampaignStatus::Running | CampaignStatus::Completing) => {
            Fact::CampaignReopened
        }
        (
            CampaignStatus::Draft
            | CampaignStatus::Scheduled { .. }
            | CampaignStatus::Running
            | CampaignStatus::Completing
            | CampaignStatus::Cancelled,
            CampaignStatus::Running | CampaignStatus::Completing,
        ) => Fact::CampaignStarted,
        (_, CampaignStatus::Paused { .. }) => Fact::CampaignPaused,
        (_, CampaignStatus::Completed) => Fact::CampaignCompleted,
        (_, CampaignStatus::Cancelled) => Fact::CampaignCancelled,
    }
}

fn of_lead(before: Option<&Lead>, after: &Lead) -> Event {
    let facts = LeadFacts::from(after);
    let fact = match before {
        None => Fact::LeadCreated(facts),
        Some(before) if after.state.is_settled() && !before.state.is_settled() => Fact::LeadSettled(facts),
        Some(_) => Fact::LeadUpdated(facts),
    };
    event(after.id.as_str(), after.version, after.updated_at, Some(after.id.campaign()), fact)
}

fn of_interaction(before: Option<&Interaction>, after: &Interaction) -> Vec<Event> {
    let at = after.ended_at.unwrap_or(after.started_at);
    let event = |fact| event(after.id.as_str(), after.version, at, Some(after.campaign.clone()), fact);
    let facts = InteractionFacts::from(after);
    // A call that somebody asked for has no number until it is dialled.
    let was_dialled = before.is_some_and(|before| before.number.is_some());
    let was_open = before.is_none_or(|before| is_open(before.status));
    let fact = match (was_dialled, after.number.is_some(), was_open, is_open(after.status)) {
        (false, true, true, true) => Fact::AttemptStarted(facts),
        (_, true, true, false) => Fact::AttemptEnded(facts),
        (_, false, true, false) => Fact::InteractionRefused(facts),
        (_, false, _, true) if before.is_none() => Fact::InteractionRequested(facts),
        _ => Fact::InteractionUpdated(facts),
    };
    let micros = cost(Some(after)) - cost(before);
    let charge = Charge { interaction_id: after.id.clone(), micros };
    let charged = (micros != 0).then(|| event(Fact::CreditsCharged(charge)));
    std::iter::once(event(fact)).chain(charged).collect()
}

fn of_analysis(before: Option<&Analysis>, after: &Analysis) -> Vec<Event> {
    let campaign = Some(after.campaign.clone());
    let event = |fact| event(after.id.as_str(), after.version, after.judged_at, campaign.clone(), fact);
    let micros = after.cost_micros.saturating_sub(before.map_or(0, |before| before.cost_micros));
    let charge = Charge { interaction_id: after.id.clone(), micros: micros.cast_signed() };
    let charged = (micros != 0).then(|| event(Fact::CreditsCharged(charge)));
    std::iter::once(event(Fact::CallAnalyzed(AnalysisFacts::from(after)))).chain(charged).collect()
}

const fn is_open(status: InteractionStatus) -> bool {
    matches!(status, InteractionStatus::InProgress)
}

fn cost(interaction: Option<&Interaction>) -> i64 {
    interaction.and_then(|record| record.cost_micros).unwrap_or_default().cast_signed()
}

fn of_import(before: Option<&Import>, after: &Import) -> Event {
    let facts = ImportFacts::from(after);
    let fact = match after.status {
        _ if before.is_none() => Fact::ImportCreated(facts),
        ImportStatus::AwaitingFile | ImportStatus::Running => Fact::ImportProgressed(facts),
        ImportStatus::Completed => Fact::ImportCompleted(facts),
        ImportStatus::Failed => Fact::ImportFailed(facts),
    };
    event(after.id.as_str(), after.version, after.updated_at, after.target.campaign().cloned(), fact)
}
