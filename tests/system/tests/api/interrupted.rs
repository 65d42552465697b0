//! Imports that are interrupted again and again.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use carillon_adapters::queue::{LocalQueue, Queue};
use carillon_domain::base::ids::CampaignId;
use carillon_domain::base::time::{MINUTE_MS, SECOND_MS};
use carillon_local::table::{Interceptor, TableCall, Verdict};
use carillon_local::workers;
use carillon_runtime::context::Context;
use carillon_store::LEAD_SHARDS;
use carillon_system_tests::api::{Api, HasId};
use carillon_system_tests::people;
use serde_json::{Value, json};

use crate::api::dropped::campaign;

/// Rows between two notes of progress.
const CHUNK: usize = 500;

/// Lets an import note its progress so often; what it writes besides passes.
#[derive(Debug)]
struct Progress {
    left: AtomicI64,
}

impl Interceptor for Progress {
    fn before(&self, call: &TableCall<'_>) -> Verdict {
        let is_progress = call.operation == "TransactWriteItems" && {
            let request = call.request.to_string();
            request.contains("#imports\"") && request.contains("{\"S\":\"running\"}")
        };
        let is_kept = is_progress && self.left.fetch_sub(1, Ordering::SeqCst) <= 0;
        if is_kept { Verdict::Throttle } else { Verdict::Pass }
    }
}

/// Longer than anything waits in the queue, in milliseconds.
const BETWEEN_RUNS_MS: i64 = 16 * MINUTE_MS;
/// More runs than any of these imports takes.
const MAX_RUNS: usize = 60;

/// A file that is read in runs, each of which notes its progress so often at most.
struct Interrupted {
    queue: LocalQueue,
    context: Context,
    progress: Arc<Progress>,
}

impl Interrupted {
    /// Drops the file.
    async fn dropped(api: &Api, campaign: &str, file: String) -> Self {
        let key =
            format!("drops/{}{}/people.csv", api.keys.workspace, campaign.trim_start_matches("/campaigns"));
        api.context.files.write(&key, file.into_bytes()).await.expect("a file");
        people::tell_of_file(&api.context, &key).await;
        let Queue::Local(queue) = &api.context.queues.import else { panic!("these tests keep local queues") };
        let progress = Arc::new(Progress { left: AtomicI64::new(0) });
        let context = api.under(Arc::<Progress>::clone(&progress)).context;
        Self { queue: queue.clone(), context, progress }
    }

    /// Whether there was anything left to read.
    async fn run(&self, api: &Api, notes: i64) -> bool {
        let received = self.queue.receive(1, 60_000).expect("a queue");
        let Some(message) = received.first() else { return false };
        self.progress.left.store(notes, Ordering::SeqCst);
        let deadline = self.context.now().plus_ms(MINUTE_MS);
        let response = carillon_importer::handle(&self.context, workers::event(&received), deadline).await;
        assert_eq!(response.batch_item_failures.len(), 0);
        self.queue.delete(&message.receipt).expect("a queue");
        api.advance_ms(BETWEEN_RUNS_MS);
        true
    }
}

/// Drops a file and has it read in runs. Answers with the import, and how many there were.
async fn interrupted(
    api: &Api,
    campaign: &str,
    file: String,
    notes: impl Fn(usize) -> i64,
) -> (Value, usize) {
    let reading = Interrupted::dropped(api, campaign, file).await;
    for run in 0..MAX_RUNS {
        if !reading.run(api, notes(run)).await {
            return (api.all(&format!("{campaign}/imports")).await.remove(0), run);
        }
    }
    panic!("it is not over after {MAX_RUNS} runs");
}

