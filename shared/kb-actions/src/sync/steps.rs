//! What is still to be done to bring an article to the state that it has there.

use super::text::Incoming;
use kb_domain::remote::{Counterpart, Languages, Merge, decide_merge};
use kb_domain::{Article, Locale};
use kb_store::repo::ArticleWithTexts;
use std::collections::BTreeSet;

/// One change on the way, each a transaction.
pub(super) enum Step {
    Head(Box<Article>),
    /// The text with this number.
    Take(usize),
    /// The live text of a language is taken from readers.
    Withdraw(Locale),
}

/// What is still to be done, the head first so that no text is shown to more than may read it; whether both sides were changed.
pub(super) fn steps(
    whole: &ArticleWithTexts,
    head: Article,
    texts: &[Incoming<'_>],
    languages: &Languages,
    counterpart: &mut Counterpart,
) -> (Vec<Step>, bool) {
    let mut steps = Vec::new();
    if head != whole.head.value {
        steps.push(Step::Head(Box::new(head)));
    }
    let mut diverged = false;
    let mut seen = BTreeSet::new();
    for (n, text) in texts.iter().enumerate() {
        let language = &text.theirs.language;
        seen.insert(language.clone());
        if text.refused.is_some() {
            continue;
        }
        let live = whole.translation(&text.locale).and_then(|t| t.value.live);
        match decide_merge(
            counterpart,
            language,
            text.theirs.version,
            &text.digest,
            live,
        ) {
            Merge::Nothing => {
                if let Some(seen) = counterpart.texts.get_mut(language) {
                    seen.version = seen.version.max(text.theirs.version);
                }
            }
            Merge::Late => {}
            Merge::Diverged => diverged = true,
            Merge::Take if text.is_live => steps.push(Step::Take(n)),
            Merge::Take if live.is_some() => steps.push(Step::Withdraw(text.locale.clone())),
            Merge::Take => {
                counterpart.texts.insert(language.clone(), text.seen(None));
            }
        }
    }
    // A language that is gone there, or no longer comes in, is gone here, unless somebody here has written on it since.
    let gone: Vec<String> = counterpart
        .texts
        .keys()
        .filter(|l| !seen.contains(*l))
        .cloned()
        .collect();
    for language in gone {
        let came = counterpart
            .texts
            .get(&language)
            .and_then(|seen| seen.revision);
        let locale = languages
            .ours(&language)
            .cloned()
            .or_else(|| language.parse().ok());
        let found = locale.and_then(|locale| whole.translation(&locale));
        let live = found.and_then(|t| t.value.live);
        match found {
            Some(found) if live.is_some() && live == came => {
                steps.push(Step::Withdraw(found.value.locale.clone()));
            }
            _ => _ = counterpart.texts.remove(&language),
        }
    }
    (steps, diverged)
}
