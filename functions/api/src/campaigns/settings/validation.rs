//! What is wrong with settings.

use carillon_domain::base::call::VoicemailAction;
use carillon_domain::base::channel::Channel;
use carillon_domain::base::timing::MIN_DELAY_MINUTES;
use carillon_domain::policy::do_not_call::MAX_LISTS;
use carillon_domain::policy::fair_share::MAX_WEIGHT;
use carillon_domain::policy::retry::{MAX_ATTEMPTS, MAX_DELAY_MINUTES, MAX_FAILED_RETRIES, RetryPolicy};
use carillon_domain::policy::sms_sender::MAX_MESSAGES_PER_MINUTE;
use carillon_domain::records::campaign::{
    CampaignSpec, MAX_CONCURRENT_LIMIT, MAX_CRITERIA_CHARS, MAX_EXCEPT_DATES, MAX_PRIORITY,
    MAX_RAMP_UP_MINUTES, MAX_RATE_PER_MINUTE,
};

use crate::campaigns::MAX_CALLER_NUMBERS;
use crate::http::validation::{FieldErrors, MAX_NAME_CHARS, MAX_TEXT_CHARS};

/// Shortest and longest ringing, in seconds.
const RINGING_SECS: std::ops::RangeInclusive<u16> = 5..=120;

/// Notes every setting that is out of its bounds.
pub(super) fn check(settings: &CampaignSpec, errors: &mut FieldErrors) {
    errors.check_text("name", &settings.name, MAX_NAME_CHARS);
    errors.check_optional_text("description", settings.description.as_deref(), MAX_TEXT_CHARS);
    errors.check_text("goal", &settings.goal, MAX_TEXT_CHARS);
    let criteria = settings.analysis.evaluation_criteria.as_deref();
    errors.check_optional_text("analysis.evaluation_criteria", criteria, MAX_CRITERIA_CHARS);
    errors.check_count("caller_number_ids", settings.caller_number_ids.len(), MAX_CALLER_NUMBERS);
    check_retry(&settings.retry, errors);
    check_turns(settings, errors);
    errors.check_count("suppression_lists", settings.suppression_lists.len(), MAX_LISTS);
    errors.check_range("concurrent_limit", settings.concurrent_limit, 1..=MAX_CONCURRENT_LIMIT);
    if let Some(rate) = settings.rate_limit_per_minute {
        errors.check_range("rate_limit_per_minute", rate, 1..=MAX_RATE_PER_MINUTE);
    }
    if let Some(rate) = settings.sms_rate_limit_per_minute {
        errors.check_range("sms_rate_limit_per_minute", rate, 1..=MAX_MESSAGES_PER_MINUTE);
    }
    errors.check_range("ringing_timeout_secs", settings.ringing_timeout_secs, RINGING_SECS);
    if settings.on_voicemail == Some(VoicemailAction::LeaveMessage)
        && settings.voicemail_message_template.is_none()
    {
        errors.push("voicemail_message_template", "`on_voicemail` has it said to machines; give one");
    }
    errors.check_variables("variables", &settings.variables);
    errors.check_tags(&settings.tags);
}

/// When and in which order people are called.
fn check_turns(settings: &CampaignSpec, errors: &mut FieldErrors) {
    errors.check_count("except_dates", settings.except_dates.len(), MAX_EXCEPT_DATES);
    errors.check_range("min_gap_minutes", settings.min_gap_minutes, 0..=MAX_DELAY_MINUTES);
    errors.check_range("priority", settings.priority, 0..=MAX_PRIORITY);
    errors.check_range("weight", settings.weight, 1..=MAX_WEIGHT);
    errors.check_range("ramp_up_minutes", settings.ramp_up_minutes, 0..=MAX_RAMP_UP_MINUTES);
    if settings.cadence.uses(Channel::Sms) && settings.sms_message_template.is_none() {
        errors.push(
            "sms_message_template",
            "a step of `cadence` is a text, and this is what it says; give one",
        );
    }
}

fn check_retry(retry: &RetryPolicy, errors: &mut FieldErrors) {
    errors.check_range("retry.max_attempts", retry.max_attempts, 1..=MAX_ATTEMPTS);
    errors.check_range("retry.delay_minutes", retry.delay_minutes, MIN_DELAY_MINUTES..=MAX_DELAY_MINUTES);
    errors.check_range("retry.failed.max_retries", retry.failed.max_retries, 0..=MAX_FAILED_RETRIES);
    check_delays("retry.failed.delays", &retry.failed.delays, MAX_FAILED_RETRIES, errors);
    for (miss, delays) in &retry.delays {
        let field = format!("retry.delays.{}", miss.name());
        if !retry.on.contains(miss) {
            let reason =
                format!("{} is not tried again; name it in `retry.on`, or leave it out here", miss.name());
            errors.push(&field, reason);
        }
        check_delays(&field, delays, MAX_ATTEMPTS, errors);
    }
}

fn check_delays(field: &str, delays: &[u32], most: u32, errors: &mut FieldErrors) {
    if delays.is_empty() {
        errors.push(field, "it is empty; give minutes, or leave it out");
    }
    errors.check_count(field, delays.len(), usize::try_from(most).unwrap_or(usize::MAX));
    for minutes in delays {
        errors.check_range(field, *minutes, MIN_DELAY_MINUTES..=MAX_DELAY_MINUTES);
    }
}
