//! What a line means: the phrase tables the other way round.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::provider_simulator::scripts::Language;
use crate::provider_simulator::scripts::meaning::Meaning;
use crate::provider_simulator::scripts::phrases::{DATE, quoted, spoken};

/// A line that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) meaning: Meaning,
    /// What of it is to be noted down word for word.
    pub(super) noted: Option<String>,
    /// The day and the month that it names.
    pub(super) date: Option<(u32, u32)>,
}

/// A line that names a day.
struct Dated {
    language: Language,
    meaning: Meaning,
    line: &'static str,
}

/// What a person may say in any language.
fn lines() -> impl Iterator<Item = Dated> {
    Language::ALL.into_iter().flat_map(|language| {
        Meaning::all().flat_map(move |meaning| {
            let lines = language.phrases().person(meaning).iter();
            lines.map(move |&line| Dated { language, meaning, line })
        })
    })
}

static PLAIN: LazyLock<HashMap<String, Heard>> = LazyLock::new(|| {
    let plain = lines().filter(|known| !known.line.contains(DATE));
    let heard = |known: Dated| {
        let heard = Heard { meaning: known.meaning, noted: quoted(known.line, ""), date: None };
        (spoken(known.line, ""), heard)
    };
    plain.map(heard).collect()
});

static DATED: LazyLock<Vec<Dated>> =
    LazyLock::new(|| lines().filter(|known| known.line.contains(DATE)).collect());

/// What a person means who says this; none if nobody taught it.
pub(super) fn understand(text: &str) -> Option<Heard> {
    PLAIN.get(text).cloned().or_else(|| DATED.iter().find_map(|known| known.heard_in(text)))
}

impl Dated {
    fn heard_in(&self, text: &str) -> Option<Heard> {
        let line = spoken(self.line, DATE);
        let (before, after) = line.split_once(DATE)?;
        let day = text.strip_prefix(before)?.strip_suffix(after)?;
        let date = self.language.phrases().date_heard(day)?;
        Some(Heard { meaning: self.meaning, noted: quoted(self.line, day), date: Some(date) })
    }
}
