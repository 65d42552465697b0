//! The schemas of answers. They are few and never change with a campaign: a provider compiles each once.

pub(super) const CALL_JUDGEMENT: &str = include_str!("../../schemas/call_judgement.json");
pub(super) const CRITERIA_EVALUATION: &str = include_str!("../../schemas/criteria_evaluation.json");

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// What both providers take: every object is closed, and all of its fields are required.
    fn check(schema: &Value) {
        if schema["type"] == "object" {
            let mut required: Vec<&str> =
                schema["required"].as_array().expect("fields").iter().filter_map(Value::as_str).collect();
            required.sort_unstable();
            let fields: Vec<&String> = schema["properties"].as_object().expect("fields").keys().collect();
            assert_eq!(fields, required);
            assert_eq!(schema["additionalProperties"], false);
        }
        let fields = schema["properties"].as_object().into_iter().flat_map(|fields| fields.values());
        fields.chain(schema.get("items")).for_each(check);
    }

    #[test]
    fn schemas_are_of_the_kind_that_every_provider_takes() {
        for schema in [CALL_JUDGEMENT, CRITERIA_EVALUATION] {
            check(&serde_json::from_str(schema).expect("JSON"));
        }
    }
}
