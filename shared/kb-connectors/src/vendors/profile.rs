//! What a kind of system is as data: the command line, the console and the check-up are made from it.

use kb_domain::{Error, FieldError};
use std::collections::BTreeMap;
use url::Url;

/// Something that an admin must say before an account can be reached.
#[derive(Debug)]
pub struct Question {
    /// Its name on the command line and in addresses.
    pub key: &'static str,
    /// What is asked.
    pub label: &'static str,
    /// An answer.
    pub example: &'static str,
    /// What every answer must be, checked again whenever an address is made of it.
    pub allows: fn(&str) -> bool,
}

/// How a token request is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenBody {
    /// As RFC 6749 says.
    Form,
    /// As JSON.
    Json,
}

/// How a grant is got. Addresses name answers in braces.
#[derive(Debug)]
pub enum Auth {
    /// By consent and a code (RFC 6749, 4.1), with PKCE.
    Code {
        /// Where consent is asked for.
        authorize: &'static str,
        /// Where codes and refresh tokens are redeemed.
        token: &'static str,
        /// What is deleted to take the grant back.
        revoke: &'static str,
        /// How a token request is written.
        body: TokenBody,
        /// What is asked for, and no more.
        scopes: &'static [&'static str],
        /// Parameters of a token request besides the usual ones.
        extra: &'static [(&'static str, u32)],
        /// Whether a refresh ends the access token before it as well.
        ends_access: bool,
    },
}

/// Calls a minute that are ours until they have said how many theirs are.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    /// Which calls take of it.
    pub bucket: &'static str,
    /// So many.
    pub calls: u32,
}

/// In which headers they say how many calls the account has.
#[derive(Clone, Copy, Debug)]
pub struct LimitHeaders {
    /// A minute.
    pub limit: &'static str,
    /// Of this minute.
    pub remaining: &'static str,
    /// Seconds until there are more.
    pub reset: &'static str,
}

/// A kind of system.
#[derive(Debug)]
pub struct Profile {
    /// Its name on the command line and in addresses.
    pub slug: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// What must be said; the first answer names the account.
    pub questions: &'static [Question],
    /// Where every call begins. It names answers in braces.
    pub base: &'static str,
    /// How a grant is got.
    pub auth: Auth,
    /// How often it may be called; the first is for every call that has none of its own.
    pub allowances: &'static [Allowance],
    /// In which headers it speaks of that.
    pub limits: LimitHeaders,
}

impl Profile {
    /// Checks the answers. Errors: every one that is missing, wrong or not asked for.
    pub fn check(&self, answers: &BTreeMap<String, String>) -> Result<(), Error> {
        let mut faults = Vec::new();
        let mut fault = |key: &str, code: &str, detail: String| {
            faults.push(FieldError {
                pointer: format!("/answers/{key}"),
                code: code.to_owned(),
                detail,
            });
        };
        for question in self.questions {
            let (label, example) = (question.label, question.example);
            match answers.get(question.key) {
                None => fault(
                    question.key,
                    "required",
                    format!("{label}, for example {example}"),
                ),
                Some(answer) if !(question.allows)(answer) => {
                    let detail = format!("this is no {label} such as {example}");
                    fault(question.key, "malformed", detail);
                }
                Some(_) => {}
            }
        }
        for key in answers.keys() {
            if self.questions.iter().all(|q| q.key != key) {
                fault(key, "unknown", "nobody asked for it".to_owned());
            }
        }
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Error::Fields(faults))
        }
    }

    /// One of the addresses of this profile with the answers in it. Errors: an answer is not what it must be.
    pub fn address(
        &self,
        template: &str,
        answers: &BTreeMap<String, String>,
    ) -> Result<Url, Error> {
        self.check(answers)?;
        let mut address = template.to_owned();
        for (key, answer) in answers {
            address = address.replace(&format!("{{{key}}}"), answer);
        }
        Url::parse(&address).map_err(|_| Error::Malformed {
            what: "address",
            detail: format!("\"{address}\" is none"),
        })
    }

    /// The name of the account, such as `zendesk:acme`. Errors: an answer is not what it must be.
    pub fn system(&self, answers: &BTreeMap<String, String>) -> Result<String, Error> {
        self.check(answers)?;
        let first = self.questions.first().and_then(|q| answers.get(q.key));
        let account = first.map_or("", String::as_str);
        Ok(format!("{}:{account}", self.slug))
    }
}

/// Whether it is one label of a host name (RFC 1123), in lower case.
pub(super) fn is_label(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=63).contains(&text.len())
        && text.bytes().all(plain)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use crate::vendors::{Auth, VENDORS, vendor};
    use std::collections::BTreeMap;

    fn answers(subdomain: &str) -> BTreeMap<String, String> {
        BTreeMap::from([("subdomain".to_owned(), subdomain.to_owned())])
    }

    #[test]
    fn an_answer_never_leads_to_another_host() {
        let zendesk = vendor("zendesk").unwrap().profile();
        let base = zendesk.address(zendesk.base, &answers("acme")).unwrap();
        assert_eq!(base.as_str(), "https://acme.zendesk.com/");
        assert_eq!(zendesk.system(&answers("acme")).unwrap(), "zendesk:acme");
        for bad in [
            "",
            "-acme",
            "acme-",
            "acme.evil.example/",
            "evil.example#",
            "evil.example?",
            "a@b",
            "Acme",
            "acme:443",
            "acme\\",
            "127.0.0.1",
            "{subdomain}",
            "ａcme",
            "acme\n",
            &"a".repeat(64),
        ] {
            assert!(
                zendesk.address(zendesk.base, &answers(bad)).is_err(),
                "{bad}"
            );
            assert!(zendesk.system(&answers(bad)).is_err(), "{bad}");
        }
        assert!(zendesk.check(&BTreeMap::new()).is_err());
        let more = [
            answers("acme"),
            BTreeMap::from([("host".to_owned(), "x".to_owned())]),
        ];
        assert!(
            zendesk
                .check(&more.into_iter().flatten().collect())
                .is_err()
        );
    }

    #[test]
    fn every_profile_gives_its_own_example_an_address() {
        for vendor in VENDORS {
            let profile = vendor.profile();
            let example = profile
                .questions
                .iter()
                .map(|q| (q.key.to_owned(), q.example.to_owned()));
            let base = profile.address(profile.base, &example.collect()).unwrap();
            assert_eq!((base.scheme(), base.port()), ("https", None));
        }
    }

    /// What each asks for, as it was reviewed: reads of what comes in, and of the name of whoever consents.
    const REVIEWED: [(&str, &[&str]); 1] = [("zendesk", &["hc:read", "users:read"])];

    #[test]
    fn case_051_what_is_asked_for_is_what_was_reviewed() {
        let asked = VENDORS.map(|vendor| {
            let Auth::Code { scopes, .. } = &vendor.profile().auth;
            (vendor.profile().slug, *scopes)
        });
        assert_eq!(asked, REVIEWED);
    }
}
