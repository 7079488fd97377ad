//! Grants: the decision by table and by model, single renewals under faults, and many workers by seeds.

mod decision;
mod renewals;
mod simulation;
mod surroundings;
