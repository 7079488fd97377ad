//! Consent and tokens (RFC 6749 with PKCE, RFC 7636), with the habits of the vendor: JSON bodies, a code that lives two minutes, scopes
//! that are granted whatever they are and open nothing.

use super::answer::{Answer, Content, good, lead, page, refuse, refuse_token};
use super::tokens::{Code, Grant};
use super::{Asked, Client, FakeZendesk, absent};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use url::Url;

const AUTHORIZE: [&str; 7] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
];
const TOKEN: [&str; 9] = [
    "grant_type",
    "client_id",
    "client_secret",
    "redirect_uri",
    "code",
    "code_verifier",
    "refresh_token",
    "expires_in",
    "refresh_token_expires_in",
];
const CODE_SECONDS: i64 = 120;
const DAY: i64 = 86_400;

impl FakeZendesk {
    /// Lets a client ask for consent.
    pub fn register(&self, client: Client) {
        self.state().clients.push(client);
    }

    /// Ends every grant, as an admin there may at any time.
    pub fn revoke_grants(&self) {
        self.state().grants.good.clear();
    }

    /// How many grants are good, and how often one was refreshed.
    pub fn grants(&self) -> (usize, u64) {
        let state = self.state();
        (state.grants.good.len(), state.grants.rotations)
    }

    /// A grant without a consent page, for tests of what comes behind it: its access token.
    pub fn consented(&self, scopes: &[&str]) -> String {
        let scopes = scopes.iter().map(|s| (*s).to_owned()).collect();
        let answer = self.issue("sidenote", scopes, &json!({}));
        match answer.map(|a| a.content) {
            Ok(Content::Json(json)) => json["access_token"].as_str().unwrap_or_default().to_owned(),
            _ => String::new(),
        }
    }

    pub(super) fn consent(&self, asked: &Asked) -> Result<Answer, Answer> {
        match (asked.method.as_str(), asked.path.as_str()) {
            ("GET", "/oauth/authorizations/new") => {
                asked.demand_only(&AUTHORIZE)?;
                self.demand_request(&asked.query)?;
                Ok(page(200, consent_page(&asked.query)))
            }
            ("POST", "/oauth/authorizations") => self.decide(asked),
            ("POST", "/oauth/tokens") => self.token(asked),
            _ => Err(absent()),
        }
    }

    /// Errors: a page, since nobody is sent to an address that is not known to be theirs.
    fn demand_request(&self, query: &[(String, String)]) -> Result<(), Answer> {
        let wrong = |what: &str| {
            Err(page(
                400,
                format!("<h1>Invalid authorization request</h1><p>{what}</p>"),
            ))
        };
        let is = |name: &str| value(query, name);
        let state = self.state();
        let client = state.clients.iter().find(|c| c.id == is("client_id"));
        let Some(client) = client else {
            return wrong("No such client");
        };
        if !client.redirects.iter().any(|r| r == is("redirect_uri")) {
            return wrong("The redirect URL is not one of this client");
        }
        if is("response_type") != "code" {
            return wrong("The response type must be code");
        }
        if is("code_challenge_method") != "S256" || is("code_challenge").len() != 43 {
            return wrong("A public client must use PKCE with S256");
        }
        if is("scope").is_empty() {
            return wrong("No scope");
        }
        Ok(())
    }

    /// The button of the consent page.
    fn decide(&self, asked: &Asked) -> Result<Answer, Answer> {
        if asked.media_type != "application/x-www-form-urlencoded" {
            return Err(refuse(415, "UnsupportedMediaType", "a form is expected"));
        }
        let form: Vec<(String, String)> = url::form_urlencoded::parse(&asked.body)
            .into_owned()
            .collect();
        self.demand_request(&form)?;
        let back = Url::parse(value(&form, "redirect_uri"));
        let mut back = back.map_err(|_| page(400, "<h1>No address</h1>".to_owned()))?;
        if value(&form, "decision") == "allow" {
            let code = self.secret();
            let waits = Code {
                client: value(&form, "client_id").to_owned(),
                redirect: value(&form, "redirect_uri").to_owned(),
                scopes: value(&form, "scope")
                    .split(' ')
                    .map(str::to_owned)
                    .collect(),
                challenge: value(&form, "code_challenge").to_owned(),
                until: self.now().plus_seconds(CODE_SECONDS),
                grant: None,
            };
            back.query_pairs_mut().append_pair("code", &code);
            self.state().grants.codes.insert(code, waits);
        } else {
            back.query_pairs_mut().append_pair("error", "access_denied");
        }
        back.query_pairs_mut()
            .append_pair("state", value(&form, "state"));
        Ok(lead(back.into()))
    }

