//! A server on the loopback that gives scripted answers, for the clients of other services.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use carillon_domain::base::message::MessageProvider;

use crate::recording;

#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) target: String,
    /// Headers as they came, names in lower case.
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

/// Answers one request after another, each on a connection of its own.
pub(crate) struct Scripted {
    url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Scripted {
    pub(crate) fn new(answers: Vec<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        std::thread::spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().expect("a client");
                let request = read(&stream);
                seen.lock().expect("a list").push(request);
                stream.write_all(&answer).expect("answered");
            }
        });
        Self { url, requests }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// What has come so far, kept for the record with the header that says who asks.
    pub(crate) fn recorded(&self, provider: MessageProvider, key_header: &str) -> Vec<Request> {
        let requests = self.requests();
        for request in &requests {
            recording::add(provider.as_str(), &request.target, request.header(key_header), &request.body);
        }
        requests
    }

    /// What has come so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("a list").clone()
    }
}

/// An answer with this status line, headers and body.
pub(crate) fn answer(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    truncated(status, headers, body, body.len())
}

/// An answer that breaks off after `sent` bytes of its body.
pub(crate) fn truncated(status: &str, headers: &[(&str, &str)], body: &[u8], sent: usize) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        answer += &format!("{name}: {value}\r\n");
    }
    answer += "\r\n";
    let mut answer = answer.into_bytes();
    answer.extend_from_slice(&body[..sent]);
    answer
}

fn read(stream: &TcpStream) -> Request {
    let mut stream = BufReader::new(stream);
    let mut line = || {
        let mut line = String::new();
        stream.read_line(&mut line).expect("a line");
        line.trim_end().to_owned()
    };
    let target = line().trim_end_matches(" HTTP/1.1").to_owned();
    let headers: Vec<(String, String)> = std::iter::from_fn(|| {
        let line = line();
        line.split_once(": ").map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
    })
    .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length").map_or("0", |(_, value)| value);
    let mut body = vec![0; length.parse().expect("a length")];
    stream.read_exact(&mut body).expect("a body");
    Request { target, headers, body: String::from_utf8_lossy(&body).into_owned() }
}