#[tokio::test]
async fn an_import_that_is_given_up_leaves_nobody_uncounted() {
    let api = Api::start().await;
    let campaign = campaign(&api, "DE").await;
    api.lead(&campaign, "+49 30 901820").await;
    api.advance_ms(SECOND_MS);
    let rows: String = (0..2 * CHUNK + 10).map(|n| format!("+49 30 2312{n:04}\n")).collect();
    // One chunk is noted, the next one is written again and again.
    let notes = |run| i64::from(run == 0);
    let (import, runs) = interrupted(&api, &campaign, format!("phone\n{rows}"), notes).await;
    assert_eq!(runs, 22, "21 interruptions at one row, and a last look at what there is");
    let counts = ["status", "rows", "created"].map(|field| import[field].clone());
    assert_eq!(counts, [json!("failed"), json!(2 * CHUNK), json!(2 * CHUNK)], "{import}");
    let stats = api.get(&format!("{campaign}/stats")).await.ok(200);
    let leads = api.all(&format!("{campaign}/leads")).await;
    assert_eq!((&stats["total"], leads.len()), (&json!(2 * CHUNK + 1), 2 * CHUNK + 1));
    let phones: Vec<&Value> = leads.iter().map(|lead| &lead["phones"][0]["value"]).collect();
    assert!(phones[1..].is_sorted_by(|one, other| one.as_str() < other.as_str()), "each once, in file order");
    let stored = api.context.store.campaign(&api.keys.workspace, &id_of(&campaign)).await;
    assert!(stored.expect("a table").expect("a campaign").open_imports.is_empty(), "it holds nothing open");
}

#[tokio::test]
async fn an_import_that_gets_on_is_not_given_up() {
    const CHUNKS: usize = 25;
    let api = Api::start().await;
    let campaign = campaign(&api, "DE").await;
    let file = format!("phone\n+49 30 23125001\n{}", "12\n".repeat(CHUNKS * CHUNK - 1));
    let (import, runs) = interrupted(&api, &campaign, file, |_| 1).await;
    assert!(runs >= CHUNKS, "{runs}");
    let counts = ["status", "rows", "created"].map(|field| import[field].clone());
    assert_eq!(counts, [json!("completed"), json!(CHUNKS * CHUNK), json!(1)], "{import}");
}

#[tokio::test]
async fn nobody_whose_row_is_not_counted_is_removed_or_gives_up_a_number() {
    let api = Api::start().await;
    let campaign = campaign(&api, "DE").await;
    let file = "phone\n+49 30 23125001\n+49 30 23125002\n+49 30 23125003\n".to_owned();
    let reading = Interrupted::dropped(&api, &campaign, file).await;
    assert!(reading.run(&api, 0).await, "leads are made, and not counted");
    assert!(api.all(&format!("{campaign}/leads")).await.is_empty(), "the list has those that are counted");
    let ids = made(&api, &campaign).await;
    let [first, second, third] = &ids[..] else { panic!("{ids:?}") };
    let path = |lead: &str| format!("{campaign}/leads/{lead}");

    api.delete(&path(first)).await.problem(409, "being_imported");
    let other = json!({ "phone": "+49 30 23125009" });
    api.patch(&path(second), other.clone()).await.problem(409, "being_imported");
    let further = json!({ "name": "Ana", "secondary_phones": ["+49 30 23125008"] });
    api.patch(&path(second), further).await.ok(200);
    let ids = json!({ "action": "remove", "lead_ids": [third] });
    let job = api.post(&format!("{campaign}/leads/bulk"), ids).await.ok(202);
    api.do_jobs().await;
    let results = api.all(&format!("/jobs/{}/results", job.id())).await;
    assert_eq!(results[0]["refusal"]["code"], "being_imported", "{results:?}");

    while reading.run(&api, 1).await {}
    let total = async || api.get(&format!("{campaign}/stats")).await.ok(200)["total"].clone();
    assert_eq!(total().await, 3);
    assert_eq!(api.delete(&path(first)).await.status, 204);
    api.patch(&path(second), other).await.ok(200);
    assert_eq!((total().await, made(&api, &campaign).await.len()), (json!(2), 2));
}

/// The leads of a campaign, counted or not.
async fn made(api: &Api, campaign: &str) -> Vec<String> {
    let (ws, campaign) = (&api.keys.workspace, id_of(campaign));
    let mut leads = Vec::new();
    for shard in 0..LEAD_SHARDS {
        leads.extend(api.context.store.leads_in_shard(ws, &campaign, shard).await.expect("a table"));
    }
    leads.into_iter().map(|lead| lead.id.to_string()).collect()
}

fn id_of(campaign: &str) -> CampaignId {
    campaign.trim_start_matches("/campaigns/").parse().expect("an id")
}
