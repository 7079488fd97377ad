//! The vault: what opens where, keys of several generations, keys that are gone.

use crate::desk::Desk;
use async_trait::async_trait;
use kb_identity::secret_keys::{BareKeys, DataKey, SecretKeys, VaultClosed};
use kb_identity::vault::{KEPT_SECONDS, Place, Vault};
use kb_store::repo::{ConnectFlow, Grant, KeptSecret, Sealed};
use kb_store::samples::read_back;
use kb_store::{Blobs, Key, MemoryBlobs, keys};
use kb_testkit::{MockClock, SeededIds};
use proptest::prelude::*;
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

fn place(row: &Key) -> Place<'_> {
    Place {
        what: "tokens",
        row,
        generation: 3,
    }
}

fn secret() -> SecretString {
    SecretString::from("a secret of somebody else")
}

#[tokio::test]
async fn case_049_a_seal_opens_in_its_own_place_only() {
    let vault = Desk::new(1).vault;
    let row = Key::new("CON#a", "GRANT");
    let sealed = vault.seal(place(&row), &secret()).await.unwrap();
    let opened = vault.open(place(&row), &sealed).await.unwrap();
    assert_eq!(opened.expose_secret(), secret().expose_secret());
    let others = [
        (Key::new("CON#b", "GRANT"), "tokens", 3),
        (Key::new("CON#a", "SECRET#client"), "tokens", 3),
        // The same letters, cut at another place.
        (Key::new("CON#aG", "RANT"), "tokens", 3),
        (row.clone(), "secret", 3),
        (row.clone(), "tokens", 2),
        (row.clone(), "tokens", 4),
    ];
    for (row, what, generation) in others {
        let elsewhere = Place {
            what,
            row: &row,
            generation,
        };
        let closed = vault.open(elsewhere, &sealed).await.unwrap_err();
        assert!(matches!(closed, VaultClosed::Damaged), "{elsewhere:?}");
        assert!(closed.to_string().contains("the vault is closed"));
    }
    let again = vault.seal(place(&row), &secret()).await.unwrap();
    assert_ne!(again.text, sealed.text, "each seal has a nonce of its own");
}

#[tokio::test]
async fn a_seal_with_one_bit_turned_opens_nowhere() {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    let vault = Desk::new(2).vault;
    let row = Key::new("CON#a", "GRANT");
    let sealed = vault.seal(place(&row), &secret()).await.unwrap();
    let whole = STANDARD.decode(&sealed.text).unwrap();
    for bit in 0..whole.len() * 8 {
        let mut turned = whole.clone();
        turned[bit / 8] ^= 1 << (bit % 8);
        let turned = Sealed {
            key: sealed.key,
            text: STANDARD.encode(turned),
        };
        assert!(vault.open(place(&row), &turned).await.is_err(), "{bit}");
    }
    for shorter in 0..whole.len() {
        let cut = Sealed {
            key: sealed.key,
            text: STANDARD.encode(&whole[..shorter]),
        };
        assert!(vault.open(place(&row), &cut).await.is_err(), "{shorter}");
    }
}

proptest! {
    #[test]
    fn what_is_no_seal_is_an_error_and_no_panic(text in "\\PC{0,80}", key in 0_u32..3) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let vault = Desk::new(3).vault;
        let row = Key::new("CON#a", "GRANT");
        let opened = runtime.block_on(vault.open(place(&row), &Sealed { key, text }));
        prop_assert!(opened.is_err());
    }
}

#[tokio::test]
async fn a_seal_of_another_installation_and_one_whose_key_is_gone_stay_closed() {
    let (ours, theirs) = (Desk::new(4).vault, Desk::new(5).vault);
    let row = Key::new("CON#a", "GRANT");
    let sealed = theirs.seal(place(&row), &secret()).await.unwrap();
    ours.ready().await.unwrap();
    let closed = ours.open(place(&row), &sealed).await.unwrap_err();
    assert!(matches!(closed, VaultClosed::Damaged));
    theirs.rotate().await.unwrap();
    let sealed = theirs.seal(place(&row), &secret()).await.unwrap();
    let closed = ours.open(place(&row), &sealed).await.unwrap_err();
    assert!(matches!(closed, VaultClosed::NoKey(2)));
}

/// Keys that may be unreachable, and that count how often they are asked for.
struct Moody {
    keys: BareKeys,
    is_down: AtomicBool,
    asked: AtomicU64,
}

impl Moody {
    fn new() -> Arc<Self> {
        let ids = Arc::new(SeededIds::new(6));
        Arc::new(Self {
            keys: BareKeys::new(Arc::new(MemoryBlobs::default()), ids),
            is_down: AtomicBool::default(),
            asked: AtomicU64::default(),
        })
    }

    fn ask(&self) -> Result<(), VaultClosed> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self.is_down.load(Ordering::Relaxed) {
            return Err(VaultClosed::Silent("access denied".to_owned()));
        }
        Ok(())
    }
}

#[async_trait]
impl SecretKeys for Moody {
    async fn key(&self, purpose: &str, number: u32) -> Result<Option<DataKey>, VaultClosed> {
        self.ask()?;
        self.keys.key(purpose, number).await
    }

