//! The template engine, as near to Jinja2 as it comes: with Python's methods, and with Jinja2's way that
//! a text which is not there is an empty one.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use minijinja::value::{Kwargs, Rest, Value, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, ErrorKind, State, UndefinedBehavior, escape_formatter};
use minijinja_contrib::{filters, pycompat};

use crate::base::numbering;

/// Most steps that rendering may take; ends templates that loop for ever.
const MAX_STEPS: u64 = 50_000;

/// Filters that take what is not there for an empty text, as Jinja2's do.
const OF_NO_TEXT: &[&str] = &[
    "capitalize",
    "count",
    "e",
    "escape",
    "first",
    "format",
    "indent",
    "join",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "replace",
    "reverse",
    "sort",
    "split",
    "string",
    "striptags",
    "title",
    "trim",
    "truncate",
    "unique",
    "upper",
    "wordwrap",
];
/// Filters of lists: what is not there is an empty one.
const OF_NO_LIST: &[&str] = &["batch", "chain", "groupby", "max", "min", "slice", "zip"];
/// The same of objects.
const OF_NO_MAP: &[&str] = &["dictsort", "items"];
/// Filters that make nothing of nothing: no number is invented. Those of Jinja2 make 0 of it, which would be said.
const OF_NOTHING: &[&str] = &["abs", "attr", "float", "int", "pprint", "round"];
/// Those of them that take a fallback.
const WITH_FALLBACK: &[&str] = &["float", "int"];

/// Everything that templates may use.
pub(super) fn environment() -> &'static Environment<'static> {
    static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
        let mut environment = plain();
        environment.set_undefined_behavior(UndefinedBehavior::Chainable);
        environment.set_fuel(Some(MAX_STEPS));
        // A part of what is not there is an empty list to the engine, and nothing to whoever listens.
        environment.set_formatter(|out, state, value| match value.kind() {
            ValueKind::Seq | ValueKind::Iterable if value.len() == Some(0) => Ok(()),
            _ => escape_formatter(out, state, value),
        });
        environment.set_unknown_method_callback(|state, value, method, args| {
            let empty = Value::from("");
            let value = if value.is_undefined() { &empty } else { value };
            if let ("title", Some(text), []) = (method, value.as_str(), args) {
                return Ok(Value::from(python_title(text)));
            }
            pycompat::unknown_method_callback(state, value, method, args)
        });
        let empty = [
            (OF_NO_TEXT, Some(Value::from(""))),
            (OF_NO_LIST, Some(Value::from(Vec::<Value>::new()))),
            (OF_NO_MAP, Some(Value::from(BTreeMap::<String, Value>::new()))),
            (OF_NOTHING, None),
        ];
        for (names, empty) in empty {
            for name in names.iter().copied() {
                let empty = empty.clone();
                environment.add_filter(name, move |args: Rest<ValueOrKwargs>| {
                    of_nothing(name, args.into_values(), empty.as_ref())
                });
            }
        }
        for name in ["default", "d"] {
            environment.add_filter(name, default);
        }
        environment
    });
    &ENVIRONMENT
}

fn plain() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_debug(false);
    environment.remove_global("debug");
    environment.add_filter(
        "truncate",
        |state: &mut State, text: Value, args: Rest<Value>, by_name: Kwargs| {
            filters::truncate(
                state,
                &text,
                named(["length", "killwords", "end", "leeway"], &args.0, &by_name)?,
            )
        },
    );
    environment.add_filter("wordwrap", |text: Value, args: Rest<Value>, by_name: Kwargs| {
        let names = ["width", "break_long_words", "wrapstring", "break_on_hyphens"];
        filters::wordwrap(&text, named(names, &args.0, &by_name)?)
    });
    environment.add_filter("striptags", filters::striptags);
    environment.add_filter("title_case", title_case);
    environment.add_filter("phone_format", phone_format);
    environment
}

/// Arguments by name for a filter that takes no others: Jinja2's may be given in order, too.
fn named(names: [&str; 4], in_order: &[Value], by_name: &Kwargs) -> Result<Kwargs, Error> {
    if in_order.len() > names.len() {
        return Err(ErrorKind::TooManyArguments.into());
    }
    let mut all: Vec<(String, Value)> = Vec::new();
    for name in by_name.args() {
        all.push((name.to_owned(), by_name.get(name)?));
    }
    all.extend(names.into_iter().map(str::to_owned).zip(in_order.iter().cloned()));
    Ok(all.into_iter().collect())
}

/// The filter of this name, which gets an empty value where it would get nothing, or is not asked.
fn of_nothing(name: &str, mut args: Vec<Value>, empty: Option<&Value>) -> Result<Value, Error> {
    static PLAIN: LazyLock<Environment<'static>> = LazyLock::new(plain);
    let has_fallback = args.len() > 1 && WITH_FALLBACK.contains(&name);
    if let Some(first) = args.first_mut() {
        match empty {
            Some(empty) if first.is_undefined() => *first = empty.clone(),
            None if is_absent(first) && !has_fallback => return Ok(Value::UNDEFINED),
            _ => {}
        }
    }
    PLAIN.empty_state().apply_filter(name, &args)
}

