//! The workspace's test number, for assistants that have none of their own yet.

use carillon_domain::base::ids::CallerNumberId;
use carillon_domain::policy::assistant::Assistant;
use carillon_domain::records::campaign::{CampaignSpec, NoCallers};
use carillon_runtime::context::Context;

use super::Voices;
use crate::assistants;
use crate::auth::Principal;
use crate::http::problem::Problem;

impl Voices {
    /// Gives a campaign's assistant the workspace's test number, where neither has a number to call from; the number, if
    /// that was done.
    pub(crate) async fn attach_test_number(
        &mut self,
        context: &Context,
        principal: &Principal,
        spec: &CampaignSpec,
    ) -> Result<Option<CallerNumberId>, Problem> {
        let has_none = matches!(spec.callers(&self.assistants, &self.numbers), Err(NoCallers::NoNumber(_)));
        if !has_none || !spec.caller_number_ids.is_empty() {
            return Ok(None);
        }
        let Some(id) = crate::workspace::load(context, &principal.workspace).await?.test_number_id else {
            return Ok(None);
        };
        let number = self.numbers.iter().find(|number| number.id == id);
        let assistant = self.assistants.iter_mut().find(|assistant| assistant.id == spec.assistant_id);
        let (Some(number), Some(assistant)) = (number, assistant) else { return Ok(None) };
        if number.provider != assistant.provider {
            return Ok(None);
        }
        let after = Assistant {
            version: assistant.version + 1,
            caller_number_ids: vec![id.clone()],
            updated_at: context.now(),
            ..assistant.clone()
        };
        // Somebody else may have just given it one.
        if assistants::save(context, principal, assistant.clone(), after.clone()).await? {
            *assistant = after;
            return Ok(Some(id));
        }
        *self = Self::of(context, &principal.workspace).await?;
        Ok(None)
    }
}
