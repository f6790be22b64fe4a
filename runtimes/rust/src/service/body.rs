//! Receiving a request's body: rule `body-too-large`.
//!
//! A body is read to its end before anything is answered, so that the next request of the connection is found behind
//! it; what is beyond [`Limits::kept`] is dropped as it comes. Beyond [`Limits::drained`] the service stops reading,
//! and gives up the connection instead, as the contract allows: otherwise a body without end would hold it for good.

use std::future::poll_fn;
use std::pin::Pin;

use axum::body::{Body, HttpBody};

use crate::validate::Reason;

/// How much is read of a body.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// So many bytes a body has at most.
    pub kept: usize,
    /// So many bytes are read of a body that is too large.
    pub drained: usize,
}

/// A body, as far as it was read.
pub struct Received {
    /// The body, or why it is none that could be looked at.
    pub content: Result<Vec<u8>, Reason>,
    /// Whether it was read to its end.
    pub is_whole: bool,
}

/// Reads `body` to its end, if it has one within [`Limits::drained`] bytes.
pub async fn receive(mut body: Body, limits: Limits) -> Received {
    let mut content = Vec::new();
    let mut length = 0;
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(frame) = frame else {
            // It breaks off. What came is no JSON text, and nobody is likely to wait for the answer.
            return Received { content: Err(Reason::MalformedJson), is_whole: false };
        };
        // Trailers are no part of the body.
        let Ok(data) = frame.into_data() else { continue };
        length += data.len();
        if length <= limits.kept {
            content.extend_from_slice(&data);
        } else if length > limits.drained {
            return Received { content: Err(Reason::BodyTooLarge), is_whole: false };
        }
    }
    let content = if length > limits.kept { Err(Reason::BodyTooLarge) } else { Ok(content) };
    Received { content, is_whole: true }
}
