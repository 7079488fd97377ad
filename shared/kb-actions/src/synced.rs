//! Articles whose texts are written in another system.

use crate::error::Error;
use crate::kb::Kb;
use kb_domain::Article;
use kb_store::repo::Connections;

/// Errors: the texts of this article are written in another system, to which it is connected.
pub(crate) async fn demand_own(kb: &Kb, article: &Article) -> Result<(), Error> {
    let Some(external) = article.external.as_ref().filter(|e| e.source.contains(':')) else {
        return Ok(());
    };
    let Some(connection) = Connections::by_system(kb.store(), &external.source).await? else {
        return Ok(());
    };
    if !connection.value.holds_texts() {
        return Ok(());
    }
    let detail = format!(
        "its texts are written in {}: change it there, or take the connection back",
        connection.value.name
    );
    Err(kb_domain::Error::Conflict(detail).into())
}