    async fn make(&self, purpose: &str, number: u32) -> Result<bool, VaultClosed> {
        self.ask()?;
        self.keys.make(purpose, number).await
    }
}

#[tokio::test]
async fn case_050_keys_are_kept_for_minutes_and_then_a_vault_without_them_is_closed() {
    let (keys, clock) = (Moody::new(), Arc::new(MockClock::default()));
    let vault = Vault::new(keys.clone(), clock.clone(), Arc::new(SeededIds::new(7)));
    let row = Key::new("CON#a", "GRANT");
    let sealed = vault.seal(place(&row), &secret()).await.unwrap();
    let asked = keys.asked.load(Ordering::Relaxed);
    keys.is_down.store(true, Ordering::Relaxed);
    for _ in 0..100 {
        vault.open(place(&row), &sealed).await.unwrap();
        vault.seal(place(&row), &secret()).await.unwrap();
    }
    assert_eq!(keys.asked.load(Ordering::Relaxed), asked);
    clock.advance(KEPT_SECONDS);
    let closed = vault.open(place(&row), &sealed).await.unwrap_err();
    assert_eq!(closed.kind(), kb_domain::ErrorKind::Unavailable);
    assert!(vault.seal(place(&row), &secret()).await.is_err());
    assert!(vault.ready().await.is_err());
    keys.is_down.store(false, Ordering::Relaxed);
    vault.open(place(&row), &sealed).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn case_050_keys_change_under_load_and_nothing_stays_closed() {
    let (keys, clock) = (Moody::new(), Arc::new(MockClock::default()));
    let vault = |seed| Vault::new(keys.clone(), clock.clone(), Arc::new(SeededIds::new(seed)));
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..8 {
        let vault = vault(10 + n);
        tasks.spawn(async move {
            let row = Key::new("CON#a", n.to_string());
            let mut sealed = Vec::new();
            for _ in 0..50 {
                sealed.push(vault.seal(place(&row), &secret()).await.unwrap());
                for one in &sealed {
                    vault.open(place(&row), one).await.unwrap();
                }
                tokio::task::yield_now().await;
            }
            (n, sealed)
        });
    }
    let other = vault(9);
    for _ in 0..20 {
        other.rotate().await.unwrap();
        // The others look for newer keys by the time the clock says.
        clock.advance(KEPT_SECONDS / 2);
        tokio::task::yield_now().await;
    }
    let all = tasks.join_all().await;
    clock.advance(KEPT_SECONDS);
    for (n, sealed) in all {
        let row = Key::new("CON#a", n.to_string());
        for one in sealed {
            other.open(place(&row), &one).await.unwrap();
        }
    }
    let newest = vault(99).seal(place(&Key::new("p", "s")), &secret()).await;
    let made = other.rotate().await.unwrap();
    assert_eq!(newest.unwrap().key + 1, made);
}

#[tokio::test]
async fn two_who_seal_first_at_once_seal_under_one_key() {
    let (keys, clock) = (Moody::new(), Arc::new(MockClock::default()));
    let vault = |seed| Vault::new(keys.clone(), clock.clone(), Arc::new(SeededIds::new(seed)));
    let (one, other) = (vault(1), vault(2));
    let row = Key::new("CON#a", "GRANT");
    let text = secret();
    let (a, b) = tokio::join!(one.seal(place(&row), &text), other.seal(place(&row), &text));
    other.open(place(&row), &a.unwrap()).await.unwrap();
    one.open(place(&row), &b.unwrap()).await.unwrap();
}

/// The samples in `tests/formats` were sealed under this key.
#[tokio::test]
async fn what_every_version_sealed_opens() {
    let (blobs, ids) = (
        Arc::new(MemoryBlobs::default()),
        Arc::new(SeededIds::new(7)),
    );
    blobs.put("vault/1", vec![7; 32]).await.unwrap();
    let keys = BareKeys::new(blobs, ids.clone());
    let vault = Vault::new(Arc::new(keys), Arc::new(MockClock::default()), ids);
    let connection = "con_01m8693801ekcv2xrvcmp20b74".parse().unwrap();
    let state = "5d0e2807fa1a41224f4cdf06d9c8dd31b8df138d96354babfa20c239dfce1da5";
    let opened = async |what, row: Key, generation, sealed: &Sealed| {
        let place = Place {
            what,
            row: &row,
            generation,
        };
        let opened = vault.open(place, sealed).await.unwrap();
        opened.expose_secret().to_owned()
    };
    for (_, grant) in read_back::<Grant>() {
        let row = keys::grant(connection);
        let pair = opened("tokens", row, grant.generation, &grant.tokens).await;
        assert_eq!(
            pair,
            r#"{"access":"at.0.0.sample","refresh":"rt.0.0.sample"}"#
        );
    }
    for (_, kept) in read_back::<KeptSecret>() {
        let row = keys::secret(connection, "client");
        let secret = opened("secret", row, kept.generation, &kept.secret).await;
        assert_eq!(secret, "the secret of the sample");
    }
    for (_, flow) in read_back::<ConnectFlow>() {
        let row = keys::connect_flow(state);
        let verifier = opened("verifier", row, 0, &flow.verifier).await;
        assert_eq!(verifier, "0123456789abcdef".repeat(4));
    }
}
