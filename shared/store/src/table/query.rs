//! Reading a partition in the order of its sort keys.

use super::key::Key;
use super::{Condition, Item};

/// A question for a page of one partition.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    pub partition: Partition,
    pub range: SortRange,
    pub direction: Direction,
    /// Most items that are looked at, those that the filter leaves out among them.
    pub limit: Option<usize>,
    /// Where an earlier page ended.
    pub start: Option<PageStart>,
    pub filter: Option<Condition>,
    pub select: Select,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Partition {
    Table(String),
    Index(String),
}

/// Which sort keys of the partition, compared by their bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SortRange {
    #[default]
    All,
    StartsWith(String),
    Before(String),
    After(String),
    From(String),
    /// Both bounds are part of it.
    Between(String, String),
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Direction {
    #[default]
    Ascending,
    Descending,
}

/// What a page holds. The index has keys only, whatever is selected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Select {
    #[default]
    Items,
    /// The sort key of each item, and nothing else.
    SortKeys,
    Count,
}

/// The last item that a page looked at: the next one starts behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageStart {
    pub key: Key,
    /// Its key in the index, if that was read.
    pub entry: Option<Key>,
}

/// What was found. A page ends at the limit, or after 1 MB.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    pub items: Vec<Item>,
    /// How many items met the filter.
    pub count: usize,
    /// Where the next page starts, if this one ended before its range did.
    pub next: Option<PageStart>,
}

impl Query {
    /// All of a partition of the table.
    pub fn table(pk: impl Into<String>) -> Self {
        Self::of(Partition::Table(pk.into()))
    }

    /// All of a partition of the index.
    pub fn index(pk: impl Into<String>) -> Self {
        Self::of(Partition::Index(pk.into()))
    }

    fn of(partition: Partition) -> Self {
        Self {
            partition,
            range: SortRange::All,
            direction: Direction::Ascending,
            limit: None,
            start: None,
            filter: None,
            select: Select::Items,
        }
    }

    pub fn range(self, range: SortRange) -> Self {
        Self { range, ..self }
    }

    pub fn descending(self) -> Self {
        Self { direction: Direction::Descending, ..self }
    }

    pub fn limit(self, limit: usize) -> Self {
        Self { limit: Some(limit), ..self }
    }

    pub fn start(self, start: Option<PageStart>) -> Self {
        Self { start, ..self }
    }

    pub fn filter(self, filter: Condition) -> Self {
        Self { filter: Some(filter), ..self }
    }

    pub fn select(self, select: Select) -> Self {
        Self { select, ..self }
    }
}

impl Partition {
    /// The attribute by which it is sorted.
    pub fn sort_key(&self) -> &'static str {
        match self {
            Self::Table(_) => "sk",
            Self::Index(_) => "gsi1sk",
        }
    }
}

impl PageStart {
    /// Behind an item of a partition; none if it lacks its keys.
    pub fn behind(item: &Item, partition: &Partition) -> Option<Self> {
        let entry = match partition {
            Partition::Table(_) => None,
            Partition::Index(_) => Some(Key::in_index(item)?),
        };
        Some(Self { key: Key::of(item)?, entry })
    }

    /// The sort key, in what was read.
    pub fn sort_key(&self) -> &str {
        &self.entry.as_ref().unwrap_or(&self.key).sk
    }
}

impl SortRange {
    /// From one key to before another, where no key equals the second.
    pub fn between(from: Option<String>, to: Option<String>) -> Self {
        match (from, to) {
            (None, None) => Self::All,
            (Some(from), None) => Self::From(from),
            (None, Some(to)) => Self::Before(to),
            (Some(from), Some(to)) => Self::Between(from, to),
        }
    }

    /// All before this key, if there is one.
    pub fn before(key: Option<&str>) -> Self {
        key.map_or(Self::All, |key| Self::Before(key.to_owned()))
    }
}
