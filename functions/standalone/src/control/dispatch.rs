//! From a request to the command that does it.

use super::Request;
use crate::app::App;
use crate::commands::{
    comments, connections, doctor, export, import, key, person, portals, reindex, segment, setup,
    votes,
};
use crate::exit::Failure;
use crate::output::Lines;

/// Does a request on the data; the same code whether it came from the command line or through the socket.
pub async fn run(app: &App, request: Request, lines: &Lines) -> Result<(), Failure> {
    match request {
        Request::Import(options) => import::run(app, &options, lines).await,
        Request::Export(options) => export::run(app, &options, lines).await,
        Request::Reindex(options) => reindex::run(app, options, lines).await,
        Request::Comments(options) => comments::run(app, &options, lines).await,
        Request::Votes(options) => votes::run(app, &options, lines).await,
        Request::Portals(options) => portals::run(app, &options, lines).await,
        Request::Key(options) => key::run(app, &options, lines).await,
        Request::Person(options) => person::run(app, &options, lines).await,
        Request::Segment(options) => segment::run(app, &options, lines).await,
        Request::Connect(options) => connections::connect(app, &options, lines).await,
        Request::Connections => connections::list(app, lines).await,
        Request::Connection(options) => connections::one(app, &options, lines).await,
        Request::Setup(options) => setup::run(app, &options, lines).await,
        Request::Doctor => doctor::running(app, lines).await,
    }
}
