//! Templates as they are written: `{name}` stands for `{{ name }}`, where it is exactly a name.

use minijinja::machinery::{Token, tokenize};

use super::Place;
use crate::calling::values::LEAD;
use crate::importing::is_variable_name;

/// A template, and the same as the engine reads it.
#[derive(Debug)]
pub struct Source<'t> {
    written: &'t str,
    read: String,
    /// Where a brace was added in what the engine reads, in order.
    added: Vec<usize>,
}

impl<'t> Source<'t> {
    /// A template with its single braces read as double ones: those that hold a name and nothing else, outside of
    /// Jinja2's own tags, comments and raw blocks. Whatever else has braces, such as JSON, stays.
    pub fn of(written: &'t str) -> Self {
        let (mut read, mut added) = (String::with_capacity(written.len()), Vec::new());
        let mut done = 0;
        for (start, end) in single(written) {
            read.push_str(&written[done..start]);
            added.extend([read.len(), read.len() + 1 + end - start]);
            read.push('{');
            read.push_str(&written[start..end]);
            read.push('}');
            done = end;
        }
        read.push_str(&written[done..]);
        Self { written, read, added }
    }

    /// The template as the engine reads it.
    pub(super) fn read(&self) -> &str {
        &self.read
    }

    /// The place in what is written of a byte of what is read.
    pub(super) fn place(&self, offset: usize) -> Place {
        let added = self.added.iter().filter(|at| **at < offset).count();
        Place::of(self.written, offset - added)
    }
}

/// Where names stand in single braces, braces included.
fn single(written: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    // What can't be read is refused where the template is.
    for token in tokenize(written, false, Default::default()) {
        let Ok((token, span)) = token else { break };
        let (Token::TemplateData(data), start) = (token, span.start_offset as usize) else { continue };
        if !is_raw(&written[..start]) {
            found.extend(names_in(data).map(|(from, to)| (start + from, start + to)));
        }
    }
    found
}

fn names_in(data: &str) -> impl Iterator<Item = (usize, usize)> {
    data.match_indices('{').filter_map(|(open, _)| {
        let inside = data[open + 1..].split('}').next()?;
        let close = open + 1 + inside.len();
        (is_name(inside) && data[close..].starts_with('}')).then_some((open, close + 1))
    })
}

/// A name of a value, or an attribute of the lead.
fn is_name(text: &str) -> bool {
    let attribute = text.strip_prefix(LEAD).and_then(|rest| rest.strip_prefix('.'));
    is_variable_name(attribute.unwrap_or(text))
}

/// Whether the data behind this is that of a raw block.
fn is_raw(before: &str) -> bool {
    let signs = ['-', '+'];
    let tag = || {
        let tag = before.strip_suffix("%}")?.trim_end_matches(signs).trim_end().strip_suffix("raw")?;
        Some(tag.trim_end().trim_end_matches(signs).ends_with("{%"))
    };
    tag().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_alone_is_a_value_and_whatever_else_has_braces_stays() {
        for (written, read) in [
            ("Hi {name}, {lead.company}", "Hi {{name}}, {{lead.company}}"),
            ("${price} {a}{b}", "${{price}} {{a}}{{b}}"),
            (r#"{"name": "{name}"}"#, r#"{"name": "{{name}}"}"#),
            (
                r#"{"a": {"b": 1}} {} { name } {a b} {a.b} {1} {}"#,
                r#"{"a": {"b": 1}} {} { name } {a b} {a.b} {1} {}"#,
            ),
            ("{true} {none} {if}", "{true} {none} {if}"),
            ("{{ {'a': 1} }}{{ '{name}' }}{# {name} #}", "{{ {'a': 1} }}{{ '{name}' }}{# {name} #}"),
            ("{% raw %}{name}{% endraw %}{name}", "{% raw %}{name}{% endraw %}{{name}}"),
            ("{%- raw -%} {name} {%- endraw -%} {name}", "{%- raw -%} {name} {%- endraw -%} {{name}}"),
            ("{% if a %}{a}{% endif %}", "{% if a %}{{a}}{% endif %}"),
            ("{name", "{name"),
        ] {
            assert_eq!(Source::of(written).read(), read);
        }
    }

    #[test]
    fn places_are_those_of_what_is_written() {
        let source = Source::of("{a} ü {b}\n{c} x");
        let at = |what: &str| {
            let place = source.place(source.read().find(what).expect(what));
            (place.line, place.column)
        };
        assert_eq!([at("b}"), at("c}"), at("x")], [(1, Some(8)), (2, Some(2)), (2, Some(5))]);
    }
}
