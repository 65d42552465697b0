//! Routes and their functions.

use carillon_local::wiring::{API_TIMEOUT_SECS, WEBHOOKS_PATH, WEBHOOKS_TIMEOUT_SECS};
use serde_json::json;

use crate::template::document::{Template, attribute, number, reference};

/// An HTTP API answers 503 after this many seconds, whatever the function does.
const GATEWAY_GIVES_UP_SECS: u32 = 30;

/// The function that a route ends at.
fn function_at(template: &Template, route_key: &str) -> String {
    let route = template.only("AWS::ApiGatewayV2::Route", "RouteKey", &json!(route_key));
    let target = template.properties(route)["Target"]["Fn::Sub"].clone();
    let integration = target.as_str().and_then(|target| target.strip_prefix("integrations/${"));
    let integration = integration.and_then(|name| name.strip_suffix('}')).expect("an integration");
    let properties = template.properties(integration);
    assert_eq!(properties["PayloadFormatVersion"], "2.0", "{integration}");
    let uri = properties["IntegrationUri"]["Fn::GetAtt"].clone();
    let function = uri.as_str().and_then(|uri| uri.strip_suffix(".Arn"));
    function.expect("the ARN of a function").to_owned()
}

#[test]
fn requests_go_where_the_local_gateway_sends_them() {
    let template = Template::read();
    let webhooks = format!("ANY {WEBHOOKS_PATH}{{proxy+}}");
    assert_eq!(function_at(&template, &webhooks), "WebhooksFunction");
    assert_eq!(function_at(&template, "$default"), "ApiFunction");
    assert_eq!(template.named("AWS::ApiGatewayV2::Route").len(), 2);
    assert_eq!(template.binary("WebhooksFunction"), "webhooks");
    assert_eq!(template.binary("ApiFunction"), "api");
}

#[test]
fn functions_answer_before_the_gateway_gives_up() {
    let template = Template::read();
    let wired = [("ApiFunction", API_TIMEOUT_SECS), ("WebhooksFunction", WEBHOOKS_TIMEOUT_SECS)];
    for (function, timeout_secs) in wired {
        assert_eq!(number(&template.properties(function)["Timeout"]), timeout_secs, "{function}");
        assert!(timeout_secs < GATEWAY_GIVES_UP_SECS, "{function}");
    }
}

#[test]
fn the_gateway_may_call_both_functions() {
    let template = Template::read();
    for function in ["ApiFunction", "WebhooksFunction"] {
        let permission = template.only("AWS::Lambda::Permission", "FunctionName", &reference(function));
        let permission = template.properties(permission);
        assert_eq!(permission["Principal"], "apigateway.amazonaws.com");
        let source = permission["SourceArn"]["Fn::Sub"].as_str().expect("a source");
        assert!(source.ends_with(":${HttpApi}/*"), "{source}");
    }
}

#[test]
fn the_stage_throttles_and_keeps_a_log() {
    let template = Template::read();
    let stage = template.properties("Stage");
    // Any other name would be part of every path that the functions see.
    assert_eq!(stage["StageName"], "$default");
    assert_eq!(stage["DefaultRouteSettings"]["ThrottlingRateLimit"], reference("ApiRequestsPerSecond"));
    let webhooks = &stage["RouteSettings"][format!("ANY {WEBHOOKS_PATH}{{proxy+}}")];
    assert_eq!(webhooks["ThrottlingRateLimit"], reference("WebhooksPerSecond"));
    let ordinary = template.at("Parameters/ApiRequestsPerSecond/Default");
    let of_webhooks = template.at("Parameters/WebhooksPerSecond/Default");
    assert!(number(of_webhooks) > number(ordinary), "a provider may not send a refused webhook again");
    assert_eq!(stage["AccessLogSettings"]["DestinationArn"], attribute("AccessLogs", "Arn"));
    let format = stage["AccessLogSettings"]["Format"].as_str().expect("a format");
    let line: serde_json::Value = serde_json::from_str(format).expect("a line of the log is JSON");
    assert_eq!(line["status"], "$context.status");
}
