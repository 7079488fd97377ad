//! Bodies as pages. A body is rendered once for each version of the renderer, beside the threads that answer, a few at a time; what
//! was rendered lately is kept. So the heaviest body costs a reader of another one nothing, and its own readers once.

use crate::error::Error;
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use kb_domain::Body;
use kb_text::document::{self, Excess, LinkResolver, RENDERER_VERSION, Rendered};
use lru::LruCache;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// What is kept, in bytes of texts.
const KEPT_MAX_BYTES: usize = 16 << 20;
/// How long a reader waits for a page.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// Where links of a body lead, by their authored addresses. What is not in it stays as authored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links(pub BTreeMap<String, String>);

impl LinkResolver for Links {
    fn link(&self, href: &str) -> Option<String> {
        self.0.get(href).cloned()
    }
}

/// Digest of everything that a rendered body depends on.
type Digested = [u8; 32];
/// A rendered body, or one that somebody is rendering; nothing where the renderer failed.
type Page = Shared<BoxFuture<'static, Option<Arc<Rendered>>>>;

/// The renderer of a base.
pub(crate) struct Renderer {
    places: Arc<Semaphore>,
    kept: Mutex<Kept>,
    made: AtomicU64,
}

struct Kept {
    pages: LruCache<Digested, (usize, Page)>,
    bytes: usize,
}

impl Default for Renderer {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            places: Arc::new(Semaphore::new(cores)),
            kept: Mutex::new(Kept {
                pages: LruCache::unbounded(),
                bytes: 0,
            }),
            made: AtomicU64::new(0),
        }
    }
}

impl Renderer {
    /// How many bodies it has rendered.
    pub(crate) fn made(&self) -> u64 {
        self.made.load(Ordering::Relaxed)
    }

    /// The body, however long it takes. Errors: the renderer failed, which is a fault of ours.
    pub(crate) async fn page(&self, body: &Body, links: &Links) -> Result<Arc<Rendered>, Error> {
        let digest = digest(body, links);
        let page = self.begin(digest, body, links);
        if let Some(rendered) = page.await {
            self.lock().weigh(digest, bytes_of(&rendered));
            Ok(rendered)
        } else {
            self.lock().forget(digest);
            Err(Error::Broken("the renderer"))
        }
    }

    /// The body for somebody who waits. Errors: as [`Renderer::page`], and it is not there in time; it is rendered all the same,
    /// for the next one.
    pub(crate) async fn page_soon(
        &self,
        body: &Body,
        links: &Links,
    ) -> Result<Arc<Rendered>, Error> {
        let page = timeout(WAIT_MAX, self.page(body, links)).await;
        page.map_err(|_| Error::Overdue("the page"))?
    }

    /// The body, with its links as authored, if it can be shown whole, else what is too much about it; it is kept for those who publish,
    /// index and read it. Errors: as [`Renderer::page`].
    pub(crate) async fn page_within_budget(
        &self,
        body: &Body,
    ) -> Result<Result<Arc<Rendered>, Excess>, Error> {
        let digest = digest(body, &Links::default());
        self.made.fetch_add(1, Ordering::Relaxed);
        let (format, source) = (body.format, body.source.clone());
        let checked = move || document::page_within_budget(format, &source).map(Arc::new);
        let page = self.aside(checked).await?;
        if let Ok(page) = &page {
            let ready: Page = std::future::ready(Some(page.clone())).boxed().shared();
            let mut kept = self.lock();
            kept.forget(digest);
            kept.pages.put(digest, (0, ready));
            kept.weigh(digest, bytes_of(page));
        }
        Ok(page)
    }

    fn begin(&self, digest: Digested, body: &Body, links: &Links) -> Page {
        let mut kept = self.lock();
        if let Some((_, page)) = kept.pages.get(&digest) {
            return page.clone();
        }
        self.made.fetch_add(1, Ordering::Relaxed);
        let (body, links) = (body.clone(), links.clone());
        let render = move || Arc::new(document::render(body.format, &body.source, &links));
        // Whoever asked may go away; the work is done once, and not once for each who asks.
        let work = tokio::spawn(in_place(self.places.clone(), render));
        let page = async move { work.await.ok().flatten() }.boxed().shared();
        kept.pages.put(digest, (0, page.clone()));
        page
    }

    /// Does work in the places of the renderer. Errors: it ended without a result, which is a fault of ours.
    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let done = in_place(self.places.clone(), work).await;
        done.ok_or(Error::Broken("the renderer"))
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does work that takes long on a thread of its own, once a place is free; `None` when it panicked.
async fn in_place<T: Send + 'static>(
    places: Arc<Semaphore>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let place = places.acquire_owned().await.ok()?;
    let work = move || {
        let done = work();
        drop(place);
        done
    };
    tokio::task::spawn_blocking(work).await.ok()
}

