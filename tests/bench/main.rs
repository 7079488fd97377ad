//! The smoke size of the measurements: ratios against a reference in the same run, on ten thousand invented articles.
//!
//! `cargo build --release && cargo bench --bench smoke`; behind `--` it takes `--json`, and `lanes` for that section alone. It fails when a result is wrong, and never on
//! time alone: the bars are those of the full size with half as much again.

#![expect(
    clippy::print_stdout,
    reason = "the report is what this program is for"
)]
#![expect(clippy::print_stderr, reason = "so is what went wrong")]

mod bare;
mod corpus;
mod freshness;
mod import;
mod lanes;
mod memory;
mod report;
mod search;
mod server;

use corpus::Corpus;
use report::Line;
use server::Server;
use std::path::Path;
use std::process::ExitCode;

/// What went wrong, in a sentence.
pub(crate) type Fault = Box<dyn std::error::Error>;

const ARTICLES: usize = 10_000;
const QUESTIONS: usize = 1_000;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let outcome = match arguments.iter().position(|a| a == memory::ERRAND) {
        Some(at) => memory::errand(Path::new(arguments.get(at + 1).map_or("", |a| a)))
            .map(|said| println!("{said}"))
            .map(|()| true),
        None => run(
            arguments.iter().any(|a| a == "--json"),
            arguments.iter().any(|a| a == "lanes"),
        ),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::FAILURE
        }
    }
}

/// Every section, or that of the lanes alone; whether all results are right.
fn run(as_json: bool, lanes_alone: bool) -> Result<bool, Fault> {
    let folder = tempfile::tempdir()?;
    let folder = folder.path();
    let data = folder.join("data");
    let mut right = true;
    let mut show = |lines: Vec<Line>| {
        for line in lines {
            right &= !line.is_void();
            if as_json {
                println!("{}", line.json());
            } else {
                println!("{}", line.text());
            }
        }
    };
    if !as_json {
        println!("{}", report::heading());
    }
    show(lanes::measure(folder)?);
    if lanes_alone {
        return Ok(right);
    }
    let program = server::program()?;
    let mut corpus = Corpus::new(ARTICLES);
    let questions = corpus.questions(QUESTIONS);
    show(memory::empty(&program, folder)?);
    show(import::measure(&program, folder, &data, &corpus)?);

    let scopes = "read,suggest,write,publish";
    let made = ["key", "create", "--name", "bench", "--scopes", scopes];
    let key = server::run(&program, &data, &made)?["key"].clone();
    let key = key.as_str().ok_or("no key was made")?;
    let server = Server::start(&program, &data)?;
    let index = import::index(&data);
    show(memory::loaded(&server, key, folder, &index, &questions)?);
    show(search::measure(
        &mut server.connect()?,
        &bare::Bare::open(&index)?,
        &questions,
    )?);
    let copy = folder.join("copy");
    let first = &questions[0];
    show(freshness::measure(&server, key, &index, &copy, first)?);
    show(freshness::killed(server, &program, &data, key, first)?);
    Ok(right)
}
