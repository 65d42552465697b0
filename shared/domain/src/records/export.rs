//! Exports: what somebody wants in a file, how the file is written, and what of it is there.

use serde::{Deserialize, Serialize};

use crate::base::ids::CampaignId;
use crate::base::numbering::Country;
use crate::base::time::DAY_MS;
use crate::policy::do_not_call::ListName;
use crate::records::interaction::InteractionFilter;
use crate::records::lead::LeadFilter;

/// How long the file of an export is there, in milliseconds: it is full of people.
pub const EXPORT_KEPT_MS: i64 = DAY_MS;

/// Where a cell ends with a comma to Excel: numbers have a decimal point there, and elsewhere a decimal comma.
const COMMA_COUNTRIES: &str = "AE AU BD BW CA CN DO EG GB GT HK HN IE IL IN JM JP KE KR LK MT MX MY NG NI NP NZ PA \
    PH PK PR SA SG SV TH TW TZ UG US ZW";

/// What goes into a file, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    pub source: ExportSource,
    /// The names of the columns, in order.
    pub columns: Vec<String>,
    pub format: SheetFormat,
}

/// What is exported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum ExportSource {
    /// The leads of a campaign, in the order of their files.
    Leads { campaign: CampaignId, filter: LeadFilter },
    /// Calls and texts of a campaign: those that are up, then those that have ended, the latest first.
    Results {
        campaign: CampaignId,
        filter: InteractionFilter,
        /// Whether the lines of a transcript in which nothing was said are left out.
        hides_blank_lines: bool,
    },
    /// What the dials of a campaign, and the refusals to dial, rested on, the latest first. It outlives the campaign.
    Evidence { campaign: CampaignId },
    /// The numbers of a list, sorted.
    DoNotCall { list: ListName },
}

/// What kind of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum SheetFormat {
    Xlsx,
    Csv {
        delimiter: Delimiter,
        /// Whether the file begins with a mark by which spreadsheets know that it is UTF-8.
        byte_order_mark: bool,
    },
}

/// What stands between two cells of CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Delimiter {
    Comma,
    Semicolon,
    Tab,
    Bar,
}

/// A portion of an export that lies beside the others until all are there: its name, which no other try of its step
/// has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PartName(pub String);

/// The file that an export has come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedFile {
    pub name: String,
    pub rows: u64,
    pub bytes: u64,
}

impl ExportSource {
    /// The campaign that it is of, if it is of one.
    pub const fn campaign(&self) -> Option<&CampaignId> {
        match self {
            Self::Leads { campaign, .. } | Self::Results { campaign, .. } | Self::Evidence { campaign } => {
                Some(campaign)
            }
            Self::DoNotCall { .. } => None,
        }
    }
}

impl Export {
    /// What its file is called.
    pub fn file_name(&self) -> String {
        let stem = match &self.source {
            ExportSource::Leads { campaign, .. } => format!("leads-{campaign}"),
            ExportSource::Results { .. } => "campaign_results".to_owned(),
            ExportSource::Evidence { campaign } => format!("evidence-{campaign}"),
            ExportSource::DoNotCall { list } => list.to_string(),
        };
        format!("{stem}.{}", self.format.extension())
    }

    /// What the sheet of a workbook is called.
    pub const fn sheet_name(&self) -> &'static str {
        match self.source {
            ExportSource::Leads { .. } => "Leads",
            ExportSource::Results { .. } => "Results",
            ExportSource::Evidence { .. } => "Evidence",
            ExportSource::DoNotCall { .. } => "Do not call",
        }
    }
}

impl SheetFormat {
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Csv { .. } => "csv",
        }
    }
}

impl Delimiter {
    const ALL: [(Self, char, &'static str); 4] = [
        (Self::Comma, ',', "comma"),
        (Self::Semicolon, ';', "semicolon"),
        (Self::Tab, '\t', "tab"),
        (Self::Bar, '|', "bar"),
    ];

    /// That of a file.
    pub fn of(delimiter: char) -> Self {
        let known = Self::ALL.into_iter().find(|(_, known, _)| *known == delimiter);
        known.map_or(Self::Comma, |(own, ..)| own)
    }

    /// The one by which Excel divides a file there that somebody opens by a double click; a comma where the country is
    /// not known.
    pub fn usual_in(country: Option<Country>) -> Self {
        let is_comma =
            |country: Country| COMMA_COUNTRIES.split_whitespace().any(|one| one == country.as_str());
        if country.is_none_or(is_comma) { Self::Comma } else { Self::Semicolon }
    }

    pub const fn as_char(self) -> char {
        Self::ALL[self as usize].1
    }

    pub const fn name(self) -> &'static str {
        Self::ALL[self as usize].2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_opens_right_where_it_is_from() {
        for (country, delimiter) in [
            ("DE", Delimiter::Semicolon),
            ("CH", Delimiter::Semicolon),
            ("FR", Delimiter::Semicolon),
            ("US", Delimiter::Comma),
            ("GB", Delimiter::Comma),
        ] {
            assert_eq!(Delimiter::usual_in(country.parse().ok()), delimiter, "{country}");
        }
        assert_eq!(Delimiter::usual_in(None), Delimiter::Comma);
        for country in COMMA_COUNTRIES.split_whitespace() {
            country.parse::<Country>().expect(country);
        }
    }
}
