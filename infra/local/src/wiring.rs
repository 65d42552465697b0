//! How the parts are wired: queues, timers, prefixes, routes and time-outs, as the template has
//! them on AWS. A test compares the two.

/// A queue and the function that it feeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueWiring {
    pub name: &'static str,
    /// The variable that tells the functions its address; none where no function sends to it.
    pub url_variable: Option<&'static str>,
    /// Binary of the function that takes its messages.
    pub function: &'static str,
    /// Most messages that the function gets at once.
    pub batch_size: u32,
    /// How long the function may take for a batch, in seconds.
    pub function_timeout_secs: u32,
    /// How long a message stays hidden once it is handed out, in seconds; six times the
    /// function's time-out, as SQS recommends for functions that fail in part.
    pub visibility_secs: u32,
    /// How often a message is handed out before it is a dead letter. Five or more: a message
    /// that met a throttled function has been handed out too.
    pub max_receives: u32,
}

/// Hints "look at this workspace", to the planner.
pub const PLAN: QueueWiring = QueueWiring {
    name: "plan",
    url_variable: Some("CARILLON_PLAN_QUEUE_URL"),
    function: "planner",
    batch_size: 10,
    function_timeout_secs: 30,
    visibility_secs: 180,
    max_receives: 5,
};

/// Dials over lines whose provider answers at once.
pub const DIAL: QueueWiring = QueueWiring {
    name: "dial",
    url_variable: Some("CARILLON_DIAL_QUEUE_URL"),
    function: "dialer",
    batch_size: 1,
    function_timeout_secs: 60,
    visibility_secs: 360,
    max_receives: 5,
};

/// Dials over SIP trunks, where the provider answers once the person has picked up.
pub const SIP_DIAL: QueueWiring = QueueWiring {
    name: "sip-dial",
    url_variable: Some("CARILLON_SIP_DIAL_QUEUE_URL"),
    function: "dialer",
    batch_size: 1,
    function_timeout_secs: 120,
    visibility_secs: 720,
    max_receives: 5,
};

/// Texts to send.
pub const MESSAGE: QueueWiring = QueueWiring {
    name: "message",
    url_variable: Some("CARILLON_MESSAGE_QUEUE_URL"),
    function: "messenger",
    batch_size: 1,
    function_timeout_secs: 60,
    visibility_secs: 360,
    max_receives: 5,
};

/// What AWS tells of texts. On this machine nobody tells anything.
pub const SMS_EVENTS: QueueWiring = QueueWiring {
    name: "sms-events",
    url_variable: None,
    function: "listener",
    batch_size: 1,
    function_timeout_secs: 60,
    visibility_secs: 360,
    max_receives: 5,
};

/// Events to send to endpoints.
pub const DELIVERY: QueueWiring = QueueWiring {
    name: "delivery",
    url_variable: Some("CARILLON_DELIVERY_QUEUE_URL"),
    function: "courier",
    batch_size: 1,
    function_timeout_secs: 30,
    visibility_secs: 180,
    max_receives: 5,
};

/// Calls to have read by a language model, which takes its time.
pub const ANALYSIS: QueueWiring = QueueWiring {
    name: "analysis",
    url_variable: Some("CARILLON_ANALYSIS_QUEUE_URL"),
    function: "analyst",
    batch_size: 1,
    function_timeout_secs: 600,
    visibility_secs: 3_600,
    max_receives: 5,
};

/// News of files, to the importer.
pub const IMPORT: QueueWiring = QueueWiring {
    name: "import",
    url_variable: Some("CARILLON_IMPORT_QUEUE_URL"),
    function: "importer",
    batch_size: 1,
    function_timeout_secs: 900,
    visibility_secs: 5_400,
    max_receives: 5,
};

/// Jobs to go on with, to the worker.
pub const JOBS: QueueWiring = QueueWiring {
    name: "jobs",
    url_variable: Some("CARILLON_JOBS_QUEUE_URL"),
    function: "worker",
    batch_size: 1,
    function_timeout_secs: 300,
    visibility_secs: 1_800,
    max_receives: 5,
};

/// Changes that can't be told of, to the stream function again, and then to their dead letters.
pub const PARKED: QueueWiring = QueueWiring {
    name: "parked",
    url_variable: Some("CARILLON_PARKED_QUEUE_URL"),
    function: "stream",
    batch_size: 1,
    function_timeout_secs: STREAM_TIMEOUT_SECS,
    visibility_secs: 6 * STREAM_TIMEOUT_SECS,
    max_receives: 5,
};

pub const QUEUES: [QueueWiring; 10] =
    [PLAN, DIAL, SIP_DIAL, MESSAGE, SMS_EVENTS, DELIVERY, ANALYSIS, IMPORT, JOBS, PARKED];

/// Most changes of the table that the stream function gets at once.
pub const STREAM_BATCH_SIZE: u32 = 100;
/// How long the stream function may take for a batch, in seconds.
pub const STREAM_TIMEOUT_SECS: u32 = 30;

/// How often the tick runs, in seconds.
pub const TICK_PERIOD_SECS: u32 = 60;
/// How long the tick may take, in seconds; less than its period, so that ticks never overlap.
pub const TICK_TIMEOUT_SECS: u32 = 50;

/// How long the API may take for a request, in seconds; the gateway gives up after 30.
pub const API_TIMEOUT_SECS: u32 = 29;
/// How long a webhook may take, in seconds.
pub const WEBHOOKS_TIMEOUT_SECS: u32 = 20;
/// Requests under this path go to the webhooks function, all others to the API.
pub const WEBHOOKS_PATH: &str = "/api/v1/webhooks/";

/// A new file under one of these prefixes is told to the import queue: uploads through signed
/// addresses, and files dropped straight into the bucket.
pub const IMPORT_PREFIXES: [&str; 2] = ["imports/", "drops/"];

/// What goes from the bucket after so many days, here as there: exports and long answers, and copies of recordings.
pub const EXPIRING_PREFIXES: [(&str, u32); 5] = [
    ("exports/", 1),
    ("recordings/on_demand/", 1),
    ("recordings/days_30/", 30),
    ("recordings/days_90/", 90),
    ("recordings/days_365/", 365),
];
