//! What a client is shown of evidence.

use carillon_domain::base::ids::{InteractionId, LeadId};
use carillon_domain::base::phone::E164;
use carillon_domain::base::reason::ReasonCode;
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::evidence::{Evidence, RefusalRecord};
use carillon_domain::records::interaction::{Interaction, InteractionStatus};
use carillon_domain::records::refusal::DialRefusal;
use carillon_store::EvidenceEntry;
use serde::Serialize;
use utoipa::ToSchema;

use crate::reasons::Message;

/// A dial or a refusal to dial, and what it rested on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EvidenceEntry)]
pub(crate) struct EvidenceView {
    /// What it is of.
    pub(super) kind: EvidenceKind,
    /// When it was decided.
    pub(super) at: Timestamp,
    /// When it was recorded; a dial is once it has ended. Entries are sorted by this.
    pub(super) recorded_at: Timestamp,
    /// The lead.
    pub(super) lead_id: LeadId,
    /// The number that was dialled, or would have been.
    pub(super) phone: Option<E164>,
    /// The record of the attempt; a refusal may have none.
    pub(super) interaction_id: Option<InteractionId>,
    /// How a dial ended.
    pub(super) status: Option<InteractionStatus>,
    /// Why a dial was refused, for programs.
    pub(super) code: Option<ReasonCode>,
    /// Why a dial was refused, for people.
    pub(super) message: Option<String>,
    /// Until when a dial was refused.
    pub(super) until: Option<Timestamp>,
    /// What it rested on.
    pub(super) evidence: Option<Evidence>,
}

/// Whether it is of a dial or of a refusal to dial.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EvidenceKind {
    Dial,
    Refusal,
}

impl From<EvidenceEntry> for EvidenceView {
    fn from(entry: EvidenceEntry) -> Self {
        match entry {
            EvidenceEntry::Dial(dial) => dial.into(),
            EvidenceEntry::Refusal(refusal) => refusal.into(),
        }
    }
}

impl From<Interaction> for EvidenceView {
    /// A call that was not made after all is a refusal, whoever was the cause.
    fn from(dial: Interaction) -> Self {
        let refusal = dial.refusal.as_ref();
        Self {
            kind: if refusal.is_some() { EvidenceKind::Refusal } else { EvidenceKind::Dial },
            at: dial.started_at,
            recorded_at: dial.ended_at.unwrap_or(dial.started_at),
            lead_id: dial.lead,
            phone: dial.number,
            interaction_id: Some(dial.id),
            status: Some(dial.status),
            code: refusal.map(DialRefusal::code),
            message: refusal.map(DialRefusal::message),
            until: refusal.and_then(DialRefusal::until),
            evidence: dial.evidence,
        }
    }
}

impl From<RefusalRecord> for EvidenceView {
    fn from(refusal: RefusalRecord) -> Self {
        Self {
            kind: EvidenceKind::Refusal,
            at: refusal.at,
            recorded_at: refusal.at,
            lead_id: refusal.lead,
            phone: Some(refusal.number),
            interaction_id: refusal.attempt.as_ref().map(InteractionId::of),
            status: None,
            code: Some(refusal.refusal.code()),
            message: Some(refusal.refusal.message()),
            until: refusal.refusal.until(),
            evidence: Some(refusal.evidence),
        }
    }
}
