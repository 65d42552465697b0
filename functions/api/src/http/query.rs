//! The query of a request: what is not known is refused by name.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::http::problem::{Code, FieldError, Problem};
use crate::http::validation::control_character;
use crate::http::wording;

/// The parameters of a query.
#[derive(Debug)]
pub(crate) struct Asked<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if let Ok(Query(pairs)) = Query::<Vec<(String, String)>>::from_request_parts(parts, state).await
            && let Some((field, found)) =
                pairs.into_iter().find_map(|(field, value)| Some((field, control_character(&value)?)))
        {
            return Err(Problem::of_field(Code::InvalidQuery, field, found));
        }
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(asked)) => Ok(Self(asked)),
            Err(rejection) => Err(refused(&rejection.body_text())),
        }
    }
}

/// A problem that names the parameter. The extractor says `Failed to deserialize query string:
/// limit: reason`, without the parameter if it is an unknown one.
fn refused(text: &str) -> Problem {
    let told = text.split_once(": ").map_or(text, |(_, told)| told);
    match told.split_once(": ") {
        Some((field, reason)) if !field.contains(' ') => {
            Problem::of_field(Code::InvalidQuery, field, wording::plain(reason))
        }
        _ => {
            let field = told.split('`').nth(1).unwrap_or("query").to_owned();
            let error = FieldError { field, reason: wording::plain(told) };
            Problem::of_fields(Code::InvalidQuery, vec![error])
        }
    }
}
