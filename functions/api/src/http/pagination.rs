//! Lists in pages. A cursor names the last item that was seen, so pages stay put while items come
//! and go.

use std::cmp::Ordering;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::http::problem::{Code, Problem};

/// Items of a page, unless the client says otherwise.
const DEFAULT_LIMIT: usize = 20;
/// Most items of a page.
pub(crate) const MAX_LIMIT: usize = 100;
/// Longest cursor in characters.
const MAX_CURSOR_LEN: usize = 1_024;

/// Base 64 of a list with its name first (RFC 4648, section 5).
const PATTERN: &str = "^WyI[A-Za-z0-9_-]+$";

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page<T> {
    /// The items.
    pub(crate) items: Vec<T>,
    /// Send it as `cursor` for the next page; null if this is the last.
    pub(crate) next_cursor: Option<String>,
}

/// How many items a client wants on a page.
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(as = PageLimit, minimum = 1, maximum = 100, default = 20)]
pub(crate) struct Limit(pub(crate) usize);

impl Default for Limit {
    fn default() -> Self {
        Self(DEFAULT_LIMIT)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.parse() {
            Ok(limit @ 1..=MAX_LIMIT) => Ok(Self(limit)),
            _ => Err(D::Error::custom(format_args!("give a number from 1 to {MAX_LIMIT}"))),
        }
    }
}

/// Where a page begins: behind an item of one list, as it was sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cursor {
    list: String,
    /// What the list is sorted by, of the last item that was seen.
    pub(crate) place: Vec<String>,
}

impl PartialSchema for Cursor {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .max_length(Some(MAX_CURSOR_LEN))
            .pattern(Some(PATTERN))
            .into()
    }
}

impl ToSchema for Cursor {}

impl Cursor {
    /// The place behind an item of a list.
    pub(crate) fn behind(list: &str, place: Vec<String>) -> Self {
        Self { list: list.to_owned(), place }
    }

    /// The cursor as clients see it.
    pub(crate) fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::json!([self.list, self.place]).to_string())
    }

    /// The place, if the cursor is of this list, and sorted so.
    ///
    /// # Errors
    /// A problem that says so if it is not.
    pub(crate) fn place_in(&self, list: &str, parts: usize) -> Result<&[String], Problem> {
        if self.list == list && self.place.len() == parts {
            return Ok(&self.place);
        }
        let reason =
            format!("it is of another list or order ({}; this is {list}); begin without it", self.list);
        Err(Problem::of_field(Code::InvalidQuery, "cursor", reason))
    }
}

/// The text is no cursor.
#[derive(Debug, thiserror::Error)]
#[error("this is not a cursor that the API has given out")]
pub(crate) struct NoCursor;

impl FromStr for Cursor {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        if text.len() > MAX_CURSOR_LEN {
            return Err(NoCursor);
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| NoCursor)?;
        let (list, place) = serde_json::from_slice(&bytes).map_err(|_| NoCursor)?;
        Ok(Self { list, place })
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// How a list is asked for.
#[derive(Debug)]
pub(crate) struct Listing<'a> {
    /// Names the list and its order; a cursor is good for one only.
    pub(crate) list: &'a str,
    /// Whether it is sorted the other way round.
    pub(crate) is_descending: bool,
    /// Most items.
    pub(crate) limit: Limit,
    /// Where to begin.
    pub(crate) cursor: Option<&'a Cursor>,
}

impl Listing<'_> {
    /// The page of `items`, which are sorted by `place`.
    ///
    /// # Errors
    /// A problem if the cursor is of another list.
    pub(crate) fn page<T, V, const N: usize>(
        &self,
        items: &[T],
        place: impl Fn(&T) -> [String; N],
        view: impl Fn(&T) -> V,
    ) -> Result<Page<V>, Problem> {
        let start = match self.cursor {
            None => 0,
            Some(cursor) => {
                let seen = cursor.place_in(self.list, N)?;
                let behind = if self.is_descending { Ordering::Greater } else { Ordering::Less };
                items.partition_point(|item| {
                    let order = place(item).as_slice().cmp(seen);
                    order == behind || order == Ordering::Equal
                })
            }
        };
        let rest = &items[start..];
        let shown = &rest[..rest.len().min(self.limit.0)];
        let last = shown.last().filter(|_| shown.len() < rest.len());
        Ok(Page {
            items: shown.iter().map(view).collect(),
            next_cursor: last.map(|item| Cursor::behind(self.list, place(item).into()).encode()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing<'a>(cursor: Option<&'a Cursor>, is_descending: bool) -> Listing<'a> {
        Listing { list: "test", is_descending, limit: Limit(2), cursor }
    }

    fn walk(mut items: Vec<u32>, is_descending: bool) -> Vec<u32> {
        items.sort_unstable();
        if is_descending {
            items.reverse();
        }
        let (mut seen, mut cursor) = (Vec::new(), None::<Cursor>);
        loop {
            let page = listing(cursor.as_ref(), is_descending)
                .page(&items, |item| [format!("{item:04}")], |item| *item)
                .expect("a page");
            seen.extend(page.items);
            match page.next_cursor {
                None => return seen,
                Some(next) => cursor = Some(next.parse().expect("a cursor")),
            }
        }
    }

    #[test]
    fn pages_show_everything_once_in_both_directions() {
        for count in 0..7 {
            let ascending: Vec<u32> = (0..count).collect();
            let descending: Vec<u32> = ascending.iter().rev().copied().collect();
            assert_eq!(walk(ascending.clone(), false), ascending);
            assert_eq!(walk(ascending, true), descending);
        }
    }

    #[test]
    fn an_item_that_is_gone_does_not_shift_the_next_page() {
        let cursor = Cursor::behind("test", vec!["0001".into()]);
        let page = listing(Some(&cursor), false).page(&[0, 2, 3, 4], |n| [format!("{n:04}")], |n| *n);
        assert_eq!(page.expect("a page").items, [2, 3]);
    }

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        let cursor = Cursor::behind("other", vec!["0001".into()]);
        let page = listing(Some(&cursor), false).page(&[1], |n| [format!("{n:04}")], |n| *n);
        page.expect_err("of another list");
    }

    #[test]
    fn what_was_not_given_out_is_no_cursor() {
        for text in ["x", "%%%", "e30", "bnVsbA", &"A".repeat(2_000)] {
            text.parse::<Cursor>().expect_err(text);
        }
    }
}
