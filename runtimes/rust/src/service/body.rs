//! Receiving a request's body: rule `body-too-large`.
//!
//! A body is read to its end before anything is answered, so that the next request of the connection is found behind
//! it; what is beyond [`MAX_BODY`] is dropped as it comes. Beyond [`MAX_DRAINED`] the service stops reading, and gives
//! up the connection instead, as the contract allows: otherwise a body without end would hold it for good.

use std::future::poll_fn;
use std::pin::Pin;

use axum::body::{Body, HttpBody};

use crate::validate::Reason;

/// So many bytes a body has at most.
const MAX_BODY: usize = 1 << 20;

/// So many bytes are read of a body that is too large.
const MAX_DRAINED: usize = 4 << 20;

/// A body, as far as it was read.
pub(super) struct Received {
    /// The body, or why it is none that could be looked at.
    pub(super) content: Result<Vec<u8>, Reason>,
    /// Whether it was read to its end.
    pub(super) is_whole: bool,
}

/// Reads `body` to its end, if it has one within [`MAX_DRAINED`] bytes.
pub(super) async fn receive(mut body: Body) -> Received {
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
        if length <= MAX_BODY {
            content.extend_from_slice(&data);
        } else if length > MAX_DRAINED {
            return Received { content: Err(Reason::BodyTooLarge), is_whole: false };
        }
    }
    let content = if length > MAX_BODY { Err(Reason::BodyTooLarge) } else { Ok(content) };
    Received { content, is_whole: true }
}
