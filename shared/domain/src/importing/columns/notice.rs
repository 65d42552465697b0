//! What became of a column in another way than its header may promise.

/// A note on a column. The file is read all the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Notice {
    #[error("`{header}` means the same as a column before it and is read as `{read_as}`")]
    Repeated { header: String, read_as: String },
    #[error(
        "`{header}` holds numbers that are not the person's telephone, and is left out; map it to `phone` if they are"
    )]
    NotTheirs { header: String },
    #[error("`{header}` is left out: a lead has no place for so many numbers")]
    NoPlace { header: String },
    #[error(
        "`{header}` is read as the variable `{variable}`; map it to `phone_2` if it holds telephone numbers"
    )]
    MentionsNumber { header: String, variable: String },
    #[error(
        "`{header}` looks like telephone numbers ({like} of {of} values) and is read as the variable `{variable}`; \
         map it to `phone` or `phone_2` if it holds them"
    )]
    LooksLikeNumbers { header: String, variable: String, like: usize, of: usize },
}

impl Notice {
    /// Whether it asks if a column holds numbers.
    pub fn asks_of(&self, column: &str) -> bool {
        match self {
            Self::MentionsNumber { header, .. } | Self::LooksLikeNumbers { header, .. } => header == column,
            Self::Repeated { .. } | Self::NotTheirs { .. } | Self::NoPlace { .. } => false,
        }
    }
}
