//! Cases 1 to 3, 7 and 12: what one may not see is in no answer of any route. The routes are walked from the program's own
//! list, so a new one is covered without a change here; a parameter that this test cannot fill ends it with a sentence.

use crate::harness::{client, indexer};
use kb_actions::articles::{self, ArticleChange};
use kb_actions::structure::{self, NewNode, NewPortal};
use kb_actions::translations;
use kb_domain::{Article, Audience, Kind, Locale, NodeId, Portal, Principal, PublicKey, SectionId};
use kb_http::Policy;
use kb_store::repo::KeyScope;
use kb_testkit::{Client, Text, World};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Something that not everybody may see.
struct Secret {
    /// A word that requests ask for; an answer may repeat it where it repeats the question.
    word: String,
    /// A word that no request holds: wherever it shows, something leaked. Ids and keys count the same.
    shades: Vec<String>,
    /// The principals that may see it, beside those who edit.
    seen_by: &'static [&'static str],
}

/// Everything that a path parameter can be.
#[derive(Default)]
struct Fillings(BTreeMap<&'static str, BTreeSet<String>>);

impl Fillings {
    fn add(&mut self, name: &'static str, value: impl std::fmt::Display) {
        let value = value.to_string();
        self.0.entry(name).or_default().insert(value);
    }

    fn of(&self, path: &str, parameter: &str) -> Vec<String> {
        let name = match (path.starts_with("/api/"), parameter) {
            (false, "portal") => "handle",
            (_, "id" | "ticket") => "ticket",
            (_, other) => other,
        };
        let found = self.0.get(name).unwrap_or_else(|| {
            panic!("{path}: this test does not know what {{{parameter}}} can be; add it to the world below")
        });
        found.iter().cloned().collect()
    }

    /// Every address of a route.
    fn addresses(&self, path: &str) -> Vec<String> {
        let mut all = vec![String::new()];
        for part in path.split('/').skip(1) {
            let values = match part.strip_prefix('{').and_then(|p| p.strip_suffix('}')) {
                Some(parameter) => self.of(path, parameter),
                None => vec![part.to_owned()],
            };
            all = all
                .iter()
                .flat_map(|start| values.iter().map(move |value| format!("{start}/{value}")))
                .collect();
        }
        all
    }
}

struct Zoo {
    world: World,
    secrets: Vec<Secret>,
    fillings: Fillings,
}

const OVERSEERS: [&str; 3] = ["editor", "publisher", "admin"];

impl Zoo {
    async fn new() -> Self {
        let mut zoo = Self {
            world: World::new(1),
            secrets: Vec::new(),
            fillings: Fillings::default(),
        };
        let (help, section) = zoo.world.portal("help", Audience::public()).await;
        let (inner, inside) = zoo
            .world
            .portal("inner", "employees".parse().unwrap())
            .await;
        let (setup, unready) = zoo.setup().await;
        for portal in [&help, &inner, &setup] {
            zoo.fillings.add("portal", portal.id);
            zoo.fillings.add("handle", &portal.handle);
        }
        for node in [section, inside, unready] {
            zoo.fillings.add("section", node);
        }
        let open = zoo
            .world
            .article(
                (&help, section),
                Kind::Explicit,
                "faq",
                Audience::public(),
                &[Text::en("Open to all", "Common ground.")],
            )
            .await;
        zoo.known(&open, "open-to-all");
        let staff: &[&str] = &["employee", "hr", "agent", "suggest key"];
        for (word, audience, seen_by) in [
            ("ambergris", "employees", staff),
            ("brimstone", "agents", &["agent", "suggest key"] as &[&str]),
            ("cinnabar", "segment:hr", &["hr"]),
        ] {
            zoo.article(&help, word, audience, seen_by).await;
        }
        zoo.article(
            &inner,
            "dragonsblood",
            "public",
            &["employee", "hr", "agent", "suggest key"],
        )
        .await;
        zoo.article(&setup, "euphorbia", "public", &[]).await;
        let archived = zoo.article(&help, "frankincense", "public", &[]).await;
        let admin = zoo.world.scope(Principal::Admin).await;
        let whole = articles::read(&zoo.world.kb, &admin, archived.id)
            .await
            .unwrap();
        articles::archive(&zoo.world.kb, &admin, archived.id, whole.head.version)
            .await
            .unwrap();
        zoo.drafts(&help, section, &open).await;
        zoo.settle().await;
        for locale in ["en", "zh-Hans", "zz-nonsense"] {
            zoo.fillings.add("locale", locale);
        }
        for (name, value) in [
            ("hash", "000000000000"),
            ("name", "sidenote.css"),
            ("name", "none.css"),
            ("slug", "not-found"),
            ("slug", "none"),
            ("system", "demo"),
            ("ticket", "1"),
            ("ticket", "none"),
            ("number", "1"),
            ("number", "2"),
            ("revision", "1"),
            ("article", "art_00000000000000000000000000"),
            ("portal", "prt_00000000000000000000000000"),
            ("section", "sec_00000000000000000000000000"),
            ("segment", "zzzzzzzz-none"),
            ("handle", "none"),
        ] {
            zoo.fillings.add(name, value);
        }
        zoo
    }

    async fn settle(&mut self) {
        self.world.touched();
        let indexer = indexer(&self.world);
        self.world.settle(&indexer).await;
    }

    /// A portal that is being set up, with a section.
    async fn setup(&mut self) -> (Portal, SectionId) {
        let scope = self.world.scope(Principal::Admin).await;
        let new = NewPortal {
            handle: "setup".to_owned(),
            name: BTreeMap::from([(Locale::en(), "Portal setup gallstone".to_owned())]),
            locales: vec![Locale::en()],
            default_locale: Locale::en(),
            entry: Audience::public(),
        };
        let portal = structure::create_portal(&self.world.kb, &scope, new)
            .await
            .unwrap()
            .value;
        let category = self.world.node(&portal, None, "Category").await;
        let section = self.world.node(&portal, Some(category.id), "Section").await;
        let NodeId::Section(id) = section.id else {
            unreachable!("what stands in a category is a section")
        };
        self.secrets.push(Secret {
            word: "gallstone".into(),
            shades: vec![portal.id.to_string()],
            seen_by: &[],
        });
        (portal, id)
    }

    fn known(&mut self, article: &Article, slug: &str) {
        self.fillings.add("article", article.id);
        self.fillings.add("segment", &article.key);
        self.fillings
            .add("segment", format!("{}-{slug}", article.key));
    }

    /// A secret article in a section of its own, whose words stand wherever an article's words can stand.
    async fn article(
        &mut self,
        portal: &Portal,
        word: &str,
        audience: &str,
        seen_by: &'static [&'static str],
    ) -> Article {
        let shade = format!("{word}shade");
        let category = self.node(portal, None, &format!("{word} {shade}")).await;
        let section = self
            .node(portal, Some(category.0), &format!("{word} {shade}"))
            .await;
        let NodeId::Section(id) = section.0 else {
            unreachable!("what stands in a category is a section")
        };
        self.fillings.add("section", id);
        for key in [&category.1, &section.1] {
            self.fillings.add("segment", key);
        }
        let text = Text::en(
            &format!("{word} {shade}"),
            &format!("{word} {shade} begins.\n\n## {word} {shade}\n\nCommon {word} {shade} ends."),
        );
        let article = self
            .world
            .article(
                (portal, id),
                Kind::Explicit,
                "faq",
                audience.parse().unwrap(),
                &[text],
            )
            .await;
        let scope = self.world.scope(Principal::Admin).await;
        let whole = articles::read(&self.world.kb, &scope, article.id)
            .await
            .unwrap();
        let change = ArticleChange {
            labels: Some(vec![format!("{word}:{shade}")]),
            ..ArticleChange::default()
        };
        articles::update(
            &self.world.kb,
            &scope,
            article.id,
            whole.head.version,
            change,
        )
        .await
        .unwrap();
        self.known(&article, word);
        let mut shades = vec![shade];
        shades.extend([
            article.id.to_string(),
            article.key.to_string(),
            id.to_string(),
        ]);
        shades.extend([
            category.0.to_string(),
            category.1.to_string(),
            section.1.to_string(),
        ]);
        self.secrets.push(Secret {
            word: word.to_owned(),
            shades,
            seen_by,
        });
        article
    }

    async fn node(
        &mut self,
        portal: &Portal,
        parent: Option<NodeId>,
        name: &str,
    ) -> (NodeId, PublicKey) {
        let scope = self.world.scope(Principal::Admin).await;
        let new = NewNode {
            parent,
            name: BTreeMap::from([(Locale::en(), name.to_owned())]),
            description: BTreeMap::from([(Locale::en(), name.to_owned())]),
            position: None,
            external: Some(name.to_owned()),
        };
        let node = structure::create_node(&self.world.kb, &scope, portal.id, new)
            .await
            .unwrap()
            .value;
        (node.id, node.key)
    }

    /// Texts that are not live: a draft, an old revision, a sibling in another language, a later draft of a live text.
    async fn drafts(&mut self, help: &Portal, section: SectionId, open: &Article) {
        let text = |word: &str| {
            Text::en(
                &format!("{word} {word}shade"),
                &format!("Common {word} {word}shade."),
            )
        };
        let draft = self
            .world
            .article(
                (help, section),
                Kind::Explicit,
                "faq",
                Audience::public(),
                &[],
            )
            .await;
        self.known(&draft, "draft");
        let old = self
            .world
            .article(
                (help, section),
                Kind::Explicit,
                "faq",
                Audience::public(),
                &[text("hartshorn")],
            )
            .await;
        self.known(&old, "new-words");
        self.world
            .publish(old.id, &Text::en("New words", "Common words."))
            .await
            .unwrap();
        let scope = self.world.scope(Principal::Admin).await;
        let save = async |id, locale: &str, version, word| {
            let locale: Locale = locale.parse().unwrap();
            let draft = text(word).draft();
            translations::save(&self.world.kb, &scope, id, &locale, version, draft)
                .await
                .unwrap();
        };
        save(draft.id, "en", None, "indigo").await;
        save(open.id, "zh-Hans", None, "jalap").await;
        let version = articles::read(&self.world.kb, &scope, old.id)
            .await
            .unwrap()
            .translations[0]
            .version;
        save(old.id, "en", Some(version), "kermes").await;
        for word in ["hartshorn", "indigo", "jalap", "kermes"] {
            let mut shades = vec![format!("{word}shade")];
            if word == "indigo" {
                shades.extend([draft.id.to_string(), draft.key.to_string()]);
            }
            self.secrets.push(Secret {
                word: word.to_owned(),
                shades,
                seen_by: &[],
            });
        }
    }

    /// Everybody who can ask.
    async fn principals(&self) -> Vec<(&'static str, Client)> {
        let nobody = client(&self.world);
        let mut all = vec![("anonymous", nobody.clone())];
        for (name, principal, segments) in [
            ("customer", Principal::Customer, &[] as &[&str]),
            ("employee", Principal::Employee, &[]),
            ("hr", Principal::Employee, &["hr"]),
            ("agent", Principal::Agent, &[]),
            ("editor", Principal::Editor, &[]),
            ("publisher", Principal::Publisher, &[]),
            ("admin", Principal::Admin, &[]),
        ] {
            all.push((
                name,
                nobody.session(&self.world.session(principal, segments).await),
            ));
        }
        for (name, scope) in [
            ("read key", KeyScope::Read),
            ("suggest key", KeyScope::Suggest),
            ("editor", KeyScope::Write),
            ("publisher", KeyScope::Publish),
            ("admin", KeyScope::Admin),
        ] {
            all.push((name, nobody.bearer(&self.world.key(&[scope]).await)));
        }
        all
    }

    /// Fails when an answer holds what `who` may not see. `asked` is what the request itself said.
    fn check(&self, who: &str, asked: &str, answer: &kb_testkit::Answered) {
        if OVERSEERS.contains(&who) {
            return;
        }
        let mut told = answer.text.to_lowercase();
        for value in answer.headers.values() {
            told.push_str(&value.to_str().unwrap_or_default().to_lowercase());
        }
        for secret in self.secrets.iter().filter(|s| !s.seen_by.contains(&who)) {
            let words = std::iter::once(&secret.word).chain(&secret.shades);
            for word in words.filter(|w| !asked.contains(w.as_str())) {
                for spelled in spellings(word) {
                    assert!(
                        !told.contains(&spelled),
                        "{who} learns {word:?} from {asked}: {}",
                        answer.text
                    );
                }
            }
        }
    }
}

