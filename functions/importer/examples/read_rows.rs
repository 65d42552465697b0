//! What reading a row costs, from the bytes of a file to a lead's number, zone, fields and id, by which a number that
//! comes again is found; beside Python's `csv` and `phonenumbers`, which read, check and format the number of the same
//! rows, and look for it among those before. And the memory that it takes above what the program had at its start.
//!
//! `cargo run --release -p carillon-importer --example read_rows [rows]`, on Linux; `PYTHON` names a Python that has
//! `phonenumbers`.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{BufWriter, Read as _, Write as _};
use std::path::Path;
use std::process::Command;

use carillon_adapters::files::CHUNK_BYTES;
use carillon_domain::base::ids::{CampaignId, LeadId};
use carillon_domain::base::numbering::NumberClasses;
use carillon_domain::base::time::Timestamp;
use carillon_domain::importing::{ColumnMap, ImportDefaults};
use carillon_sheets::csv::{Dialect, SheetParser};

mod reader;

use reader::{READ, Reading, peak_kib, processor_secs, run};

/// Rows, unless the command line says otherwise.
const ROWS: usize = 1_000_000;
/// The least of so many runs counts: what else the machine does only ever adds.
const RUNS: usize = 3;
/// One row in so many has a number that came before.
const COMES_AGAIN: usize = 50;
/// Where people live, and how they write a number there; six digits follow.
const WRITTEN: [&str; 13] = [
    "030 23",
    "+1 415-7 ",
    "0044 20 79 ",
    "+33 1 42 ",
    "+34 912",
    "+39 06 69",
    "0031 (20) 6",
    "+43 (1) 5",
    "+41 44 6",
    "+48 22-6",
    "+55 11 970",
    "+90 532 2",
    "+351 213",
];
/// The same work in Python: prints numbers that are valid and new, and seconds of processor time.
const PYTHON: &str = "
import csv, sys, time
import phonenumbers
began, seen = time.process_time(), set()
with open(sys.argv[1], newline='') as file:
    for row in csv.DictReader(file):
        number = phonenumbers.parse(row['phone'], 'DE')
        if phonenumbers.is_valid_number(number):
            seen.add(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
print(len(seen), time.process_time() - began, 0)
";

fn main() {
    let mut arguments = std::env::args().skip(1);
    match arguments.next() {
        Some(word) if word == READ => {
            let file = arguments.next().expect("a file");
            let (leads, secs, kib) = read(Path::new(&file));
            println!("{leads} {secs} {kib}");
        }
        rows => compare(rows.and_then(|rows| rows.parse().ok()).unwrap_or(ROWS)),
    }
}

fn compare(rows: usize) {
    let file = std::env::temp_dir().join(format!("carillon-{}.csv", std::process::id()));
    write(&file, rows);
    let own = std::env::current_exe().expect("a program");
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    // In turns, so that a busy moment of the machine hits both.
    let runs: Vec<_> = (0..RUNS)
        .map(|_| {
            let ours = run(Command::new(&own).arg(READ).arg(&file)).expect("a reader");
            (ours, run(Command::new(&python).args(["-c", PYTHON]).arg(&file)))
        })
        .collect();
    std::fs::remove_file(&file).expect("the file");
    let least = |runs: &mut dyn Iterator<Item = Reading>| runs.min_by(|a, b| a.secs.total_cmp(&b.secs));
    let ours = least(&mut runs.iter().map(|(ours, _)| *ours)).expect("a run");
    let us = |secs: f64| secs * 1e6 / rows as f64;
    println!("{rows} rows of {} countries, the least processor time of {RUNS} runs each", WRITTEN.len());
    let Reading { found, secs, kib } = ours;
    println!("Carillon   {:>7.2} us a row, {found} leads, {:.1} MiB above its start", us(secs), kib / 1024.0);
    match least(&mut runs.iter().filter_map(|(_, theirs)| *theirs)) {
        Some(theirs) => {
            println!("Python     {:>7.2} us a row, {} numbers", us(theirs.secs), theirs.found);
            println!("1 / {:.1}", theirs.secs / secs);
        }
        None => println!("Python     no `phonenumbers` there: pip install phonenumbers, or set PYTHON"),
    }
}

fn write(file: &Path, rows: usize) {
    let mut file = BufWriter::new(File::create(file).expect("a folder for files"));
    writeln!(file, "phone,name,company,order,email").expect("a disk");
    for row in 0..rows {
        let person = if row % COMES_AGAIN == COMES_AGAIN - 1 { row / 2 } else { row };
        let (written, end) = (WRITTEN[person % WRITTEN.len()], 100_000 + person / WRITTEN.len());
        writeln!(file, "{written}{end},Ida {row},Acme {},A-{row},ida{row}@example.com", row % 97)
            .expect("a disk");
    }
}

/// Reads the file; how many leads it makes, how much processor time that takes, and how much memory.
fn read(file: &Path) -> (usize, f64, u64) {
    let (start, began) = (peak_kib(), processor_secs());
    let campaign = CampaignId::new(Timestamp::from_millis(1_795_420_800_000), Default::default());
    let defaults = ImportDefaults {
        default_country: "DE".parse().ok(),
        allowed: NumberClasses::default(),
        time_zone: chrono_tz::Tz::Europe__Berlin,
        now: Timestamp::from_millis(1_795_420_800_000),
    };
    let mut file = File::open(file).expect("the file");
    let mut chunk = vec![0; CHUNK_BYTES];
    let (mut parser, mut map) = (None, None);
    let (hasher, mut seen) = (RandomState::new(), HashSet::new());
    loop {
        let len = file.read(&mut chunk).expect("the file");
        let bytes = &chunk[..len];
        let parser = parser.get_or_insert_with(|| SheetParser::new(Dialect::detect(bytes)));
        for record in parser.push(bytes, len == 0) {
            let Some(map) = &map else {
                map = Some(ColumnMap::mapped(record.text(), &BTreeMap::new()).expect("known columns"));
                continue;
            };
            if let Ok(Some(row)) = record.lead(map, &defaults) {
                let id = LeadId::derive(&campaign, &row.draft.primary.number);
                seen.insert(hasher.hash_one(id));
            }
        }
        if len == 0 {
            return (seen.len(), processor_secs() - began, peak_kib() - start);
        }
    }
}
