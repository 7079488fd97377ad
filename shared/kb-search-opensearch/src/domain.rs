//! Where a domain is, for whoever sets up or asks what is wrong; never in a request.

use crate::config::Keys;
use aws_sdk_opensearch::Client;
use aws_sdk_opensearch::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_opensearch::error::{DisplayErrorContext, ProvideErrorMetadata};
use kb_search::Error;

/// A domain as AWS describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// Where requests go, with its scheme; absent while it is being made.
    pub endpoint: Option<String>,
    /// Whether a change of its settings is under way.
    pub processing: bool,
    /// Whether it is being removed.
    pub deleted: bool,
    /// What runs on it, for example `OpenSearch_3.1`.
    pub engine: String,
}

/// A client of the service that makes domains. `endpoint` is another address than that of AWS, as a test has it.
pub fn client(region: &str, keys: &Keys, endpoint: Option<&str>) -> Client {
    let credentials = Credentials::new(
        &keys.id,
        &keys.secret,
        keys.session.clone(),
        None,
        "sidenote",
    );
    let mut config = aws_sdk_opensearch::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .credentials_provider(credentials);
    config.set_endpoint_url(endpoint.map(str::to_owned));
    Client::from_conf(config.build())
}

/// The domain of this name; `None` when there is none. Errors: AWS does not answer, or refuses to say.
pub async fn find(client: &Client, name: &str) -> Result<Option<Domain>, Error> {
    let described = client.describe_domain().domain_name(name).send().await;
    let status = match described {
        Ok(output) => output.domain_status,
        Err(error) if error.code() == Some("ResourceNotFoundException") => return Ok(None),
        Err(error) => {
            let text = DisplayErrorContext(&error).to_string();
            return Err(
                if error.code().is_some() && !error.code().is_some_and(is_passing) {
                    Error::Broken(text)
                } else {
                    Error::Unavailable(text)
                },
            );
        }
    };
    Ok(status.map(|status| {
        // A domain inside a network has its endpoint in a list, under the name of the network.
        let listed = status.endpoints.as_ref().and_then(|all| all.get("vpc"));
        let host = status.endpoint.as_ref().or(listed);
        Domain {
            endpoint: host.map(|host| format!("https://{host}")),
            processing: status.processing.unwrap_or_default(),
            deleted: status.deleted.unwrap_or_default(),
            engine: status.engine_version.unwrap_or_default(),
        }
    }))
}

fn is_passing(code: &str) -> bool {
    [
        "ThrottlingException",
        "InternalException",
        "ServiceUnavailable",
    ]
    .contains(&code)
}
