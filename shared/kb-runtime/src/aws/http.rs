//! The connections of the clients of the SDK. Each set reads the certificates of the system, which is the most expensive thing at a
//! cold start: all clients share one.

use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

/// Passes the making of connections on, but not the rehearsal of it when a client is built, which reads the certificates once more.
#[derive(Debug)]
struct Unrehearsed(SharedHttpClient);

impl HttpClient for Unrehearsed {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        self.0.http_connector(settings, components)
    }
}

/// Connections that are made when the first request needs one.
pub(super) fn connections() -> SharedHttpClient {
    let tls = Provider::Rustls(CryptoMode::AwsLc);
    let client = Builder::new().tls_provider(tls).build_https();
    SharedHttpClient::new(Unrehearsed(client))
}