/// A word as it might be hidden in an answer.
fn spellings(word: &str) -> Vec<String> {
    use base64::Engine;
    let hex: String = word.bytes().map(|b| format!("{b:02x}")).collect();
    let base64 = base64::engine::general_purpose::STANDARD_NO_PAD.encode(word);
    vec![word.to_lowercase(), hex, base64.to_lowercase()]
}

#[tokio::test]
async fn case_001_what_one_may_not_see_is_in_no_answer_of_any_route() {
    let zoo = Zoo::new().await;
    let routes = sidenote::commands::routes();
    let mut walked = 0;
    for (who, client) in zoo.principals().await {
        for operation in routes.operations().iter().filter(|o| o.method == "GET") {
            for address in zoo.fillings.addresses(operation.path) {
                zoo.check(who, &address, &client.get(&address).await);
                walked += 1;
            }
            // Each parameter, asked with each word.
            if !operation.path.contains('{') {
                for parameter in operation.query {
                    for secret in &zoo.secrets {
                        for value in [secret.word.clone(), format!("{}:x", secret.word)] {
                            let address = format!("{}?{}={value}", operation.path, parameter.0);
                            zoo.check(who, &address, &client.get(&address).await);
                            walked += 1;
                        }
                    }
                }
            }
        }
        for page in routes.pages() {
            for address in zoo.fillings.addresses(page.path) {
                let answer = client.get(&address).await;
                zoo.check(who, &address, &answer);
                // A redirect to what is hidden tells as much as the page would.
                if answer.header("location").starts_with('/') {
                    let there = answer.header("location").to_owned();
                    zoo.check(who, &address, &client.get(&there).await);
                }
                walked += 1;
            }
        }
        for secret in &zoo.secrets {
            let page = format!("/help/en/search?q={}", secret.word);
            zoo.check(who, &page, &client.get(&page).await);
        }
        let words: Vec<&str> = zoo.secrets.iter().map(|s| s.word.as_str()).collect();
        let text = format!("common words {}", words.join(" "));
        let ticket =
            json!({"ticket": {"system": "demo", "id": "1", "description": text}, "limit": 20});
        zoo.check(
            who,
            &text,
            &client.post("/api/v1/suggestions", &ticket).await,
        );
    }
    assert!(walked > 3_000, "{walked}");
}

