//! Hundreds of conversations in five languages, through the whole pipeline: what is found in each is what is true of it, or says why
//! nothing was.

use std::collections::{BTreeMap, BTreeSet};

use carillon_adapters::language_model::LanguageModels;
use carillon_adapters::secrets::Secret;
use carillon_adapters::webhook_sender::Reach;
use carillon_domain::base::ids::{AssistantId, AttemptId, CampaignId, InteractionId};
use carillon_domain::base::language_model::{LanguageModel, ModelProvider};
use carillon_domain::base::time::HOUR_MS;
use carillon_domain::policy::assistant::Assistant;
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::records::analysis::{AnalysisFault, Finding};
use carillon_domain::records::campaign::{AnalysisSettings, CampaignSpec, CampaignStatus};
use carillon_domain::records::workspace::{ModelAccess, Workspace};
use carillon_local::language_model_simulator::{LocalModel, ModelFault, ModelFaults, ModelSettings};
use carillon_local::provider_simulator::audit::CallRecord;
use carillon_runtime::context::language_model_key_name;
use carillon_system_tests::harness::{Delivery, Harness, MONDAY_AT_NINE, Options};
use carillon_system_tests::people;
use chrono_tz::Tz::Europe__Berlin as BERLIN;

/// People who are called in each language.
const PEOPLE: usize = 140;
/// Conversations that there are at least, over all languages.
const LEAST_CONVERSATIONS: usize = 500;
/// What reading a call may cost, who is listed and puts others off among them.
const MOST_REQUESTS: f64 = 4.0;
const MOST_WRITE_UNITS: f64 = 8.0;
const LANGUAGES: [&str; 5] = ["en", "de", "fr", "es", "it"];
const KEY_NAME: &str = "reader";

/// A system that calls people in five languages, and has its calls read by a model in which this goes wrong.
async fn calling(faults: ModelFaults) -> (Harness, LocalModel, Vec<CampaignId>) {
    let options = Options { hop_ms: 80, stream: Some(Delivery::Repeated), ..Options::at(MONDAY_AT_NINE) };
    let mut harness = Harness::start(options).await;
    let settings = ModelSettings { faults, ..ModelSettings::default() };
    let model = LocalModel::start(settings.clone(), 0).await.expect("a free port");
    let models = LanguageModels::new(Reach::Anywhere).expect("an HTTP client");
    harness.context.language_models = models.with_openai_at(model.base_url());
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    let (ws, store) = (&keys.workspace, &context.store);
    let key = Secret::from(settings.api_key);
    context.secrets.put(&language_model_key_name(ws, KEY_NAME), &key).await.expect("a folder");
    let reader = LanguageModel {
        provider: ModelProvider::OpenAi,
        model: settings.model,
        base_url: None,
        input_price_micros: 400_000,
        output_price_micros: 1_600_000,
    };
    let access = ModelAccess { model: reader, key_name: Some(KEY_NAME.to_owned()), set_at: context.now() };
    let workspace = store.workspace(ws).await.expect("a table").expect("a workspace");
    let version = workspace.version + 1;
    let workspace = Workspace { version, language_model: Some(access), ..workspace };
    assert!(store.update_workspace(&workspace).await.expect("a table"));
    people::lift_rate(&context, &keys).await;
    let robin = store.assistant(ws, &keys.assistant).await.expect("a table").expect("an assistant");
    let mut campaigns = Vec::new();
    for (part, language) in (2..).zip(LANGUAGES) {
        let id = AssistantId::new(context.now(), context.random.draw());
        let assistant = Assistant { id: id.clone(), language: Some(language.to_owned()), ..robin.clone() };
        store.create_assistant(ws, &assistant).await.expect("a table");
        let analysis = AnalysisSettings {
            evaluation_criteria: Some("Good: wants it.".into()),
            ..AnalysisSettings::default()
        };
        let spec = CampaignSpec { assistant_id: id, analysis, concurrent_limit: 50, ..people::spec(&keys) };
        let people = people::population(part, PEOPLE, BERLIN);
        campaigns.push(people::start_campaign(&context, &keys, spec, &people).await);
    }
    (harness, model, campaigns)
}

/// Runs until everybody is settled and everything is read.
async fn run(harness: &mut Harness, campaigns: &[CampaignId]) {
    let end = harness.context.now().plus_ms(9 * 24 * HOUR_MS);
    let is_over = async |harness: &Harness| {
        for id in campaigns {
            let campaign =
                harness.context.store.campaign(&harness.keys.workspace, id).await.expect("a table");
            if campaign.is_none_or(|campaign| campaign.status != CampaignStatus::Completed) {
                return false;
            }
        }
        true
    };
    assert!(harness.run_until(end, is_over).await, "somebody is still to be called");
    harness.run_to(harness.context.now().plus_ms(6 * HOUR_MS)).await;
}

