//! What a sheet is read as, with the csv crate as the oracle.

use carillon_domain::importing::{ColumnMap, ImportDefaults, RowError};
use proptest::prelude::*;

use super::*;
use crate::MAX_ROW_BYTES;

mod encodings;
mod reports;
mod slips;
mod spectrum;

fn utf8(delimiter: u8) -> Dialect {
    Dialect { encoding: Encoding::Utf8, delimiter, start: 0 }
}

fn parse(dialect: Dialect, bytes: &[u8]) -> Vec<Record> {
    SheetParser::new(dialect).push(bytes, true)
}

/// The rows of a good file.
fn rows(dialect: Dialect, bytes: &[u8]) -> Vec<Vec<String>> {
    let rows = parse(dialect, bytes).into_iter().map(|record| record.fields.expect("a good row"));
    rows.collect()
}

fn numbered(records: &[Record]) -> Vec<(u64, Vec<&str>)> {
    records.iter().map(|record| (record.row, record.text().iter().map(String::as_str).collect())).collect()
}

/// The rows by the `csv` crate, which knows nothing of ours.
fn by_csv(delimiter: u8, bytes: &[u8]) -> Vec<Vec<Vec<u8>>> {
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(bytes);
    let rows = reader.byte_records().map(|row| row.expect("bytes in memory"));
    rows.map(|row| row.iter().map(ToOwned::to_owned).collect()).collect()
}

/// What is hard about a file, and all encodings of it.
fn hard_text() -> impl Strategy<Value = String> {
    "(\"|\"\"|,|;|\n|\r\n|\r|a|bc| |é|日|😀|\0|\"x\ny\"|\",\"){0,40}"
}

fn any_dialect() -> impl Strategy<Value = Dialect> {
    let encodings = vec![Encoding::Utf8, Encoding::Windows1252, Encoding::Utf16Le, Encoding::Utf16Be];
    (prop::sample::select(encodings), prop::sample::select(&b",;"[..]), 0..4_u64)
        .prop_map(|(encoding, delimiter, start)| Dialect { encoding, delimiter, start: start * 2 })
}

/// The text in the bytes of the encoding, behind as many bytes as come before the header.
fn encoded(dialect: Dialect, text: &str) -> Vec<u8> {
    let units = || text.encode_utf16();
    let bytes = match dialect.encoding {
        Encoding::Utf8 | Encoding::Windows1252 => text.as_bytes().to_vec(),
        Encoding::Utf16Le => units().flat_map(u16::to_le_bytes).collect(),
        Encoding::Utf16Be => units().flat_map(u16::to_be_bytes).collect(),
    };
    let start = usize::try_from(dialect.start).expect("a few bytes");
    [vec![b'#'; start], bytes].concat()
}

#[test]
fn rows_are_numbered_as_a_spreadsheet_does() {
    let file = "phone,name\r\n\r\n1,\"two\nlines\"\n\n\n2,b\r3,c";
    assert_eq!(
        numbered(&parse(utf8(b','), file.as_bytes())),
        [(1, vec!["phone", "name"]), (3, vec!["1", "two\nlines"]), (6, vec!["2", "b"]), (7, vec!["3", "c"]),]
    );
}

#[test]
fn every_row_says_where_the_next_one_starts() {
    let file = b"##a,b\r\n\n1,2\r3,4";
    let dialect = Dialect { start: 2, ..utf8(b',') };
    let next: Vec<(u64, u64)> =
        parse(dialect, file).iter().map(|record| (record.next.position, record.next.row)).collect();
    assert_eq!(next, [(7, 2), (12, 4), (15, 5)]);
}

#[test]
fn nothing_comes_of_nothing() {
    for file in ["", "\n", "\r\n\r\n", "\r"] {
        assert_eq!(parse(utf8(b','), file.as_bytes()), []);
    }
    assert_eq!(rows(utf8(b','), b"\"\""), [[""]]);
    assert_eq!(rows(utf8(b','), b","), [["", ""]]);
}

