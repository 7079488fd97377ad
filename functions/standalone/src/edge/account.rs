//! What a request holds while it is answered: a place among those that are worked on, and the bytes of its body.

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What is there for all requests together.
#[derive(Clone)]
pub(super) struct Purse {
    /// Places of requests that are worked on.
    pub places: Arc<Semaphore>,
    /// Bytes of bodies that are held.
    pub bytes: Arc<Semaphore>,
}

/// What one request holds of it.
pub(super) struct Account {
    purse: Purse,
    held: Mutex<Held>,
    is_over: AtomicBool,
    is_whole: AtomicBool,
}

struct Held {
    place: Option<OwnedSemaphorePermit>,
    bytes: Option<OwnedSemaphorePermit>,
}

impl Account {
    /// An account for a request with this body, which holds a place already.
    pub(super) fn open(purse: &Purse, place: OwnedSemaphorePermit, body: &Body) -> Arc<Self> {
        let held = Held {
            place: Some(place),
            bytes: None,
        };
        Arc::new(Self {
            purse: purse.clone(),
            held: Mutex::new(held),
            is_over: AtomicBool::new(false),
            is_whole: AtomicBool::new(body.is_end_stream()),
        })
    }

    /// Whether the body was cut off because all bodies together hold too many bytes.
    pub(super) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::SeqCst)
    }

    /// Whether the body has come.
    pub(super) fn is_whole(&self) -> bool {
        self.is_whole.load(Ordering::SeqCst)
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// While its client is still sending, a request is not worked on: others may have its place.
    fn waits(&self) {
        self.held().place = None;
    }

    /// Takes bytes, and a place where one is free. Answers whether there were enough bytes.
    fn take(&self, bytes: usize) -> bool {
        let mut held = self.held();
        if held.place.is_none() {
            held.place = self.purse.places.clone().try_acquire_owned().ok();
        }
        let n = u32::try_from(bytes).unwrap_or(u32::MAX);
        let Ok(more) = self.purse.bytes.clone().try_acquire_many_owned(n) else {
            self.is_over.store(true, Ordering::SeqCst);
            return false;
        };
        match &mut held.bytes {
            Some(bytes) => bytes.merge(more),
            None => held.bytes = Some(more),
        }
        true
    }
}

/// A body whose bytes are counted as they come.
pub(super) struct Counted {
    pub body: Body,
    pub account: Arc<Account>,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        match &polled {
            Poll::Pending => self.account.waits(),
            Poll::Ready(None) => self.account.is_whole.store(true, Ordering::SeqCst),
            Poll::Ready(Some(Ok(frame))) => {
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                if !self.account.take(bytes) {
                    let full = "too many bodies at once";
                    return Poll::Ready(Some(Err(axum::Error::new(full))));
                }
                if self.body.is_end_stream() {
                    self.account.is_whole.store(true, Ordering::SeqCst);
                }
            }
            Poll::Ready(Some(Err(_))) => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
