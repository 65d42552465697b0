//! The main job in one command: a file of people in, a finished campaign out.

mod client;
mod fast_clock;
mod screen;

use std::path::{Path, PathBuf};
use std::time::Duration;

use carillon_adapters::clock::Clock;
use carillon_domain::base::time::{DAY_MS, HOUR_MS, Timestamp};
use serde_json::{Value, json};

use crate::data_folder::DataFolder;
use crate::start_error::StartError;
use crate::system::{LocalSettings, LocalSystem};
use client::Client;

/// The people of the demonstration; all made up, with numbers that are reserved for fiction.
const PEOPLE: &[u8] = include_bytes!("../demo/people.csv");
/// How fast the clock runs while something is going on; what lies between is skipped.
const SPEED: u32 = 20;
/// How often the screen is drawn, in real milliseconds.
const DRAW_EVERY_MS: u64 = 100;
/// How long the demonstration may take, in real seconds, before something must be wrong.
const PATIENCE_SECS: u64 = 900;
const CONCURRENT_LIMIT: u32 = 10;
/// Caller numbers, each with its own rate.
const CALLER_NUMBERS: [&str; 3] = ["+442079460991", "+442079460992", "+442079460993"];

/// The demonstration did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The system did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// A file can't be read or written.
    #[error("{path} can't be read or written")]
    File { path: String, source: std::io::Error },
    #[error("{0}")]
    Refused(String),
    #[error("nobody can be called: no row of {0} became a lead")]
    Nobody(String),
    #[error(
        "{} holds what an earlier demonstration left; say --yes to remove it, or choose another folder with --data",
        .0.display()
    )]
    EarlierOne(PathBuf),
    /// The API did not answer.
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    /// The campaign did not complete in time.
    #[error("the campaign did not complete within {PATIENCE_SECS} s; look at {0}")]
    Slow(String),
}

/// Runs the demonstration.
///
/// # Errors
/// [`DemoError`] says what went wrong.
pub async fn demo(
    settings: LocalSettings,
    people: Option<PathBuf>,
    may_remove: bool,
) -> Result<(), DemoError> {
    let (name, file) = read_people(people.as_deref())?;
    let settings = prepare(settings, may_remove)?;
    let system = LocalSystem::start(settings.clone()).await?;
    let client = Client::new(&system);
    let campaign = create_campaign(&client).await?;
    let import = import(&client, &campaign, &name, file).await?;
    screen::import(&name, &import);
    let import_id = text(&import, "id");
    let rejected =
        client.get(&format!("/campaigns/{campaign}/imports/{import_id}/rejected?limit=100")).await?;
    if import["created"] == 0 {
        screen::rejected(&rejected);
        return Err(DemoError::Nobody(name));
    }

    client.post(&format!("/campaigns/{campaign}/start"), &json!({})).await?;
    run(&system, &client, &campaign, &settings).await?;

    let stats = client.get(&format!("/campaigns/{campaign}/stats")).await?;
    let calls = system.network.calls().len();
    screen::outcome(&stats, calls);
    screen::rejected(&rejected);
    screen::further(&settings.data_dir, &campaign, &import_id);
    Ok(())
}

/// A folder of its own, emptied; any free ports; a Monday morning.
fn prepare(settings: LocalSettings, may_remove: bool) -> Result<LocalSettings, DemoError> {
    let data_dir = settings.data_dir.join("demo");
    if data_dir.exists() {
        // Held until the folder is gone: whoever uses it keeps it.
        let _taken = DataFolder::take(&data_dir)?;
        if !may_remove && !screen::may_remove(&data_dir) {
            return Err(DemoError::EarlierOne(data_dir));
        }
        let failed = |source| DemoError::File { path: data_dir.display().to_string(), source };
        std::fs::remove_dir_all(&data_dir).map_err(failed)?;
    }
    let speed = settings.speed.max(SPEED);
    let begin_at = Some(next_monday_morning(Clock::System.now()));
    Ok(LocalSettings { data_dir, port: 0, network_port: 0, speed, begin_at, ..settings })
}

/// Monday, 7:00 UTC: Europe is about to open, Asia has not closed.
fn next_monday_morning(now: Timestamp) -> Timestamp {
    // 1970-01-05 was a Monday.
    let days = now.as_millis().div_euclid(DAY_MS);
    let monday = days + 7 - (days - 4).rem_euclid(7);
    Timestamp::from_millis(monday * DAY_MS + 7 * HOUR_MS)
}

