//! The figures of a set: from ranked lists and judgments to means.

use super::{Figures, Group, Latency, Report, Shown};
use crate::weights::FLOOR;
use std::collections::BTreeMap;
use std::time::Duration;

/// Floors that are compared.
const FLOORS: [f32; 7] = [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4];

#[derive(Default)]
pub(super) struct Tally {
    all: Vec<Figures>,
    groups: BTreeMap<(String, String), Vec<Figures>>,
    took: Vec<u64>,
    fits: Vec<f32>,
    fits_not: Vec<f32>,
}

impl Tally {
    pub(super) fn scope(&mut self, share: f32, out_of_scope: bool) {
        if out_of_scope {
            self.fits_not.push(share);
        } else {
            self.fits.push(share);
        }
    }

    pub(super) fn add(
        &mut self,
        ranked: &[(&str, f32)],
        relevant: &BTreeMap<String, u32>,
        from: u32,
        group: (String, String),
        took: Duration,
    ) {
        let grade = |id: &str| {
            relevant
                .get(id)
                .copied()
                .filter(|g| *g >= from)
                .unwrap_or(0)
        };
        let gain = |rank: usize, grade: u32| f64::from(grade) / (rank as f64 + 2.0).log2();
        let dcg: f64 = ranked
            .iter()
            .enumerate()
            .map(|(rank, (id, _))| gain(rank, grade(id)))
            .sum();
        let mut ideal: Vec<u32> = relevant.values().copied().filter(|g| *g >= from).collect();
        ideal.sort_unstable_by(|a, b| b.cmp(a));
        let best: f64 = ideal
            .iter()
            .take(10)
            .enumerate()
            .map(|(rank, g)| gain(rank, *g))
            .sum();
        let first = ranked.iter().position(|(id, _)| grade(id) > 0);
        let found = ranked.iter().filter(|(id, _)| grade(id) > 0).count();
        let figures = Figures {
            queries: 1,
            ndcg10: if best > 0.0 { dcg / best } else { 0.0 },
            mrr10: first.map_or(0.0, |rank| 1.0 / (rank as f64 + 1.0)),
            recall10: found as f64 / ideal.len().max(1) as f64,
            p1: f64::from(u8::from(first == Some(0))),
        };
        self.groups.entry(group).or_default().push(figures.clone());
        self.all.push(figures);
        self.took
            .push(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    }

    pub(super) fn report(mut self, set: String) -> Report {
        self.took.sort_unstable();
        let at = |share: f64| {
            self.took
                .get(
                    ((self.took.len() as f64 * share) as usize)
                        .min(self.took.len().saturating_sub(1)),
                )
                .copied()
                .unwrap_or(0)
        };
        let groups = self.groups.iter().map(|((from, to), list)| Group {
            from: from.clone(),
            to: to.clone(),
            figures: mean(list),
        });
        let groups: Vec<Group> = groups.collect();
        let shown = |floor: f32| Shown {
            // A float of 32 bits would print as 0.11999999731779099.
            floor: (f64::from(floor) * 100.0).round() / 100.0,
            fitting: above(&self.fits, floor).unwrap_or_default(),
            others: above(&self.fits_not, floor),
        };
        Report {
            set,
            figures: mean(&self.all),
            auroc: (!self.fits_not.is_empty() && !self.fits.is_empty())
                .then(|| auroc(&self.fits, &self.fits_not)),
            shown: std::iter::once(FLOOR).chain(FLOORS).map(shown).collect(),
            latency_us: Latency {
                p50: at(0.5),
                p95: at(0.95),
                p99: at(0.99),
            },
            groups: if groups.len() > 1 { groups } else { Vec::new() },
        }
    }
}

fn mean(list: &[Figures]) -> Figures {
    let n = list.len().max(1) as f64;
    let of = |value: fn(&Figures) -> f64| list.iter().map(value).sum::<f64>() / n;
    Figures {
        queries: list.len(),
        ndcg10: of(|f| f.ndcg10),
        mrr10: of(|f| f.mrr10),
        recall10: of(|f| f.recall10),
        p1: of(|f| f.p1),
    }
}

/// The share of these that reach a floor; `None` when there are none.
fn above(shares: &[f32], floor: f32) -> Option<f64> {
    let reached = shares.iter().filter(|s| **s >= floor).count();
    (!shares.is_empty()).then(|| reached as f64 / shares.len() as f64)
}

/// The chance that one that fits scores above one that does not; ties count half.
fn auroc(fits: &[f32], fits_not: &[f32]) -> f64 {
    let mut sorted = fits_not.to_vec();
    sorted.sort_by(f32::total_cmp);
    let wins: f64 = fits
        .iter()
        .map(|s| {
            let below = sorted.partition_point(|n| n < s) as f64;
            let equal = sorted.partition_point(|n| n <= s) as f64 - below;
            below + equal / 2.0
        })
        .sum();
    wins / (fits.len() as f64 * fits_not.len() as f64)
}
