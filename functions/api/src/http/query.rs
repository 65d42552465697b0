//! The query of a request: what is not known is refused by name.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::http::problem::{Code, FieldError, Problem};

/// The parameters of a query.
#[derive(Debug)]
pub(crate) struct Asked<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
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
        Some((field, reason)) if !field.contains(' ') => Problem::of_field(Code::InvalidQuery, field, reason),
        _ => {
            let field = told.split('`').nth(1).unwrap_or("query").to_owned();
            let error = FieldError { field, reason: told.to_owned() };
            Problem::of_fields(Code::InvalidQuery, vec![error])
        }
    }
}
