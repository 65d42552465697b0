//! What a campaign wants done about machines, and the lines that can't do it.

use carillon_system_tests::api::{Api, HasId};
use serde_json::{Value, json};

#[tokio::test]
async fn what_a_line_cannot_do_is_refused_when_it_is_saved() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    let refused = async |form: Value| api.patch(&campaign, form).await.faults(422, "invalid_fields");
    assert_eq!(refused(json!({"on_voicemail": "shout"})).await, ["on_voicemail"]);
    assert_eq!(refused(json!({"on_voicemail": "leave_message"})).await.len(), 2, "and nothing to say");
    let message = json!({"on_voicemail": "leave_message", "voicemail_message_template": "Hi {{ name }}"});
    assert_eq!(refused(message.clone()).await, ["on_voicemail"], "the agent has a tool of its own for that");
    let set = api.patch(&campaign, json!({"on_voicemail": "hang_up"})).await.ok(200);
    assert_eq!(set["on_voicemail"], "hang_up");
    api.patch(&campaign, json!({"on_voicemail": null, "machine_detection": true})).await.ok(200);

    // Nobody listens on a trunk: neither what is saved nor what is started may hope for it.
    let number = format!("/caller-numbers/{}", api.keys.caller_number);
    api.patch(&number, json!({"line": "sip_trunk"})).await.ok(200);
    let start = api.command(&format!("{campaign}/start")).await;
    assert_eq!(start.faults(422, "invalid_fields"), ["machine_detection"]);
    assert_eq!(refused(json!({"on_voicemail": "hang_up"})).await, ["on_voicemail"]);
    api.patch(&campaign, json!({"machine_detection": false})).await.ok(200);
    api.command(&format!("{campaign}/start")).await.ok(200);

    // Where our own account places the call, a message is left by ourselves.
    let own = api.get(&number).await.ok(200)["number"].clone();
    api.patch(&number, json!({"line": "own_twilio", "phone_number_id": own})).await.ok(200);
    assert_eq!(api.patch(&campaign, message.clone()).await.ok(200)["on_voicemail"], "leave_message");

    let number = json!({"number": "+4930901899", "phone_number_id": "+4930901899", "provider": "retell"});
    let number = api.post("/caller-numbers", number).await.ok(201).id();
    let assistant = json!({"name": "Ret", "agent_id": "agent_r", "provider": "retell",
        "caller_number_ids": [number]});
    let assistant = api.post("/assistants", assistant).await.ok(201).id();
    let mut form = message;
    form["name"] = json!("Retell");
    form["assistant_id"] = json!(assistant);
    assert_eq!(api.post("/campaigns", form).await.ok(201)["on_voicemail"], "leave_message");
}
