//! Cases of what must not happen, numbered as in the project's list; each test names its case.

mod clock_back;
pub mod drifts;
mod imports;
mod input;
mod limits;
mod mixed_ids;
mod oracles;
mod races;
mod widening;
