//! What can be wrong with a row.

use serde::{Serialize, Serializer};

use super::{
    MAX_COLUMNS, MAX_CONSENT_CHARS, MAX_EMAIL_BYTES, MAX_FIELD_BYTES, MAX_LEAD_BYTES, MAX_NUMBERS,
    MAX_TAG_BYTES, MAX_TAGS, MAX_VARIABLE_NAME_BYTES, MAX_VARIABLES,
};
use crate::base::numbering::PhoneError;
use crate::base::zone::ZoneNameError;
use crate::records::contact::MAX_LISTS;

/// What is wrong with a row, a cell of it, or a lead. The messages say how to mend it and do not
/// repeat the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The number is none that can be dialled.
    #[error(transparent)]
    Phone(#[from] PhoneError),
    /// It names no time zone.
    #[error(transparent)]
    Timezone(#[from] ZoneNameError),
    #[error("this is no country such as DE, Germany or Allemagne; the row's numbers are read without it")]
    Country,
    /// It can't be an e-mail address.
    #[error("this is not an e-mail address such as ana@example.com, of at most {MAX_EMAIL_BYTES} bytes")]
    Email,
    /// Nobody can say whether it is a yes.
    #[error("this is neither yes nor no; where the consent was given belongs in the column `consent_source`")]
    ConsentUnclear,
    /// A consent without its source or its time.
    #[error("a consent has a source and a time; without this one there is none")]
    HalfConsent,
    /// It names no moment, or might name two.
    #[error("this is no moment such as 2026-11-01, 2026-11-01 09:00 or 2026-11-01T09:00:00+01:00")]
    ConsentTime,
    #[error("this moment is still to come; a consent was given before")]
    ConsentAhead,
    #[error("a part of a consent has at most {MAX_CONSENT_CHARS} characters")]
    ConsentTooLong,
    /// The text is too long.
    #[error("{bytes} bytes are too long; at most {MAX_FIELD_BYTES} are allowed")]
    FieldTooLong { bytes: usize },
    /// A tag is empty or too long.
    #[error("a tag has 1 to {MAX_TAG_BYTES} bytes")]
    Tag,
    /// Templates can't use the name.
    #[error(
        "a variable's name is a letter and then letters, digits and _, at most {MAX_VARIABLE_NAME_BYTES} \
         in all, and none of Jinja's own words"
    )]
    VariableName,
    /// They have too many numbers.
    #[error("{count} numbers are too many; a person has at most {MAX_NUMBERS}")]
    TooManyNumbers { count: usize },
    /// A number stands twice among theirs.
    #[error("this number stands twice among those of one person")]
    RepeatedNumber,
    /// One for testing and one that is counted are not the same.
    #[error("a number of theirs is a lead for testing; remove that one first, or leave the number out")]
    TestLead,
    /// The contact is on too many lists.
    #[error("{count} lists are too many; a contact is on at most {MAX_LISTS}")]
    TooManyLists { count: usize },
    /// They have too many tags.
    #[error("{count} tags are too many; a person has at most {MAX_TAGS}")]
    TooManyTags { count: usize },
    /// They have too many variables.
    #[error(
        "{count} variables are too many; a person has at most {MAX_VARIABLES} (unneeded columns can be \
         mapped to `ignore`)"
    )]
    TooManyVariables { count: usize },
    /// All texts together are too long.
    #[error(
        "all texts of this person have {bytes} bytes; at most {MAX_LEAD_BYTES} are allowed (unneeded \
         columns can be mapped to `ignore`)"
    )]
    LeadTooLarge {
        /// How long they are together.
        bytes: usize,
    },
    /// The row goes on behind the last header.
    #[error("the row has {found} fields and the header {expected}; a field in the middle may need quotes")]
    FieldCount { found: usize, expected: usize },
    /// The row has more fields than a sheet may have columns.
    #[error("the row has more than {MAX_COLUMNS} fields")]
    TooManyFields,
    /// A quote opens and does not close.
    #[error("a quote opens and never closes; a quote within quotes is written twice")]
    UnclosedQuote,
    /// Something stands between the closing quote and the delimiter.
    #[error("text follows a closing quote; a quote within quotes is written twice")]
    TextAfterQuote,
    /// The row is longer than any row may be.
    #[error("the row is longer than {limit_bytes} bytes")]
    RowTooLong { limit_bytes: usize },
    /// It can't be read as JSON.
    #[error("line {line}, column {column}: {problem}")]
    Json { line: u64, column: u64, problem: String },
    /// An object or a list of such, within an object.
    #[error(
        "what has parts of its own has no place in a cell, and is left out; give each part a key beside the others"
    )]
    Nested,
    /// A list where one text is meant.
    #[error("this is a list; it is read as one text")]
    List,
    /// A key stands twice in one object.
    #[error("this key stands twice in one object; the first one is read")]
    RepeatedKey,
    /// A key that was not there when the file was looked through.
    #[error("this key was not there when the file was first read; send the file again")]
    UnknownKey,
    /// An error of the spreadsheet stands where a value should.
    #[error("this is an error of the spreadsheet; the cell is taken for blank")]
    CellError,
    /// A NUL byte is in the text.
    #[error("there is a NUL byte in the text")]
    Nul,
    /// The bytes are no text in the encoding of the file.
    #[error("this is not valid {encoding}")]
    Encoding { encoding: &'static str },
}

impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
