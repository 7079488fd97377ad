//! The vault: secrets of others, sealed so that each opens in its own place only. AES-256-GCM under a data key of this
//! installation; what is sealed is bound to what it is for, to the row it lies in, and to the generation in that row.

use crate::secret_keys::{DataKey, SecretKeys, VaultClosed};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kb_domain::{Clock, IdGen, Timestamp};
use kb_store::Key;
use kb_store::repo::Sealed;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What the data keys of the vault are for, in their names.
const PURPOSE: &str = "vault";
/// How long a data key is kept in memory, in seconds: one that was taken away is gone after that.
pub const KEPT_SECONDS: i64 = 300;

/// Where something sealed lies, and what for.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// What it is, for example `tokens`.
    pub what: &'static str,
    /// The row.
    pub row: &'a Key,
    /// Which of those that lay there one after the other.
    pub generation: u64,
}

impl Place<'_> {
    /// The place as the bytes that a seal is bound to. Lengths keep two places apart whose parts would read alike in a row.
    fn context(&self) -> Vec<u8> {
        let mut context = Vec::new();
        for part in [self.what, &self.row.partition, &self.row.sort] {
            context.extend((part.len() as u64).to_be_bytes());
            context.extend(part.as_bytes());
        }
        context.extend(self.generation.to_be_bytes());
        context
    }
}

#[derive(Default)]
struct Kept {
    newest: Option<(Timestamp, u32)>,
    keys: HashMap<u32, (Timestamp, DataKey)>,
}

/// Seals and opens.
#[derive(Clone)]
pub struct Vault {
    keys: Arc<dyn SecretKeys>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGen>,
    kept: Arc<Mutex<Kept>>,
}

impl Vault {
    /// A vault under these data keys. Nothing is asked yet.
    pub fn new(keys: Arc<dyn SecretKeys>, clock: Arc<dyn Clock>, ids: Arc<dyn IdGen>) -> Self {
        Self {
            keys,
            clock,
            ids,
            kept: Arc::default(),
        }
    }

    /// Seals under the newest data key. Errors: whoever keeps the keys does not answer.
    pub async fn seal(
        &self,
        place: Place<'_>,
        secret: &SecretString,
    ) -> Result<Sealed, VaultClosed> {
        let number = self.newest().await?;
        let key = self.key(number).await?;
        let random = Zeroizing::new(self.ids.secret());
        let mut nonce = [0; NONCE_LEN];
        nonce.copy_from_slice(&random[..NONCE_LEN]);
        let mut text = Zeroizing::new(secret.expose_secret().as_bytes().to_vec());
        let tag = cipher(&key)
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place.context()),
                &mut text,
            )
            .map_err(|_| VaultClosed::Damaged)?;
        let whole = [&nonce[..], &text[..], tag.as_ref()].concat();
        Ok(Sealed {
            key: number,
            text: STANDARD.encode(whole),
        })
    }

    /// Opens what was sealed for this place. Errors: it was sealed for another one, or is damaged; its data key is gone; whoever
    /// keeps the keys does not answer.
    pub async fn open(
        &self,
        place: Place<'_>,
        sealed: &Sealed,
    ) -> Result<SecretString, VaultClosed> {
        let whole = STANDARD.decode(&sealed.text);
        let mut whole = Zeroizing::new(whole.map_err(|_| VaultClosed::Damaged)?);
        let key = self.key(sealed.key).await?;
        let (nonce, text) = whole
            .split_first_chunk_mut::<NONCE_LEN>()
            .ok_or(VaultClosed::Damaged)?;
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = cipher(&key).open_in_place(nonce, Aad::from(place.context()), text);
        let opened = opened.map_err(|_| VaultClosed::Damaged)?;
        let text = std::str::from_utf8(opened).map_err(|_| VaultClosed::Damaged)?;
        Ok(SecretString::from(text))
    }

    /// Whether it could seal now: what must not fail afterwards is asked of it before. Errors: whoever keeps the keys does not
    /// answer.
    pub async fn ready(&self) -> Result<(), VaultClosed> {
        let number = self.newest().await?;
        self.key(number).await.map(drop)
    }

    /// Makes the next data key, under which everything is sealed from now on; other processes follow within [`KEPT_SECONDS`].
    /// What older ones sealed still opens. Answers its number.
    pub async fn rotate(&self) -> Result<u32, VaultClosed> {
        let mut next = self.walk(1).await? + 1;
        while !self.keys.make(PURPOSE, next).await? {
            next += 1;
        }
        self.kept().newest = None;
        Ok(next)
    }

    /// The number of the newest data key, which is made when there is none.
    async fn newest(&self) -> Result<u32, VaultClosed> {
        let now = self.clock.now();
        let kept = self.kept().newest;
        if let Some((_, number)) = kept.filter(|(since, _)| is_kept(*since, now)) {
            return Ok(number);
        }
        let mut number = self.walk(kept.map_or(1, |(_, number)| number)).await?;
        if number == 0 {
            // Of two who make it at once one wins; it is there either way.
            self.keys.make(PURPOSE, 1).await?;
            number = 1;
        }
        self.kept().newest = Some((now, number));
        Ok(number)
    }

    /// The last of the keys that are numbered without a gap from `from` on; the number before it when there is none.
    async fn walk(&self, from: u32) -> Result<u32, VaultClosed> {
        let mut next = from;
        while let Some(key) = self.keys.key(PURPOSE, next).await? {
            self.keep(next, key);
            next += 1;
        }
        Ok(next - 1)
    }

    async fn key(&self, number: u32) -> Result<DataKey, VaultClosed> {
        let now = self.clock.now();
        if let Some((since, key)) = self.kept().keys.get(&number)
            && is_kept(*since, now)
        {
            return Ok(key.clone());
        }
        let found = self.keys.key(PURPOSE, number).await?;
        let key = found.ok_or(VaultClosed::NoKey(number))?;
        self.keep(number, key.clone());
        Ok(key)
    }

    fn keep(&self, number: u32, key: DataKey) {
        let now = self.clock.now();
        let mut kept = self.kept();
        kept.keys.retain(|_, (since, _)| is_kept(*since, now));
        kept.keys.insert(number, (now, key));
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A clock that has stepped back keeps nothing longer.
fn is_kept(since: Timestamp, now: Timestamp) -> bool {
    since <= now && now < since.plus_seconds(KEPT_SECONDS)
}

fn cipher(key: &DataKey) -> LessSafeKey {
    let key = UnboundKey::new(&AES_256_GCM, key.as_slice());
    LessSafeKey::new(key.expect("a data key is as long as the cipher's"))
}