/// How many calls were found to be what they are, and how many were not read, by why.
async fn compared(harness: &Harness) -> (usize, BTreeMap<&'static str, usize>, BTreeSet<String>) {
    let (ws, store) = (&harness.keys.workspace, &harness.context.store);
    let (mut found, mut failed, mut kinds) = (0, BTreeMap::new(), BTreeSet::new());
    for call in harness.network.calls() {
        let (Some(truth), Some(id)) = (call.truth(), interaction_of(&call)) else { continue };
        let interaction = store.interaction(ws, &id).await.expect("a table").expect("a record");
        let analysis = store.analyses(ws, [&id]).await.expect("a table").remove(&id);
        if !interaction.has_conversation() {
            assert_eq!(analysis, None, "{call:?}");
            continue;
        }
        let analysis = analysis.unwrap_or_else(|| panic!("{call:?} was not read: {interaction:?}"));
        kinds.insert(format!("{:?}", call.casting));
        match &analysis.goal {
            Finding::Ok { value, evidence, .. } => {
                assert!(truth.reached_human, "{call:?} {truth:?}");
                assert_eq!((value, evidence), (&truth.verdict, &truth.evidence), "{call:?}");
                found += 1;
            }
            Finding::NoConversation => {
                assert!(!truth.reached_human, "{call:?} {truth:?}");
                found += 1;
            }
            Finding::Failed { fault, .. } => *failed.entry(name(*fault)).or_default() += 1,
            finding => panic!("{call:?}: {finding:?}"),
        }
        if let Finding::Ok { value, evidence, .. } = &analysis.evaluation {
            assert_eq!((value, evidence), (&truth.evaluation, &truth.evaluation_evidence), "{call:?}");
        }
        if truth.do_not_call && analysis.goal.value().is_some() {
            let number = interaction.number.as_ref().expect("a number");
            let records = store.number_records(ws, std::slice::from_ref(number)).await.expect("a table");
            assert!(records[0].suppressed_by(&[ListName::do_not_call()].into()).is_some(), "{call:?}");
        }
    }
    (found, failed, kinds)
}

fn interaction_of(call: &CallRecord) -> Option<InteractionId> {
    let attempt: AttemptId = call.attempt.as_deref()?.parse().ok()?;
    Some(InteractionId::of(&attempt))
}

const fn name(fault: AnalysisFault) -> &'static str {
    match fault {
        AnalysisFault::Unavailable => "unavailable",
        AnalysisFault::Misconfigured => "misconfigured",
        AnalysisFault::Declined => "declined",
        AnalysisFault::CutOff => "cut_off",
        AnalysisFault::NeedsReview => "needs_review",
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_found_in_conversations_of_five_languages_is_what_is_true_of_them() {
    let (mut harness, _model, campaigns) = calling(ModelFaults::default()).await;
    run(&mut harness, &campaigns).await;
    let (found, failed, kinds) = compared(&harness).await;
    eprintln!("{found} conversations of {} kinds", kinds.len());
    assert!(found >= LEAST_CONVERSATIONS, "{found}");
    assert!(failed.is_empty(), "{failed:?}");
    let read = harness.spent["analyst"].per_run();
    eprintln!("a call that is read: {read:?}");
    let spent = |name: &str| read.iter().find(|(known, _)| *known == name).map(|(_, spent)| *spent);
    assert!(spent("requests").is_some_and(|requests| requests <= MOST_REQUESTS), "{read:?}");
    assert!(spent("write units").is_some_and(|units| units <= MOST_WRITE_UNITS), "{read:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_in_which_everything_goes_wrong_loses_nothing_and_invents_nothing() {
    let faults = ModelFaults::default()
        .with(ModelFault::Outage, 150)
        .with(ModelFault::Busy, 100)
        .with(ModelFault::NotJson, 80)
        .with(ModelFault::Refusal, 40)
        .with(ModelFault::CutOff, 40)
        .with(ModelFault::WrongTurns, 80)
        .with(ModelFault::WrongField, 80);
    let (mut harness, model, campaigns) = calling(faults).await;
    run(&mut harness, &campaigns).await;
    let (found, failed, _) = compared(&harness).await;
    eprintln!("{found} found, {failed:?}, {:?} asked", model.asked());
    assert!(found >= LEAST_CONVERSATIONS * 3 / 4, "{found} {failed:?}");
    let named: BTreeSet<&str> = failed.keys().copied().collect();
    assert_eq!(named, ["cut_off", "declined", "needs_review"].into(), "outages are waited for");
}
