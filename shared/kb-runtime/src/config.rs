//! What can be set, from where, and what it is set to: flags, then `SIDENOTE_*`, then `sidenote.toml` in the data folder,
//! then the default.

use crate::system::environment;
use kb_fetch::Allowed;
use kb_http::{Limits, PublicUrl, TrustedProxies};
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// One thing that can be set.
#[derive(Debug)]
pub struct Setting {
    /// Its key in `sidenote.toml`; the flag is `--key`, the variable `SIDENOTE_KEY`.
    pub key: &'static str,
    /// What it is when nobody sets it.
    pub default: &'static str,
    /// What it does, in one line.
    pub help: &'static str,
}

/// Everything that can be set, apart from the data folder, which says where the file with the rest is.
pub const SETTINGS: [Setting; 8] = [
    Setting {
        key: "listen",
        default: "127.0.0.1:8600",
        help: "address and port to answer at",
    },
    Setting {
        key: "public-url",
        default: "",
        help: "address that readers know the server by, such as https://help.example; links begin with it, and requests under other names are refused",
    },
    Setting {
        key: "log",
        default: "info",
        help: "what to log: error, warn, info, debug, or a filter such as kb_search=debug",
    },
    Setting {
        key: "frame-ancestors",
        default: "'self'",
        help: "origins, separated by spaces, that may show the agent sidebar in a frame",
    },
    Setting {
        key: "secure-cookies",
        default: "false",
        help: "true when readers reach this server by https",
    },
    Setting {
        key: "trusted-proxies",
        default: "",
        help: "addresses and networks of the proxies in front, separated by spaces; only they are believed when they say for whom they ask",
    },
    Setting {
        key: "rate-limits",
        default: Limits::DEFAULT,
        help: "how often somebody may do something: what is named here takes the place of a default, or off",
    },
    Setting {
        key: "fetch-allow",
        default: "",
        help: "servers in your own network that may be asked beside those of the internet, each as host:port, separated by spaces",
    },
];

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The command line.
    Flag,
    /// A `SIDENOTE_*` variable.
    Environment,
    /// `sidenote.toml`.
    File,
    /// Nobody set it.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Flag => "flag",
            Self::Environment => "environment",
            Self::File => "sidenote.toml",
            Self::Default => "default",
        })
    }
}

/// The configuration of one run.
#[derive(Clone, Debug)]
pub struct Config {
    /// The data folder.
    pub data: PathBuf,
    /// Address and port to answer at.
    pub listen: SocketAddr,
    /// The address that readers know the server by, if somebody set it.
    pub public_url: Option<PublicUrl>,
    /// The log filter.
    pub log: String,
    /// Origins that may frame the sidebar, as a CSP source list.
    pub frame_ancestors: Vec<String>,
    /// Whether cookies are for https only.
    pub secure_cookies: bool,
    /// Proxies that are believed when they say for whom they ask.
    pub trusted_proxies: TrustedProxies,
    /// How often somebody may do something.
    pub limits: Limits,
    /// Servers inside that may be asked beside those outside.
    pub fetch_allow: Allowed,
    /// Each key with its value and where it comes from, for `doctor`.
    pub sources: Vec<(&'static str, String, Source)>,
}

/// Everything that is wrong with the configuration, a sentence each.
#[derive(Debug, PartialEq, Eq)]
pub struct Faults(pub Vec<String>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Faults {}

/// What the layers above the defaults say. `environment` answers a variable's value by its name.
pub struct Layers<'a> {
    /// Key to value, as the command line gave them.
    pub flags: BTreeMap<&'static str, String>,
    /// The environment.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// The text of `sidenote.toml`, if there is one.
    pub file: Option<String>,
}

impl Config {
    /// The same with another default for the log.
    #[must_use]
    pub fn with_default_log(mut self, log: &str) -> Self {
        for (key, value, source) in &mut self.sources {
            if *key == "log" && *source == Source::Default {
                log.clone_into(value);
                log.clone_into(&mut self.log);
            }
        }
        self
    }

    /// Reads the environment and the data folder's `sidenote.toml`, below `flags`. Errors: as [`Config::resolve`].
    pub fn load(data: &Path, flags: BTreeMap<&'static str, String>) -> Result<Self, Faults> {
        let layers = Layers {
            flags,
            environment: &environment,
            file: std::fs::read_to_string(data.join("sidenote.toml")).ok(),
        };
        Self::resolve(data, &layers)
    }

