//! The signature of a webhook: `X-Twilio-Signature` is the HMAC of the address, as it was configured, and of the form's
//! fields, under the account's auth token; SHA-1, or SHA-256 with a key of its own where a second header says so.
//!
//! What the vendor's Python package 9.13.0 accepts is accepted, compared in constant time.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use http::HeaderMap;
use sha1::Sha1;
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

use crate::provider::SignatureError;

/// The header that carries the signature.
pub const HEADER: &str = "X-Twilio-Signature";
/// The header that tells of another algorithm (`key=…,algorithm=HMAC_SHA256`).
const SETTINGS_HEADER: &str = "X-Twilio-Webhooks-Signature-Settings";
const ALGORITHM: &str = "algorithm=";

/// Checks that a form comes from the provider. `url` is the address as the provider knows it, with its query. An empty
/// secret never fits.
///
/// # Errors
/// When it is not to be believed; answer 401.
pub fn verify(
    headers: &HeaderMap,
    url: &str,
    fields: &[(String, String)],
    secrets: &[&str],
) -> Result<(), SignatureError> {
    let given = headers.get(HEADER).ok_or(SignatureError::Missing(HEADER))?;
    let is_sha256 = is_sha256(headers).ok_or(SignatureError::Mismatch)?;
    // The provider may have signed the address with or without the port that goes without saying.
    let urls = [Some(url.to_owned()), other_port(url)];
    let fits = secrets
        .iter()
        .filter(|secret| !secret.is_empty())
        .flat_map(|secret| urls.iter().flatten().map(move |url| signature(secret, url, fields, is_sha256)))
        .fold(Choice::from(0), |fits, own| fits | own.as_bytes().ct_eq(given.as_bytes()));
    if bool::from(fits) { Ok(()) } else { Err(SignatureError::Mismatch) }
}

/// Whether the signature is by SHA-256 instead of SHA-1; none if it is by what we do not know.
fn is_sha256(headers: &HeaderMap) -> Option<bool> {
    let Some(settings) = headers.get(SETTINGS_HEADER) else { return Some(false) };
    let mut named = settings.to_str().ok()?.split(',').filter_map(|part| part.trim().strip_prefix(ALGORITHM));
    match named.next().map(str::to_ascii_uppercase).as_deref() {
        None | Some("" | "HMAC_SHA1") => Some(false),
        Some("HMAC_SHA256") => Some(true),
        Some(_) => None,
    }
}

/// The signature of a form that is sent to an address.
pub fn signature(secret: &str, url: &str, fields: &[(String, String)], is_sha256: bool) -> String {
    let mut signed = url.to_owned();
    let mut by_name: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, value) in fields {
        by_name.entry(name).or_default().insert(value);
    }
    for (name, values) in by_name {
        values.into_iter().for_each(|value| signed.extend([name, value]));
    }
    let digest =
        if is_sha256 { mac::<Hmac<Sha256>>(secret, &signed) } else { mac::<Hmac<Sha1>>(secret, &signed) };
    STANDARD.encode(digest)
}

