//! A running `carillon` as its users have it: a process, its API, its folder.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

/// How often to look whether something has come about, in milliseconds.
const LOOK_EVERY_MS: u64 = 50;

/// A folder that is removed in the end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("carillon-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("a folder for temporary files");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) struct Carillon {
    process: Child,
    http: reqwest::Client,
    pub(crate) url: String,
    key: String,
    pub(crate) drops: PathBuf,
    /// What it warned of.
    pub(crate) warning: Option<String>,
    /// The assistant of the first start.
    pub(crate) assistant: String,
}

/// Of a test that fails, too, nothing goes on.
impl Drop for Carillon {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Carillon {
    /// Starts the program on this folder and waits until it says that it runs.
    pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_carillon"))
            .args(["--port", "0", "--network-port", "0", "--data"])
            .arg(folder)
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut said = Vec::new();
        for line in BufReader::new(process.stdout.take().expect("its output")).lines() {
            let line = line.expect("text");
            let is_last = line.starts_with("network");
            said.push(line);
            if is_last {
                break;
            }
        }
        let word = |name: &str| {
            let line = said.iter().find(|line| line.starts_with(name));
            let rest = line.unwrap_or_else(|| panic!("it says its {name}: {said:?}"))[name.len()..].trim();
            rest.split(' ').next().expect("a word").to_owned()
        };
        let (url, assistant) = (word("API "), word("assistant"));
        let drops = PathBuf::from(word("drop files").replace("/<campaign", ""));
        let key = std::fs::read_to_string(folder.join("api_key")).expect("a key");
        let warning = said.iter().find(|line| line.starts_with("warning")).cloned();
        Self { process, http: reqwest::Client::new(), url, key, drops, warning, assistant }
    }

    /// Kills it at once: SIGKILL.
    pub(crate) fn kill(self) {
        drop(self);
    }

    /// Sends a request; answers with status and body.
    pub(crate) async fn send(
        &self,
        method: reqwest::Method,
        path: &str,
        body: Option<Value>,
    ) -> (u16, Value) {
        let mut request = self.http.request(method, format!("{}{path}", self.url)).bearer_auth(&self.key);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    /// Gets something that is there.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, body) = self.send(reqwest::Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Posts something that is right.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        let (status, body) = self.send(reqwest::Method::POST, path, Some(body)).await;
        assert!((200..300).contains(&status), "{path}: {status} {body}");
        body
    }

    /// Uploads a file as its announcement says.
    pub(crate) async fn upload(&self, upload: &Value, text: &str) {
        let mut request = self.http.put(upload["url"].as_str().expect("a link")).body(text.to_owned());
        for (name, value) in upload["headers"].as_object().into_iter().flatten() {
            request = request.header(name, value.as_str().expect("a header"));
        }
        let answer = request.send().await.expect("an answer");
        assert!(answer.status().is_success(), "{}", answer.status());
    }

    /// A file that is offered by a link.
    pub(crate) async fn download(&self, file: &Value) -> String {
        let answer = self.http.get(file["url"].as_str().expect("a link")).send().await.expect("an answer");
        assert!(answer.status().is_success(), "{}", answer.status());
        answer.text().await.expect("a text")
    }

    /// Creates a campaign that may call at any lawful hour, of the first assistant unless another is named.
    pub(crate) async fn create_campaign(&self, mut settings: Value) -> String {
        let day = json!([{"from": "08:00", "to": "21:00"}]);
        let week = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
        let hours: Value = week.iter().map(|name| ((*name).to_owned(), day.clone())).collect();
        settings["name"] = json!("Acceptance");
        if settings.get("assistant_id").is_none() {
            settings["assistant_id"] = json!(self.assistant);
        }
        settings["hours"] = hours;
        settings["time_zone"] = json!("Europe/Berlin");
        let campaign = self.post("/campaigns", settings).await;
        campaign["id"].as_str().expect("an id").to_owned()
    }

    /// Drops a file for a campaign, as `cp` does.
    pub(crate) fn drop_file(&self, campaign: &str, name: &str, text: &str) {
        let folder = self.drops.join(campaign);
        std::fs::create_dir_all(&folder).expect("the drop folder");
        std::fs::write(folder.join(name), text).expect("the drop folder");
    }

    /// Waits until something is there.
    pub(crate) async fn wait_for<T>(
        &self,
        what: &str,
        secs: u64,
        look: impl AsyncFn(&Self) -> Option<T>,
    ) -> T {
        for _ in 0..secs * 1_000 / LOOK_EVERY_MS {
            if let Some(found) = look(self).await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(LOOK_EVERY_MS)).await;
        }
        panic!("{what} did not come about within {secs} s");
    }
}
