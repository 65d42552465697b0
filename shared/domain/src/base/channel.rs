//! The ways to reach people.

use serde::{Deserialize, Serialize};

/// How people are reached: by a call, or by a text (`sms`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    #[default]
    Call,
    /// A text; takes no call slot.
    Sms,
}

impl Channel {
    pub const ALL: [Self; 2] = [Self::Call, Self::Sms];

    /// Its name, as clients read it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Sms => "sms",
        }
    }
}
