#![doc = include_str!("../README.md")]

use kb_actions::{IndexAccess, Needs, TableAccess};
use kb_runtime::feature::Feature;

/// What this function needs.
pub const NEEDS: Needs = Needs {
    main: TableAccess::Write,
    rows: &[],
    log: TableAccess::Nothing,
    counts: false,
    index: IndexAccess::Write,
    blobs: &[],
    keys: false,
    people: false,
    stream: true,
};

/// Every function, this one as well: the one list of them.
pub const FEATURES: [Feature; 8] = [
    fn_search::FEATURE,
    fn_suggestions::FEATURE,
    fn_articles::FEATURE,
    fn_settings::FEATURE,
    fn_sign_in::FEATURE,
    fn_help_center::FEATURE,
    fn_indexer::FEATURE,
    Feature::new("jobs", NEEDS),
];
