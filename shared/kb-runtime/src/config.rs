//! What can be set, from where, and what it is set to: flags, then `SIDENOTE_*`, then `sidenote.toml` in the data folder,
//! then the default.

use crate::system::environment;
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
pub const SETTINGS: [Setting; 4] = [
    Setting {
        key: "listen",
        default: "127.0.0.1:8600",
        help: "address and port to answer at",
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
    /// The log filter.
    pub log: String,
    /// Origins that may frame the sidebar, as a CSP source list.
    pub frame_ancestors: Vec<String>,
    /// Whether cookies are for https only.
    pub secure_cookies: bool,
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
    /// Where people reach a server that answers at `listen`: by name, for a browser trusts an address of this machine less.
    pub fn public_url_at(listen: SocketAddr) -> String {
        if listen.ip().is_loopback() || listen.ip().is_unspecified() {
            format!("http://localhost:{}", listen.port())
        } else {
            format!("http://{listen}")
        }
    }

    /// Where people reach this server.
    pub fn public_url(&self) -> String {
        Self::public_url_at(self.listen)
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
        let listen = value("listen").parse::<SocketAddr>().unwrap_or_else(|_| {
            faults.push(format!(
                "listen: \"{}\" is not an address and port such as 127.0.0.1:8600",
                value("listen")
            ));
            SocketAddr::from(([127, 0, 0, 1], 8600))
        });
        let secure_cookies = match value("secure-cookies") {
            "true" => true,
            "false" => false,
            other => {
                faults.push(format!(
                    "secure-cookies: \"{other}\" is neither true nor false"
                ));
                false
            }
        };
        let frame_ancestors: Vec<String> = value("frame-ancestors")
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        for origin in &frame_ancestors {
            if !is_origin(origin) {
                faults.push(format!("frame-ancestors: \"{origin}\" is neither 'self' nor an origin such as https://acme.zendesk.com"));
            }
        }
        let log = value("log").to_owned();
        if let Err(e) = tracing_subscriber::EnvFilter::try_new(&log) {
            faults.push(format!("log: \"{log}\" is not a filter: {e}"));
        }
        if !faults.is_empty() {
            return Err(Faults(faults));
        }
        Ok(Self {
            data: data.to_owned(),
            listen,
            log,
            frame_ancestors,
            secure_cookies,
            sources,
        })
    }
}

/// The environment variable of a key: `SIDENOTE_FRAME_ANCESTORS` of `frame-ancestors`.
pub fn variable_of(key: &str) -> String {
    format!("SIDENOTE_{}", key.to_ascii_uppercase().replace('-', "_"))
}

fn is_origin(text: &str) -> bool {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    text == "'self'"
        || host.is_some_and(|h| {
            !h.is_empty() && !h.contains(['/', ';', ',', '\'', '"']) && h.is_ascii()
        })
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
mod tests {
    use super::*;

    fn resolve(
        flags: &[(&'static str, &str)],
        env: &[(&str, &str)],
        file: Option<&str>,
    ) -> Result<Config, Faults> {
        let env: BTreeMap<String, String> = env
            .iter()
            .map(|(k, v)| ((*k).into(), (*v).into()))
            .collect();
        let layers = Layers {
            flags: flags.iter().map(|(k, v)| (*k, (*v).to_owned())).collect(),
            environment: &|name| env.get(name).cloned(),
            file: file.map(str::to_owned),
        };
        Config::resolve(Path::new("/data"), &layers)
    }

    #[test]
    fn flags_win_over_environment_over_file_over_default() {
        let file = Some("listen = \"127.0.0.1:1\"\nlog = \"warn\"");
        let all = resolve(
            &[("listen", "127.0.0.1:3")],
            &[("SIDENOTE_LISTEN", "127.0.0.1:2")],
            file,
        )
        .unwrap();
        assert_eq!(all.listen.port(), 3);
        assert_eq!(all.log, "warn");
        assert_eq!(
            resolve(&[], &[("SIDENOTE_LISTEN", "127.0.0.1:2")], file)
                .unwrap()
                .listen
                .port(),
            2
        );
        assert_eq!(resolve(&[], &[], file).unwrap().listen.port(), 1);
        assert_eq!(resolve(&[], &[], None).unwrap().listen.port(), 8600);
        let sources: Vec<Source> = all.sources.iter().map(|(.., s)| *s).collect();
        assert_eq!(
            sources,
            [Source::Flag, Source::File, Source::Default, Source::Default]
        );
    }

    #[test]
    fn all_faults_are_reported_together() {
        let faults = resolve(
            &[
                ("listen", "nowhere"),
                ("frame-ancestors", "https://ok.example; script-src *"),
            ],
            &[("SIDENOTE_SECURE_COOKIES", "yes")],
            Some("colour = \"red\"\nlog = [1]"),
        )
        .unwrap_err();
        for word in [
            "listen",
            "frame-ancestors",
            "secure-cookies",
            "colour",
            "log",
        ] {
            assert!(
                faults.0.iter().any(|f| f.contains(word)),
                "{word}: {faults}"
            );
        }
    }
}
