//! The templates of a campaign.

use carillon_domain::policy::assistant::Assistant;
use carillon_domain::records::campaign::CampaignSpec;

use crate::http::validation::FieldErrors;

/// Notes every template that can't be read, or names what is not there. The assistant's variables are.
pub(super) fn check(settings: &CampaignSpec, assistant: Option<&Assistant>, errors: &mut FieldErrors) {
    let of_the_assistant = assistant.into_iter().flat_map(|assistant| assistant.variables.keys());
    let given: Vec<&str> = settings.variables.keys().chain(of_the_assistant).map(String::as_str).collect();
    for (field, template) in [
        ("welcome_message_template", &settings.welcome_message_template),
        ("agenda_template", &settings.agenda_template),
        ("end_call_message_template", &settings.end_call_message_template),
        ("voicemail_message_template", &settings.voicemail_message_template),
        ("sms_message_template", &settings.sms_message_template),
    ] {
        errors.check_template(field, template.as_deref(), &given);
    }
}
