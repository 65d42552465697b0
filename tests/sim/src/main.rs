//! Long runs of the simulation, and replays by seed.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool of the command line")]

use std::env;
use std::ops::Range;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use carillon_sim::{Bug, Survey, trace};

const USAGE: &str = "\
sim [--seeds FIRST..END] [--calls ENOUGH] [--bug NAME]    runs these seeds on all cores; 1..1000 unless named
sim --seed N [--trace] [--bug NAME]                       runs one seed; tells everything that happened";

/// After so many runs a line tells how far it is.
const RUNS_PER_LINE: u64 = 100;

/// What the command line asks for.
struct Request {
    seeds: Range<u64>,
    /// No more seeds are begun after so many calls.
    enough: usize,
    traces: bool,
    bug: Option<Bug>,
}

fn main() -> ExitCode {
    let request = match request(env::args().skip(1)) {
        Ok(request) => request,
        Err(error) => {
            eprintln!("{error}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    if request.traces {
        let (_, lines) = trace(request.seeds.start, request.bug);
        lines.iter().for_each(|line| println!("{line}"));
    }
    let told = AtomicUsize::new(0);
    let survey = Survey::of(request.seeds, request.bug, |survey| {
        let new = told.swap(survey.breaches.len(), Ordering::Relaxed);
        survey.breaches[new..].iter().for_each(|breach| println!("{breach}"));
        if survey.runs.is_multiple_of(RUNS_PER_LINE) {
            println!("so far {survey}");
        }
        survey.calls >= request.enough
    });
    println!("{survey}");
    if survey.breaches.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn request(mut args: impl Iterator<Item = String>) -> Result<Request, String> {
    let mut request = Request { seeds: 1..1_000, enough: usize::MAX, traces: false, bug: None };
    while let Some(name) = args.next() {
        let mut value = || args.next().ok_or_else(|| format!("{name} needs a value"));
        match name.as_str() {
            "--seeds" => request.seeds = seeds(&value()?)?,
            "--seed" => {
                let seed = number(&value()?)?;
                request.seeds = seed..seed + 1;
            }
            "--calls" => request.enough = number(&value()?)?.try_into().unwrap_or(usize::MAX),
            "--trace" => request.traces = true,
            "--bug" => request.bug = Some(value()?.parse()?),
            _ => return Err(format!("there is no {name}")),
        }
    }
    Ok(request)
}

fn seeds(text: &str) -> Result<Range<u64>, String> {
    let (first, end) = text.split_once("..").ok_or_else(|| format!("`{text}` is not FIRST..END"))?;
    Ok(number(first)?..number(end)?)
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("`{text}` is not a number"))
}