/// What stands in for a value that is not there. An empty text is none: a cell of a file is never more than empty.
fn default(value: Value, in_order: Rest<Value>, by_name: Kwargs) -> Result<Value, Error> {
    if in_order.len() > 2 {
        return Err(ErrorKind::TooManyArguments.into());
    }
    let given = |place: usize, name: &str| match in_order.get(place) {
        Some(value) => Ok(Some(value.clone())),
        None => by_name.get::<Option<Value>>(name),
    };
    let (other, is_lax) = (given(0, "default_value")?, given(1, "boolean")?);
    by_name.assert_all_used()?;
    if is_absent(&value) || is_lax.is_some_and(|is_lax| is_lax.is_true() && !value.is_true()) {
        return Ok(other.unwrap_or_else(|| Value::from("")));
    }
    Ok(value)
}

/// Whether a value is not there: an empty text, or a part of what is not there.
fn is_absent(value: &Value) -> bool {
    let is_plain = matches!(value.kind(), ValueKind::String | ValueKind::Seq | ValueKind::Iterable);
    value.is_undefined() || is_plain && value.len() == Some(0)
}

/// Each letter behind what is none is a capital one, and the others are small.
fn python_title(text: &str) -> String {
    let mut is_inside = false;
    let mut titled = String::with_capacity(text.len());
    for c in text.chars() {
        match is_inside {
            true => titled.extend(c.to_lowercase()),
            false => titled.extend(c.to_uppercase()),
        }
        is_inside = c.is_alphabetic();
    }
    titled
}

fn title_case(text: Option<String>) -> String {
    let text = text.unwrap_or_default();
    let words = text.split(' ').map(|word| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| {
            first.to_uppercase().chain(letters.flat_map(char::to_lowercase)).collect()
        })
    });
    words.collect::<Vec<_>>().join(" ")
}

/// A number as people read it, in its international form, `+1 415-555-0123`, or the one within its country,
/// `(415) 555-0123`. What is no number stays.
fn phone_format(text: Option<String>, form: Option<String>) -> Result<String, Error> {
    let text = text.unwrap_or_default();
    let readable = match form.as_deref() {
        None | Some("international") => numbering::readable(&text),
        Some("national") => numbering::readable_nationally(&text),
        Some(other) => {
            let reason =
                format!("there is no form `{other}` of a number; write `international` or `national`");
            return Err(Error::new(ErrorKind::InvalidOperation, reason));
        }
    };
    Ok(readable.unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::super::names::FILTERS;
    use super::*;

    fn nobody() -> BTreeMap<String, Value> {
        BTreeMap::new()
    }

    /// What filters are given besides the value, where they need something.
    fn arguments(filter: &str) -> &'static str {
        match filter {
            "attr" => "('a')",
            "batch" | "slice" => "(2)",
            "groupby" => "('a')",
            "join" => "(', ')",
            "map" => "('upper')",
            "rejectattr" | "selectattr" => "('a')",
            "replace" => "('a', 'b')",
            _ => "",
        }
    }

    #[test]
    fn no_filter_fails_on_what_is_not_there() {
        for filter in FILTERS {
            for value in ["missing", "missing.inner"] {
                let template = format!("{{{{ {value} | {filter}{} }}}}", arguments(filter));
                let rendered = environment().render_str(&template, nobody());
                assert!(rendered.is_ok(), "{template}: {rendered:?}");
            }
        }
        let rendered = |template: &str| environment().render_str(template, nobody()).expect("rendered");
        for (template, expected) in [
            ("[{{ missing | upper }}{{ missing | int }}{{ missing | round(2) }}]", "[]"),
            ("[{{ '' | int }}{{ '' | float }}{{ missing[2:] | int }}]", "[]"),
            ("[{{ missing[:3] }}{{ missing[:3] | default('x') }}]", "[x]"),
            ("{{ missing | int(7) }} {{ missing | float(default=1.5) }}", "7 1.5"),
            ("{{ missing | default('x') }}{{ '' | default('y') }}{{ missing | upper | d('z') }}", "xyz"),
            ("{{ 'a' | default('x') }}{{ 0 | default('x') }}{{ 0 | default('y', true) }}", "a0y"),
            ("{{ missing | default(default_value='x', boolean=true) }}[{{ missing | default }}]", "x[]"),
        ] {
            assert_eq!(rendered(template), expected, "{template}");
        }
    }

    #[test]
    fn numbers_have_two_forms() {
        let rendered = |form: &str| {
            let template = format!("{{{{ '+14155550123' | phone_format{form} }}}}");
            environment().render_str(&template, nobody()).map_err(|error| error.to_string())
        };
        assert_eq!(rendered(""), Ok("+1 415-555-0123".into()));
        assert_eq!(rendered("('international')"), Ok("+1 415-555-0123".into()));
        assert_eq!(rendered("('national')"), Ok("(415) 555-0123".into()));
        assert!(
            rendered("('short')").is_err_and(|error| error.contains("write `international` or `national`"))
        );
        let as_is = environment().render_str("{{ 'call me' | phone_format('national') }}", nobody());
        assert_eq!(as_is.ok().as_deref(), Some("call me"));
    }
}
