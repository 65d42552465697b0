//! By what leads are sorted, and where one stands in such an order.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::entry::IndexedLead;

/// By what leads are sorted; `-` for the other way round. Who lacks it comes last either way, and who has
/// the same stands in the order of the files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum LeadSort {
    /// As their files have them.
    #[default]
    #[serde(rename = "order")]
    FileOrder,
    #[serde(rename = "-order")]
    FileOrderBackwards,
    #[serde(rename = "created_at")]
    Oldest,
    #[serde(rename = "-created_at")]
    Newest,
    #[serde(rename = "name")]
    Name,
    #[serde(rename = "-name")]
    NameBackwards,
    #[serde(rename = "last_call_at")]
    LastCall,
    #[serde(rename = "-last_call_at")]
    LatestCall,
    #[serde(rename = "duration")]
    ShortestCall,
    #[serde(rename = "-duration")]
    LongestCall,
}

/// What a lead is sorted by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SortValue {
    Number(i64),
    Text(String),
    /// It lacks what is sorted by.
    Missing,
}

/// Where a lead stands in an order; no two leads of a campaign stand at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadPlace {
    pub value: SortValue,
    pub arrived_ms: i64,
    pub row: u64,
    pub number_hash: String,
}

impl LeadSort {
    pub const fn name(self) -> &'static str {
        match self {
            Self::FileOrder => "order",
            Self::FileOrderBackwards => "-order",
            Self::Oldest => "created_at",
            Self::Newest => "-created_at",
            Self::Name => "name",
            Self::NameBackwards => "-name",
            Self::LastCall => "last_call_at",
            Self::LatestCall => "-last_call_at",
            Self::ShortestCall => "duration",
            Self::LongestCall => "-duration",
        }
    }

    pub const fn is_descending(self) -> bool {
        match self {
            Self::FileOrder | Self::Oldest | Self::Name | Self::LastCall | Self::ShortestCall => false,
            Self::FileOrderBackwards
            | Self::Newest
            | Self::NameBackwards
            | Self::LatestCall
            | Self::LongestCall => true,
        }
    }

    /// Whether it is the order of the files, either way.
    pub const fn is_file_order(self) -> bool {
        matches!(self, Self::FileOrder | Self::FileOrderBackwards)
    }

    fn value<S: AsRef<str>>(self, lead: &IndexedLead<S>) -> SortValue {
        let number = |number: Option<i64>| number.map_or(SortValue::Missing, SortValue::Number);
        match self {
            Self::FileOrder | Self::FileOrderBackwards => SortValue::Missing,
            Self::Oldest | Self::Newest => SortValue::Number(lead.created_ms),
            Self::Name | Self::NameBackwards => match &lead.name {
                Some(name) => SortValue::Text(name.as_ref().to_lowercase()),
                None => SortValue::Missing,
            },
            Self::LastCall | Self::LatestCall => number(lead.last_call_ms),
            Self::ShortestCall | Self::LongestCall => number(lead.last_call_secs.map(i64::from)),
        }
    }

    /// Where a lead stands.
    pub fn place<S: AsRef<str>>(self, lead: &IndexedLead<S>) -> LeadPlace {
        LeadPlace {
            value: self.value(lead),
            arrived_ms: lead.arrived_ms,
            row: lead.row,
            number_hash: lead.number_hash.as_ref().to_owned(),
        }
    }

    /// Which of two places comes first.
    pub fn compare(self, one: &LeadPlace, other: &LeadPlace) -> Ordering {
        let in_files = |place: &LeadPlace| (place.arrived_ms, place.row);
        let ordered = match (&one.value, &other.value) {
            (SortValue::Missing, SortValue::Missing) => Ordering::Equal,
            (SortValue::Missing, _) => return Ordering::Greater,
            (_, SortValue::Missing) => return Ordering::Less,
            (one, other) => one.cmp(other),
        };
        let ordered = ordered
            .then_with(|| in_files(one).cmp(&in_files(other)))
            .then_with(|| one.number_hash.cmp(&other.number_hash));
        if self.is_descending() { ordered.reverse() } else { ordered }
    }
}
