//! OAuth 2.0 at a partner: the code flow with PKCE, renewal and revocation. The crate `oauth2` makes the requests and reads the
//! answers; they go out by the port of outgoing requests.

mod answer;
mod callback;
mod fault;
mod http_client;
mod revocation;

pub use callback::Callback;
pub(crate) use callback::STATE;
pub use revocation::Revocation;

pub(crate) use answer::Tokens;
pub(crate) use fault::TokenFault;

use answer::TokenAnswer;
use http_client::TokenClient;
use kb_fetch::{Fetch, Limits};
use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken,
    EndpointNotSet, EndpointSet, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken,
    Scope, StandardRevocableToken, TokenUrl,
};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// What one call may take.
pub(crate) const LIMITS: Limits = Limits {
    total: Duration::from_secs(10),
    bytes: 100_000,
};

/// How we say who we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuth {
    /// We have no secret; PKCE alone protects the code.
    Public,
    /// By the secret of the connection, in a header.
    Header,
    /// By the secret of the connection, in the body.
    Body,
}

/// Us as a partner knows us: what its kind says of its addresses and habits, and what the connection says.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The partner's kind, which is part of the callback's path: an answer of another one is not taken.
    pub vendor: String,
    /// Where a person consents.
    pub authorize_url: String,
    /// Where tokens are made.
    pub token_url: String,
    /// How tokens are taken back.
    pub revocation: Revocation,
    /// Our id there.
    pub client_id: String,
    /// How we say who we are.
    pub auth: ClientAuth,
    /// Where the partner sends the browser back, exactly.
    pub redirect: String,
    /// What is asked for.
    pub scopes: BTreeSet<String>,
    /// Who the partner says it is in a callback (RFC 9207); `None` where it says nothing.
    pub issuer: Option<String>,
    /// Whether the token endpoint takes JSON in place of a form.
    pub json_body: bool,
    /// What its token endpoint wants to be told besides, such as how long tokens are good.
    pub token_parameters: Vec<(String, String)>,
}

type Asking = Client<
    BasicErrorResponse,
    TokenAnswer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// A call for tokens. It is boxed, since no compiler can tell of one that borrows its client that it may go from thread to thread.
type Asked<'a> = Pin<Box<dyn Future<Output = Result<Tokens, TokenFault>> + Send + 'a>>;

impl Registration {
    /// The address that asks a person for their consent. Errors: an address of the partner is malformed.
    pub(crate) fn authorize(
        &self,
        state: &SecretString,
        verifier: &SecretString,
    ) -> Result<String, TokenFault> {
        let verifier = PkceCodeVerifier::new(verifier.expose_secret().to_owned());
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        let state = CsrfToken::new(state.expose_secret().to_owned());
        let asking = self.asking(None, &self.redirect)?;
        let request = asking
            .authorize_url(|| state)
            .add_scopes(self.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(challenge);
        let (url, _) = request.url();
        Ok(url.to_string())
    }

    /// Tokens for a code.
    pub(crate) fn exchange<'a>(
        &'a self,
        fetch: &'a Arc<dyn Fetch>,
        secret: Option<&'a SecretString>,
        code: &'a SecretString,
        verifier: &'a SecretString,
        redirect: &'a str,
    ) -> Asked<'a> {
        Box::pin(async move {
            let asking = self.asking(secret, redirect)?;
            let mut request = asking
                .exchange_code(AuthorizationCode::new(code.expose_secret().to_owned()))
                .set_pkce_verifier(PkceCodeVerifier::new(verifier.expose_secret().to_owned()));
            for (name, value) in &self.token_parameters {
                request = request.add_extra_param(name, value);
            }
            let client = TokenClient::new(fetch, self.json_body);
            Ok(request.request_async(&client).await?.into())
        })
    }

    /// The next tokens for a refresh token.
    pub(crate) fn refresh<'a>(
        &'a self,
        fetch: &'a Arc<dyn Fetch>,
        secret: Option<&'a SecretString>,
        token: &'a SecretString,
    ) -> Asked<'a> {
        Box::pin(async move {
            let asking = self.asking(secret, &self.redirect)?;
            let token = RefreshToken::new(token.expose_secret().to_owned());
            let mut request = asking.exchange_refresh_token(&token);
            for (name, value) in &self.token_parameters {
                request = request.add_extra_param(name, value);
            }
            let client = TokenClient::new(fetch, self.json_body);
            Ok(request.request_async(&client).await?.into())
        })
    }

    fn asking(&self, secret: Option<&SecretString>, redirect: &str) -> Result<Asking, TokenFault> {
        let malformed =
            |_| TokenFault::NotSent("an address of the partner is malformed".to_owned());
        let auth = match self.auth {
            ClientAuth::Header => AuthType::BasicAuth,
            ClientAuth::Public | ClientAuth::Body => AuthType::RequestBody,
        };
        let mut asking = Client::new(ClientId::new(self.client_id.clone()))
            .set_auth_type(auth)
            .set_auth_uri(AuthUrl::new(self.authorize_url.clone()).map_err(malformed)?)
            .set_token_uri(TokenUrl::new(self.token_url.clone()).map_err(malformed)?)
            .set_redirect_uri(RedirectUrl::new(redirect.to_owned()).map_err(malformed)?);
        if let Some(secret) = secret {
            asking = asking.set_client_secret(ClientSecret::new(secret.expose_secret().to_owned()));
        }
        Ok(asking)
    }
}
