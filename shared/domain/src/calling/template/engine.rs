//! The template engine, as near to Jinja2 as it comes: with Python's methods, and with Jinja2's way that
//! a text which is not there is an empty one.

use std::sync::LazyLock;

use minijinja::value::{Kwargs, Rest, Value, from_args};
use minijinja::{Environment, Error, ErrorKind, State, UndefinedBehavior};
use minijinja_contrib::{filters, pycompat};

/// Most steps that rendering may take; ends templates that loop for ever.
const MAX_STEPS: u64 = 50_000;

/// Filters that take what is not there for an empty text, as Jinja2's do. Not those that make numbers: no
/// number is invented.
const OF_NOTHING: [&str; 22] = [
    "capitalize",
    "count",
    "e",
    "escape",
    "first",
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
    "title",
    "trim",
    "truncate",
    "unique",
    "upper",
];

/// Everything that templates may use.
pub(super) fn environment() -> &'static Environment<'static> {
    static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
        let mut environment = plain();
        environment.set_undefined_behavior(UndefinedBehavior::Chainable);
        environment.set_fuel(Some(MAX_STEPS));
        environment.set_unknown_method_callback(|state, value, method, args| {
            let empty = Value::from("");
            let value = if value.is_undefined() { &empty } else { value };
            pycompat::unknown_method_callback(state, value, method, args)
        });
        for name in OF_NOTHING {
            environment.add_filter(name, move |_: &State, args: Rest<Value>| of_nothing(name, args.0));
        }
        environment
    });
    &ENVIRONMENT
}

fn plain() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_debug(false);
    environment.remove_global("debug");
    environment.add_filter("truncate", |state: &mut State, text: Value, args: Rest<Value>| {
        filters::truncate(state, &text, named(["length", "killwords", "end", "leeway"], &args.0)?)
    });
    environment.add_filter("wordwrap", |text: Value, args: Rest<Value>| {
        let names = ["width", "break_long_words", "wrapstring", "break_on_hyphens"];
        filters::wordwrap(&text, named(names, &args.0)?)
    });
    environment.add_filter("striptags", filters::striptags);
    environment.add_filter("title_case", title_case);
    environment.add_filter("phone_format", phone_format);
    environment
}

/// Arguments by name for a filter that takes no others: Jinja2's may be given in order, too.
fn named(names: [&str; 4], args: &[Value]) -> Result<Kwargs, Error> {
    let (in_order, by_name): (&[Value], Kwargs) = from_args(args)?;
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

/// The filter of this name, which gets an empty text where it would get nothing.
fn of_nothing(name: &str, mut args: Vec<Value>) -> Result<Value, Error> {
    static PLAIN: LazyLock<Environment<'static>> = LazyLock::new(plain);
    if let Some(first) = args.first_mut().filter(|value| value.is_undefined()) {
        *first = Value::from("");
    }
    PLAIN.empty_state().apply_filter(name, &args)
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

/// A number as people read it, in its international form: `+1 415-555-0123`.
fn phone_format(text: Option<String>) -> String {
    let text = text.unwrap_or_default();
    crate::base::numbering::readable(&text).unwrap_or(text)
}
