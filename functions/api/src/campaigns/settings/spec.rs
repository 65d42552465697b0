//! Settings become what a campaign keeps, and the other way round.

use carillon_domain::importing::timezone;
use carillon_domain::policy::retry::RetryPolicy;
use carillon_domain::records::campaign::CampaignSpec;
use chrono_tz::Tz;

use super::{CampaignSettings, References};
use crate::http::problem::Problem;
use crate::schema::FirstSubmissionAction;
use crate::validation::{Faults, present};

impl CampaignSettings {
    /// The settings, if all is right with them and what they name is there; `before` are those that
    /// they change, if there are any.
    ///
    /// # Errors
    /// A problem that names every field at fault.
    pub(crate) fn into_spec(
        self,
        references: &References,
        before: Option<&CampaignSpec>,
    ) -> Result<CampaignSpec, Problem> {
        let mut faults = Faults::default();
        self.check(&mut faults);
        references.check(&mut faults, &self, before);
        let time_zone = timezone(&self.time_zone);
        if time_zone.is_none() {
            faults.note("time_zone", "it is not a time zone such as Europe/Berlin or UTC");
        }
        faults.finish()?;
        Ok(CampaignSpec {
            name: self.name.trim().to_owned(),
            description: present(self.description),
            goal: self.goal.trim().to_owned(),
            assistant_id: self.assistant_id,
            caller_number_ids: self.caller_number_ids,
            hours: self.hours,
            hours_zone: self.hours_zone,
            time_zone: time_zone.unwrap_or(Tz::UTC),
            default_country: self.default_country,
            retry: RetryPolicy {
                max_attempts: self.max_attempts,
                delay_minutes: self.retry_delay_minutes,
                on: self.retry_on,
                delays: self.retry_delays,
            },
            except_dates: self.except_dates,
            period: self.period,
            recurrence: self.recurrence,
            min_gap_minutes: self.min_gap_minutes,
            cadence: self.cadence,
            priority: self.priority,
            weight: self.weight,
            selection: self.caller_selection,
            local_presence: self.local_presence,
            same_number_again: self.same_number_for_retries,
            ramp_up_minutes: self.ramp_up_minutes,
            keep_open: self.keep_open,
            requires_consent: self.requires_consent,
            calls_first_submissions: self.first_submission_action.is_some(),
            suppression_lists: self.suppression_lists,
            concurrent_limit: self.concurrent_limit,
            rate_limit_per_minute: self.rate_limit_per_minute,
            ringing_timeout_secs: self.ringing_timeout_secs,
            machine_detection: self.machine_detection,
            welcome_message_template: present(self.welcome_message_template),
            variables: self.variables,
            tags: self.tags,
        })
    }
}

impl From<CampaignSpec> for CampaignSettings {
    fn from(spec: CampaignSpec) -> Self {
        Self {
            name: spec.name,
            description: spec.description,
            goal: spec.goal,
            assistant_id: spec.assistant_id,
            caller_number_ids: spec.caller_number_ids,
            time_zone: spec.time_zone.name().to_owned(),
            hours: spec.hours,
            hours_zone: spec.hours_zone,
            default_country: spec.default_country,
            max_attempts: spec.retry.max_attempts,
            retry_delay_minutes: spec.retry.delay_minutes,
            retry_on: spec.retry.on,
            retry_delays: spec.retry.delays,
            except_dates: spec.except_dates,
            period: spec.period,
            recurrence: spec.recurrence,
            min_gap_minutes: spec.min_gap_minutes,
            cadence: spec.cadence,
            priority: spec.priority,
            weight: spec.weight,
            caller_selection: spec.selection,
            local_presence: spec.local_presence,
            same_number_for_retries: spec.same_number_again,
            ramp_up_minutes: spec.ramp_up_minutes,
            keep_open: spec.keep_open,
            requires_consent: spec.requires_consent,
            first_submission_action: FirstSubmissionAction::of(spec.calls_first_submissions),
            suppression_lists: spec.suppression_lists,
            concurrent_limit: spec.concurrent_limit,
            rate_limit_per_minute: spec.rate_limit_per_minute,
            ringing_timeout_secs: spec.ringing_timeout_secs,
            machine_detection: spec.machine_detection,
            welcome_message_template: spec.welcome_message_template,
            variables: spec.variables,
            tags: spec.tags,
        }
    }
}