fn mac<M: Mac + hmac::digest::KeyInit>(secret: &str, signed: &str) -> Vec<u8> {
    let Ok(mut mac) = <M as Mac>::new_from_slice(secret.as_bytes()) else { return Vec::new() };
    mac.update(signed.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// The same address with the usual port if it has none, without it if it has that.
fn other_port(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let port = match scheme {
        "https" => ":443",
        "http" => ":80",
        _ => return None,
    };
    let (host, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    match host.strip_suffix(port) {
        Some(bare) => Some(format!("{scheme}://{bare}{path}")),
        None if host.contains(':') => None,
        None => Some(format!("{scheme}://{host}{port}{path}")),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const TOKEN: &str = "12345";
    const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";

    fn fields(fields: &[(&str, &str)]) -> Vec<(String, String)> {
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// The example of the vendor's documentation.
    fn example() -> Vec<(String, String)> {
        fields(&[
            ("Digits", "1234"),
            ("CallSid", "CA1234567890ABCDE"),
            ("To", "+18005551212"),
            ("Caller", "+12349013030"),
            ("From", "+12349013030"),
        ])
    }

    fn signed_as(value: &str) -> HeaderMap {
        HeaderMap::from_iter([(HEADER.parse().expect("a name"), value.parse().expect("a value"))])
    }

    #[test]
    fn the_published_example_is_accepted_under_either_algorithm() {
        let headers = signed_as("0/KCTR6DLpKmkAf8muzZqo1nDgQ=");
        assert_eq!(verify(&headers, URL, &example(), &["", "other", TOKEN]), Ok(()));
        // As the vendor's package signs with a shared key.
        let mut headers = signed_as("Rmm4Vzj+Ky7JGoWXMCsZDZuHDszLr9xvdbvitrDr4/M=");
        assert_eq!(verify(&headers, URL, &example(), &[TOKEN]), Err(SignatureError::Mismatch));
        let settings = HeaderValue::from_static("key=abc,algorithm=HMAC_SHA256");
        headers.insert(SETTINGS_HEADER, settings);
        assert_eq!(verify(&headers, URL, &example(), &[TOKEN]), Ok(()));
    }

    #[test]
    fn an_algorithm_is_believed_by_its_name_alone() {
        for (settings, is_believed) in [
            ("", true),
            ("key=abc", true),
            ("key=abc, algorithm=hmac_sha1", true),
            ("key=abc,algorithm=HMAC_SHA256", false),
            ("key=abc,algorithm=HMAC_MD5", false),
        ] {
            let mut headers = signed_as("0/KCTR6DLpKmkAf8muzZqo1nDgQ=");
            headers.insert(SETTINGS_HEADER, HeaderValue::from_static(settings));
            assert_eq!(verify(&headers, URL, &example(), &[TOKEN]).is_ok(), is_believed, "{settings}");
        }
    }

    #[test]
    fn repeated_fields_count_once_each_in_order_and_blank_ones_count() {
        let doubled = [example(), fields(&[("Digits", "5678"), ("Digits", "1234"), ("Blank", "")])].concat();
        let mut sorted = doubled.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(signature(TOKEN, URL, &doubled, false), signature(TOKEN, URL, &sorted, false));
        assert_ne!(signature(TOKEN, URL, &doubled, false), signature(TOKEN, URL, &doubled[..7], false));
    }

    #[test]
    fn the_usual_port_may_be_written_or_left_out() {
        let headers = signed_as("0/KCTR6DLpKmkAf8muzZqo1nDgQ=");
        let with_port = "https://mycompany.com:443/myapp.php?foo=1&bar=2";
        assert_eq!(verify(&headers, with_port, &example(), &[TOKEN]), Ok(()));
        assert_eq!(other_port("http://a:8080/x"), None);
        assert_eq!(other_port("http://a/x").as_deref(), Some("http://a:80/x"));
    }

    #[test]
    fn whatever_else_was_signed_is_refused() {
        let headers = signed_as("0/KCTR6DLpKmkAf8muzZqo1nDgQ=");
        for (url, fields, secrets) in [
            ("https://mycompany.com/myapp.php?foo=1", example(), vec![TOKEN]),
            ("https://mycompany.com/myapp.php?foo=1&bar=2/", example(), vec![TOKEN]),
            ("https://evil.example/myapp.php?foo=1&bar=2", example(), vec![TOKEN]),
            (URL, example()[1..].to_vec(), vec![TOKEN]),
            (URL, example(), vec!["12346"]),
            (URL, example(), vec![""]),
            (URL, example(), vec![]),
        ] {
            assert_eq!(verify(&headers, url, &fields, &secrets), Err(SignatureError::Mismatch), "{url}");
        }
        let unsigned = verify(&HeaderMap::new(), URL, &example(), &[TOKEN]);
        assert_eq!(unsigned, Err(SignatureError::Missing(HEADER)));
        assert_eq!(verify(&signed_as("?"), URL, &example(), &[TOKEN]), Err(SignatureError::Mismatch));
    }
}
