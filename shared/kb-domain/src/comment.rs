//! Comments of readers and staff on articles.

use serde::{Deserialize, Serialize};

/// Whether readers may comment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Comments {
    /// No form, and what was written is not shown.
    #[default]
    Off,
    /// A comment is shown at once.
    On,
    /// A comment is shown once somebody who moderates has approved it.
    ApproveFirst,
}
