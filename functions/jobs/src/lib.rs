#![doc = include_str!("../README.md")]

use kb_actions::{IndexAccess, Needs, TableAccess};
use kb_runtime::feature::Feature;

/// What this function needs.
pub const NEEDS: Needs = Needs {
    main: TableAccess::Write,
    rows: &[],
    log: TableAccess::Read,
    counts: true,
    index: IndexAccess::Write,
    blobs: &["body/", "sync/"],
    keys: true,
    people: false,
    stream: true,
};

/// Every function, this one as well: the one list of them.
pub const FEATURES: [Feature; 10] = [
    fn_search::FEATURE,
    fn_suggestions::FEATURE,
    fn_articles::FEATURE,
    fn_settings::FEATURE,
    fn_sign_in::FEATURE,
    fn_connections::FEATURE,
    fn_crm_sync::FEATURE,
    fn_help_center::FEATURE,
    fn_indexer::FEATURE,
    Feature::new("jobs", NEEDS),
];
