//! What is asked about a call that has ended, and what of the answers is kept.

use sha2::{Digest, Sha256};

use super::evaluation::Evaluated;
use super::judgement::Judgement;
use crate::base::time::Timestamp;
use crate::records::analysis::{Analysis, AnalysisFault, Finding, GoalResult};
use crate::records::campaign::{Campaign, CampaignSpec};
use crate::records::counters::Counters;
use crate::records::interaction::Interaction;
use crate::records::lead::Lead;
use crate::transaction::{Transaction, Write};

/// Bytes of the digest that names a wording.
const WORDING_BYTES: usize = 6;

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub fault: AnalysisFault,
    pub reason: String,
}

/// What came of the questions that were asked; none of one that was not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    pub judgement: Option<Result<Judgement, Failure>>,
    pub evaluation: Option<Result<Evaluated, Failure>>,
    /// What asking cost, in millionths of a US dollar.
    pub cost_micros: u64,
}

/// Names the wording of goal and criteria.
pub fn wording(spec: &CampaignSpec) -> String {
    let mut digest = Sha256::new_with_prefix(spec.goal.as_bytes());
    digest.update([0, u8::from(spec.analysis.goal)]);
    digest.update(spec.analysis.evaluation_criteria.as_deref().unwrap_or_default());
    digest.finalize().iter().take(WORDING_BYTES).map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a call is to be read: there is something to read and to look for, and it was not read by this wording before.
pub fn is_due(interaction: &Interaction, campaign: &Campaign, stored: Option<&Analysis>) -> bool {
    let is_read = stored.is_some_and(|stored| stored.wording == wording(&campaign.spec));
    interaction.has_conversation() && !campaign.spec.analysis.is_off() && !is_read
}

impl Analysis {
    /// What is known of a call after these answers, in place of what was known before.
    pub fn of(
        interaction: &Interaction,
        spec: &CampaignSpec,
        answers: Answers,
        before: Option<&Self>,
        now: Timestamp,
    ) -> Self {
        let Answers { judgement, evaluation, cost_micros } = answers;
        let person_spoke = match &judgement {
            None => Finding::Skipped,
            Some(Err(failure)) => failed(failure),
            Some(Ok(judgement)) => Finding::Ok {
                value: judgement.person_spoke,
                evidence: judgement.evidence.clone(),
                reasoning: None,
            },
        };
        let is_silent = person_spoke.value() == Some(false);
        let goal = match judgement {
            None => Finding::Skipped,
            Some(Err(failure)) => failed(&failure),
            Some(Ok(judgement)) => judgement.into(),
        };
        let evaluation = match evaluation {
            _ if is_silent => Finding::NoConversation,
            None => Finding::Skipped,
            Some(Err(failure)) => failed(&failure),
            Some(Ok(Evaluated { evaluation, evidence, reasoning })) => {
                Finding::Ok { value: evaluation, evidence, reasoning: Some(reasoning) }
            }
        };
        Self {
            id: interaction.id.clone(),
            version: before.map_or(1, |before| before.version + 1),
            campaign: interaction.campaign.clone(),
            lead: interaction.lead.clone(),
            is_test: interaction.is_test,
            started_at: interaction.started_at,
            person_spoke,
            goal,
            evaluation,
            wording: wording(spec),
            cost_micros: before.map_or(0, |before| before.cost_micros).saturating_add(cost_micros),
            judged_at: now,
        }
    }
}

impl From<Judgement> for Finding<GoalResult> {
    fn from(judgement: Judgement) -> Self {
        if !judgement.person_spoke {
            return Self::NoConversation;
        }
        let Judgement { result, evidence, reasoning, .. } = judgement;
        Self::Ok { value: result, evidence, reasoning: Some(reasoning) }
    }
}

fn failed<V>(Failure { fault, reason }: &Failure) -> Finding<V> {
    Finding::Failed { fault: *fault, reason: reason.clone() }
}

/// The lead that shows the call, unless it shows a later one.
fn showing(lead: &Lead, analysis: &Analysis, now: Timestamp) -> Option<Lead> {
    let judged = analysis.judged_call()?;
    let is_later = lead.judged.as_ref().is_some_and(|shown| {
        (shown.started_at, &shown.interaction) > (judged.started_at, &judged.interaction)
    });
    let is_shown = lead.judged.as_ref() == Some(&judged);
    (!is_later && !is_shown).then(|| Lead {
        version: lead.version + 1,
        judged: Some(judged),
        updated_at: now,
        ..lead.clone()
    })
}

impl Transaction {
    /// Keeps what was found, once: the record, its sums and its cost, and the lead that shows it, if that is still there.
    pub fn keep_analysis(
        before: Option<&Analysis>,
        after: &Analysis,
        lead: Option<&Lead>,
        now: Timestamp,
    ) -> Self {
        let spent = after.cost_micros.saturating_sub(before.map_or(0, |before| before.cost_micros));
        let mut transaction = Self::of(Write::KeepAnalysis { before: before.cloned(), after: after.clone() });
        if spent > 0 {
            transaction.push(Write::Charge { lead: after.lead.clone(), micros: spent.cast_signed() });
        }
        if let Some((lead, shown)) = lead.and_then(|lead| Some((lead, showing(lead, after, now)?))) {
            transaction.extend(Self::change_lead(lead, shown).0);
        }
        let counters = Counters::of_analysis(before, after);
        let (campaign, lead) = (after.campaign.clone(), after.lead.clone());
        transaction.extend([Write::Count { campaign, lead, counters }]);
        transaction
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::call::Outcome;
    use crate::base::outcome::AttemptOutcome;
    use crate::fixtures::{self, NOW};
    use crate::records::analysis::Evaluation;
    use crate::records::counters::Counter;
    use crate::records::interaction::StartedBy;

    fn call(lead: &Lead) -> Interaction {
        let attempt = fixtures::claimed(lead, NOW).attempt;
        Interaction {
            outcome: Some(AttemptOutcome::Call(Outcome::Completed)),
            has_transcript: true,
            message_count: 4,
            ..Interaction::opened(&attempt, &lead.id, StartedBy::Campaign, NOW)
        }
    }

    fn judgement(result: GoalResult) -> Answers {
        let judgement = Judgement {
            result,
            reasoning: "They agreed.".into(),
            evidence: vec![2],
            person_spoke: true,
            wants_no_calls: false,
        };
        Answers { judgement: Some(Ok(judgement)), cost_micros: 5, ..Answers::default() }
    }

    #[test]
    fn a_call_is_read_once_by_each_wording_and_only_where_there_is_something_to_read() {
        let (lead, mut campaign) = (fixtures::lead(1), fixtures::campaign());
        let call = call(&lead);
        assert!(is_due(&call, &campaign, None));
        let found = Analysis::of(&call, &campaign.spec, judgement(GoalResult::Success), None, NOW);
        assert!(!is_due(&call, &campaign, Some(&found)));
        campaign.spec.goal.push('!');
        assert!(is_due(&call, &campaign, Some(&found)));
        for nothing_to_read in [
            Interaction { has_transcript: false, ..call.clone() },
            Interaction { message_count: 1, ..call.clone() },
            Interaction { outcome: Some(AttemptOutcome::Call(Outcome::Voicemail)), ..call.clone() },
            Interaction { outcome: None, ..call.clone() },
        ] {
            assert!(!is_due(&nothing_to_read, &campaign, None));
        }
        campaign.spec.analysis.goal = false;
        assert!(!is_due(&call, &campaign, None));
    }

    #[test]
    fn a_machine_that_passed_for_a_person_is_judged_as_nothing() {
        let lead = fixtures::lead(1);
        let mut answers = judgement(GoalResult::Failure);
        if let Some(Ok(judgement)) = &mut answers.judgement {
            judgement.person_spoke = false;
        }
        let found = Analysis::of(&call(&lead), &fixtures::campaign().spec, answers, None, NOW);
        assert_eq!(
            (found.goal.clone(), found.evaluation.clone()),
            (Finding::NoConversation, Finding::NoConversation)
        );
        assert_eq!(found.judged_call(), None);
        let Transaction(writes) = Transaction::keep_analysis(None, &found, Some(&lead), NOW);
        assert!(!writes.iter().any(|write| matches!(write, Write::UpdateLead { .. })));
    }

    #[test]
    fn each_call_counts_once_as_it_is_judged_now_and_the_lead_shows_the_latest() {
        let (lead, spec) = (fixtures::lead(1), fixtures::campaign().spec);
        let call = call(&lead);
        let first = Analysis::of(&call, &spec, judgement(GoalResult::Failure), None, NOW);
        let again = Analysis::of(&call, &spec, judgement(GoalResult::Success), Some(&first), NOW);
        assert_eq!((again.version, again.cost_micros), (2, 10));
        let counted = Counters::of_analysis(Some(&first), &again);
        let counted = [
            Counter::Judged(GoalResult::Failure),
            Counter::Judged(GoalResult::Success),
            Counter::AnalysisCostMicros,
        ]
        .map(|counter| counted.get(counter));
        assert_eq!(counted, [-1, 1, 5]);
        let shown = showing(&lead, &again, NOW).expect("it is the first");
        assert_eq!(shown.judged.as_ref().and_then(|judged| judged.goal_result), Some(GoalResult::Success));
        assert_eq!(showing(&shown, &again, NOW), None, "it shows that already");
        let earlier = Analysis { started_at: NOW.plus_ms(-1), ..first };
        assert_eq!(showing(&shown, &earlier, NOW), None, "it shows a later one");
    }

    #[test]
    fn what_failed_says_why_and_is_no_verdict() {
        let failure = Failure { fault: AnalysisFault::NeedsReview, reason: "turn 9 does not exist".into() };
        let evaluated =
            Evaluated { evaluation: Evaluation::Good, reasoning: "…".into(), evidence: vec![2] };
        let answers = Answers {
            judgement: Some(Err(failure.clone())),
            evaluation: Some(Ok(evaluated)),
            cost_micros: 0,
        };
        let lead = fixtures::lead(1);
        let found = Analysis::of(&call(&lead), &fixtures::campaign().spec, answers, None, NOW);
        assert_eq!(found.goal, Finding::Failed { fault: failure.fault, reason: failure.reason });
        let shown = found.judged_call().expect("an evaluation");
        assert_eq!((shown.goal_result, shown.evaluation), (None, Some(Evaluation::Good)));
    }
}
