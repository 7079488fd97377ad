//! What the home of a base knows of itself.

/// What the home of the base knows of itself beside its ports.
pub trait Health: Send + Sync {
    /// Whether what is written can be written. Errors: why not; it is logged, not told.
    fn writes(&self) -> Result<(), String>;

    /// Events that the search index has not reached yet; `None` where somebody else watches that.
    fn events_waiting(&self) -> Option<u64>;
}

/// A home that knows no more than its ports.
impl Health for () {
    fn writes(&self) -> Result<(), String> {
        Ok(())
    }

    fn events_waiting(&self) -> Option<u64> {
        None
    }
}
