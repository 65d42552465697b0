//! The part of a file that a `Range` header asks for (RFC 9110, section 14).

/// What to give out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Whole,
    /// From one byte to another, both included.
    Bytes {
        first: u64,
        last: u64,
    },
    /// None of the file is in it.
    None,
}

/// What to give out of a file of this size. A range that can't be read, or that is several, counts as none: whoever asks
/// must take the whole file.
pub(super) fn part_of(asked: Option<&str>, size: u64) -> Part {
    let Some((unit, spec)) = asked.and_then(|asked| asked.split_once('=')) else { return Part::Whole };
    let Some((from, to)) = spec.trim().split_once('-') else { return Part::Whole };
    if !unit.trim().eq_ignore_ascii_case("bytes") || spec.contains(',') {
        return Part::Whole;
    }
    let (Some(from), Some(to)) = (digits(from), digits(to)) else { return Part::Whole };
    let (first, last) = match (from, to) {
        (Some(first), Some(last)) if last < first => return Part::Whole,
        (Some(first), to) => (first, to.unwrap_or(u64::MAX).min(size.saturating_sub(1))),
        (None, Some(0)) => return Part::None,
        (None, Some(latest)) => (size.saturating_sub(latest), size.saturating_sub(1)),
        (None, None) => return Part::Whole,
    };
    if first < size { Part::Bytes { first, last } } else { Part::None }
}

/// A number, if there is one; nothing at all if it is none. One that no file can have is the largest.
fn digits(text: &str) -> Option<Option<u64>> {
    let text = text.trim();
    if text.is_empty() {
        return Some(None);
    }
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| Some(text.parse().unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_as_the_standard_has_it() {
        let bytes = |first, last| Part::Bytes { first, last };
        for (asked, part) in [
            // The examples of RFC 9110, 14.1.2, for a file of 10,000 bytes.
            ("bytes=0-499", bytes(0, 499)),
            ("bytes=500-999", bytes(500, 999)),
            ("bytes=-500", bytes(9_500, 9_999)),
            ("bytes=9500-", bytes(9_500, 9_999)),
            ("bytes=0-0", bytes(0, 0)),
            ("Bytes=0-", bytes(0, 9_999)),
            ("bytes=9999-20000", bytes(9_999, 9_999)),
            ("bytes=-99999999999999999999999", bytes(0, 9_999)),
            ("bytes=10000-", Part::None),
            ("bytes=99999999999999999999999-", Part::None),
            ("bytes=-0", Part::None),
            ("bytes=0-0,-1", Part::Whole),
            ("bytes=9-1", Part::Whole),
            ("bytes=a-", Part::Whole),
            ("bytes=+1-", Part::Whole),
            ("bytes=-", Part::Whole),
            ("bytes", Part::Whole),
            ("items=0-1", Part::Whole),
        ] {
            assert_eq!(part_of(Some(asked), 10_000), part, "{asked}");
        }
        assert_eq!(part_of(None, 10_000), Part::Whole);
    }

    #[test]
    fn an_empty_file_has_no_parts() {
        for asked in ["bytes=0-", "bytes=0-0", "bytes=-1"] {
            assert_eq!(part_of(Some(asked), 0), Part::None, "{asked}");
        }
        assert_eq!(part_of(None, 0), Part::Whole);
    }
}
