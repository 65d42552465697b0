//! What is wrong with settings.

use carillon_domain::base::channel::Channel;
use carillon_domain::base::timing::MIN_DELAY_MINUTES;
use carillon_domain::policy::do_not_call::MAX_LISTS;
use carillon_domain::policy::fair_share::MAX_WEIGHT;
use carillon_domain::policy::retry::{MAX_ATTEMPTS, MAX_DELAY_MINUTES, RetryPolicy};
use carillon_domain::records::campaign::{
    CampaignSpec, MAX_CONCURRENT_LIMIT, MAX_EXCEPT_DATES, MAX_PRIORITY, MAX_RAMP_UP_MINUTES,
    MAX_RATE_PER_MINUTE,
};

use crate::campaigns::MAX_CALLER_NUMBERS;
use crate::validation::{Faults, MAX_NAME_BYTES, MAX_TEXT_BYTES};

/// Shortest and longest ringing, in seconds.
const RINGING_SECS: std::ops::RangeInclusive<u16> = 5..=120;

/// Notes every setting that is out of its bounds.
pub(super) fn check(settings: &CampaignSpec, faults: &mut Faults) {
    faults.text("name", &settings.name, MAX_NAME_BYTES);
    faults.optional_text("description", settings.description.as_deref(), MAX_TEXT_BYTES);
    faults.text("goal", &settings.goal, MAX_TEXT_BYTES);
    faults.count("caller_number_ids", settings.caller_number_ids.len(), MAX_CALLER_NUMBERS);
    check_retry(&settings.retry, faults);
    check_turns(settings, faults);
    faults.count("suppression_lists", settings.suppression_lists.len(), MAX_LISTS);
    faults.range("concurrent_limit", settings.concurrent_limit, 1..=MAX_CONCURRENT_LIMIT);
    if let Some(rate) = settings.rate_limit_per_minute {
        faults.range("rate_limit_per_minute", rate, 1..=MAX_RATE_PER_MINUTE);
    }
    faults.range("ringing_timeout_secs", settings.ringing_timeout_secs, RINGING_SECS);
    faults.template("welcome_message_template", settings.welcome_message_template.as_deref());
    faults.variables(&settings.variables);
    faults.tags(&settings.tags);
}

/// When and in which order people are called.
fn check_turns(settings: &CampaignSpec, faults: &mut Faults) {
    faults.count("except_dates", settings.except_dates.len(), MAX_EXCEPT_DATES);
    faults.range("min_gap_minutes", settings.min_gap_minutes, 0..=MAX_DELAY_MINUTES);
    faults.range("priority", settings.priority, 0..=MAX_PRIORITY);
    faults.range("weight", settings.weight, 1..=MAX_WEIGHT);
    faults.range("ramp_up_minutes", settings.ramp_up_minutes, 0..=MAX_RAMP_UP_MINUTES);
    if settings.cadence.steps().iter().any(|step| step.channel == Channel::Sms) {
        faults.note("cadence", "texts can't be sent yet; use steps with the channel `call`");
    }
}

fn check_retry(retry: &RetryPolicy, faults: &mut Faults) {
    faults.range("retry.max_attempts", retry.max_attempts, 1..=MAX_ATTEMPTS);
    faults.range("retry.delay_minutes", retry.delay_minutes, MIN_DELAY_MINUTES..=MAX_DELAY_MINUTES);
    for (miss, delays) in &retry.delays {
        let field = format!("retry.delays.{}", miss.name());
        let attempts = usize::try_from(MAX_ATTEMPTS).unwrap_or(usize::MAX);
        if delays.is_empty() {
            faults.note(&field, "it is empty; give minutes, or leave it out");
        }
        if !retry.on.contains(miss) {
            let reason =
                format!("{} is not tried again; name it in `retry.on`, or leave it out here", miss.name());
            faults.note(&field, reason);
        }
        faults.count(&field, delays.len(), attempts);
        for minutes in delays {
            faults.range(&field, *minutes, MIN_DELAY_MINUTES..=MAX_DELAY_MINUTES);
        }
    }
}
