//! The local system on its own clock, for benchmarks: a dropped file becomes leads.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::fmt::Write as _;
use std::fs;
use std::ops::Range;
use std::path::Path;
use std::time::{Duration, Instant};

use carillon_domain::base::ids::CampaignId;
use carillon_local::LocalSystem;
use tokio::time::sleep;

use crate::context::Keys;
use crate::process::cpu_ms;

/// Numbers end with digits from here on: those before may be magic (`provider_simulator/magic.rs`).
const FIRST_END: u64 = 1_000;
/// Numbers of each block.
const ENDS: u64 = 9_000;
/// How often it is asked whether a file is read.
const ASK_EVERY: Duration = Duration::from_millis(20);

/// What a first start has set up.
pub async fn keys(system: &LocalSystem) -> Keys {
    let (store, ws) = (&system.context.store, system.workspace());
    let assistant = store.voices(ws).await.expect("a table").0.remove(0);
    Keys {
        workspace: ws.clone(),
        caller_number: assistant.caller_number_ids[0].clone(),
        assistant: assistant.id,
        api_key: system.api_key().to_owned(),
    }
}

/// Drops a file of these people, waits until it is read, and tells how long that took.
pub async fn import(
    system: &LocalSystem,
    keys: &Keys,
    campaign: &CampaignId,
    people: Range<u64>,
    folder: &Path,
) {
    let mut text = "phone,name,company,order,email\n".to_owned();
    for row in people {
        let (block, end) = (100 + row / ENDS, FIRST_END + row % ENDS);
        writeln!(text, "+493023{block:03}{end},Ida {row},Acme {},A-{row},ida{row}@example.com", row % 97)
            .expect("memory");
    }
    let drops = folder.join("uploads/drops").join(keys.workspace.as_str()).join(campaign.as_str());
    fs::create_dir_all(&drops).expect("a folder");
    fs::write(drops.join("people.csv"), text).expect("a file");
    let (store, ws) = (&system.context.store, &keys.workspace);
    let mut begun = None;
    loop {
        let imports = store.imports(ws, campaign).await.expect("a table");
        match imports.first() {
            None => {}
            Some(import) => {
                let (at, cpu) = *begun.get_or_insert_with(|| (Instant::now(), cpu_ms()));
                if import.finished_at.is_some() {
                    return tell_of_rows(import.progress.created, at.elapsed(), cpu_ms() - cpu);
                }
            }
        }
        sleep(ASK_EVERY).await;
    }
}

fn tell_of_rows(rows: u64, took: Duration, cpu_ms: u64) {
    let per_row_us = cpu_ms as f64 * 1e3 / rows as f64;
    let per_second = rows as f64 / took.as_secs_f64();
    println!("{rows} rows became leads: {per_second:.0} a second, {per_row_us:.0} us of processor each");
}
