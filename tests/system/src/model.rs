//! A language model of a test: speaks OpenAI's chat completions, and says what it is told to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What a model answers.
#[derive(Debug, Clone)]
pub enum Reply {
    /// This JSON.
    Json(Value),
    /// These words.
    Words(&'static str),
    /// It would rather not.
    Refuses,
    /// So much of an answer as there was room for.
    CutOff,
    Status(u16),
}

#[derive(Debug, Clone)]
pub struct Model {
    /// Where it is asked.
    pub base_url: String,
    asked: Arc<Mutex<Vec<Value>>>,
    replies: Arc<Mutex<VecDeque<Reply>>>,
    always: Arc<Mutex<Reply>>,
}

impl Model {
    /// One that says this, unless it is told to say something else first.
    pub async fn start(always: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base_url = format!("http://{}/v1", listener.local_addr().expect("an address"));
        let always = Arc::new(Mutex::new(always));
        let model = Self { base_url, asked: Arc::default(), replies: Arc::default(), always };
        let router = Router::new().fallback(answer).with_state(model.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        model
    }

    /// What it says next, one after the other.
    pub fn next(&self, replies: impl IntoIterator<Item = Reply>) {
        self.replies.lock().expect("a list").extend(replies);
    }

    /// What it says from now on.
    pub fn always(&self, reply: Reply) {
        *self.always.lock().expect("a reply") = reply;
    }

    /// What it was asked since this was asked last.
    pub fn asked(&self) -> Vec<Value> {
        std::mem::take(&mut *self.asked.lock().expect("a list"))
    }
}

/// An answer to whether a call achieved its goal, by the second turn.
pub fn verdict(verdict: &str) -> Reply {
    judgement(&json!({ "verdict": verdict }))
}

/// The same with other fields.
pub fn judgement(changes: &Value) -> Reply {
    let mut answer = json!({ "reasoning": "They said so [2].", "evidence_turns": [2], "verdict": "failure",
        "reached_human": true, "voicemail": false, "wrong_person": false, "do_not_call": false });
    answer.as_object_mut().expect("an object").extend(changes.as_object().expect("an object").clone());
    Reply::Json(answer)
}

async fn answer(State(model): State<Model>, Json(asked): Json<Value>) -> Response {
    model.asked.lock().expect("a list").push(asked);
    let next = model.replies.lock().expect("a list").pop_front();
    let reply = next.unwrap_or_else(|| model.always.lock().expect("a reply").clone());
    let (message, finish_reason) = match reply {
        Reply::Status(status) => {
            let status = StatusCode::from_u16(status).expect("a status");
            return (status, Json(json!({ "error": { "message": "no" } }))).into_response();
        }
        Reply::Json(answer) => (json!({ "content": answer.to_string() }), "stop"),
        Reply::Words(words) => (json!({ "content": words }), "stop"),
        Reply::Refuses => (json!({ "content": null, "refusal": "I can't help with that." }), "stop"),
        Reply::CutOff => (json!({ "content": "{\"reasoning\": \"They" }), "length"),
    };
    let choice = json!({ "index": 0, "message": message, "finish_reason": finish_reason });
    let usage = json!({ "prompt_tokens": 1_000, "completion_tokens": 100 });
    Json(json!({ "id": "1", "object": "chat.completion", "choices": [choice], "usage": usage }))
        .into_response()
}
