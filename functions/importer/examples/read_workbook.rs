//! What reading a workbook costs: time for each row, and memory above what the program had at its start; beside
//! openpyxl in its read-only mode, which reads the same file.
//!
//! `cargo run --release -p carillon-importer --example read_workbook [rows]`, on Linux; `PYTHON` names a Python that has
//! `openpyxl`.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use carillon_sheets::workbook::Workbook;
use rust_xlsxwriter::Workbook as Written;

/// Rows, unless the command line says otherwise.
const ROWS: u32 = 200_000;
/// Says that this process is to read a file: a fresh one, whose memory nothing else has used.
const READ: &str = "--read";
/// The same work in Python: prints rows, seconds of processor time and KiB of memory.
const PYTHON: &str = "
import resource, sys, time
import openpyxl
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start, began, rows = peak(), time.process_time(), 0
book = openpyxl.load_workbook(sys.argv[1], read_only=True)
for row in book.worksheets[0].iter_rows(values_only=True):
    rows += 1
print(rows, time.process_time() - began, peak() - start)
";

fn main() {
    let mut arguments = std::env::args().skip(1);
    match arguments.next() {
        Some(word) if word == READ => {
            let file = arguments.next().expect("a file");
            let (rows, secs, kib) = read(Path::new(&file));
            println!("{rows} {secs} {kib}");
        }
        rows => compare(rows.and_then(|rows| rows.parse().ok()).unwrap_or(ROWS)),
    }
}

fn compare(rows: u32) {
    let file = std::env::temp_dir().join(format!("carillon-{}.xlsx", std::process::id()));
    write(&file, rows);
    let own = std::env::current_exe().expect("a program");
    let ours = run(Command::new(own).arg(READ).arg(&file));
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let theirs = run(Command::new(python).args(["-c", PYTHON]).arg(&file));
    let size_mb = std::fs::metadata(&file).expect("the file").len() as f64 / 1e6;
    std::fs::remove_file(&file).expect("the file");
    println!("{rows} rows, {size_mb:.1} MB");
    let (read, secs, kib) = ours.expect("a reader");
    println!(
        "Carillon   {:>7.2} us a row, {:>7.1} MiB above its start, {read} rows",
        us(secs, read),
        kib / 1024.0
    );
    match theirs {
        Some((read, other_secs, other_kib)) => {
            let mib = other_kib / 1024.0;
            println!(
                "openpyxl   {:>7.2} us a row, {mib:>7.1} MiB above its start, {read} rows",
                us(other_secs, read)
            );
            println!("1 / {:.1} of the time, {:.1} times the memory", other_secs / secs, kib / other_kib);
        }
        None => println!("openpyxl   not there: pip install openpyxl, or set PYTHON"),
    }
}

fn us(secs: f64, rows: u64) -> f64 {
    secs * 1e6 / rows as f64
}

/// Rows, seconds and KiB, as a reader prints them.
fn run(command: &mut Command) -> Option<(u64, f64, f64)> {
    let output = command.output().ok()?.stdout;
    let text = String::from_utf8(output).ok()?;
    let mut words = text.split_whitespace();
    Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?, words.next()?.parse().ok()?))
}

fn write(file: &PathBuf, rows: u32) {
    let mut workbook = Written::new();
    let sheet = workbook.add_worksheet_with_constant_memory().expect("a folder for files");
    for (column, header) in (0..).zip(["phone", "name", "company", "order", "email", "amount"]) {
        sheet.write_string(0, column, header).expect("a cell");
    }
    for row in 1..=rows {
        sheet.write_number(row, 0, 493_023_000_000.0 + f64::from(row)).expect("a cell");
        sheet.write_string(row, 1, format!("Ida {row}")).expect("a cell");
        sheet.write_string(row, 2, format!("Acme {}", row % 97)).expect("a cell");
        sheet.write_string(row, 3, format!("A-{row}")).expect("a cell");
        sheet.write_string(row, 4, format!("ida{row}@example.com")).expect("a cell");
        sheet.write_number(row, 5, f64::from(row) / 4.0).expect("a cell");
    }
    workbook.save(file).expect("a file");
}

fn read(file: &Path) -> (u64, f64, u64) {
    let (start, began) = (peak_kib(), Instant::now());
    let mut workbook = Workbook::open(std::fs::read(file).expect("the file")).expect("a workbook");
    let beginning = workbook.beginning(None, &BTreeMap::new()).expect("a header");
    let mut rows = 1;
    let count = |_| {
        rows += 1;
        ControlFlow::Continue(())
    };
    workbook.records(&beginning.sheet, beginning.next, count).expect("rows");
    (rows, began.elapsed().as_secs_f64(), peak_kib() - start)
}

/// The most memory that this process has had.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    peak.trim().trim_end_matches(" kB").parse().expect("a number")
}
