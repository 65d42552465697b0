//! What conditions and changes come to.

use std::cmp::Ordering;

use crate::table::{AttributeValue, Change, Condition, Item};

/// Whether a condition holds of what is stored.
pub(super) fn holds(condition: &Condition, item: Option<&Item>) -> bool {
    let compared = |path, value| compare(find(item, path)?, value);
    match condition {
        Condition::NoItem => item.is_none(),
        Condition::Absent(path) => find(item, path).is_none(),
        Condition::Present(path) => find(item, path).is_some(),
        Condition::Equals(path, value) => find(item, path).is_some_and(|stored| is_same(stored, value)),
        Condition::LessThan(path, value) => compared(path, value).is_some_and(Ordering::is_lt),
        Condition::AtLeast(path, value) => compared(path, value).is_some_and(Ordering::is_ge),
        Condition::Contains(path, text) => {
            matches!(find(item, path), Some(AttributeValue::Ss(texts)) if texts.contains(text))
        }
        Condition::FewerThan(path, most) => {
            matches!(find(item, path), Some(AttributeValue::Ss(texts)) if texts.len() < *most)
        }
        Condition::All(parts) => parts.iter().all(|part| holds(part, item)),
        Condition::Any(parts) => parts.iter().any(|part| holds(part, item)),
    }
}

/// The item after these changes; none if one does not fit what stands there.
pub(super) fn apply(changes: Vec<Change>, mut item: Item) -> Option<Item> {
    for change in changes {
        match change {
            Change::Set(name, value) => drop(item.insert(name.to_owned(), value)),
            Change::Remove(name) => drop(item.remove(name)),
            Change::Add(name, by) => {
                let sum = match item.get(name) {
                    None => by,
                    Some(AttributeValue::N(number)) => number.parse::<i64>().ok()?.checked_add(by)?,
                    Some(_) => return None,
                };
                item.insert(name.to_owned(), AttributeValue::N(sum.to_string()));
            }
            Change::Include(name, texts) => {
                let AttributeValue::Ss(set) =
                    item.entry(name.to_owned()).or_insert(AttributeValue::Ss(Vec::new()))
                else {
                    return None;
                };
                set.extend(texts);
                set.sort();
                set.dedup();
            }
            Change::Exclude(name, text) => match item.get_mut(name) {
                None => {}
                Some(AttributeValue::Ss(set)) => {
                    set.retain(|stored| *stored != text);
                    if set.is_empty() {
                        item.remove(name);
                    }
                }
                Some(_) => return None,
            },
        }
    }
    Some(item)
}

/// The size by which items and pages are limited: names and values, and what lists and maps take.
pub(super) fn size_bytes(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + value_bytes(value)).sum()
}

fn value_bytes(value: &AttributeValue) -> usize {
    /// What a list or a map takes, and each of its elements.
    const NESTING_BYTES: usize = 3;
    const ELEMENT_BYTES: usize = 1;
    match value {
        AttributeValue::S(text) => text.len(),
        // Two digits a byte, and one for sign and exponent.
        AttributeValue::N(number) => number.len().div_ceil(2) + 1,
        AttributeValue::B(bytes) => bytes.len(),
        AttributeValue::Bool(_) | AttributeValue::Null(_) => 1,
        AttributeValue::Ss(texts) => texts.iter().map(String::len).sum(),
        AttributeValue::Ns(numbers) => numbers.iter().map(|number| number.len().div_ceil(2) + 1).sum(),
        AttributeValue::Bs(all) => all.iter().map(Vec::len).sum(),
        AttributeValue::L(values) => {
            NESTING_BYTES + values.iter().map(|value| value_bytes(value) + ELEMENT_BYTES).sum::<usize>()
        }
        AttributeValue::M(map) => NESTING_BYTES + size_bytes(map) + ELEMENT_BYTES * map.len(),
    }
}

fn find<'a>(item: Option<&'a Item>, path: &str) -> Option<&'a AttributeValue> {
    let mut names = path.split('.');
    let mut found = item?.get(names.next()?)?;
    for name in names {
        let AttributeValue::M(map) = found else { return None };
        found = map.get(name)?;
    }
    Some(found)
}

/// The order of two numbers or two texts.
fn compare(one: &AttributeValue, other: &AttributeValue) -> Option<Ordering> {
    match (one, other) {
        (AttributeValue::S(one), AttributeValue::S(other)) => Some(one.cmp(other)),
        (AttributeValue::N(one), AttributeValue::N(other)) => {
            match (one.parse::<i64>(), other.parse::<i64>()) {
                (Ok(one), Ok(other)) => Some(one.cmp(&other)),
                _ => one.parse::<f64>().ok()?.partial_cmp(&other.parse().ok()?),
            }
        }
        _ => None,
    }
}

/// Whether two values are equal: numbers by value, sets whatever their order.
fn is_same(one: &AttributeValue, other: &AttributeValue) -> bool {
    match (one, other) {
        (AttributeValue::N(a), AttributeValue::N(b)) => {
            a == b || compare(one, other) == Some(Ordering::Equal)
        }
        (AttributeValue::Ss(one), AttributeValue::Ss(other)) => {
            one.len() == other.len() && one.iter().all(|text| other.contains(text))
        }
        (AttributeValue::L(one), AttributeValue::L(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (AttributeValue::M(one), AttributeValue::M(other)) => {
            let is_in_other =
                |(name, value): (&String, _)| other.get(name).is_some_and(|found| is_same(value, found));
            one.len() == other.len() && one.iter().all(is_in_other)
        }
        _ => one == other,
    }
}
