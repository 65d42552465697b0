//! What reading a row costs, beside Python's `csv` and `phonenumbers`: first the same work, which is to read the file,
//! check and format each number and look for it among those before; then the whole of a row, with its fields and its id,
//! as an import reads it. And the memory that it takes above what the program had at its start.
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
use carillon_domain::base::numbering::{Notation, NumberClasses};
use carillon_domain::base::time::Timestamp;
use carillon_domain::importing::{ColumnMap, ImportDefaults};
use carillon_sheets::Record;
use carillon_sheets::csv::{Dialect, SheetParser};

mod reader;

use reader::{READ, Reading, peak_kib, processor_secs, run};

/// Rows, unless the command line says otherwise.
const ROWS: usize = 1_000_000;
/// The least of so many runs counts: what else the machine does only ever adds.
const RUNS: usize = 3;
/// One row in so many has a number that came before.
const COMES_AGAIN: usize = 50;
/// Says that this process is to read the numbers of a file alone.
const NUMBERS: &str = "--numbers";
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
    match (arguments.next().as_deref(), arguments.next()) {
        (Some(READ), Some(file)) => report(Path::new(&file), Reader::lead),
        (Some(NUMBERS), Some(file)) => report(Path::new(&file), Reader::number),
        (rows, _) => compare(rows.and_then(|rows| rows.parse().ok()).unwrap_or(ROWS)),
    }
}

fn compare(rows: usize) {
    let file = std::env::temp_dir().join(format!("carillon-{}.csv", std::process::id()));
    write(&file, rows);
    let own = std::env::current_exe().expect("a program");
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    // In turns, so that a busy moment of the machine hits all.
    let runs: Vec<[Option<Reading>; 3]> = (0..RUNS)
        .map(|_| {
            let ours = [NUMBERS, READ].map(|what| run(Command::new(&own).arg(what).arg(&file)));
            let theirs = run(Command::new(&python).args(["-c", PYTHON]).arg(&file));
            [ours[0], ours[1], theirs]
        })
        .collect();
    std::fs::remove_file(&file).expect("the file");
    let least =
        |which: usize| runs.iter().filter_map(|run| run[which]).min_by(|a, b| a.secs.total_cmp(&b.secs));
    println!("{rows} rows of {} countries, the least processor time of {RUNS} runs each", WRITTEN.len());
    let theirs = least(2);
    for (name, reading) in [("numbers", least(0)), ("whole rows", least(1)), ("Python", theirs)] {
        let Some(Reading { found, secs, kib }) = reading else {
            println!("{name:<10}   not there; for Python: pip install phonenumbers, or set PYTHON");
            continue;
        };
        let (us, mib) = (secs * 1e6 / rows as f64, kib / 1024.0);
        print!("{name:<10} {us:>7.2} us a row, {found} found");
        match theirs {
            Some(theirs) if name != "Python" => println!(", {mib:.1} MiB, 1 / {:.1}", theirs.secs / secs),
            _ => println!(),
        }
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

/// Prints what reading the file takes.
fn report(file: &Path, read: fn(&mut Reader, &Record)) {
    let (start, began) = (peak_kib(), processor_secs());
    let mut reader = Reader::new();
    let mut file = File::open(file).expect("the file");
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut parser = None;
    loop {
        let len = file.read(&mut chunk).expect("the file");
        let bytes = &chunk[..len];
        let parser = parser.get_or_insert_with(|| SheetParser::new(Dialect::detect(bytes)));
        for record in parser.push(bytes, len == 0) {
            read(&mut reader, &record);
        }
        if len == 0 {
            println!("{} {} {}", reader.seen.len(), processor_secs() - began, peak_kib() - start);
            return;
        }
    }
}

/// What holds for all rows, and what has been read.
struct Reader {
    campaign: CampaignId,
    defaults: ImportDefaults,
    map: Option<ColumnMap>,
    hasher: RandomState,
    seen: HashSet<u64>,
}

impl Reader {
    fn new() -> Self {
        let now = Timestamp::from_millis(1_795_420_800_000);
        let defaults = ImportDefaults {
            default_country: "DE".parse().ok(),
            allowed: NumberClasses::default(),
            time_zone: chrono_tz::Tz::Europe__Berlin,
            now,
        };
        let campaign = CampaignId::new(now, Default::default());
        Self { campaign, defaults, map: None, hasher: RandomState::new(), seen: HashSet::new() }
    }

    /// Reads the number of a row.
    fn number(&mut self, record: &Record) {
        let notation = Notation { default_country: self.defaults.default_country, ..Notation::default() };
        if let Ok(number) = notation.read(&record.text()[0]) {
            self.seen.insert(self.hasher.hash_one(number));
        }
    }

    /// Reads a row as a lead.
    fn lead(&mut self, record: &Record) {
        let Some(map) = &self.map else {
            self.map = Some(ColumnMap::mapped(record.text(), &BTreeMap::new()).expect("known columns"));
            return;
        };
        if let Ok(Some(row)) = record.lead(map, &self.defaults) {
            let id = LeadId::derive(&self.campaign, &row.draft.primary.number);
            self.seen.insert(self.hasher.hash_one(id));
        }
    }
}
