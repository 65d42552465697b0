//! Which partitions of the table and of its index are written, and how often.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use carillon_local::table::{Interceptor, TableCall, Verdict};
use serde_json::Value;

/// An item's place in the index.
type Place = (String, String);

/// Counts the writes to each partition. A write of an item that moves in the index writes there too: once to
/// where it was, once to where it goes. A refused write counts, as the service bills it.
#[derive(Debug, Default)]
pub struct KeysWritten(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    by_partition: BTreeMap<String, u64>,
    places: HashMap<Place, Option<Place>>,
}

impl KeysWritten {
    /// Writes by partition; those of the index begin with `index `.
    pub fn by_partition(&self) -> BTreeMap<String, u64> {
        self.0.lock().expect("nothing panics").by_partition.clone()
    }
}

impl Interceptor for KeysWritten {
    fn before(&self, call: &TableCall<'_>) -> Verdict {
        let mut counts = self.0.lock().expect("nothing panics");
        let request = call.request;
        match call.operation {
            "PutItem" => counts.put(&request["Item"]),
            "UpdateItem" => counts.update(request),
            "DeleteItem" => counts.delete(&request["Key"]),
            "TransactWriteItems" => {
                for part in request["TransactItems"].as_array().into_iter().flatten() {
                    counts.part(part);
                }
            }
            "BatchExecuteStatement" => {
                for statement in request["Statements"].as_array().into_iter().flatten() {
                    counts.statement(statement);
                }
            }
            "BatchWriteItem" => panic!("not counted yet: {}", call.operation),
            _ => {}
        }
        Verdict::Pass
    }
}

impl Counts {
    fn part(&mut self, part: &Value) {
        if let Some(put) = part.get("Put") {
            self.put(&put["Item"]);
        } else if let Some(update) = part.get("Update") {
            self.update(update);
        } else if let Some(delete) = part.get("Delete") {
            self.delete(&delete["Key"]);
        }
    }

    /// An `INSERT` with its values as parameters, in the order of their names.
    fn statement(&mut self, statement: &Value) {
        let text = statement["Statement"].as_str().unwrap_or_default();
        if !text.starts_with("INSERT") {
            return;
        }
        let names = text.split('\'').skip(1).step_by(2).map(str::to_owned);
        let values = statement["Parameters"].as_array().cloned().unwrap_or_default();
        self.put(&Value::Object(names.zip(values).collect()));
    }

    fn put(&mut self, item: &Value) {
        self.write(item, place(item, "gsi1pk", "gsi1sk"));
    }

    fn update(&mut self, update: &Value) {
        let expression = update["UpdateExpression"].as_str().unwrap_or_default();
        let removed = expression.split_once("REMOVE").is_some_and(|(_, names)| names.contains("gsi1pk"));
        let value_of = |name: &str| {
            let (_, rest) = expression.split_once(&format!("{name} = "))?;
            let placeholder = rest.split([',', ' ']).next()?;
            update["ExpressionAttributeValues"][placeholder]["S"].as_str().map(str::to_owned)
        };
        let to = match (value_of("gsi1pk"), value_of("gsi1sk")) {
            (Some(pk), Some(sk)) => Some((pk, sk)),
            _ if removed => None,
            _ => self.places.get(&key(&update["Key"])).cloned().flatten(),
        };
        self.write(&update["Key"], to);
    }

    fn delete(&mut self, key: &Value) {
        self.write(key, None);
    }

    fn write(&mut self, item: &Value, to: Option<Place>) {
        let key = key(item);
        *self.by_partition.entry(key.0.clone()).or_default() += 1;
        let from = self.places.insert(key, to.clone()).flatten();
        if from != to {
            for (partition, _) in [from, to].into_iter().flatten() {
                *self.by_partition.entry(format!("index {partition}")).or_default() += 1;
            }
        }
    }
}

fn key(item: &Value) -> Place {
    place(item, "pk", "sk").expect("every write has a key")
}

fn place(item: &Value, pk: &str, sk: &str) -> Option<Place> {
    let text = |name: &str| item[name]["S"].as_str().map(str::to_owned);
    Some((text(pk)?, text(sk)?))
}
