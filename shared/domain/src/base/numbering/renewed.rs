//! Numbers in a spelling that has ended.

/// The number as it is dialled today, in the international form, if this spelling of it has ended.
///
/// - Mexico, 2019-08-03: mobile numbers lose the 1 behind +52, and the 01, 044 and 045 within the country
///   (IFT, ten digits everywhere).
/// - Brazil, by 2016-11-06: mobile numbers get a 9 in front (Anatel, resolution 553/2010).
/// - Benin, 2024-11-30: every number gets 01 in front (ARCEP Bénin).
///
/// The text is an international form that no plan has any more; whoever asks checks the answer against the plans.
pub(super) fn renewed(number: &str) -> Option<String> {
    let tail = |digits: &str, len: usize| digits.get(digits.len().checked_sub(len)?..).map(ToOwned::to_owned);
    if let Some(national) = number.strip_prefix("+52") {
        let own = tail(national, 10)?;
        let ended = ["1", "01", "044", "045", "44", "45"];
        return ended.contains(&&national[..national.len() - own.len()]).then(|| format!("+52{own}"));
    }
    if let Some(national) = number.strip_prefix("+55") {
        let (area, own) = national.split_at_checked(2)?;
        return (own.len() == 8 && own.starts_with(['6', '7', '8', '9'])).then(|| format!("+55{area}9{own}"));
    }
    let own = number.strip_prefix("+229")?;
    (own.len() == 8).then(|| format!("+22901{own}"))
}
