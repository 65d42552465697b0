//! What jobs do, and to what.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{ContactBatch, NumbersFile};
use crate::base::ids::{CampaignId, ContactListId, DeliveryId, InteractionId, WebhookEndpointId};
use crate::base::message::MessageProvider;
use crate::base::time::Timestamp;
use crate::policy::do_not_call::ListName;
use crate::records::contact::ContactFilter;
use crate::records::export::Export;
use crate::records::lead::{LeadAction, LeadFilter};
use crate::records::template_findings::Findings;
use crate::records::webhook_delivery::DeliveryStatus;

/// What a job does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum JobKind {
    /// Does something to many leads of a campaign.
    Leads { campaign: CampaignId, action: LeadAction, chosen: Chosen<LeadFilter> },
    /// Makes contacts leads of a campaign.
    AddContacts { campaign: CampaignId, chosen: Chosen<ContactFilter>, batch: ContactBatch },
    /// Removes all that belongs to a campaign, and then the campaign.
    DeleteCampaign { campaign: CampaignId },
    /// Puts the numbers of a file on a do-not-call list.
    ImportNumbers { list: ListName, file: NumbersFile },
    /// Finds what the templates of a campaign lack among all of its leads.
    CheckTemplates { campaign: CampaignId, findings: Box<Findings> },
    /// Writes a file.
    Export(Export),
    /// Takes all contacts off a list, and then removes the list.
    DeleteContactList { list: ContactListId },
    /// Sends events to an endpoint again.
    ReplayDeliveries { endpoint: WebhookEndpointId, chosen: ChosenDeliveries },
    /// Copies the recording of a call into the bucket.
    FetchRecording { interaction: InteractionId },
    /// Compares a provider's lists of those who have opted out with ours, and puts on ours whom it lacks.
    CompareOptOuts { provider: MessageProvider, lists: Vec<String>, found: OptOutComparison },
}

/// What a comparison of opt-outs has found so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OptOutComparison {
    /// Numbers on the provider's lists.
    pub theirs: u64,
    /// Numbers on our list, once they are counted.
    pub ours: u64,
    /// How many of theirs were not on ours, and are now.
    pub added: u64,
}

impl OptOutComparison {
    /// How many numbers stand on our list alone, once ours are counted: all of theirs are on it by then. A number on several of theirs
    /// counts there each time, so there may be a few more.
    pub const fn only_ours(&self) -> u64 {
        self.ours.saturating_sub(self.theirs)
    }
}

/// Which deliveries are sent again: those behind one, up to and with another. What repeats another is none of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChosenDeliveries {
    pub after: DeliveryId,
    pub until: DeliveryId,
    /// Those alone that were made from then on: an event may be told of long after its own moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_from: Option<Timestamp>,
    /// All if there are none.
    pub statuses: BTreeSet<DeliveryStatus>,
}

/// A kind without what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum JobKindName {
    /// Does something to many leads.
    Leads,
    /// Makes contacts leads.
    AddContacts,
    DeleteCampaign,
    /// Puts the numbers of a file on a do-not-call list.
    ImportNumbers,
    /// Finds what templates lack.
    CheckTemplates,
    /// Writes a file.
    Export,
    DeleteContactList,
    /// Sends events to an endpoint of webhooks again.
    ReplayDeliveries,
    /// Copies the recording of a call from its provider.
    FetchRecording,
    /// Compares a provider's list of opt-outs with ours, every night.
    CompareOptOuts,
}

/// Which leads of a campaign, or which contacts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Chosen<F> {
    /// Their ids are kept beside the job, in portions of a step each.
    Ids { portions: u32 },
    /// Those that are found when the job comes to them.
    Filter { filter: F },
}

impl<F> Chosen<F> {
    /// The filter, unless they were named.
    pub fn filter(self) -> Option<F> {
        match self {
            Self::Ids { .. } => None,
            Self::Filter { filter } => Some(filter),
        }
    }
}

impl JobKind {
    pub const fn name(&self) -> JobKindName {
        match self {
            Self::Leads { .. } => JobKindName::Leads,
            Self::AddContacts { .. } => JobKindName::AddContacts,
            Self::DeleteCampaign { .. } => JobKindName::DeleteCampaign,
            Self::ImportNumbers { .. } => JobKindName::ImportNumbers,
            Self::CheckTemplates { .. } => JobKindName::CheckTemplates,
            Self::Export(_) => JobKindName::Export,
            Self::DeleteContactList { .. } => JobKindName::DeleteContactList,
            Self::ReplayDeliveries { .. } => JobKindName::ReplayDeliveries,
            Self::FetchRecording { .. } => JobKindName::FetchRecording,
            Self::CompareOptOuts { .. } => JobKindName::CompareOptOuts,
        }
    }

    /// The campaign that it is about, if it is about one.
    pub const fn campaign(&self) -> Option<&CampaignId> {
        match self {
            Self::Leads { campaign, .. }
            | Self::AddContacts { campaign, .. }
            | Self::DeleteCampaign { campaign }
            | Self::CheckTemplates { campaign, .. } => Some(campaign),
            Self::DeleteContactList { .. }
            | Self::ImportNumbers { .. }
            | Self::ReplayDeliveries { .. }
            | Self::FetchRecording { .. }
            | Self::CompareOptOuts { .. } => None,
            Self::Export(export) => export.source.campaign(),
        }
    }

    /// The contact list that it is about, if it is about one.
    pub const fn contact_list(&self) -> Option<&ContactListId> {
        match self {
            Self::DeleteContactList { list } => Some(list),
            Self::Leads { .. }
            | Self::AddContacts { .. }
            | Self::DeleteCampaign { .. }
            | Self::ImportNumbers { .. }
            | Self::CheckTemplates { .. }
            | Self::ReplayDeliveries { .. }
            | Self::FetchRecording { .. }
            | Self::CompareOptOuts { .. }
            | Self::Export(_) => None,
        }
    }

    /// Whether it may be stopped in the middle.
    pub const fn is_cancellable(&self) -> bool {
        match self {
            Self::Leads { .. }
            | Self::AddContacts { .. }
            | Self::ImportNumbers { .. }
            | Self::CheckTemplates { .. }
            | Self::ReplayDeliveries { .. }
            | Self::FetchRecording { .. }
            | Self::CompareOptOuts { .. }
            | Self::Export(_) => true,
            Self::DeleteCampaign { .. } | Self::DeleteContactList { .. } => false,
        }
    }
}
