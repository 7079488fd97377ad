//! Whole answers within their bounds.

use crate::fetch::{FetchError, Limits, chain};
use bytes::Bytes;
use http::Response;
use http_body_util::BodyExt;
use hyper::body::Body;
use std::error::Error;
use std::pin::pin;
use tokio::time::timeout;

type BoxError = Box<dyn Error + Send + Sync>;

/// The answer with its whole body. Errors: [`FetchError::TooLarge`], and [`FetchError::NoAnswer`] if it breaks off.
pub(crate) async fn whole<B>(answer: Response<B>, max: usize) -> Result<Response<Bytes>, FetchError>
where
    B: Body<Data = Bytes, Error: Into<BoxError>>,
{
    let (parts, body) = answer.into_parts();
    // A length that is announced need not be waited for.
    if body.size_hint().lower() > max as u64 {
        return Err(FetchError::TooLarge(max));
    }
    let mut body = pin!(body);
    // The pieces are copied together: kept as they come, a body of single bytes would take many times its size.
    let mut whole = Vec::new();
    while let Some(piece) = body.frame().await {
        let piece = piece.map_err(|e| FetchError::NoAnswer(chain(&*e.into())))?;
        let Ok(data) = piece.into_data() else {
            continue;
        };
        if whole.len() + data.len() > max {
            return Err(FetchError::TooLarge(max));
        }
        whole.extend_from_slice(&data);
    }
    Ok(Response::from_parts(parts, Bytes::from(whole)))
}

/// What `exchange` comes to within the time that the call has; `late` says what it means that it did not.
pub(crate) async fn within(
    limits: Limits,
    exchange: impl Future<Output = Result<Response<Bytes>, FetchError>>,
    late: impl FnOnce(String) -> FetchError,
) -> Result<Response<Bytes>, FetchError> {
    let done = timeout(limits.total, exchange).await;
    done.unwrap_or_else(|_| Err(late(format!("nothing whole within {:?}", limits.total))))
}
