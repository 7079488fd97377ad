//! A search over HTTP against the same query in process, one after the other.

use crate::Fault;
use crate::bare::{Bare, Clause, clauses};
use crate::report::{Line, Times, median};
use crate::server::{self, Client};
use kb_runtime::system::monotonic;
use std::hint::black_box;

const ROUNDS: usize = 3;
const WARM_UPS: usize = 100;

struct Round {
    ours: Times,
    hello: Times,
    bare: Times,
}

impl Round {
    /// What the search costs on top of an empty request, over the query alone.
    fn ratio(&self, percent: f64) -> f64 {
        (self.ours.percentile(percent) - self.hello.percentile(percent))
            / self.bare.percentile(percent)
    }
}

/// `questions` are asked in each round; their first ten articles must be as good as those of the reference.
pub(crate) fn measure(
    client: &mut Client,
    bare: &Bare,
    questions: &[String],
) -> Result<Vec<Line>, Fault> {
    let asked: Vec<(String, Vec<Clause>)> = questions
        .iter()
        .map(|q| (server::search(q, 10), clauses(q)))
        .collect();
    let (mut differ, mut first) = (0, None);
    for (question, (path, query)) in questions.iter().zip(&asked) {
        let ours = server::found(&client.get(path)?)?;
        if let Some(why) = bare.objection(query, &ours)? {
            differ += 1;
            first.get_or_insert_with(|| format!("\"{question}\": {why}"));
        }
    }
    let void = first.map(|f| format!("{differ} of {} answers differ, {f}", asked.len()));

    round(client, bare, &asked[..WARM_UPS.min(asked.len())])?;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push(round(client, bare, &asked)?);
    }
    let mut lines = Vec::new();
    for (percent, bar) in [(50.0, Some(1.5 * 1.5)), (95.0, None), (99.0, None)] {
        let figure = |of: &dyn Fn(&Round) -> f64| median(rounds.iter().map(of).collect());
        let name = format!("search over HTTP, p{percent} (ours - hello)");
        let line = Line::less(
            name,
            "us",
            figure(&|r| r.ours.percentile(percent) - r.hello.percentile(percent)),
            figure(&|r| r.bare.percentile(percent)),
        );
        let line = line.ratio(figure(&|r| r.ratio(percent)));
        lines.push(match bar {
            Some(bar) => line.bar(bar).void(void.clone()),
            None => line,
        });
    }
    for (n, round) in rounds.iter().enumerate() {
        let name = format!("  round {}, p50 (ours - hello)", n + 1);
        let ours = round.ours.percentile(50.0) - round.hello.percentile(50.0);
        lines.push(Line::less(name, "us", ours, round.bare.percentile(50.0)));
    }
    Ok(lines)
}

fn round(
    client: &mut Client,
    bare: &Bare,
    asked: &[(String, Vec<Clause>)],
) -> Result<Round, Fault> {
    let clock = monotonic();
    let mut round = Round {
        ours: Times::default(),
        hello: Times::default(),
        bare: Times::default(),
    };
    for (path, query) in asked {
        let start = clock();
        black_box(client.get("/health")?);
        let hello = clock();
        black_box(client.get(path)?);
        let ours = clock();
        black_box(bare.titles(query)?);
        let end = clock();
        round.hello.add(hello.saturating_sub(start));
        round.ours.add(ours.saturating_sub(hello));
        round.bare.add(end.saturating_sub(ours));
    }
    Ok(round)
}
