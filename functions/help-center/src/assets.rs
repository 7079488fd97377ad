//! Files of pages; their address names their content, so they may be kept for ever.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use kb_actions::Error;
use kb_domain::Resource;
use kb_http::route::page;
use kb_http::{Api, At, PageError};

pub(crate) fn routes() -> Api {
    Api::new().with(
        page("/assets/{hash}/{name}", asset)
            .anybody()
            .doc("A file of a page"),
    )
}

async fn asset(At((_, name)): At<(String, String)>) -> Result<Response, PageError> {
    let asset = kb_pages::asset(&name).ok_or(Error::NotFound(Resource::Page))?;
    let headers = [
        (header::CONTENT_TYPE, asset.content_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, asset.bytes).into_response())
}