fn read_people(path: Option<&Path>) -> Result<(String, Vec<u8>), DemoError> {
    let Some(path) = path else { return Ok(("people.csv".to_owned(), PEOPLE.to_vec())) };
    let shown = path.display().to_string();
    let file = std::fs::read(path).map_err(|source| DemoError::File { path: shown.clone(), source })?;
    let name = path.file_name().map_or(shown, |name| name.to_string_lossy().into_owned());
    Ok((name, file))
}

async fn create_campaign(client: &Client) -> Result<String, DemoError> {
    let mut numbers = Vec::new();
    for (place, number) in CALLER_NUMBERS.iter().enumerate() {
        let body = json!({"number": number, "phone_number_id": format!("phnum_demo_{place}"), "line": "twilio",
            "sms": {"provider": "twilio", "keywords": "carillon"}});
        numbers.push(text(&client.post("/caller-numbers", &body).await?, "id"));
    }
    let assistant = json!({
        "name": "Robin", "agent_id": "agent_demo", "status": "active", "language": "en",
        "caller_number_ids": numbers,
    });
    let assistant = text(&client.post("/assistants", &assistant).await?, "id");
    let campaign = json!({
        "name": "Demonstration",
        "assistant_id": assistant,
        "time_zone": "Europe/London",
        "default_country": "GB",
        "concurrent_limit": CONCURRENT_LIMIT,
        "welcome_message_template": "Hi {{ name }}, this is {{ assistant_name }} from {{ our_company }}.",
        "sms_message_template": "Hi {{ name }}, we tried to call you. When may we? {{ our_company }}",
        "retry": {"max_attempts": 2},
        // Called, texted where nobody answers, and called again where nobody writes back.
        "cadence": [
            {"channel": "call"},
            {"channel": "sms", "delay_minutes": 5, "after": ["no_answer", "voicemail", "busy"]},
            {"channel": "call", "delay_minutes": 120, "after": ["no_reply", "undelivered"]},
        ],
    });
    Ok(text(&client.post("/campaigns", &campaign).await?, "id"))
}

/// Uploads the file through a signed address and waits until it is read.
async fn import(client: &Client, campaign: &str, name: &str, file: Vec<u8>) -> Result<Value, DemoError> {
    let announced =
        client.post(&format!("/campaigns/{campaign}/imports"), &json!({"file_name": name})).await?;
    client.upload(&announced["upload"], file).await?;
    let path = format!("/campaigns/{campaign}/imports/{}", text(&announced, "id"));
    for _ in 0..PATIENCE_SECS * 1_000 / DRAW_EVERY_MS {
        let import = client.get(&path).await?;
        match import["status"].as_str() {
            Some("completed") => return Ok(import),
            Some("failed") => {
                return Err(DemoError::Refused(format!("{name} can't be read: {}", text(&import, "error"))));
            }
            _ => tokio::time::sleep(Duration::from_millis(DRAW_EVERY_MS)).await,
        }
    }
    Err(DemoError::Slow(path))
}

/// Watches the campaign until it has completed, and skips the time in which nothing happens.
async fn run(
    system: &LocalSystem,
    client: &Client,
    campaign: &str,
    settings: &LocalSettings,
) -> Result<(), DemoError> {
    let skipping = tokio::spawn(fast_clock::skip_idle_time(
        system.context.clone(),
        system.queues.clone(),
        system.workspace().clone(),
        system.network.watch(),
        system.messages.watch(),
    ));
    let started_at = system.context.now();
    let mut completed = false;
    for _ in 0..PATIENCE_SECS * 1_000 / DRAW_EVERY_MS {
        let stats = client.get(&format!("/campaigns/{campaign}/stats")).await?;
        screen::progress(&stats, started_at, system.context.now());
        completed = client.get(&format!("/campaigns/{campaign}")).await?["status"] == "completed";
        if completed {
            break;
        }
        tokio::time::sleep(Duration::from_millis(DRAW_EVERY_MS)).await;
    }
    skipping.abort();
    screen::end_of_progress();
    if completed { Ok(()) } else { Err(DemoError::Slow(settings.data_dir.display().to_string())) }
}

/// A text of an answer.
fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demonstration_begins_on_a_monday_that_lies_ahead() {
        for at in ["2026-11-21T09:10:00Z", "2026-11-22T23:59:59Z", "2026-11-23T00:00:00Z"] {
            let now: Timestamp = at.parse().expect("a time");
            let begin = next_monday_morning(now);
            assert!(begin > now);
            assert_eq!(begin.to_utc().format("%a %H:%M").to_string(), "Mon 07:00");
        }
    }
}