    fn token(&self, asked: &Asked) -> Result<Answer, Answer> {
        let invalid = |what: &str| refuse_token(400, "invalid_request", what);
        if asked.media_type != "application/json" {
            return Err(refuse(415, "UnsupportedMediaType", "the body must be JSON"));
        }
        let body: Value = serde_json::from_slice(&asked.body).map_err(|_| invalid("no JSON"))?;
        let fields = body.as_object().ok_or_else(|| invalid("no object"))?;
        if let Some(unknown) = fields.keys().find(|k| !TOKEN.contains(&k.as_str())) {
            return Err(invalid(&format!("{unknown} is not a parameter")));
        }
        let client = body["client_id"].as_str().unwrap_or_default();
        if self.state().clients.iter().all(|c| c.id != client) {
            return Err(refuse_token(
                401,
                "invalid_client",
                "Client authentication failed",
            ));
        }
        match body["grant_type"].as_str() {
            Some("authorization_code") => self.redeem(client, &body),
            Some("refresh_token") => self.refresh(client, &body),
            _ => Err(refuse_token(
                400,
                "unsupported_grant_type",
                "unsupported grant type",
            )),
        }
    }

    fn redeem(&self, client: &str, body: &Value) -> Result<Answer, Answer> {
        let is = |name: &str| body[name].as_str().unwrap_or_default();
        let over = || {
            refuse_token(
                400,
                "invalid_grant",
                "The provided authorization grant is invalid, expired or revoked",
            )
        };
        let mut state = self.state();
        let code = state
            .grants
            .codes
            .get(is("code"))
            .cloned()
            .ok_or_else(over)?;
        if let Some(grant) = code.grant {
            // A code that comes twice was stolen: whatever it opened is closed.
            state.grants.end(grant);
            return Err(over());
        }
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(is("code_verifier").as_bytes()));
        let fits = code.client == client && code.redirect == is("redirect_uri");
        if !fits || challenge != code.challenge || self.now() >= code.until {
            return Err(over());
        }
        drop(state);
        let answer = self.issue(client, code.scopes, body)?;
        let mut state = self.state();
        let grant = state.grants.good.keys().next_back().copied();
        if let Some(code) = state.grants.codes.get_mut(is("code")) {
            code.grant = grant;
        }
        Ok(answer)
    }

    fn refresh(&self, client: &str, body: &Value) -> Result<Answer, Answer> {
        let token = body["refresh_token"].as_str().unwrap_or_default();
        let over = || {
            refuse_token(
                400,
                "invalid_grant",
                "The provided refresh token is invalid, expired or revoked",
            )
        };
        let mut state = self.state();
        let id = *state.grants.refreshed.get(token).ok_or_else(over)?;
        let Some(grant) = state.grants.good.get(&id).cloned() else {
            return Err(over());
        };
        let is_newest = grant.refresh.as_deref() == Some(token);
        if !is_newest || grant.client != client || self.now() >= grant.refresh_until {
            state.grants.end(id);
            return Err(over());
        }
        state.grants.end(id);
        state.grants.rotations += 1;
        drop(state);
        self.issue(client, grant.scopes, body)
    }

    /// A new grant with a new pair of tokens.
    fn issue(
        &self,
        client: &str,
        scopes: BTreeSet<String>,
        body: &Value,
    ) -> Result<Answer, Answer> {
        let within = |name: &str, usual: i64, range: std::ops::Range<i64>| {
            let asked = body[name].as_i64().unwrap_or(usual);
            let wrong = || refuse_token(400, "invalid_request", &format!("{name} is out of range"));
            if range.contains(&asked) {
                Ok(asked)
            } else {
                Err(wrong())
            }
        };
        let life = within("expires_in", 1_800, 301..172_800)?;
        let refresh_life = within("refresh_token_expires_in", 30 * DAY, 7 * DAY + 1..90 * DAY)?;
        let (access, refresh, now) = (self.secret(), self.secret(), self.now());
        let mut state = self.state();
        let id = state.number();
        state.grants.refreshed.insert(refresh.clone(), id);
        let scope = scopes.iter().cloned().collect::<Vec<_>>().join(" ");
        let grant = Grant {
            client: client.to_owned(),
            scopes,
            access: Some(access.clone()),
            refresh: Some(refresh.clone()),
            access_until: now.plus_seconds(life),
            refresh_until: now.plus_seconds(refresh_life),
        };
        state.grants.good.insert(id, grant);
        Ok(good(json!({
            "access_token": access,
            "refresh_token": refresh,
            "token_type": "bearer",
            "scope": scope,
            "expires_in": life,
            "refresh_token_expires_in": refresh_life,
        })))
    }

    /// The grant of a request.
    pub(super) fn grant(&self, asked: &Asked) -> Result<Grant, Answer> {
        let words = "The access token provided is expired, revoked, malformed or invalid for other reasons.";
        let refused = || refuse_token(401, "invalid_token", words);
        let token = asked.bearer.as_deref().ok_or_else(refused)?;
        let state = self.state();
        let grant = state.grants.of_access(token, self.now());
        grant.map(|(_, grant)| grant.clone()).ok_or_else(refused)
    }

    /// Errors: the grant does not let one read such things.
    pub(super) fn demand_scope(grant: &Grant, resource: &str) -> Result<(), Answer> {
        let opens = ["read".to_owned(), format!("{resource}:read")];
        if opens.iter().any(|scope| grant.scopes.contains(scope)) {
            return Ok(());
        }
        let words = "You do not have access to this page. Please contact the account owner of this help desk for further help.";
        Err(refuse_token(403, "Forbidden", words))
    }

    /// What is there of the account itself.
    pub(super) fn account(
        &self,
        asked: &Asked,
        path: &str,
        grant: &Grant,
    ) -> Result<Answer, Answer> {
        asked.demand_only(&[])?;
        match (asked.method.as_str(), path) {
            ("GET", "users/me") => {
                Self::demand_scope(grant, "users")?;
                Ok(good(json!({"user": {
                    "id": 360_000_000_000_u64,
                    "url": self.address("/api/v2/users/360000000000.json"),
                    "name": "Mia Chen",
                    "email": "mia@example.com",
                    "role": "admin",
                    "active": true,
                    "verified": true,
                    "created_at": "2024-01-08T09:00:00Z",
                    "updated_at": "2026-01-08T09:00:00Z",
                }})))
            }
            ("GET", "oauth/tokens/current") => {
                let (id, token) = self.own(asked)?;
                Ok(good(json!({"token": {
                    "id": id,
                    "url": self.address(&format!("/api/v2/oauth/tokens/{id}.json")),
                    "user_id": 360_000_000_000_u64,
                    "client_id": 360_000_000_001_u64,
                    // A token is never shown whole again.
                    "token": token.chars().take(10).collect::<String>(),
                    "scopes": grant.scopes,
                }})))
            }
            ("DELETE", path) if path.starts_with("oauth/tokens/") => {
                let (id, _) = self.own(asked)?;
                // Those of others are an admin's to end, by another scope.
                if path != format!("oauth/tokens/{id}") {
                    return Err(absent());
                }
                self.state().grants.end(id);
                Ok(Answer {
                    status: 204,
                    headers: Vec::new(),
                    content: Content::Nothing,
                })
            }
            _ => Err(absent()),
        }
    }

    /// The grant of a request by its number, with the token that came.
    fn own(&self, asked: &Asked) -> Result<(u64, String), Answer> {
        let token = asked.bearer.clone().unwrap_or_default();
        let state = self.state();
        let found = state.grants.of_access(&token, self.now());
        let id = found.map(|(id, _)| id).ok_or_else(absent)?;
        Ok((id, token))
    }

    fn secret(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.ids.secret())
    }
}

fn value<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    let found = fields.iter().find(|(n, _)| n == name);
    found.map_or("", |(_, value)| value.as_str())
}

/// The page on which somebody consents. Its addresses are relative, so that it may lie below any path.
fn consent_page(query: &[(String, String)]) -> String {
    let escaped = |text: &str| {
        text.replace('&', "&amp;")
            .replace('"', "&quot;")
            .replace('<', "&lt;")
    };
    let hidden: String = query
        .iter()
        .map(|(name, value)| {
            let (name, value) = (escaped(name), escaped(value));
            format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">\n")
        })
        .collect();
    let client = escaped(value(query, "client_id"));
    let scopes: String = value(query, "scope")
        .split(' ')
        .map(|scope| format!("<li>{}</li>\n", escaped(scope)))
        .collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Authorize {client}</title></head>\n\
         <body>\n<main>\n<h1>Authorize {client}?</h1>\n<p>It asks for:</p>\n<ul>\n{scopes}</ul>\n\
         <form method=\"post\" action=\"../authorizations\">\n{hidden}\
         <button name=\"decision\" value=\"allow\">Allow</button>\n\
         <button name=\"decision\" value=\"deny\">Deny</button>\n</form>\n</main>\n</body>\n</html>\n"
    )
}
