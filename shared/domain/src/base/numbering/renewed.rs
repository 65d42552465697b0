//! Numbers in a spelling that has ended.

/// The number as it is dialled today, in the international form, if this spelling of it has ended.
///
/// - Mexico, 2019-08-03: mobile numbers lose the 1 behind +52, and the 01, 044 and 045 within the country
///   (IFT, ten digits everywhere).
/// - Brazil, by 2016-11-06: mobile numbers get a 9 in front (Anatel, resolution 553/2010).
/// - Vietnam, 2018-11-14: mobile numbers of eleven digits get ten (MIC, decision 798/2018).
/// - Côte d'Ivoire, 2021-01-31: numbers get their operator's two digits in front (ARTCI); fixed lines, whose
///   operator can't be told from the number, are left as they are.
/// - Colombia, 2021-09-01: fixed lines get 60 in front (CRC, resolution 5826/2019).
/// - Benin, 2024-11-30: every number gets 01 in front (ARCEP Bénin).
///
/// The text is an international form that no plan has any more; whoever asks checks the answer against the plans.
pub(in crate::base) fn renewed(number: &str) -> Option<String> {
    let digits = number.strip_prefix('+')?;
    let (code, national) = digits.split_at_checked(2)?;
    let own = match code {
        "52" => mexican(national)?.to_owned(),
        "55" => brazilian(national)?,
        "57" => colombian(national)?,
        "84" => vietnamese(national)?,
        "22" => return african(digits),
        _ => return None,
    };
    Some(format!("+{code}{own}"))
}

fn mexican(national: &str) -> Option<&str> {
    let (prefix, own) = national.split_at_checked(national.len().checked_sub(10)?)?;
    ["1", "01", "044", "045", "44", "45"].contains(&prefix).then_some(own)
}

fn brazilian(national: &str) -> Option<String> {
    let (area, own) = national.split_at_checked(2)?;
    (own.len() == 8 && own.starts_with(['6', '7', '8', '9'])).then(|| format!("{area}9{own}"))
}

fn colombian(national: &str) -> Option<String> {
    (national.len() == 8 && national.starts_with(['1', '2', '4', '5', '6', '7', '8']))
        .then(|| format!("60{national}"))
}

/// Each prefix of four digits, with its 0, became one of three.
fn vietnamese(national: &str) -> Option<String> {
    let (prefix, own) = national.split_at_checked(3)?;
    let today = match prefix {
        "120" => "70",
        "121" => "79",
        "122" => "77",
        "126" => "76",
        "128" => "78",
        "123" => "83",
        "124" => "84",
        "125" => "85",
        "127" => "81",
        "129" => "82",
        "162" => "32",
        "163" => "33",
        "164" => "34",
        "165" => "35",
        "166" => "36",
        "167" => "37",
        "168" => "38",
        "169" => "39",
        "186" => "56",
        "188" => "58",
        "199" => "59",
        _ => return None,
    };
    (own.len() == 7).then(|| format!("{today}{own}"))
}

fn african(digits: &str) -> Option<String> {
    let (code, own) = digits.split_at_checked(3)?;
    let prefix = match code {
        "225" => ivorian_operator(own)?,
        "229" => "01",
        _ => return None,
    };
    (own.len() == 8).then(|| format!("+{code}{prefix}{own}"))
}

/// The digits of the operator of a mobile number: its second digit told them apart. 2 and 3 begin fixed lines.
fn ivorian_operator(own: &str) -> Option<&'static str> {
    match (own.as_bytes().first()?, own.as_bytes().get(1)?) {
        (b'2' | b'3', _) => None,
        (_, b'0'..=b'3') => Some("01"),
        (_, b'4'..=b'6') => Some("05"),
        (_, b'7'..=b'9') => Some("07"),
        _ => None,
    }
}
