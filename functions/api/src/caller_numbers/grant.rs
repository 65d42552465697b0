//! Whether texts may be sent from a number as it says.

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::policy::assistant::CallerNumber;
use carillon_runtime::context::Context;

use crate::http::problem::{Code, Problem};
use crate::http::validation::FieldErrors;

/// Texts go through a provider that can be reached from here; and from a number of the account that we run in only for
/// the workspace that it is given to, by the name that it is given under.
pub(super) async fn check_sender(
    context: &Context,
    ws: &WorkspaceId,
    number: &CallerNumber,
) -> Result<(), Problem> {
    let Some(sender) = &number.sms else { return Ok(()) };
    let mut errors = FieldErrors::default();
    if let Err(reason) = context.sms.reaches(sender.provider) {
        errors.push("sms.provider", reason);
    }
    errors.into_result()?;
    if !sender.provider.is_in_our_account() {
        return Ok(());
    }
    let grant = context.store.sender_grant(sender.provider, &number.number).await?;
    let Some(grant) = grant.filter(|grant| grant.workspace == *ws) else {
        let detail = format!(
            "{} is not given to this workspace; whoever runs the installation gives it (`workspace give-number`)",
            number.number
        );
        return Err(Problem::new(Code::SenderNotGiven, detail));
    };
    let mut errors = FieldErrors::default();
    match grant.identity {
        identity if identity == sender.messaging_service => {}
        Some(identity) => {
            errors.push("sms.messaging_service", format_args!("the number sends as `{identity}`"))
        }
        None => errors.push("sms.messaging_service", "the number sends as itself; leave it out"),
    }
    errors.into_result()
}
