//! Evidence as CSV.

use axum::response::Response;
use carillon_domain::base::ids::{CampaignId, WorkspaceId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::evidence::CapUse;
use carillon_runtime::context::Context;

use super::view::EvidenceView;
use crate::csv::{self, Delimiter, Sheet};
use crate::http::problem::Problem;

/// Entries that are read at once.
const PAGE_ENTRIES: usize = 1_000;
/// Between several values in one cell.
const BETWEEN: &str = "; ";
const COLUMNS: [&str; 21] = [
    "kind",
    "at",
    "recorded_at",
    "lead_id",
    "phone",
    "interaction_id",
    "status",
    "code",
    "message",
    "until",
    "rules",
    "zone",
    "zone_source",
    "time_zones",
    "open_until",
    "caps",
    "lists",
    "consent_source",
    "consent_at",
    "consent_channel",
    "consent_proof",
];

/// All of a campaign's evidence, the latest first.
pub(super) async fn csv(
    context: &Context,
    ws: &WorkspaceId,
    campaign: &CampaignId,
    delimiter: Delimiter,
) -> Result<Response, Problem> {
    let mut sheet = Sheet::begun(&COLUMNS, delimiter);
    let mut after: Option<String> = None;
    loop {
        let page = context.store.evidence(ws, campaign, after.as_deref(), PAGE_ENTRIES).await?;
        for entry in page.entries {
            sheet.push(&cells(&entry.into()));
        }
        sheet.check_size()?;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    csv::answer(context, ws, sheet.into_text(), &format!("evidence-{campaign}.csv")).await
}

fn cells(entry: &EvidenceView) -> [String; COLUMNS.len()] {
    let at = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    let text = |text: Option<&String>| text.cloned().unwrap_or_default();
    let evidence = entry.evidence.as_ref();
    let consent = evidence.and_then(|evidence| evidence.consent.as_ref());
    [
        name(entry.kind),
        entry.at.to_string(),
        entry.recorded_at.to_string(),
        entry.lead_id.to_string(),
        entry.phone.as_ref().map(ToString::to_string).unwrap_or_default(),
        entry.interaction_id.as_ref().map(ToString::to_string).unwrap_or_default(),
        entry.status.map(name).unwrap_or_default(),
        entry.code.map(name).unwrap_or_default(),
        text(entry.message.as_ref()),
        at(entry.until),
        evidence.map(|evidence| evidence.rules.join(BETWEEN)).unwrap_or_default(),
        evidence.map(|evidence| evidence.zone.to_string()).unwrap_or_default(),
        evidence.map(|evidence| name(evidence.zone_source)).unwrap_or_default(),
        evidence.map(|evidence| evidence.time_zones.clone()).unwrap_or_default(),
        at(evidence.and_then(|evidence| evidence.open_until)),
        evidence.map(|evidence| caps(&evidence.caps)).unwrap_or_default(),
        evidence.map(|evidence| joined(&evidence.lists)).unwrap_or_default(),
        text(consent.map(|consent| &consent.source)),
        at(consent.map(|consent| consent.at)),
        text(consent.and_then(|consent| consent.channel.as_ref())),
        text(consent.and_then(|consent| consent.proof.as_ref())),
    ]
}

/// The name under which it is written elsewhere.
fn name(value: impl serde::Serialize) -> String {
    let name = serde_json::to_value(value).unwrap_or_default();
    name.as_str().unwrap_or_default().to_owned()
}

fn caps(caps: &[CapUse]) -> String {
    let told =
        |cap: &CapUse| format!("{}: {} of {} in {} minutes", cap.cap, cap.used, cap.max, cap.per_minutes);
    caps.iter().map(told).collect::<Vec<_>>().join(BETWEEN)
}

fn joined(values: &[impl ToString]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(BETWEEN)
}