#[tokio::test]
async fn case_001_the_zoo_is_seen_by_those_who_may() {
    let zoo = Zoo::new().await;
    for (who, client) in zoo.principals().await {
        for secret in zoo.secrets.iter().filter(|s| s.seen_by.contains(&who)) {
            let found = client
                .get(&format!("/api/v1/search?q={}", secret.word))
                .await;
            assert_eq!(
                found.json()["total"]["value"],
                1,
                "{who} {}: {}",
                secret.word,
                found.text
            );
        }
    }
}

#[tokio::test]
async fn case_007_a_hidden_thing_answers_like_one_that_never_was() {
    let zoo = Zoo::new().await;
    let routes = sidenote::commands::routes();
    let operations = routes
        .operations()
        .iter()
        .filter(|o| o.method == "GET")
        .map(|o| o.path);
    let paths: Vec<&str> = operations
        .chain(routes.pages().iter().map(|p| p.path))
        .collect();
    for (who, client) in zoo.principals().await {
        if OVERSEERS.contains(&who) {
            continue;
        }
        for secret in zoo.secrets.iter().filter(|s| !s.seen_by.contains(&who)) {
            for path in paths
                .iter()
                .filter(|p| p.contains("{article}") || p.contains("{segment}"))
            {
                for address in zoo.fillings.addresses(path) {
                    let Some(hidden) = secret.shades.iter().find(|s| address.contains(s.as_str()))
                    else {
                        continue;
                    };
                    let nothing = match hidden.split_once('_') {
                        Some((kind, _)) => format!("{kind}_00000000000000000000000000"),
                        None => "zzzzzzzz".to_owned(),
                    };
                    let never = client
                        .get(&address.replace(hidden.as_str(), &nothing))
                        .await;
                    let answer = client.get(&address).await;
                    assert_eq!(
                        (answer.status, &answer.text),
                        (never.status, &never.text),
                        "{who} {address}"
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn case_003_counts_and_facets_do_not_change_with_what_is_hidden() {
    let mut zoo = Zoo::new().await;
    let nobody = client(&zoo.world);
    let addresses = [
        "/api/v1/search?q=common",
        "/api/v1/search?q=",
        "/help/en/",
        "/help/en/search?q=common",
        "/api/v1/portals",
    ];
    let mut before = Vec::new();
    for address in addresses {
        before.push(nobody.get(address).await.text);
    }
    let (portal, section) = zoo.world.portal("more", "employees".parse().unwrap()).await;
    for n in 0..200 {
        let audience = ["employees", "agents", "segment:hr"][n % 3]
            .parse()
            .unwrap();
        let text = Text::en(&format!("Common {n}"), "Common ground and common words.");
        zoo.world
            .article(
                (&portal, section),
                Kind::ALL[n % 3],
                "manual",
                audience,
                &[text],
            )
            .await;
    }
    zoo.settle().await;
    for (address, before) in addresses.iter().zip(before) {
        assert_eq!(nobody.get(address).await.text, before, "{address}");
    }
}

#[test]
fn case_012_the_routes_that_anybody_may_ask_are_these() {
    let routes = sidenote::commands::routes();
    let open = routes
        .operations()
        .iter()
        .filter(|o| o.policy == Policy::Anybody);
    let mut open: Vec<String> = open.map(|o| format!("{} {}", o.method, o.path)).collect();
    open.extend(
        routes
            .pages()
            .iter()
            .filter(|p| p.policy == Policy::Anybody)
            .map(|p| format!("page {}", p.path)),
    );
    open.sort();
    assert_eq!(open, REVIEWED);
}

/// Routes that nobody needs a right for, each looked at: what they answer depends on the caller's audiences.
const REVIEWED: [&str; 25] = [
    "GET /api/v1/articles/{article}",
    "GET /api/v1/articles/{article}/translations",
    "GET /api/v1/articles/{article}/translations/{locale}",
    "GET /api/v1/articles/{article}/translations/{locale}/passage",
    "GET /api/v1/portals",
    "GET /api/v1/portals/{portal}",
    "GET /api/v1/portals/{portal}/sections",
    "GET /api/v1/portals/{portal}/sections/{section}",
    "GET /api/v1/portals/{portal}/sections/{section}/articles",
    "GET /api/v1/search",
    "page /",
    "page /agent/start",
    "page /agent/ticket",
    "page /assets/{hash}/{name}",
    "page /problems/{slug}",
    "page /sign-in",
    "page /sign-out",
    "page /{portal}",
    "page /{portal}/",
    "page /{portal}/{locale}",
    "page /{portal}/{locale}/",
    "page /{portal}/{locale}/articles/{segment}",
    "page /{portal}/{locale}/categories/{segment}",
    "page /{portal}/{locale}/search",
    "page /{portal}/{locale}/sections/{segment}",
];
