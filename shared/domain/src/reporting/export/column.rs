//! Columns with fixed names.

/// A column of a sheet that has always the same name.
pub trait Column: Copy + 'static {
    /// All of them, in the order in which they stand unless another one is asked for.
    const ALL: &'static [Self];

    fn name(self) -> &'static str;

    fn holds(self) -> Holds {
        Holds::Text
    }
}

/// What the cells of a column hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    Text,
    /// Telephone numbers, which nobody counts with.
    Numbers,
    /// How many, how long, how much.
    Quantities,
}

/// There is no such column.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct UnknownColumn {
    pub name: String,
    /// The one that was meant, as far as can be told.
    meant: Option<&'static str>,
    there: Vec<&'static str>,
}

impl std::fmt::Display for UnknownColumn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "there is no column `{}`", self.name)?;
        match self.meant {
            Some(meant) => write!(f, "; is it `{meant}` that you mean?"),
            None => write!(f, "; there are {}", self.there.join(", ")),
        }
    }
}

impl UnknownColumn {
    /// A name that none of these columns has.
    pub(super) fn among<C: Column>(name: &str) -> Self {
        let there: Vec<&str> = C::ALL.iter().map(|column| column.name()).collect();
        Self { name: name.to_owned(), meant: nearest(name, &there), there }
    }
}

/// Most slips of the hand between a name and the one that was meant.
const MAX_SLIPS: usize = 2;

/// The name that was meant, if one is near enough.
fn nearest(name: &str, names: &[&'static str]) -> Option<&'static str> {
    let name = name.trim().to_lowercase().replace([' ', '-', '.'], "_");
    let slips = |other: &str| strsim::osa_distance(&name, other);
    let near = names.iter().copied().min_by_key(|other| slips(other))?;
    (slips(near) <= MAX_SLIPS && slips(near) < name.chars().count()).then_some(near)
}

/// The column with this name.
///
/// # Errors
/// There is none.
pub fn named<C: Column>(name: &str) -> Result<C, UnknownColumn> {
    let found = C::ALL.iter().copied().find(|column| column.name() == name.trim());
    found.ok_or_else(|| UnknownColumn::among::<C>(name))
}

/// The columns with these names, in their order; all of them if none are named.
///
/// # Errors
/// The first that there is none of.
pub fn named_all<C: Column>(names: &[String]) -> Result<Vec<C>, UnknownColumn> {
    if names.is_empty() {
        return Ok(C::ALL.to_vec());
    }
    names.iter().map(|name| named(name)).collect()
}

/// An enum of columns by their names.
macro_rules! columns {
    ($(#[$doc:meta])* $name:ident { $($(#[$what:meta])* $variant:ident = $text:literal,)* } $($rest:item)*) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$what])* $variant,)* }

        impl $crate::reporting::export::Column for $name {
            const ALL: &'static [Self] = &[$(Self::$variant,)*];

            fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            $($rest)*
        }
    };
}

pub(super) use columns;

/// The name under which a value is written elsewhere; nothing where there is none.
pub(super) fn name_of(value: impl serde::Serialize) -> String {
    let name = serde_json::to_value(value).unwrap_or_default();
    name.as_str().unwrap_or_default().to_owned()
}

/// A value as a cell; nothing where there is none.
pub(super) fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reporting::export::ListColumn;

    #[test]
    fn a_misspelt_name_is_told_the_right_one_and_another_one_all_there_are() {
        let told = |name: &str| named::<ListColumn>(name).expect_err("none").to_string();
        assert_eq!(told("Phnoe"), "there is no column `Phnoe`; is it `phone` that you mean?");
        assert_eq!(told("listed at"), "there is no column `listed at`; is it `listed_at` that you mean?");
        assert_eq!(
            told("telefono"),
            "there is no column `telefono`; there are phone, reason, source, listed_at"
        );
        assert_eq!(named(" phone "), Ok(ListColumn::Phone));
    }
}
