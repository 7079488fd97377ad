//! The lexicon: the index's words with their document frequency, as one FST. A stale one is as good.

use crate::error::Error;
use fst::Map;
use std::sync::{Arc, PoisonError, RwLock};

/// Words with the number of parts that hold them.
#[derive(Default)]
pub struct Lexicon {
    words: Map<Vec<u8>>,
    parts: u64,
}

impl Lexicon {
    /// Of sorted words with their frequencies among `parts` parts.
    pub fn build(words: Vec<(String, u64)>, parts: u64) -> Result<Self, Error> {
        let words = Map::from_iter(words).map_err(|e| Error::Broken(format!("lexicon: {e}")))?;
        Ok(Self { words, parts })
    }

    /// As one blob.
    pub fn to_bytes(&self) -> Vec<u8> {
        [&self.parts.to_le_bytes(), self.words.as_fst().as_bytes()].concat()
    }

    /// From one blob.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let broken = || Error::Broken("the lexicon is cut off".to_owned());
        let (parts, words) = bytes.split_first_chunk::<8>().ok_or_else(broken)?;
        let damaged = |e: fst::Error| Error::Broken(format!("lexicon: {e}"));
        let words = Map::new(words.to_vec()).map_err(damaged)?;
        // A look-up in a damaged one may find anything, or panic.
        words.as_fst().verify().map_err(damaged)?;
        Ok(Self {
            words,
            parts: u64::from_le_bytes(*parts),
        })
    }

    /// How many parts hold the word; 0 for one it does not know.
    pub fn frequency(&self, word: &str) -> u64 {
        self.words.get(word).unwrap_or(0)
    }

    /// How telling a word is: the inverse document frequency of BM25. One that it does not know counts as the rarest.
    pub fn weight(&self, word: &str) -> f32 {
        let (n, df) = (self.parts as f32, self.frequency(word) as f32);
        (1.0 + (n - df + 0.5).max(0.0) / (df + 0.5)).ln()
    }

    /// Of how many parts it was made.
    pub fn parts(&self) -> u64 {
        self.parts
    }

    /// Whether it has no words yet.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }
}

/// The lexicons of an index.
#[derive(Default)]
pub struct Lexicons {
    /// Of every part.
    pub all: Lexicon,
    /// Of the parts that everybody may see.
    pub public: Lexicon,
}

impl Lexicons {
    /// The one to ask for a viewer. A lexicon of texts that they may not see would tell them what words stand there: by what is
    /// found, by what is shown of it, and by what a ticket is taken to be about.
    pub fn for_viewer(&self, oversees: bool) -> &Lexicon {
        if oversees { &self.all } else { &self.public }
    }
}

/// The lexicons in use; replaced as a whole.
#[derive(Default)]
pub struct LexiconCell(RwLock<Arc<Lexicons>>);

impl LexiconCell {
    /// Those in use.
    pub fn get(&self) -> Arc<Lexicons> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Puts others into use.
    pub fn set(&self, lexicons: Lexicons) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(lexicons);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lexicon_reads_back_and_rare_words_tell_more() {
        let words = vec![("common".to_owned(), 90), ("rare".to_owned(), 1)];
        let lexicon = Lexicon::from_bytes(&Lexicon::build(words, 100).unwrap().to_bytes()).unwrap();
        assert_eq!(
            (lexicon.frequency("common"), lexicon.frequency("unknown")),
            (90, 0)
        );
        assert!(
            lexicon.weight("unknown") > lexicon.weight("rare")
                && lexicon.weight("rare") > lexicon.weight("common")
        );
        assert!(Lexicon::from_bytes(&[1, 2]).is_err());
    }
}
