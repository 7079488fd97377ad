//! What was measured, as a table or as JSON.

use serde_json::{Value, json};

/// One line: a figure of ours over a figure of the reference, and the bar it is held against.
pub(crate) struct Line {
    name: String,
    unit: &'static str,
    ours: f64,
    reference: f64,
    ratio: f64,
    /// The ratio that must not be exceeded, or reached where more is better.
    bar: Option<f64>,
    more_is_better: bool,
    void: Option<String>,
}

impl Line {
    /// Ours over the reference, where less is better.
    pub fn less(name: impl Into<String>, unit: &'static str, ours: f64, reference: f64) -> Self {
        Self {
            name: name.into(),
            unit,
            ours,
            reference,
            ratio: ours / reference,
            bar: None,
            more_is_better: false,
            void: None,
        }
    }

    /// Ours over the reference, where more is better.
    pub fn more(name: impl Into<String>, unit: &'static str, ours: f64, reference: f64) -> Self {
        Self {
            more_is_better: true,
            ..Self::less(name, unit, ours, reference)
        }
    }

    /// With another ratio than that of the two figures.
    pub fn ratio(self, ratio: f64) -> Self {
        Self { ratio, ..self }
    }

    /// With the bar it is held against.
    pub fn bar(self, bar: f64) -> Self {
        Self {
            bar: Some(bar),
            ..self
        }
    }

    /// Void where the results are wrong: no speed makes up for that.
    pub fn void(self, why: Option<String>) -> Self {
        Self { void: why, ..self }
    }

    pub fn is_void(&self) -> bool {
        self.void.is_some()
    }

    fn verdict(&self) -> &'static str {
        let holds = |bar: f64| {
            if self.more_is_better {
                self.ratio >= bar
            } else {
                self.ratio <= bar
            }
        };
        match (&self.void, self.bar) {
            (Some(_), _) => "VOID",
            (None, None) => "",
            (None, Some(bar)) if holds(bar) => "ok",
            (None, Some(_)) => "over",
        }
    }

    /// For a person.
    pub fn text(&self) -> String {
        let bar = self.bar.map_or(String::new(), |bar| {
            let sign = if self.more_is_better { ">=" } else { "<=" };
            format!("{sign} {bar:.2}")
        });
        let mut text = format!(
            "{:<44} {:>10.1} {:>10.1} {:<6} {:>7.2} {:>8}  {}",
            self.name,
            self.ours,
            self.reference,
            self.unit,
            self.ratio,
            bar,
            self.verdict()
        );
        if let Some(why) = &self.void {
            text.push_str(": ");
            text.push_str(why);
        }
        text
    }

    /// For a program.
    pub fn json(&self) -> Value {
        json!({"name": self.name, "unit": self.unit, "ours": self.ours, "reference": self.reference, "ratio": self.ratio,
            "bar": self.bar, "verdict": self.verdict(), "why": self.void})
    }
}

/// What stands above the columns.
pub(crate) fn heading() -> String {
    format!(
        "{:<44} {:>10} {:>10} {:<6} {:>7} {:>8}",
        "", "ours", "reference", "", "ratio", "bar"
    )
}

/// Times of one thing, in microseconds.
#[derive(Default)]
pub(crate) struct Times(Vec<f64>);

impl Times {
    pub fn add(&mut self, span: std::time::Duration) {
        self.0.push(span.as_secs_f64() * 1e6);
    }

    /// The value that `percent` of the times do not exceed.
    pub fn percentile(&self, percent: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().saturating_sub(1);
        sorted
            .get((percent / 100.0 * last as f64).round() as usize)
            .copied()
            .unwrap_or_default()
    }
}

/// The middle one of some figures.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}