impl Kept {
    /// Notes how large a page has become, and lets go of those that nobody has asked for the longest. The last one stays, however
    /// large: rendered anew for each of its readers it would cost more than its room.
    fn weigh(&mut self, digest: Digested, bytes: usize) {
        let Some((known, _)) = self.pages.peek_mut(&digest) else {
            return;
        };
        self.bytes = self.bytes - *known + bytes;
        *known = bytes;
        while self.bytes > KEPT_MAX_BYTES
            && self.pages.len() > 1
            && let Some((_, (bytes, _))) = self.pages.pop_lru()
        {
            self.bytes -= bytes;
        }
    }

    fn forget(&mut self, digest: Digested) {
        if let Some((bytes, _)) = self.pages.pop(&digest) {
            self.bytes -= bytes;
        }
    }
}

fn digest(body: &Body, links: &Links) -> Digested {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update(text.len().to_le_bytes());
        hash.update(text.as_bytes());
    };
    add(&format!("{RENDERER_VERSION} {:?}", body.format));
    add(&body.source);
    for (from, to) in &links.0 {
        add(from);
        add(to);
    }
    hash.finalize().into()
}

fn bytes_of(rendered: &Rendered) -> usize {
    let said = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let passages = rendered.passages.iter();
    let passages = passages.map(|p| p.text.len() + said(&p.heading) + said(&p.anchor) + 96);
    let links = rendered
        .links
        .iter()
        .map(|l| l.href.len() + l.text.len() + 64);
    let images = rendered
        .images
        .iter()
        .map(|i| i.src.len() + i.alt.len() + 64);
    let headings = rendered
        .headings
        .iter()
        .map(|h| h.text.len() + h.anchor.len() + 64);
    let faq = rendered.faq.iter();
    let faq = faq.map(|f| f.anchor.len() + f.question.len() + f.answer_text.len() + 96);
    let parts = passages
        .chain(links)
        .chain(images)
        .chain(headings)
        .chain(faq);
    rendered.html.len() + rendered.plain.len() + parts.sum::<usize>() + 1_024
}

#[cfg(test)]
mod tests {
    use super::*;
    use kb_domain::BodyFormat;

    fn body(source: &str) -> Body {
        Body {
            format: BodyFormat::Markdown,
            source: source.to_owned(),
        }
    }

    #[tokio::test]
    async fn a_body_is_rendered_once_however_many_ask_and_anew_where_its_links_lead_elsewhere() {
        let renderer = Arc::new(Renderer::default());
        let text = body("# A\n\n[b](b.md)");
        let plain = Links::default();
        let (first, second) = tokio::join!(
            renderer.page(&text, &plain),
            renderer.page_soon(&text, &plain)
        );
        assert_eq!(first.unwrap().html, second.unwrap().html);
        assert_eq!(renderer.made(), 1);
        let led = Links(BTreeMap::from([(
            "b.md".to_owned(),
            "/help/en/b".to_owned(),
        )]));
        for _ in 0..2 {
            let page = renderer.page(&text, &led).await.unwrap();
            assert!(page.html.contains("/help/en/b"), "{}", page.html);
        }
        assert_eq!(renderer.made(), 2);
    }

    #[tokio::test]
    async fn one_who_goes_away_leaves_the_page_to_the_next() {
        let renderer = Renderer::default();
        let text = body(&"word ".repeat(50_000));
        let links = Links::default();
        let asked = renderer.begin(digest(&text, &links), &text, &links);
        drop(asked);
        renderer.page(&text, &links).await.unwrap();
        assert_eq!(renderer.made(), 1);
    }

    #[tokio::test]
    async fn what_is_kept_is_bounded_by_its_size() {
        let renderer = Renderer::default();
        let links = Links::default();
        for n in 0..40 {
            let text = body(&format!("{n} {}", "word ".repeat(100_000)));
            renderer.page(&text, &links).await.unwrap();
            assert!(renderer.lock().bytes <= KEPT_MAX_BYTES);
        }
        let kept = renderer.lock().pages.len();
        assert!((1..40).contains(&kept), "{kept}");
        let sum: usize = renderer.lock().pages.iter().map(|(_, (b, _))| b).sum();
        assert_eq!(sum, renderer.lock().bytes);
    }

    #[tokio::test]
    async fn no_more_are_rendered_at_once_than_there_are_places() {
        let renderer = Renderer::default();
        let all = renderer.places.available_permits();
        let held = renderer
            .places
            .clone()
            .acquire_many_owned(u32::try_from(all).unwrap());
        let held = held.await.unwrap();
        let (text, links) = (body("a"), Links::default());
        let mut page = std::pin::pin!(renderer.page(&text, &links));
        for _ in 0..20 {
            assert!(page.as_mut().now_or_never().is_none());
            tokio::task::yield_now().await;
        }
        drop(held);
        page.await.unwrap();
    }
}
