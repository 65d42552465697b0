//! Evidence: what is told of a dial or of a refusal to dial, and the same as a sheet.

use serde::Serialize;

use super::column::{columns, name_of, text};
use super::{Holds, Row};
use crate::base::ids::{InteractionId, LeadId};
use crate::base::phone::E164;
use crate::base::reason::ReasonCode;
use crate::base::time::Timestamp;
use crate::records::evidence::{CapUse, Evidence, RefusalRecord};
use crate::records::interaction::{Interaction, InteractionStatus};
use crate::records::lead::Consent;
use crate::records::refusal::DialRefusal;

/// Between several values in one cell.
const BETWEEN: &str = "; ";

/// A dial or a refusal to dial, and what it rested on.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = EvidenceEntry))]
pub struct EvidenceFacts {
    /// What it is of.
    kind: EvidenceKind,
    /// When it was decided.
    at: Timestamp,
    /// When it was recorded; a dial is once it has ended. Entries are sorted by this.
    recorded_at: Timestamp,
    /// The lead.
    lead_id: LeadId,
    /// The number that was dialled, or would have been.
    phone: Option<E164>,
    /// The record of the attempt; a refusal may have none.
    interaction_id: Option<InteractionId>,
    /// How a dial ended.
    status: Option<InteractionStatus>,
    /// Why a dial was refused, for programs.
    code: Option<ReasonCode>,
    /// Why a dial was refused, for people.
    message: Option<String>,
    /// Until when a dial was refused.
    until: Option<Timestamp>,
    /// What it rested on.
    evidence: Option<Evidence>,
}

/// Whether it is of a dial or of a refusal to dial.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    Dial,
    Refusal,
}

columns! {
    /// A column of evidence.
    EvidenceColumn {
        Kind = "kind",
        At = "at",
        RecordedAt = "recorded_at",
        LeadId = "lead_id",
        Phone = "phone",
        InteractionId = "interaction_id",
        Status = "status",
        Code = "code",
        Message = "message",
        Until = "until",
        Rules = "rules",
        Zone = "zone",
        ZoneSource = "zone_source",
        TimeZones = "time_zones",
        OpenUntil = "open_until",
        Caps = "caps",
        Lists = "lists",
        ConsentSource = "consent_source",
        ConsentAt = "consent_at",
        ConsentChannel = "consent_channel",
        ConsentProof = "consent_proof",
        RestartReason = "restart_reason",
    }
    fn holds(self) -> Holds {
        if self == Self::Phone { Holds::Numbers } else { Holds::Text }
    }
}

impl EvidenceColumn {
    pub fn row(columns: &[Self], facts: &EvidenceFacts) -> Row {
        Row::of(columns.iter().map(|column| column.cell(facts)))
    }

    fn cell(self, facts: &EvidenceFacts) -> String {
        match self {
            Self::Kind => name_of(facts.kind),
            Self::At => facts.at.to_string(),
            Self::RecordedAt => facts.recorded_at.to_string(),
            Self::LeadId => facts.lead_id.to_string(),
            Self::Phone => text(facts.phone.as_ref()),
            Self::InteractionId => text(facts.interaction_id.as_ref()),
            Self::Status => name_of(facts.status),
            Self::Code => name_of(facts.code),
            Self::Message => text(facts.message.as_ref()),
            Self::Until => text(facts.until),
            _ => facts.evidence.as_ref().map(|evidence| self.cell_of(evidence)).unwrap_or_default(),
        }
    }

    /// What it rested on.
    fn cell_of(self, evidence: &Evidence) -> String {
        let consent = |part: fn(&Consent) -> Option<String>| text(evidence.consent.as_ref().and_then(part));
        match self {
            Self::Rules => evidence.rules.join(BETWEEN),
            Self::Zone => evidence.zone.to_string(),
            Self::ZoneSource => name_of(evidence.zone_source),
            Self::TimeZones => evidence.time_zones.clone(),
            Self::OpenUntil => text(evidence.open_until),
            Self::Caps => caps(&evidence.caps),
            Self::Lists => joined(&evidence.lists),
            Self::ConsentSource => consent(|consent| Some(consent.source.clone())),
            Self::ConsentAt => consent(|consent| Some(consent.at.to_string())),
            Self::ConsentChannel => consent(|consent| consent.channel.clone()),
            Self::ConsentProof => consent(|consent| consent.proof.clone()),
            Self::RestartReason => text(evidence.restart_reason.as_ref()),
            _ => String::new(),
        }
    }
}

fn caps(caps: &[CapUse]) -> String {
    let told =
        |cap: &CapUse| format!("{}: {} of {} in {} minutes", cap.cap, cap.used, cap.max, cap.per_minutes);
    caps.iter().map(told).collect::<Vec<_>>().join(BETWEEN)
}

fn joined(values: &[impl ToString]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(BETWEEN)
}

impl From<Interaction> for EvidenceFacts {
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
            message: refusal.map(ToString::to_string),
            until: refusal.and_then(DialRefusal::until),
            evidence: dial.evidence,
        }
    }
}

impl From<RefusalRecord> for EvidenceFacts {
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
            message: Some(refusal.refusal.to_string()),
            until: refusal.refusal.until(),
            evidence: Some(refusal.evidence),
        }
    }
}
