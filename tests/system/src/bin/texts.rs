//! How long so many texts take to leave the local system, which runs on its own clock over a table in a file, where no rate
//! holds them; the simulated carrier included.
//!
//! `cargo run --release -p carillon-system-tests --bin texts [texts]`
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::time::{Duration, Instant};

use carillon_domain::records::campaign::Command;
use carillon_local::{LocalSettings, LocalSystem};
use carillon_runtime::services::lifecycle;
use carillon_system_tests::harness::MONDAY_AT_NINE;
use carillon_system_tests::local_run::{import, keys};
use carillon_system_tests::people;
use carillon_system_tests::process::cpu_ms;
use carillon_system_tests::scratch::Scratch;
use tokio::time::sleep;

const TEXTS: u64 = 10_000;
/// How often it is looked how many have left.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Longest time without another text, after which the rest is not waited for.
const STALLED: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() {
    let texts = std::env::args().nth(1).and_then(|word| word.parse().ok()).unwrap_or(TEXTS);
    let folder = Scratch::new();
    let settings = LocalSettings {
        data_dir: folder.path().to_owned(),
        port: 0,
        network_port: 0,
        begin_at: Some(MONDAY_AT_NINE),
        ..LocalSettings::default()
    };
    let system = LocalSystem::start(settings).await.expect("a system");
    let keys = keys(&system).await;
    let context = &system.context;
    people::lift_rate(context, &keys).await;
    let campaign = people::draft_campaign(context, &keys, people::texting(&keys)).await;
    import(&system, &keys, &campaign, 0..texts, folder.path()).await;

    lifecycle::apply(context, &keys.workspace, &campaign, Command::Start).await.expect("a draft starts");
    let before = system.table.meter().snapshot();
    let (begun, cpu) = (Instant::now(), cpu_ms());
    let sent = || system.messages.messages().iter().filter(|text| text.attempt.is_some()).count() as u64;
    let (mut count, mut grew_at) = (0, begun);
    while count < texts && grew_at.elapsed() < STALLED {
        sleep(LOOK_EVERY).await;
        let now = sent();
        if now > count {
            (count, grew_at) = (now, Instant::now());
        }
    }
    let took = grew_at - begun;
    let asked = system.table.meter().snapshot().total() - before.total();
    println!(
        "{count} texts of {texts} have left in {:.1} s: {:.0} a second, {:.2} ms of processor and {:.1} requests to the table each",
        took.as_secs_f64(),
        count as f64 / took.as_secs_f64(),
        (cpu_ms() - cpu) as f64 / count.max(1) as f64,
        asked.requests as f64 / count.max(1) as f64,
    );
}
