//! What the demonstration shows.
#![expect(clippy::print_stdout, reason = "the screen is what it is for")]

use std::io::{IsTerminal, Write};
use std::path::Path;

use carillon_domain::base::time::{HOUR_MS, MINUTE_MS, Timestamp};
use serde_json::Value;

use super::text;

/// Characters of the progress bar.
const BAR_WIDTH: usize = 30;
/// Rejected rows that are shown.
const ROWS_SHOWN: usize = 20;

/// Asks whether an earlier demonstration may go; where nobody can be asked it stays.
pub(super) fn may_remove(data_dir: &Path) -> bool {
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return false;
    }
    print!("{} holds what an earlier demonstration left. Remove it? [y/N] ", data_dir.display());
    let mut answer = String::new();
    let is_asked = std::io::stdout().flush().is_ok() && std::io::stdin().read_line(&mut answer).is_ok();
    is_asked && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}

pub(super) fn import(name: &str, import: &Value) {
    println!(
        "{name}: {} rows, {} leads created, {} updated, {} duplicates, {} invalid",
        import["rows"], import["created"], import["updated"], import["duplicates"], import["invalid"],
    );
}

/// Draws the progress over itself on a terminal; says nothing elsewhere.
pub(super) fn progress(stats: &Value, started_at: Timestamp, now: Timestamp) {
    if !std::io::stdout().is_terminal() {
        return;
    }
    let settled = stats["completion_rate"].as_f64().unwrap_or_default();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of the bar's width")]
    let filled = ((settled * BAR_WIDTH as f64) as usize).min(BAR_WIDTH);
    let passed_ms = now.since_ms(started_at);
    print!(
        "\r[{}{}] {:5.1} %  in progress {:>2}  waiting for a retry {:>3}  after {:>3} h {:02} min ",
        "#".repeat(filled),
        "-".repeat(BAR_WIDTH - filled),
        settled * 100.0,
        stats["processing"],
        stats["retry_scheduled"],
        passed_ms / HOUR_MS,
        passed_ms % HOUR_MS / MINUTE_MS,
    );
    // A screen that can't be drawn is no reason to stop.
    let _ = std::io::stdout().flush();
}

pub(super) fn end_of_progress() {
    println!();
}

pub(super) fn outcome(stats: &Value, placed: usize) {
    println!("Campaign completed.\n");
    println!("  leads                {:>6}", stats["total"]);
    for status in ["completed", "exhausted", "failed", "skipped"] {
        println!("    {status:<18} {:>6}", stats[status]);
    }
    println!("  calls placed         {placed:>6}");
    for (name, count) in stats["outcomes"].as_object().into_iter().flatten() {
        println!("    {name:<18} {count:>6}");
    }
    println!("  texts sent           {:>6}", stats["texts_sent"]);
    println!("    delivered          {:>6}", stats["texts_delivered"]);
    println!("    replied to         {:>6}", stats["texts_replied"]);
    println!("  answered             {:>5.1} %", percent(&stats["answer_rate"]));
    println!("  reached              {:>5.1} %", percent(&stats["success_rate"]));
    println!("  average call         {:>6.0} s", stats["average_duration_secs"].as_f64().unwrap_or_default());
    println!("  cost              {:>9.2} USD", stats["total_cost_usd"].as_f64().unwrap_or_default());
}

fn percent(rate: &Value) -> f64 {
    rate.as_f64().unwrap_or_default() * 100.0
}

pub(super) fn rejected(page: &Value) {
    let rows = page["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    if rows.is_empty() {
        return;
    }
    println!("\nRows that did not become leads:\n");
    println!("  {:>5}  {:<12} {:<24} reason", "row", "column", "value");
    for row in rows.iter().take(ROWS_SHOWN) {
        println!(
            "  {:>5}  {:<12} {:<24} {}",
            row["row"],
            text(row, "column"),
            text(row, "value"),
            text(row, "reason")
        );
    }
    if rows.len() > ROWS_SHOWN || page["next_cursor"].is_string() {
        println!("  ... and more");
    }
}

pub(super) fn further(data_dir: &Path, campaign: &str, import: &str) {
    let dir = data_dir.display();
    println!(
        "\nTo look further, start the system on this data and ask it:\n\n  \
         cargo run -- --data {dir}\n  \
         KEY=$(cat {dir}/api_key)\n  \
         curl -H \"Authorization: Bearer $KEY\" http://127.0.0.1:8080/api/v1/campaigns/{campaign}/interactions\n  \
         curl -H \"Authorization: Bearer $KEY\" 'http://127.0.0.1:8080/api/v1/campaigns/{campaign}/leads?status=exhausted'\n  \
         curl -H \"Authorization: Bearer $KEY\" http://127.0.0.1:8080/api/v1/campaigns/{campaign}/imports/{import}/rejected.csv\n\n\
         What the simulated networks saw is in {dir}/network.log and {dir}/messages.log"
    );
}