#[test]
fn a_row_comes_out_as_soon_as_it_is_complete() {
    let mut parser = SheetParser::new(utf8(b','));
    assert_eq!(parser.push(b"a,b\n1", false).len(), 1);
    assert_eq!(parser.push(b",2\r", false).len(), 0); // LF may follow
    assert_eq!(parser.push(b"\n", false).len(), 1);
    assert_eq!(parser.push(b"3,4", false).len(), 0);
    assert_eq!(parser.push(b"", true).len(), 1);
}

proptest! {
    #[test]
    fn what_was_written_is_read(
        table in prop::collection::vec(prop::collection::vec("[a-z\",;\t\r\n |é😀]{0,6}", 3), 1..8),
        delimiter in prop::sample::select(&b",;\t|"[..]),
        crlf in any::<bool>(),
        always_quoted in any::<bool>(),
    ) {
        let mut writer = csv::WriterBuilder::new()
            .delimiter(delimiter)
            .terminator(if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') })
            .quote_style(if always_quoted { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary })
            .from_writer(Vec::new());
        table.iter().for_each(|row| writer.write_record(row).expect("written to memory"));
        let file = writer.into_inner().expect("written to memory");
        prop_assert_eq!(rows(utf8(delimiter), &file), table);
    }

    #[test]
    fn the_csv_crate_reads_the_same_wherever_nothing_is_wrong(text in hard_text()) {
        let records = parse(utf8(b','), text.as_bytes());
        let is_readable = |record: &Record| match &record.fields {
            Ok(_) => true,
            Err(malformed) => malformed.field.is_some(), // a NUL is no matter of quotes
        };
        if records.iter().all(is_readable) {
            let ours: Vec<Vec<Vec<u8>>> = records
                .iter()
                .map(|record| record.text().iter().map(|field| field.clone().into_bytes()).collect())
                .collect();
            prop_assert_eq!(ours, by_csv(b',', text.replace('\0', "\u{fffd}").as_bytes()));
        }
    }

    #[test]
    fn chunks_may_end_anywhere(text in hard_text(), dialect in any_dialect(), cuts in prop::collection::vec(0..200_usize, 0..6)) {
        let file = encoded(dialect, &text);
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(file.len())).chain([0, file.len()]).collect();
        cuts.sort_unstable();
        let mut parser = SheetParser::new(dialect);
        let mut records = Vec::new();
        for cut in cuts.windows(2) {
            records.extend(parser.push(&file[cut[0]..cut[1]], false));
        }
        records.extend(parser.push(b"", true));
        prop_assert_eq!(&records, &parse(dialect, &file));

        let mut parser = SheetParser::new(dialect);
        let by_bytes: Vec<Record> = file.iter().flat_map(|byte| parser.push(&[*byte], false)).collect();
        prop_assert_eq!([by_bytes, parser.push(b"", true)].concat(), records);
    }

    #[test]
    fn reading_goes_on_from_any_row(text in hard_text(), dialect in any_dialect()) {
        let file = encoded(dialect, &text);
        let records = parse(dialect, &file);
        for (index, record) in records.iter().enumerate() {
            let at = usize::try_from(record.next.position).expect("a small file");
            let rest = SheetParser::resume(dialect, record.next).push(&file[at..], true);
            prop_assert_eq!(&rest, &records[index + 1..]);
        }
    }

    #[test]
    fn any_bytes_are_read_without_loss_of_place(bytes in prop::collection::vec(any::<u8>(), 0..80), dialect in any_dialect()) {
        let records = parse(dialect, &bytes);
        let mut from = Checkpoint { position: 0, row: 1 };
        for record in &records {
            prop_assert!(record.next.position > from.position && record.next.position <= bytes.len() as u64);
            prop_assert!(record.row >= from.row && record.next.row == record.row + 1);
            from = record.next;
        }
        Dialect::detect(&bytes);
    }

    #[test]
    fn every_line_is_in_some_row(junk in prop::collection::vec("[\",a ]{0,6}", 1..12)) {
        let lines: Vec<String> = junk.iter().enumerate().map(|(n, junk)| format!("{junk}<{n}>{junk}\n")).collect();
        let records = parse(utf8(b','), lines.concat().as_bytes());
        let text: String = records.iter().flat_map(|record| record.text()).cloned().collect();
        for n in 0..junk.len() {
            prop_assert_eq!(text.matches(&format!("<{n}>")).count(), 1, "line {}", n);
        }
    }
}
