//! What settings are held against: what there is in the workspace, and the time.

use std::collections::BTreeSet;

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::time::Timestamp;
use carillon_domain::policy::do_not_call::{ListName, MAX_LISTS};
use carillon_domain::policy::schedule::{Period, Recurrence, local_date};
use carillon_domain::records::campaign::{CampaignSpec, NoCallers};
use carillon_runtime::context::Context;
use chrono_tz::Tz;

use crate::callers::{Voices, unfit_line};
use crate::http::problem::Problem;
use crate::http::validation::FieldErrors;

/// What settings are held against.
#[derive(Debug)]
pub(crate) struct References {
    /// Who may call.
    pub(crate) voices: Voices,
    /// The do-not-call lists that there are.
    lists: BTreeSet<ListName>,
    now: Timestamp,
}

impl References {
    pub(crate) async fn of(context: &Context, ws: &WorkspaceId) -> Result<Self, Problem> {
        let voices = Voices::of(context, ws).await?;
        Ok(Self { voices, lists: context.store.list_names(ws).await?, now: context.now() })
    }

    /// Notes what names nothing, and what is over already. Days and lists that stood there before may
    /// stay: time passes, and the rest has to remain editable.
    pub(super) fn check(
        &self,
        errors: &mut FieldErrors,
        settings: &CampaignSpec,
        before: Option<&CampaignSpec>,
    ) {
        self.voices.check_assistant(errors, &settings.assistant_id);
        let provider = self.voices.assistant(&settings.assistant_id).map(|assistant| assistant.provider);
        if let Some(id) = &settings.test_assistant_id {
            self.voices.check_test_assistant(errors, id, provider);
        }
        self.voices.check_numbers(errors, &settings.caller_number_ids, provider);
        match settings.callers(&self.voices.assistants, &self.voices.numbers) {
            Err(refusal @ NoCallers::NoSender) => errors.push("caller_number_ids", refusal),
            // A start says the rest.
            Err(_) => {}
            Ok(callers) => {
                if let Some((field, reason)) = unfit_line(settings, &callers) {
                    errors.push(field, reason);
                }
            }
        }
        self.check_lists(errors, &settings.suppression_lists, before);
        let stays = before.is_some_and(|before| {
            before.time_zone == settings.time_zone
                && before.period == settings.period
                && before.recurrence == settings.recurrence
        });
        if !stays {
            let CampaignSpec { period, recurrence, time_zone, .. } = settings;
            check_days(errors, period, recurrence.as_ref(), *time_zone, self.now);
        }
    }

    /// A name that is misspelt would suppress nobody, and nobody would notice.
    fn check_lists(
        &self,
        errors: &mut FieldErrors,
        chosen: &BTreeSet<ListName>,
        before: Option<&CampaignSpec>,
    ) {
        let stood_there =
            |list: &ListName| before.is_some_and(|before| before.suppression_lists.contains(list));
        let unknown: Vec<_> =
            chosen.iter().filter(|list| !self.lists.contains(list) && !stood_there(list)).collect();
        // Too many are a fault of their own.
        if unknown.is_empty() || chosen.len() > MAX_LISTS {
            return;
        }
        let reason = format!(
            "there is no do-not-call list {}; there is {}, and `PUT /do-not-call/{{list}}` makes a new one",
            joined(unknown),
            joined(&self.lists)
        );
        errors.push("suppression_lists", reason);
    }
}

fn joined<'a>(lists: impl IntoIterator<Item = &'a ListName>) -> String {
    lists.into_iter().map(ListName::as_str).collect::<Vec<_>>().join(", ")
}

/// Notes days that are over at this moment: nobody would be called, and no run would follow.
pub(crate) fn check_days(
    errors: &mut FieldErrors,
    period: &Period,
    recurrence: Option<&Recurrence>,
    time_zone: Tz,
    at: Timestamp,
) {
    let today = local_date(time_zone, at);
    if let Some(end) = period.end().filter(|end| *end < today) {
        let reason = format!("the period ends on {end}, before {today}; give a later day or none");
        errors.push("period.end", reason);
    }
    if let Some(until) = recurrence.and_then(Recurrence::until).filter(|until| *until < today) {
        let reason = format!("no run begins after {until}, and it is {today}; give a later day or none");
        errors.push("recurrence.until", reason);
    }
}
