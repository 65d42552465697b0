//! The settings of a campaign, held against their bounds and what there is.

mod references;
mod templates;
mod validation;

use carillon_domain::records::campaign::{AnalysisSettings, CampaignSpec};

use crate::http::problem::Problem;
use crate::http::validation::{FieldErrors, present};

pub(super) use references::{References, check_days};

/// Most caller numbers of a campaign or an assistant.
pub(crate) const MAX_CALLER_NUMBERS: usize = 50;

/// The settings as they are kept, if all is right with them and what they name is there; `before` are
/// those that they change, if there are any.
///
/// # Errors
/// A problem that names every field at fault.
pub(super) fn checked(
    settings: CampaignSpec,
    references: &References,
    before: Option<&CampaignSpec>,
) -> Result<CampaignSpec, Problem> {
    let mut errors = FieldErrors::default();
    validation::check(&settings, &mut errors);
    templates::check(&settings, references.voices.assistant(&settings.assistant_id), &mut errors);
    references.check(&mut errors, &settings, before);
    errors.into_result()?;
    Ok(CampaignSpec {
        name: settings.name.trim().to_owned(),
        description: present(settings.description),
        goal: settings.goal.trim().to_owned(),
        analysis: AnalysisSettings {
            evaluation_criteria: present(settings.analysis.evaluation_criteria),
            ..settings.analysis
        },
        welcome_message_template: present(settings.welcome_message_template),
        agenda_template: present(settings.agenda_template),
        end_call_message_template: present(settings.end_call_message_template),
        voicemail_message_template: present(settings.voicemail_message_template),
        sms_message_template: present(settings.sms_message_template),
        ..settings
    })
}
