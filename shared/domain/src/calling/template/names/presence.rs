//! Whether something stands in for a value that is not there: it is asked about first, or has a fallback.

use minijinja::machinery::ast::Expr;

use super::{Read, Reader};

impl<'s> Reader<'s, '_> {
    /// Reads expressions that only ask whether something is there, and says which names they ask about.
    pub(super) fn ask<'e>(&mut self, expressions: impl IntoIterator<Item = &'e Expr<'s>>) -> Read<Vec<String>>
    where
        's: 'e,
    {
        let outer = self.asked.replace(Vec::new());
        let read = self.expressions(expressions);
        let asked = std::mem::replace(&mut self.asked, outer).unwrap_or_default();
        if let Some(outer) = &mut self.asked {
            outer.extend(asked.iter().cloned());
        }
        read.map(|()| asked)
    }

    /// Reads what is only reached once these names were asked about.
    pub(super) fn behind(&mut self, asked: Vec<String>, read: impl FnOnce(&mut Self) -> Read) -> Read {
        let before = self.guarded.len();
        self.guarded.extend(asked);
        let result = read(self);
        self.guarded.truncate(before);
        result
    }

    /// Notes that a value is named.
    pub(super) fn note(&mut self, name: String) {
        let is_needed = self.asked.is_none() && !self.guarded.contains(&name);
        if let Some(asked) = &mut self.asked {
            asked.push(name.clone());
        }
        *self.told.used.entry(name).or_default() |= is_needed;
    }
}
