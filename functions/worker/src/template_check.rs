//! Finding what the templates of a campaign lack among all of its leads.

use carillon_domain::base::ids::{CampaignId, WorkspaceId};
use carillon_domain::calling::personalization::Sources;
use carillon_domain::calling::template_check::Check;
use carillon_domain::records::job::{Job, JobKind};
use carillon_domain::records::template_findings::Findings;
use carillon_runtime::context::Context;

use crate::error::JobError;
use crate::shards::next_leads;
use crate::{Step, advance, end, give_up};

/// Leads that one step looks at.
const LEADS_PER_STEP: usize = 1_000;

/// Looks at some more leads. Each is looked at as the campaign, its assistant and the lead are then.
pub(crate) async fn step(
    context: &Context,
    ws: &WorkspaceId,
    job: &Job,
    (campaign, found): (&CampaignId, &Findings),
) -> Result<Step, JobError> {
    let fail = async |why: &str| give_up(context, ws, job, why).await;
    let Some(stored) = context.store.campaign(ws, campaign).await? else {
        return fail("the campaign is deleted").await;
    };
    let Some(assistant) = context.store.assistant(ws, &stored.spec.assistant_id).await? else {
        return fail("the campaign's assistant is deleted").await;
    };
    let Some(workspace) = context.store.workspace(ws).await? else {
        return fail("the workspace is gone").await;
    };
    let Some((leads, to)) = next_leads(context, ws, campaign, &job.checkpoint, LEADS_PER_STEP).await? else {
        return end(context, ws, &job.completed(context.now())).await;
    };
    let sources = Sources::of(&stored.spec, &assistant);
    let findings = match sources.parsed() {
        Ok(templates) => {
            let check = Check::new(&stored.spec, &assistant, &workspace.name, &templates);
            let mut findings = found.clone();
            leads.iter().for_each(|lead| check.note(&mut findings, lead));
            Ok(findings)
        }
        Err(fault) => Err(fault.to_string()),
    };
    match findings {
        Ok(findings) => {
            let kind = JobKind::CheckTemplates { campaign: campaign.clone(), findings: Box::new(findings) };
            let next = Job { kind, ..job.counting(to, leads.len() as u64, 0, context.now()) };
            let is_stored = advance(context, ws, &next).await?;
            Ok(if is_stored { Step::Done(Box::new(next)) } else { Step::Overtaken })
        }
        Err(why) => fail(&why).await,
    }
}
