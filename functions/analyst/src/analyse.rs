//! Reads one call.

use carillon_adapters::queue::Message;
use carillon_domain::analysis::verdict::{Answers, is_due};
use carillon_domain::base::time::{MINUTE_MS, SECOND_MS};
use carillon_domain::records::analysis::Analysis;
use carillon_domain::records::campaign::Campaign;
use carillon_domain::records::interaction::Interaction;
use carillon_domain::transaction::Transaction;
use carillon_runtime::context::{Context, body};
use carillon_runtime::messages::AnalyseCall;
use carillon_store::{AnalysisContext, CommitError, StoreError};

use crate::error::AnalystError;
use crate::opt_out;
use crate::questions::{Asking, Later};

/// How long to wait before a model that does not answer is asked again, in milliseconds; the last one holds from then on.
const WAITS_MS: [i64; 5] = [5 * SECOND_MS, 30 * SECOND_MS, 2 * MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS];
/// How often a model that does not answer is asked again: four hours of an outage lose nothing.
const MAX_TRIES: u32 = 20;
/// How often what was found is stored anew on what somebody else has stored meanwhile.
const COMMIT_TRIES: usize = 8;

pub(crate) async fn analyse(context: &Context, message: AnalyseCall) -> Result<(), AnalystError> {
    let ws = &message.workspace;
    let mut found = context.store.analysis_context(ws, &message.interaction, &message.lead).await?;
    let (Some(interaction), Some(campaign)) = (found.interaction.take(), found.campaign.take()) else {
        return Ok(());
    };
    let Some(access) = found.workspace.take().and_then(|workspace| workspace.language_model) else {
        return Ok(());
    };
    if !is_due(&interaction, &campaign, found.stored.as_ref()) {
        return Ok(());
    }
    let key = context.language_model_key(ws, &access).await?;
    let may_wait = message.tries < MAX_TRIES;
    let asking = Asking { context, model: &access.model, key: key.as_ref(), may_wait };
    let mut answers = match asking.ask(&campaign.spec, &found.transcript).await {
        Ok(answers) => answers,
        Err(later) => return wait(context, message, &later).await,
    };
    answers.cost_micros = answers.cost_micros.saturating_add(message.spent_micros);
    if let Some(Ok(judgement)) = &answers.judgement {
        opt_out::honour(context, ws, &interaction, found.lead.as_ref(), judgement).await?;
    }
    keep(context, &message, found, (&interaction, &campaign), answers).await
}

/// Asks again later.
async fn wait(context: &Context, message: AnalyseCall, later: &Later) -> Result<(), AnalystError> {
    let place = usize::try_from(message.tries).unwrap_or(usize::MAX).min(WAITS_MS.len() - 1);
    let longest_ms = WAITS_MS[WAITS_MS.len() - 1];
    let delay_ms = WAITS_MS[place].max(later.asked_to_wait_ms.unwrap_or_default()).min(longest_ms);
    let again = AnalyseCall {
        tries: message.tries + 1,
        spent_micros: message.spent_micros.saturating_add(later.spent_micros),
        ..message
    };
    Ok(context.queues.analysis.send(&[Message::after(delay_ms, body(&again))]).await?)
}

/// Keeps what was found, beside what is stored by then; who was faster by the same wording stands.
async fn keep(
    context: &Context,
    message: &AnalyseCall,
    mut found: AnalysisContext,
    (interaction, campaign): (&Interaction, &Campaign),
    answers: Answers,
) -> Result<(), AnalystError> {
    let ws = &message.workspace;
    for _ in 0..COMMIT_TRIES {
        let (now, before) = (context.now(), found.stored.as_ref());
        let after = Analysis::of(interaction, &campaign.spec, answers.clone(), before, now);
        let transaction = Transaction::keep_analysis(before, &after, found.lead.as_ref(), now);
        match context.store.commit(ws, &transaction).await {
            Ok(()) => return Ok(()),
            Err(CommitError::Refused(_)) => {}
            Err(CommitError::Store(error)) => return Err(error.into()),
        }
        found = context.store.analysis_context(ws, &message.interaction, &message.lead).await?;
        if !is_due(interaction, campaign, found.stored.as_ref()) {
            return Ok(());
        }
    }
    Err(StoreError::contended("a lead changed again and again").into())
}
