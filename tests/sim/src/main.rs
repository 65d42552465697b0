//! Long runs of the simulation, and replays by seed.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool of the command line")]

use std::env;
use std::ops::Range;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use carillon_sim::{Bug, Survey, trace};

const USAGE: &str = "\
sim [--seeds FIRST..END] [--bug NAME]    runs these seeds on all cores; 1..1000 unless named
sim --seed N [--trace] [--bug NAME]      runs one seed; tells everything that happened";

/// After so many runs a line tells how far it is.
const RUNS_PER_LINE: u64 = 100;

/// What the command line asks for.
struct Wish {
    seeds: Range<u64>,
    traces: bool,
    bug: Option<Bug>,
}

fn main() -> ExitCode {
    let wish = match wish(env::args().skip(1)) {
        Ok(wish) => wish,
        Err(fault) => {
            eprintln!("{fault}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    if wish.traces {
        let (_, lines) = trace(wish.seeds.start, wish.bug);
        lines.iter().for_each(|line| println!("{line}"));
    }
    let began = Instant::now();
    let told = AtomicUsize::new(0);
    let survey = Survey::of(wish.seeds, wish.bug, |survey| {
        let new = told.swap(survey.breaches.len(), Ordering::Relaxed);
        survey.breaches[new..].iter().for_each(|breach| println!("{breach}"));
        if survey.runs.is_multiple_of(RUNS_PER_LINE) {
            println!("so far {}", count(survey));
        }
        false
    });
    let took = began.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a rate to look at")]
    let per_second = survey.calls as f64 / took;
    println!("{}", count(&survey));
    println!("{took:.1} s, {per_second:.0} calls/s");
    if survey.breaches.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn count(survey: &Survey) -> String {
    let Survey { runs, calls, events, faults, breaches } = survey;
    format!("{runs} runs, {calls} calls, {events} events, {faults} faults, {} breaches", breaches.len())
}

fn wish(mut args: impl Iterator<Item = String>) -> Result<Wish, String> {
    let mut wish = Wish { seeds: 1..1_000, traces: false, bug: None };
    while let Some(name) = args.next() {
        let mut value = || args.next().ok_or_else(|| format!("{name} needs a value"));
        match name.as_str() {
            "--seeds" => wish.seeds = seeds(&value()?)?,
            "--seed" => {
                let seed = number(&value()?)?;
                wish.seeds = seed..seed + 1;
            }
            "--trace" => wish.traces = true,
            "--bug" => wish.bug = Some(value()?.parse()?),
            _ => return Err(format!("there is no {name}")),
        }
    }
    Ok(wish)
}

fn seeds(text: &str) -> Result<Range<u64>, String> {
    let (first, end) = text.split_once("..").ok_or_else(|| format!("`{text}` is not FIRST..END"))?;
    Ok(number(first)?..number(end)?)
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("`{text}` is not a number"))
}