    /// Puts the layers together. Errors: every unknown key and every value of the wrong form, all at once.
    pub fn resolve(data: &Path, layers: &Layers<'_>) -> Result<Self, Faults> {
        let mut faults = Vec::new();
        let file = parse_file(layers.file.as_deref(), &mut faults);
        let mut sources = Vec::new();
        for setting in &SETTINGS {
            let variable = variable_of(setting.key);
            let (value, source) = layers
                .flags
                .get(setting.key)
                .map(|v| (v.clone(), Source::Flag))
                .or_else(|| (layers.environment)(&variable).map(|v| (v, Source::Environment)))
                .or_else(|| file.get(setting.key).map(|v| (v.clone(), Source::File)))
                .unwrap_or_else(|| (setting.default.to_owned(), Source::Default));
            sources.push((setting.key, value, source));
        }
        let value = |key: &str| {
            sources
                .iter()
                .find(|(k, ..)| *k == key)
                .map_or("", |(_, v, _)| v.as_str())
        };
        let listen = address(value("listen")).unwrap_or_else(|| {
            faults.push(format!(
                "--listen: \"{}\" is not an address and port such as 127.0.0.1:8600",
                value("listen")
            ));
            SocketAddr::from(([127, 0, 0, 1], 8600))
        });
        let public_url = match value("public-url") {
            "" => None,
            text => PublicUrl::parse(text)
                .map_err(|fault| faults.push(format!("--public-url: {fault}")))
                .ok(),
        };
        let is_https = public_url.as_ref().is_some_and(PublicUrl::is_https);
        let secure_cookies = match value("secure-cookies") {
            "true" => true,
            "false" => is_https,
            other => {
                faults.push(format!(
                    "--secure-cookies: \"{other}\" is neither true nor false"
                ));
                false
            }
        };
        let frame_ancestors: Vec<String> = value("frame-ancestors")
            .split(|c: char| c.is_whitespace() || c == ',')
            .filter(|origin| !origin.is_empty())
            .map(str::to_owned)
            .collect();
        for origin in &frame_ancestors {
            if !is_origin(origin) {
                faults.push(format!("--frame-ancestors: \"{origin}\" is neither 'self' nor an origin such as https://acme.zendesk.com; several are separated by spaces or commas"));
            }
        }
        let trusted_proxies = TrustedProxies::parse(value("trusted-proxies"));
        let trusted_proxies = trusted_proxies.unwrap_or_else(|wrong| {
            faults.extend(wrong.iter().map(|w| format!("--trusted-proxies: {w}")));
            TrustedProxies::default()
        });
        let limits = Limits::parse(value("rate-limits")).unwrap_or_else(|wrong| {
            faults.extend(wrong.iter().map(|w| format!("--rate-limits: {w}")));
            Limits::default()
        });
        let fetch_allow = Allowed::parse(value("fetch-allow")).unwrap_or_else(|wrong| {
            faults.extend(wrong.iter().map(|w| format!("--fetch-allow: {w}")));
            Allowed::default()
        });
        let log = value("log").to_owned();
        if let Err(e) = tracing_subscriber::EnvFilter::try_new(&log) {
            faults.push(format!("--log: \"{log}\" is not a filter: {e}"));
        }
        if !faults.is_empty() {
            return Err(Faults(faults));
        }
        let base = public_url.clone();
        let base = base.unwrap_or_else(|| PublicUrl::local(listen.port()));
        for (_, value, _) in sources.iter_mut().filter(|(k, ..)| *k == "public-url") {
            *value = base.to_string();
        }
        Ok(Self {
            data: data.to_owned(),
            listen,
            public_url,
            log,
            frame_ancestors,
            secure_cookies,
            trusted_proxies,
            limits,
            fetch_allow,
            sources,
        })
    }
}

/// An address to answer at. `localhost` is the one it always is, and a port alone is one of this machine.
fn address(text: &str) -> Option<SocketAddr> {
    let port = text.strip_prefix("localhost:").unwrap_or(text);
    let local = || Some(SocketAddr::from(([127, 0, 0, 1], port.parse().ok()?)));
    text.parse().ok().or_else(local)
}

/// The environment variable of a key: `SIDENOTE_FRAME_ANCESTORS` of `frame-ancestors`.
pub fn variable_of(key: &str) -> String {
    format!("SIDENOTE_{}", key.to_ascii_uppercase().replace('-', "_"))
}

/// Whether the sidebar can be framed by it and speak to it: a pattern names no origin that a message can be sent to.
fn is_origin(text: &str) -> bool {
    text == "'self'" || PublicUrl::parse(text).is_ok()
}

fn parse_file(text: Option<&str>, faults: &mut Vec<String>) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    let Some(text) = text else { return values };
    let table = match text.parse::<toml::Table>() {
        Ok(table) => table,
        Err(e) => {
            faults.push(format!("sidenote.toml: {}", e.message()));
            return values;
        }
    };
    for (key, value) in table {
        if !SETTINGS.iter().any(|s| s.key == key) {
            let known: Vec<&str> = SETTINGS.iter().map(|s| s.key).collect();
            faults.push(format!(
                "sidenote.toml: unknown key \"{key}\"; known are {}",
                known.join(", ")
            ));
            continue;
        }
        let text = match value {
            toml::Value::String(s) => s,
            toml::Value::Boolean(b) => b.to_string(),
            toml::Value::Integer(n) => n.to_string(),
            _ => {
                faults.push(format!(
                    "sidenote.toml: {key} is a text, a number, true or false"
                ));
                continue;
            }
        };
        values.insert(key, text);
    }
    values
}

#[cfg(test)]
mod tests;
