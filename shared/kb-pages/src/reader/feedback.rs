//! Whether an article helped: the question, and why not.

use crate::texts::Texts;
use kb_domain::{VoteCounts, VoteReason};

/// Where a reader is with their vote. What they said before is not shown: a page is the same for everybody who may read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedbackStep {
    /// They have said nothing yet.
    Asked,
    /// They said no, and may say why.
    Why,
    /// They are thanked.
    Done,
}

/// The part of an article's page that asks whether it helped.
#[derive(Clone, Debug)]
pub struct Feedback {
    /// Where its forms go.
    pub action: String,
    /// Where the reader is.
    pub step: FeedbackStep,
    /// The reason that was chosen in a form that was not taken.
    pub reason: Option<VoteReason>,
    /// The text of a form that was not taken.
    pub text: String,
    /// What is wrong with it.
    pub fault: Option<String>,
    /// How readers voted, for staff.
    pub counts: Option<VoteCounts>,
}

impl Feedback {
    /// The first question.
    pub fn new(action: String) -> Self {
        Self {
            action,
            step: FeedbackStep::Asked,
            reason: None,
            text: String::new(),
            fault: None,
            counts: None,
        }
    }

    pub(crate) fn asks_why(&self) -> bool {
        self.step == FeedbackStep::Why
    }

    pub(crate) fn is_done(&self) -> bool {
        self.step == FeedbackStep::Done
    }

    /// The counts in one line, yes and no first, then each reason that was given.
    pub(crate) fn figures(&self, texts: &Texts) -> Option<String> {
        let counts = self.counts.as_ref()?;
        let mut figures = vec![
            texts.count("votes-yes", &counts.yes),
            texts.count("votes-no", &counts.no),
            texts.about("votes-net", &counts.net().to_string()),
        ];
        let reasons = counts.reasons.iter();
        figures.extend(reasons.map(|(reason, n)| format!("{}: {n}", texts.t(text_of(*reason)))));
        Some(figures.join(" · "))
    }

    /// The reasons to choose from: name, text, and whether it was chosen.
    pub(crate) fn reasons(&self) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
        let chosen = self.reason;
        VoteReason::ALL
            .into_iter()
            .map(move |r| (r.as_str(), text_of(r), chosen == Some(r)))
    }
}

/// The key of a reason's text.
fn text_of(reason: VoteReason) -> &'static str {
    match reason {
        VoteReason::Inaccurate => "why-inaccurate",
        VoteReason::Unclear => "why-unclear",
        VoteReason::Incomplete => "why-incomplete",
        VoteReason::Outdated => "why-outdated",
        VoteReason::NotWhatINeeded => "why-not-what-i-needed",
        VoteReason::Other => "why-other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::shell;

    #[test]
    fn every_reason_has_a_text_in_every_language() {
        for tag in ["en", "zh-Hans", "zh-Hant"] {
            for reason in VoteReason::ALL {
                let key = text_of(reason);
                assert_ne!(shell(tag).t(key), key, "{tag}");
            }
        }
    }
}
