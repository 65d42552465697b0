//! The evidence that a decision leaves behind.

use super::eligibility::{Question, Refusal};
use crate::base::ids::AttemptId;
use crate::base::time::{MINUTE_MS, Timestamp};
use crate::base::zone::time_zone_release;
use crate::records::evidence::{CapUse, Evidence, RefusalRecord};
use crate::records::number_record::attempts;

impl Evidence {
    /// The state of things as the question finds them.
    pub fn of(question: &Question<'_>, now: Timestamp) -> Self {
        let Question { lead, campaign, records, .. } = question;
        let made = attempts(*records);
        let caps = question.caps(now).into_iter().map(|cap| {
            let since = now.plus_ms(-i64::from(cap.per_minutes) * MINUTE_MS);
            let used = made.iter().filter(|at| **at > since).count();
            CapUse {
                cap: cap.source.name(),
                used: u32::try_from(used).unwrap_or(u32::MAX),
                max: cap.max,
                per_minutes: cap.per_minutes,
            }
        });
        Self {
            rules: question.rules_in_force(now).evidence(question.channel()),
            zone: lead.zone.clone(),
            time_zones: time_zone_release().to_owned(),
            zone_source: lead.zone_source,
            open_until: question.hours().lawful_until(now),
            caps: caps.collect(),
            lists: campaign.spec.suppression_lists.iter().cloned().collect(),
            consent: lead.profile.consent.clone(),
            restart_reason: lead.restart_reason.clone(),
        }
    }
}

impl RefusalRecord {
    /// The record of a refusal.
    pub fn of(
        question: &Question<'_>,
        refusal: &Refusal,
        attempt: Option<AttemptId>,
        now: Timestamp,
    ) -> Self {
        Self {
            at: now,
            campaign: question.campaign.id.clone(),
            lead: question.lead.id.clone(),
            number: question.lead.next_number().clone(),
            attempt,
            refusal: refusal.clone(),
            evidence: Evidence::of(question, now),
        }
    }
}
