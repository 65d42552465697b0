//! What a client sends of a caller number.

use carillon_domain::base::call::{Line, VoiceProvider};
use carillon_domain::base::ids::CallerNumberId;
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::Timestamp;
use carillon_domain::policy::assistant::{CallerNumber, DEFAULT_RATE_PER_MINUTE, MAX_DAILY_CAP};
use carillon_domain::policy::sms_sender::{
    KeywordReplies, KeywordsAnsweredBy, MAX_MESSAGES_PER_MINUTE, SmsSender,
};
use carillon_domain::records::campaign::{MAX_CONCURRENT_LIMIT, MAX_RATE_PER_MINUTE};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::callers::check_provider;
use crate::http::problem::Problem;
use crate::http::validation::{FieldErrors, MAX_NAME_CHARS, present};

/// A number of ours that we dial from.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallerNumberForm {
    /// The number in its international form.
    pub(super) number: E164,
    /// What we call it.
    #[serde(default)]
    #[schema(max_length = 200)]
    label: Option<String>,
    /// The voice provider, `elevenlabs` unless set. It can't be changed.
    #[serde(default)]
    #[schema(default = "elevenlabs")]
    provider: VoiceProvider,
    /// The provider's id of the number; at Retell, and with the line `own_twilio`, the number itself, as `number` has it.
    #[schema(example = "phnum_8801k5zvyjhmfg983brhmhkd98n6", min_length = 1, max_length = 200)]
    phone_number_id: String,
    /// How it reaches the network; `twilio` unless set.
    #[serde(default = "twilio")]
    line: Line,
    /// Most calls per minute, 10 unless set; null means no limit.
    #[serde(default = "default_rate")]
    #[schema(minimum = 1, maximum = 6000, default = 10)]
    rate_limit_per_minute: Option<u32>,
    /// How many of these are kept for calls by hand; fewer than the limit. Unless set: 1 with a
    /// limit from 20 to 30, else 0.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 5999)]
    reserved_per_minute: Option<u32>,
    /// Most calls at once; null means no limit.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1000)]
    concurrent_limit: Option<u32>,
    /// Most calls on one day of the number's time zone (UTC, if it has none); null means no limit.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1_000_000)]
    daily_cap: Option<u32>,
    /// How texts are sent from it; null if they are not.
    #[serde(default)]
    sms: Option<SmsSender>,
}

const fn twilio() -> Line {
    Line::Twilio
}

const fn default_rate() -> Option<u32> {
    Some(DEFAULT_RATE_PER_MINUTE)
}

impl CallerNumberForm {
    pub(super) fn check(&self, before: Option<VoiceProvider>) -> Result<(), Problem> {
        let mut errors = FieldErrors::default();
        errors.check_optional_text("label", self.label.as_deref(), MAX_NAME_CHARS);
        check_provider(&mut errors, self.provider, before);
        errors.check_text("phone_number_id", &self.phone_number_id, MAX_NAME_CHARS);
        self.check_line(&mut errors);
        if let Some(rate) = self.rate_limit_per_minute {
            errors.check_range("rate_limit_per_minute", rate, 1..=MAX_RATE_PER_MINUTE);
        }
        match (self.reserved_per_minute, self.rate_limit_per_minute) {
            (Some(reserved), Some(rate)) => {
                errors.check_range("reserved_per_minute", reserved, 0..=rate.saturating_sub(1));
            }
            (Some(_), None) => errors.push("reserved_per_minute", "there is no rate_limit_per_minute"),
            (None, _) => {}
        }
        if let Some(limit) = self.concurrent_limit {
            errors.check_range("concurrent_limit", limit, 1..=MAX_CONCURRENT_LIMIT);
        }
        if let Some(cap) = self.daily_cap {
            errors.check_range("daily_cap", cap, 1..=MAX_DAILY_CAP);
        }
        if let Some(sender) = &self.sms {
            check_sender(&mut errors, sender);
        }
        errors.into_result()
    }

    fn check_line(&self, errors: &mut FieldErrors) {
        let (line, provider) = (self.line, self.provider);
        if !line.serves(provider) {
            let reason = format_args!(
                "with `own_twilio` agents of elevenlabs speak, none of {provider}; leave it out"
            );
            errors.push("line", reason);
        } else if line == Line::OwnTwilio && self.phone_number_id.trim() != self.number.as_str() {
            let number = &self.number;
            errors.push(
                "phone_number_id",
                format_args!("with the line `own_twilio` it is the number itself: {number}"),
            );
        }
    }

    pub(super) fn into_number(
        self,
        id: CallerNumberId,
        version: u64,
        created_at: Timestamp,
        now: Timestamp,
    ) -> CallerNumber {
        CallerNumber {
            id,
            version,
            number: self.number,
            label: present(self.label),
            provider: self.provider,
            phone_number_id: self.phone_number_id.trim().to_owned(),
            line: self.line,
            rate_limit_per_minute: self.rate_limit_per_minute,
            reserved_per_minute: self.reserved_per_minute,
            concurrent_limit: self.concurrent_limit,
            daily_cap: self.daily_cap,
            sms: self.sms,
            created_at,
            updated_at: now,
        }
    }
}

fn check_sender(errors: &mut FieldErrors, sender: &SmsSender) {
    errors.check_optional_text("sms.messaging_service", sender.messaging_service.as_deref(), MAX_NAME_CHARS);
    if sender.message_type.is_some() && !sender.provider.is_in_our_account() {
        errors.push(
            "sms.message_type",
            format_args!("{} is told nothing of it; leave it out", sender.provider),
        );
    }
    if let Some(rate) = sender.rate_limit_per_minute {
        errors.check_range("sms.rate_limit_per_minute", rate, 1..=MAX_MESSAGES_PER_MINUTE);
    }
    let Some(replies) = &sender.replies else { return };
    if sender.keywords == KeywordsAnsweredBy::Provider {
        errors.push(
            "sms.replies",
            "the provider answers keywords; set `sms.keywords` to `carillon`, or leave it out",
        );
    }
    for (field, reply) in [("stop", &replies.stop), ("start", &replies.start), ("help", &replies.help)] {
        errors.check_text(&format!("sms.replies.{field}"), reply, KeywordReplies::MAX_CHARS);
    }
}

impl From<&CallerNumber> for CallerNumberForm {
    fn from(number: &CallerNumber) -> Self {
        Self {
            number: number.number.clone(),
            label: number.label.clone(),
            provider: number.provider,
            phone_number_id: number.phone_number_id.clone(),
            line: number.line,
            rate_limit_per_minute: number.rate_limit_per_minute,
            reserved_per_minute: number.reserved_per_minute,
            concurrent_limit: number.concurrent_limit,
            daily_cap: number.daily_cap,
            sms: number.sms.clone(),
        }
    }
}
