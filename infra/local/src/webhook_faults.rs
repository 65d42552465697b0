//! How often something goes wrong with webhooks.

/// How often something goes wrong with a webhook, in a thousand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WebhookFaults {
    pub lose_permille: u16,
    pub double_permille: u16,
    pub delay_permille: u16,
    /// By at most this much, in milliseconds.
    pub delay_max_ms: i64,
    /// It waits so long that the next webhook overtakes it.
    pub disorder_permille: u16,
}
