//! What attempts cost where their provider does not say: the workspace's own table of prices.

use serde::{Deserialize, Serialize};

use crate::base::channel::Channel;
use crate::base::numbering::{Country, country_of};
use crate::base::phone::E164;

/// Highest price, in millionths of a US dollar: a thousand dollars.
pub const MAX_PRICE_MICROS: u64 = 1_000_000_000;
/// Seconds of a minute.
const MINUTE_SECS: u64 = 60;

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tariff {
    pub channel: Channel,
    /// Where the person's number is; none for wherever no other row is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
    /// A minute of a call, or a text, in millionths of a US dollar: at most [`MAX_PRICE_MICROS`].
    pub micros: u64,
}

/// What an attempt at a number costs by these tariffs: a minute of a call, or a text, in millionths of a US
/// dollar. Zero if none is for it.
pub fn price_micros(tariffs: &[Tariff], channel: Channel, number: &E164) -> u64 {
    if tariffs.is_empty() {
        return 0;
    }
    let country = country_of(number);
    let of_channel = || tariffs.iter().filter(|tariff| tariff.channel == channel);
    let own = of_channel().find(|tariff| tariff.country.is_some() && tariff.country == country);
    own.or_else(|| of_channel().find(|tariff| tariff.country.is_none())).map_or(0, |tariff| tariff.micros)
}

/// What a call costs at this price a minute, counted by the second and rounded up.
pub const fn call_micros(price_micros: u64, duration_secs: u32) -> u64 {
    (price_micros * duration_secs as u64).div_ceil(MINUTE_SECS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tariff(channel: Channel, country: Option<&str>, micros: u64) -> Tariff {
        Tariff { channel, country: country.map(|it| it.parse().expect("a country")), micros }
    }

    #[test]
    fn the_row_of_the_country_comes_before_the_row_of_all_others() {
        let tariffs = [
            tariff(Channel::Call, None, 100),
            tariff(Channel::Call, Some("DE"), 20),
            tariff(Channel::Sms, Some("DE"), 7),
        ];
        let price =
            |channel, number: &str| price_micros(&tariffs, channel, &number.parse().expect("a number"));
        assert_eq!(price(Channel::Call, "+493023125001"), 20);
        assert_eq!(price(Channel::Call, "+12125550123"), 100);
        assert_eq!(price(Channel::Sms, "+493023125001"), 7);
        assert_eq!(price(Channel::Sms, "+12125550123"), 0);
    }

    #[test]
    fn a_call_is_counted_by_the_second() {
        let costs = [0, 1, 30, 60, 61].map(|secs| call_micros(120_000, secs));
        assert_eq!(costs, [0, 2_000, 60_000, 120_000, 122_000]);
        assert_eq!(call_micros(1, 1), 1, "rounded up");
        assert!(call_micros(MAX_PRICE_MICROS, u32::MAX) > 0, "no overflow");
    }
}
