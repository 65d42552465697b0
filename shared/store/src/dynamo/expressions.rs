//! Conditions, changes and ranges in DynamoDB's language.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::table::{Change, Condition, Partition, SortRange};

/// The expressions of one request, and the names and values that they stand on.
#[derive(Debug, Default)]
pub(super) struct Expressions {
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Expressions {
    pub(super) fn condition(&mut self, condition: &Condition) -> String {
        match condition {
            Condition::NoItem => format!("attribute_not_exists({})", self.name("pk")),
            Condition::Absent(path) => format!("attribute_not_exists({})", self.name(path)),
            Condition::Present(path) => format!("attribute_exists({})", self.name(path)),
            Condition::Equals(path, value) => self.compare(path, "=", value.clone().into()),
            Condition::LessThan(path, value) => self.compare(path, "<", value.clone().into()),
            Condition::AtLeast(path, value) => self.compare(path, ">=", value.clone().into()),
            Condition::Contains(path, text) => {
                format!("contains({}, {})", self.name(path), self.text(text))
            }
            Condition::FewerThan(path, most) => {
                let most = self.value(AttributeValue::N(most.to_string()));
                format!("size({}) < {most}", self.name(path))
            }
            Condition::All(parts) => self.joined(parts, " AND "),
            Condition::Any(parts) => self.joined(parts, " OR "),
        }
    }

    pub(super) fn update(&mut self, changes: &[Change]) -> String {
        let (mut set, mut remove, mut add, mut delete) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for change in changes {
            match change {
                Change::Set(name, value) => {
                    set.push(format!("{} = {}", self.name(name), self.value(value.clone().into())));
                }
                Change::Remove(name) => remove.push(self.name(name)),
                Change::Add(name, by) => {
                    let by = self.value(AttributeValue::N(by.to_string()));
                    add.push(format!("{} {by}", self.name(name)));
                }
                Change::Include(name, texts) => {
                    let texts = self.value(AttributeValue::Ss(texts.clone()));
                    add.push(format!("{} {texts}", self.name(name)));
                }
                Change::Exclude(name, text) => {
                    let text = self.value(AttributeValue::Ss(vec![text.clone()]));
                    delete.push(format!("{} {text}", self.name(name)));
                }
            }
        }
        let clauses = [("SET", set), ("REMOVE", remove), ("ADD", add), ("DELETE", delete)];
        let clauses = clauses.into_iter().filter(|(_, parts)| !parts.is_empty());
        clauses.map(|(verb, parts)| format!("{verb} {}", parts.join(", "))).collect::<Vec<_>>().join(" ")
    }

    pub(super) fn key_condition(&mut self, partition: &Partition, range: &SortRange) -> String {
        let sk = partition.sort_key();
        let (pk, name) = match partition {
            Partition::Table(name) => ("pk", name),
            Partition::Index(name) => ("gsi1pk", name),
        };
        let partition = self.compare(pk, "=", AttributeValue::S(name.clone()));
        let range = match range {
            SortRange::All => return partition,
            SortRange::StartsWith(prefix) => {
                format!("begins_with({}, {})", self.name(sk), self.text(prefix))
            }
            SortRange::Before(to) => self.compare(sk, "<", AttributeValue::S(to.clone())),
            SortRange::After(from) => self.compare(sk, ">", AttributeValue::S(from.clone())),
            SortRange::From(from) => self.compare(sk, ">=", AttributeValue::S(from.clone())),
            SortRange::Between(from, to) => {
                format!("{} BETWEEN {} AND {}", self.name(sk), self.text(from), self.text(to))
            }
        };
        format!("{partition} AND {range}")
    }

    /// The names; none at all where there are none, because the service takes no empty map.
    pub(super) fn names(&mut self) -> Option<HashMap<String, String>> {
        Some(std::mem::take(&mut self.names)).filter(|names| !names.is_empty())
    }

    pub(super) fn values(&mut self) -> Option<HashMap<String, AttributeValue>> {
        Some(std::mem::take(&mut self.values)).filter(|values| !values.is_empty())
    }

    fn compare(&mut self, path: &str, operator: &str, value: AttributeValue) -> String {
        format!("{} {operator} {}", self.name(path), self.value(value))
    }

    fn joined(&mut self, parts: &[Condition], operator: &str) -> String {
        let joined = parts.iter().map(|part| self.condition(part)).collect::<Vec<_>>().join(operator);
        // Parentheses that mean nothing are refused.
        if parts.len() == 1 { joined } else { format!("({joined})") }
    }

    /// A path under names that are nobody's reserved words.
    fn name(&mut self, path: &str) -> String {
        let mut short = Vec::new();
        for name in path.split('.') {
            self.names.insert(format!("#{name}"), name.to_owned());
            short.push(format!("#{name}"));
        }
        short.join(".")
    }

    fn text(&mut self, text: &str) -> String {
        self.value(AttributeValue::S(text.to_owned()))
    }

    fn value(&mut self, value: AttributeValue) -> String {
        let name = format!(":{}", self.values.len());
        self.values.insert(name.clone(), value);
        name
    }
}
