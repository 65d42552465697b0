//! What templates may use, by name: the engine can't be asked for its lists.

pub(in crate::calling::template) const FILTERS: &[&str] = &[
    "abs",
    "attr",
    "batch",
    "bool",
    "capitalize",
    "chain",
    "count",
    "d",
    "default",
    "dictsort",
    "e",
    "escape",
    "first",
    "float",
    "format",
    "groupby",
    "indent",
    "int",
    "items",
    "join",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "phone_format",
    "pprint",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "safe",
    "select",
    "selectattr",
    "slice",
    "sort",
    "split",
    "string",
    "striptags",
    "sum",
    "title",
    "title_case",
    "trim",
    "truncate",
    "unique",
    "upper",
    "wordwrap",
    "zip",
];

pub(super) const TESTS: &[&str] = &[
    "!=",
    "<",
    "<=",
    "==",
    ">",
    ">=",
    "boolean",
    "defined",
    "divisibleby",
    "endingwith",
    "eq",
    "equalto",
    "escaped",
    "even",
    "false",
    "filter",
    "float",
    "ge",
    "greaterthan",
    "gt",
    "in",
    "int",
    "integer",
    "iterable",
    "le",
    "lessthan",
    "lower",
    "lt",
    "mapping",
    "ne",
    "none",
    "number",
    "odd",
    "safe",
    "sameas",
    "sequence",
    "startingwith",
    "string",
    "test",
    "true",
    "undefined",
    "upper",
];

pub(super) const FUNCTIONS: &[&str] = &["dict", "namespace", "range"];

pub(super) const TEXT_METHODS: &[&str] = &[
    "capitalize",
    "count",
    "endswith",
    "find",
    "format",
    "isalnum",
    "isalpha",
    "isascii",
    "isdigit",
    "islower",
    "isnumeric",
    "isspace",
    "isupper",
    "join",
    "lower",
    "lstrip",
    "replace",
    "rfind",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "title",
    "upper",
];

pub(super) const LIST_METHODS: &[&str] = &["count"];

pub(super) const MAP_METHODS: &[&str] = &["get", "items", "keys", "values"];

pub(super) const LOOP_METHODS: &[&str] = &["changed", "cycle"];

pub(super) const LOOP_ATTRIBUTES: &[&str] =
    &["depth", "depth0", "first", "index", "index0", "last", "length", "revindex", "revindex0"];

#[cfg(test)]
mod tests {
    use minijinja::{Error, ErrorKind, Value};

    use super::super::super::engine::environment;
    use super::*;

    #[test]
    fn the_engine_has_all_that_is_listed() {
        let has = |what: &str, name: &str| {
            let named = [Value::from(name)];
            environment().empty_state().perform_test(what, &named).expect("a test of the engine's")
        };
        for name in FILTERS {
            assert!(has("filter", name), "{name}");
        }
        for name in TESTS {
            assert!(has("test", name), "{name}");
        }
        for name in FUNCTIONS {
            assert!(environment().globals().any(|(global, _)| global == *name), "{name}");
        }
        let methods = [
            (Value::from("a"), TEXT_METHODS),
            (Value::from(vec![1]), LIST_METHODS),
            (Value::from_pairs([("a", 1)]), MAP_METHODS),
        ];
        for (value, names) in methods {
            for name in names {
                let called = value.call_method(&mut environment().empty_state(), name, &[]);
                let is_missing = |error: Error| error.kind() == ErrorKind::UnknownMethod;
                assert!(!called.is_err_and(is_missing), "{name}");
            }
        }
    }
}
