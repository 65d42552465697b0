//! What reading a row costs, from the bytes of a file to a lead's number, zone and fields; beside Python's `csv` and
//! `phonenumbers`, which read, check and format the number of the same rows.
//!
//! `cargo run --release -p carillon-importer --example read_rows [rows]`; `PYTHON` names a Python that has `phonenumbers`.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use carillon_domain::base::numbering::NumberClasses;
use carillon_domain::base::time::Timestamp;
use carillon_domain::importing::{ColumnMap, ImportDefaults};
use carillon_sheets::csv::{Dialect, SheetParser};

/// Rows, unless the command line says otherwise.
const ROWS: usize = 50_000;
/// The least of so many runs counts: what else the machine does only ever adds.
const RUNS: usize = 5;
/// How people write a number; the row's own digits follow.
const WRITTEN: [&str; 5] = ["030 23", "+49 30 23", "0049 (30) 23", "(030) 23", "030/23"];
/// The same work in Python: prints rows that are valid, and seconds of processor time.
const PYTHON: &str = "
import csv, io, sys, time
import phonenumbers
text = sys.stdin.read()
best = None
for _ in range(int(sys.argv[1])):
    began, valid = time.process_time(), 0
    for row in csv.DictReader(io.StringIO(text)):
        number = phonenumbers.parse(row['phone'], 'DE')
        if phonenumbers.is_valid_number(number):
            phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            valid += 1
    took = time.process_time() - began
    best = took if best is None else min(best, took)
print(valid, best)
";

fn main() {
    let rows = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(ROWS);
    let text = file(rows);
    let (took, leads) = (0..RUNS).map(|_| read(&text)).min().expect("a run");
    let ours_us = took.as_secs_f64() * 1e6 / rows as f64;
    println!("Carillon   {ours_us:>8.2} us a row, {leads} of {rows} rows are leads");
    match beside(&text) {
        Some((valid, secs)) => {
            let theirs_us = secs * 1e6 / rows as f64;
            println!("Python     {theirs_us:>8.2} us a row, {valid} of {rows} numbers are valid");
            println!("1 / {:.1}", theirs_us / ours_us);
        }
        None => println!("Python     no `phonenumbers` there: pip install phonenumbers, or set PYTHON"),
    }
}

fn file(rows: usize) -> String {
    let mut text = "phone,name,company,order,email\n".to_owned();
    for row in 0..rows {
        let (written, end) = (WRITTEN[row % WRITTEN.len()], 100_000 + row);
        writeln!(text, "{written}{end},Ida {row},Acme {},A-{row},ida{row}@example.com", row % 97)
            .expect("memory");
    }
    text
}

/// Reads the file once; how long that took, and how many rows can become leads.
fn read(text: &str) -> (Duration, usize) {
    let defaults = ImportDefaults {
        default_country: "DE".parse().ok(),
        allowed: NumberClasses::default(),
        time_zone: chrono_tz::Tz::Europe__Berlin,
        now: Timestamp::from_millis(1_795_420_800_000),
    };
    let began = Instant::now();
    let mut records =
        SheetParser::new(Dialect::detect(text.as_bytes())).push(text.as_bytes(), true).into_iter();
    let header = records.next().expect("a header");
    let map = ColumnMap::mapped(header.text(), &BTreeMap::new()).expect("known columns");
    let leads = records.filter(|record| matches!(record.lead(&map, &defaults), Ok(Some(_)))).count();
    (began.elapsed(), leads)
}

/// The same in Python, if there is one with the package.
fn beside(text: &str) -> Option<(usize, f64)> {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let mut child = Command::new(python)
        .args(["-c", PYTHON, &RUNS.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut input = child.stdin.take()?;
    // One that ends at once for want of the package does not read.
    let _ = input.write_all(text.as_bytes());
    drop(input);
    let output = String::from_utf8(child.wait_with_output().ok()?.stdout).ok()?;
    let (valid, secs) = output.trim().split_once(' ')?;
    Some((valid.parse().ok()?, secs.parse().ok()?))
}
