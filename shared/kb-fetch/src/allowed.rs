//! Addresses inside that may be asked all the same.

use std::collections::BTreeSet;
use std::fmt;
use url::Url;

/// Exact pairs of host and port that may be asked wherever they lie, by http and by https.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed(BTreeSet<String>);

impl Allowed {
    /// Reads pairs such as `rt.company.example:8443`, `127.0.0.1:9000` or `[::1]:9000`, separated by spaces or commas. Errors: a
    /// sentence for each that is none.
    pub fn parse(text: &str) -> Result<Self, Vec<String>> {
        let (mut pairs, mut wrong) = (BTreeSet::new(), Vec::new());
        let words = text.split(|c: char| c.is_whitespace() || c == ',');
        for word in words.filter(|w| !w.is_empty()) {
            match pair(word) {
                Some(pair) => drop(pairs.insert(pair)),
                None => wrong.push(format!(
                    "\"{word}\" is not a host with its port, such as rt.company.example:8443 or 127.0.0.1:9000; there are no patterns"
                )),
            }
        }
        if wrong.is_empty() {
            Ok(Self(pairs))
        } else {
            Err(wrong)
        }
    }

    /// Whether this pair is in the list.
    pub(crate) fn holds(&self, host: &str, port: u16) -> bool {
        // Almost nobody has a list.
        !self.0.is_empty()
            && self
                .0
                .contains(&format!("{}:{port}", host.to_ascii_lowercase()))
    }
}

/// As the setting has it.
impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs: Vec<&str> = self.0.iter().map(String::as_str).collect();
        f.write_str(&pairs.join(" "))
    }
}

/// The pair in the spelling that requests have it in. One that is spelled otherwise, as 127.1 for 127.0.0.1, would allow nothing.
fn pair(word: &str) -> Option<String> {
    let word = word.to_ascii_lowercase();
    let (host, port) = word.rsplit_once(':')?;
    let is_host = |c: char| c.is_ascii_alphanumeric() || ".-_:[]".contains(c);
    if port.parse::<u16>().ok()?.to_string() != port || !host.chars().all(is_host) {
        return None;
    }
    let url = Url::parse(&format!("http://{host}/")).ok()?;
    (url.host_str() == Some(host) && url.port().is_none()).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_are_exact_pairs() {
        let allowed =
            Allowed::parse("RT.company.example:8443, 127.0.0.1:9000\n[::1]:9000").unwrap();
        for (host, port) in [
            ("rt.company.example", 8443),
            ("RT.Company.Example", 8443),
            ("127.0.0.1", 9000),
            ("[::1]", 9000),
        ] {
            assert!(allowed.holds(host, port), "{host}");
            assert!(!allowed.holds(host, 443), "{host}");
        }
        for host in [
            "company.example",
            "x.rt.company.example",
            "127.0.0.2",
            "::1",
        ] {
            assert!(!allowed.holds(host, 8443) && !allowed.holds(host, 9000));
        }
        let told = allowed.to_string();
        assert_eq!(told, "127.0.0.1:9000 [::1]:9000 rt.company.example:8443");
        assert_eq!(Allowed::parse(&told).unwrap(), allowed);
        assert_eq!(Allowed::parse(" "), Ok(Allowed::default()));
    }

    #[test]
    fn what_is_no_pair_is_named() {
        for wrong in [
            "rt.company.example",
            "https://rt.company.example:8443",
            "*.company.example:443",
            "rt.company.example:*",
            "rt.company.example:0443",
            "rt.company.example:70000",
            "a@rt.company.example:443",
            "rt.company.example:443/path",
            "127.1:9000",
            "0x7f.0.0.1:9000",
            "[0:0:0:0:0:0:0:1]:9000",
            "::1:9000",
            ":9000",
        ] {
            let faults = Allowed::parse(&format!("ok.example:1 {wrong}")).unwrap_err();
            assert_eq!(faults.len(), 1, "{wrong}");
            assert!(faults[0].contains(wrong), "{faults:?}");
        }
    }
}
