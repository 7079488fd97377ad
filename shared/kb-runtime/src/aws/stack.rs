//! What the environment of a function says about its stack. The template sets it; nothing is looked up.

use crate::config::Faults;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use kb_domain::Clock;
use kb_search_opensearch::{Config as Search, Keys, Service, Signing};
use kb_store::s3::Bucket;
use kb_store_dynamodb::{Credentials, Settings};
use std::sync::Arc;

/// A stack: what it is made of, and who asks.
#[derive(Clone, Debug)]
pub struct Stack {
    main: String,
    log: String,
    bucket: String,
    pub(super) kms_key: String,
    pub(crate) opensearch: String,
    pub(crate) domain: Option<String>,
    collection: String,
    service: Option<Service>,
    pub(crate) region: String,
    pub(crate) keys: Keys,
    dynamodb_endpoint: Option<String>,
    s3_endpoint: Option<String>,
    pub(super) kms_endpoint: Option<String>,
    pub(crate) domains_endpoint: Option<String>,
}

impl Stack {
    /// The stack that the environment names; `None` when it names none. Errors: every variable that is missing or wrong.
    pub fn of(environment: &dyn Fn(&str) -> Option<String>) -> Result<Option<Self>, Faults> {
        if environment("SIDENOTE_TABLE_MAIN").is_none() {
            return Ok(None);
        }
        let mut faults = Vec::new();
        let mut required = |name: &str| {
            environment(name).unwrap_or_else(|| {
                faults.push(format!(
                    "{name} is not set: the template of the stack sets it"
                ));
                String::new()
            })
        };
        let (main, log) = (
            required("SIDENOTE_TABLE_MAIN"),
            required("SIDENOTE_TABLE_LOG"),
        );
        let bucket = required("SIDENOTE_BUCKET");
        let kms_key = required("SIDENOTE_KMS_KEY");
        let opensearch = required("SIDENOTE_OPENSEARCH");
        let region = required("AWS_REGION");
        let keys = Keys {
            id: required("AWS_ACCESS_KEY_ID"),
            secret: required("AWS_SECRET_ACCESS_KEY"),
            session: environment("AWS_SESSION_TOKEN"),
        };
        let service = match environment("SIDENOTE_OPENSEARCH_SERVICE").as_deref() {
            None | Some("es") => Some(Service::Domain),
            Some("aoss") => Some(Service::Serverless),
            Some("none") => None,
            Some(other) => {
                faults.push(format!(
                    "SIDENOTE_OPENSEARCH_SERVICE: \"{other}\" is none of es, aoss and none"
                ));
                None
            }
        };
        if !faults.is_empty() {
            return Err(Faults(faults));
        }
        // A domain is named by its host.
        let opensearch = if opensearch.contains("://") {
            opensearch
        } else {
            format!("https://{opensearch}")
        };
        Ok(Some(Self {
            main,
            log,
            bucket,
            kms_key,
            opensearch,
            domain: environment("SIDENOTE_OPENSEARCH_DOMAIN"),
            // Two stacks may share a domain.
            collection: environment("SIDENOTE_OPENSEARCH_COLLECTION")
                .unwrap_or_else(|| "parts".to_owned()),
            service,
            region,
            keys,
            dynamodb_endpoint: environment("AWS_ENDPOINT_URL_DYNAMODB"),
            s3_endpoint: environment("AWS_ENDPOINT_URL_S3"),
            kms_endpoint: environment("AWS_ENDPOINT_URL_KMS"),
            domains_endpoint: environment("AWS_ENDPOINT_URL_OPENSEARCH"),
        }))
    }

    /// Where the tables are, and by which connections they are asked.
    pub(super) fn tables(&self, http: SharedHttpClient) -> Settings {
        Settings {
            main: self.main.clone(),
            log: self.log.clone(),
            region: self.region.clone(),
            endpoint: self.dynamodb_endpoint.clone(),
            credentials: self.credentials(),
            http: Some(http),
        }
    }

    /// Where the blobs are.
    pub fn bucket(&self) -> Bucket {
        Bucket {
            name: self.bucket.clone(),
            region: self.region.clone(),
            endpoint: self.s3_endpoint.clone(),
            key_id: self.keys.id.clone(),
            secret: self.keys.secret.clone(),
            token: self.keys.session.clone(),
        }
    }

    /// Where the search engine is.
    pub fn search(&self, clock: Arc<dyn Clock>) -> Search {
        Search {
            signing: self.service.map(|service| Signing {
                service,
                region: self.region.clone(),
                keys: self.keys.clone(),
                clock,
            }),
            collection: self.collection.clone(),
            ..Search::at(&self.opensearch)
        }
    }

    /// Who asks. A function's keys are not renewed while it runs: its environment ends before they do.
    pub(super) fn credentials(&self) -> Credentials {
        let keys = self.keys.clone();
        Credentials::new(keys.id, keys.secret, keys.session, None, "environment")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(set: &[(&str, &str)]) -> Result<Option<Stack>, Faults> {
        let value = |name: &str| {
            set.iter()
                .find(|(n, _)| *n == name)
                .map(|(_, v)| (*v).to_owned())
        };
        Stack::of(&value)
    }

    #[test]
    fn a_stack_is_named_whole_or_every_missing_name_is_told() {
        assert!(read(&[]).unwrap().is_none());
        let faults = read(&[
            ("SIDENOTE_TABLE_MAIN", "m"),
            ("SIDENOTE_OPENSEARCH_SERVICE", "x"),
        ]);
        let faults = faults.unwrap_err().0;
        assert_eq!(faults.len(), 8, "{faults:#?}");
        let all = [
            ("SIDENOTE_TABLE_MAIN", "m"),
            ("SIDENOTE_TABLE_LOG", "l"),
            ("SIDENOTE_BUCKET", "b"),
            ("SIDENOTE_KMS_KEY", "k"),
            ("SIDENOTE_OPENSEARCH", "search.example.com"),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", "id"),
            ("AWS_SECRET_ACCESS_KEY", "hidden"),
        ];
        let stack = read(&all).unwrap().unwrap();
        assert_eq!(stack.opensearch, "https://search.example.com");
        assert_eq!(stack.service, Some(Service::Domain));
        assert!(!format!("{stack:?}").contains("hidden"));
    }
}
