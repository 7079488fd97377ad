//! From a request to the command that does it.

use super::Request;
use crate::app::App;
use crate::commands::{comments, export, import, key, person, reindex, segment, setup, votes};
use crate::exit::{Exit, Failure};
use crate::output::{Line, Lines};
use serde_json::json;

/// Does a request on the data; the same code whether it came from the command line or through the socket.
pub async fn run(app: &App, request: Request, lines: &Lines) -> Result<(), Failure> {
    match request {
        Request::Import(options) => import::run(app, &options, lines).await,
        Request::Export(options) => export::run(app, &options, lines).await,
        Request::Reindex(options) => reindex::run(app, options, lines).await,
        Request::Comments(options) => comments::run(app, &options, lines).await,
        Request::Votes(options) => votes::run(app, &options, lines).await,
        Request::Key(options) => key::run(app, &options, lines).await,
        Request::Person(options) => person::run(app, &options, lines).await,
        Request::Segment(options) => segment::run(app, &options, lines).await,
        Request::Setup(options) => setup::run(app, &options, lines).await,
        Request::Status => {
            let running = Line::End {
                exit: Exit::Done,
                text: "running".to_owned(),
                json: json!({"status": "running"}),
            };
            Ok(lines.say(running).await?)
        }
    }
}
