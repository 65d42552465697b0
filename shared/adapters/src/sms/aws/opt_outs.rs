//! Who has opted out, by a list of the account's.

use aws_sdk_pinpointsmsvoicev2::error::{ProvideErrorMetadata, SdkError};

use super::client::EndUserMessagingClient;
use crate::provider::InquiryError;
use crate::sms::OptedOutPage;

/// Numbers on one page: the most that there may be.
const PAGE_SIZE: i32 = 100;

impl EndUserMessagingClient {
    pub(super) async fn opted_out(
        &self,
        list: &str,
        after: Option<&str>,
    ) -> Result<OptedOutPage, InquiryError> {
        let request = self.client.describe_opted_out_numbers().opt_out_list_name(list);
        let request = request.max_results(PAGE_SIZE).set_next_token(after.map(str::to_owned));
        let answer = request.send().await.map_err(|error| match &error {
            SdkError::ServiceError(context) => InquiryError::Refused {
                status: context.raw().status().as_u16(),
                reason: format!(
                    "{}: {}",
                    context.err().code().unwrap_or("error"),
                    context.err().message().unwrap_or_default()
                ),
            },
            _ => InquiryError::Unanswered(Box::new(error)),
        })?;
        let mut page = OptedOutPage { next: answer.next_token.clone(), ..OptedOutPage::default() };
        for entry in answer.opted_out_numbers() {
            match entry.opted_out_number().parse() {
                Ok(number) => page.numbers.push(number),
                Err(_) => page.unreadable += 1,
            }
        }
        Ok(page)
    }
}
