//! What every function has, and that its binary can be built.

use std::collections::BTreeSet;
use std::process::Command;

use carillon_local::wiring::QUEUES;
use serde_json::{Value, json};

use crate::template::document::{Template, reference, referent};

/// The feature that adds the AWS clients and the Lambda runtime to a function.
const FEATURE: &str = "aws";

/// Variables that every function gets, beside the addresses of the queues.
const VARIABLES: [&str; 5] = [
    "CARILLON_TABLE",
    "CARILLON_BUCKET",
    "CARILLON_SECRETS_PREFIX",
    "CARILLON_EVENT_BUS",
    "CARILLON_SMS_CONFIGURATION_SET",
];

#[test]
fn every_function_runs_on_arm_by_default_and_is_traced() {
    let template = Template::read();
    assert_eq!(template.at("Parameters/Architecture/Default"), "arm64");
    for name in template.named("AWS::Serverless::Function") {
        let function = template.properties(name);
        assert_eq!(function["Architectures"], json!([reference("Architecture")]), "{name}");
        assert_eq!(function["Runtime"], "provided.al2023", "{name}");
        assert_eq!(function["Tracing"], "Active", "{name}");
    }
}

#[test]
fn every_function_has_a_log_of_its_own_that_ends() {
    let template = Template::read();
    let mut logs = BTreeSet::new();
    for name in template.named("AWS::Serverless::Function") {
        let function = template.properties(name);
        let log = referent(&function["LoggingConfig"]["LogGroup"]);
        assert!(logs.insert(log.to_owned()), "{name} shares {log}");
    }
    for log in template.named("AWS::Logs::LogGroup") {
        assert_eq!(template.properties(log)["RetentionInDays"], reference("LogRetentionDays"), "{log}");
    }
}

#[test]
fn every_function_finds_its_surroundings() {
    let template = Template::read();
    let variables = template.at("Globals/Function/Environment/Variables").as_object().expect("variables");
    let found: BTreeSet<&str> = variables.keys().map(String::as_str).collect();
    let queues = QUEUES.iter().filter_map(|wiring| wiring.url_variable);
    assert_eq!(found, VARIABLES.into_iter().chain(queues).collect());
    for name in template.named("AWS::Serverless::Function") {
        let own = &template.at("Resources")[name]["Properties"]["Environment"]["Variables"];
        let own: Vec<&String> = own.as_object().into_iter().flat_map(|own| own.keys()).collect();
        // The gateway's address can't stand in Globals: the gateway depends on functions.
        match name {
            "DialerFunction" | "SipDialerFunction" | "MessengerFunction" | "WebhooksFunction" => {
                assert_eq!(own, ["CARILLON_PUBLIC_URL"], "{name}");
            }
            _ => assert!(own.is_empty(), "{name}: variables stand in Globals"),
        }
    }
}

#[test]
fn planner_and_webhooks_can_be_given_capacity_of_their_own() {
    let template = Template::read();
    for (function, condition, parameter) in [
        ("PlannerFunction", "ReservesPlanner", "PlannerConcurrency"),
        ("WebhooksFunction", "ReservesWebhooks", "WebhooksConcurrency"),
    ] {
        let reserved = &template.properties(function)["ReservedConcurrentExecutions"];
        let expected = json!({ "Fn::If": [condition, reference(parameter), reference("AWS::NoValue")] });
        assert_eq!(reserved, &expected, "{function}");
    }
}

#[test]
fn every_binary_is_built_with_the_aws_feature_from_its_own_package() {
    let template = Template::read();
    let packages = packages();
    let mut built = BTreeSet::new();
    for name in template.named("AWS::Serverless::Function") {
        let metadata = &template.at("Resources")[name]["Metadata"];
        assert_eq!(metadata["BuildMethod"], "rust-cargolambda", "{name}");
        assert_eq!(template.properties(name)["CodeUri"], "..", "{name}: the root of the workspace");
        let binary = template.binary(name);
        built.insert(binary.to_owned());
        let package = owner(&packages, binary);
        // SAM passes nothing but the binary's name; cargo-lambda reads the rest here.
        let build = &package["metadata"]["lambda"]["build"];
        assert_eq!(build["packages"], json!([package["name"]]), "{binary}");
        assert_eq!(build["features"], json!([FEATURE]), "{binary}");
    }
    assert_eq!(built, functions(&packages), "each function of the workspace is in the template");
}

/// The package of the only binary called `binary`, which needs the feature.
fn owner<'a>(packages: &'a [Value], binary: &str) -> &'a Value {
    let with_it = |package: &&Value| bins(package).any(|target| target["name"] == binary);
    let owners: Vec<&Value> = packages.iter().filter(with_it).collect();
    assert_eq!(owners.len(), 1, "binary {binary}");
    let target = bins(owners[0]).find(|target| target["name"] == binary).expect("it is there");
    assert_eq!(target["required-features"], json!([FEATURE]), "{binary}");
    owners[0]
}

/// The folders under `functions/`, as cargo knows them.
fn functions(packages: &[Value]) -> BTreeSet<String> {
    let manifests = packages.iter().filter_map(|package| package["manifest_path"].as_str());
    let folders = manifests.filter_map(|path| path.strip_suffix("/Cargo.toml"));
    let folder = folders.filter_map(|path| path.rsplit_once("/functions/"));
    folder.map(|(_, name)| name.to_owned()).collect()
}

fn bins(package: &Value) -> impl Iterator<Item = &Value> {
    let targets = package["targets"].as_array().into_iter().flatten();
    targets.filter(|target| target["kind"] == json!(["bin"]))
}

/// The packages of this workspace, from cargo.
fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    metadata["packages"].as_array().cloned().expect("packages")
}
