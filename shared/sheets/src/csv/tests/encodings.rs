//! Encodings and dialects.

use super::*;

fn detected(bytes: &[u8]) -> (Encoding, char, u64) {
    let Dialect { encoding, delimiter, start } = Dialect::detect(bytes);
    (encoding, char::from(delimiter), start)
}

#[test]
fn the_delimiter_is_the_one_by_which_rows_are_alike() {
    for (file, delimiter) in [
        ("phone,name\n1,a\n", ','),
        ("phone;name\n1;a\n", ';'),
        ("phone\tname\n1\ta\n", '\t'),
        ("phone|name\n1|a\n", '|'),
        ("phone;name;city, country\n1;a;Berlin, DE\n", ';'),
        ("phone;amount\n1;2,50\n2;3,50\n", ';'),
        ("\"name; first, last\",phone\n\"a; b, c\",1\n", ','),
        ("phone,tags\n1,a;b;c\n2,d;e;f\n", ','),
        ("phone;name\n1;a\n2\n", ';'),
        ("phone;first, middle, last\n1;A\n2;B\n3;C\n", ';'),
        ("phone;last, first;note\n1;A, B;c\n2;C, D", ';'), // cut off
        ("phone;name", ';'),
        ("phone\n1\n", ','),
        ("", ','),
    ] {
        assert_eq!(detected(file.as_bytes()).1, delimiter, "{file}");
    }
}

#[test]
fn a_line_for_spreadsheets_tells_the_delimiter_and_is_no_row() {
    let file = "\u{feff}sep=;\r\nphone;a,b\n1;x,y\n";
    assert_eq!(detected(file.as_bytes()), (Encoding::Utf8, ';', 10));
    let dialect = Dialect::detect(file.as_bytes());
    assert_eq!(numbered(&parse(dialect, file.as_bytes()))[0], (1, vec!["phone", "a,b"]));
    assert_eq!(detected(b"sep=x\nphone").2, 0);
}

#[test]
fn the_encoding_is_told_by_its_mark_or_its_bytes() {
    let text = "name;phone\nMüller;1\n";
    let utf16 = |to_bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(to_bytes).collect::<Vec<u8>>();
    let latin: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin-1")).collect();
    for (bytes, encoding, start) in [
        (text.as_bytes().to_vec(), Encoding::Utf8, 0),
        ([b"\xef\xbb\xbf", text.as_bytes()].concat(), Encoding::Utf8, 3),
        ([b"\xff\xfe".to_vec(), utf16(u16::to_le_bytes)].concat(), Encoding::Utf16Le, 2),
        ([b"\xfe\xff".to_vec(), utf16(u16::to_be_bytes)].concat(), Encoding::Utf16Be, 2),
        (utf16(u16::to_le_bytes), Encoding::Utf16Le, 0),
        (utf16(u16::to_be_bytes), Encoding::Utf16Be, 0),
        (latin, Encoding::Windows1252, 0),
    ] {
        assert_eq!(detected(&bytes), (encoding, ';', start));
        assert_eq!(rows(Dialect::detect(&bytes), &bytes), [["name", "phone"], ["Müller", "1"]]);
    }
}

#[test]
fn windows_1252_is_read_by_its_table() {
    // The bytes that Python's codec gives for these characters.
    let bytes = b"\x80 \x84Gr\xf6\xdfe\x93 \x96 \x8a\x9e\x9f \xa0\xff";
    let dialect = Dialect { encoding: Encoding::Windows1252, ..utf8(b',') };
    assert_eq!(rows(dialect, bytes), [["€ „Größe“ – ŠžŸ \u{a0}ÿ"]]);
}

#[test]
fn a_file_that_begins_in_ascii_may_go_on_in_either() {
    let file = b"name,phone\nM\xfcller,1\nM\xc3\xbcller,2\n";
    let dialect = Dialect::detect(&file[..11]);
    assert_eq!(rows(dialect, file), [["name", "phone"], ["Müller", "1"], ["Müller", "2"]]);
}

#[test]
fn a_dialect_is_kept_between_runs() {
    let dialect = Dialect { encoding: Encoding::Utf16Le, delimiter: b'\t', start: 2 };
    let kept = serde_json::to_string(&dialect).expect("JSON");
    assert_eq!(kept, r#"{"encoding":"utf16_le","delimiter":9,"start":2}"#);
    assert_eq!(serde_json::from_str::<Dialect>(&kept).expect("a dialect"), dialect);
}

proptest! {
    #[test]
    fn utf_16_reads_as_utf_8_does(text in hard_text(), dialect in any_dialect()) {
        let same = |dialect: Dialect| numbered(&parse(dialect, &encoded(dialect, &text))).into_iter()
            .map(|(row, fields)| (row, fields.into_iter().map(ToOwned::to_owned).collect::<Vec<String>>()))
            .collect::<Vec<_>>();
        prop_assert_eq!(same(dialect), same(utf8(dialect.delimiter)));
    }
}
