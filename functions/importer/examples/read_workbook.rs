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

use carillon_sheets::workbook::Workbook;
use rust_xlsxwriter::Workbook as Written;

mod reader;

use reader::{READ, Reading, peak_kib, processor_secs, run};

/// Rows, unless the command line says otherwise.
const ROWS: u32 = 200_000;
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
    let ours = ours.expect("a reader");
    print("Carillon", &ours);
    match theirs {
        Some(theirs) => {
            print("openpyxl", &theirs);
            let (time, memory) = (theirs.secs / ours.secs, ours.kib / theirs.kib);
            println!("1 / {time:.1} of the time, {memory:.1} times the memory");
        }
        None => println!("openpyxl   not there: pip install openpyxl, or set PYTHON"),
    }
}

fn print(name: &str, Reading { found, secs, kib }: &Reading) {
    let (us, mib) = (secs * 1e6 / *found as f64, kib / 1024.0);
    println!("{name}   {us:>7.2} us a row, {mib:>7.1} MiB above its start, {found} rows");
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
    let (start, began) = (peak_kib(), processor_secs());
    let mut workbook = Workbook::open(std::fs::read(file).expect("the file")).expect("a workbook");
    let beginning = workbook.beginning(None, &BTreeMap::new()).expect("a header");
    let mut rows = 1;
    let count = |_| {
        rows += 1;
        ControlFlow::Continue(())
    };
    workbook.records(&beginning.sheet, beginning.next, count).expect("rows");
    (rows, processor_secs() - began, peak_kib() - start)
}
