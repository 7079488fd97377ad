//! What texts of one source settle among each other: ids that are equal, links, places, who may read a text in all its languages.

use super::text::Text;
use super::{Asked, nav};
use crate::links::{self, Targets};
use crate::order;
use kb_actions::import::Item;
use kb_domain::{Audience, Body, BodyFormat, Locale, access};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What the base holds under an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The title of the text in the language asked about, or of the first.
    pub title: String,
    /// Its body.
    pub body: Body,
}

type Id = (String, Option<Locale>);

fn id_of(text: &Text, asked: &Asked) -> Id {
    let locale = text.locale.clone().or_else(|| asked.locale.clone());
    (
        text.place.external_id.clone(),
        Some(locale.unwrap_or_else(Locale::en)),
    )
}

/// Texts by id and language.
fn groups(texts: &[Text], asked: &Asked) -> BTreeMap<Id, Vec<usize>> {
    let mut groups: BTreeMap<Id, Vec<usize>> = BTreeMap::new();
    for (n, text) in texts.iter().enumerate() {
        groups.entry(id_of(text, asked)).or_default().push(n);
    }
    groups
}

/// Ids that several texts of one language would have.
pub(super) fn shared(texts: &[Text], asked: &Asked) -> HashSet<String> {
    let groups = groups(texts, asked).into_iter();
    let shared = groups.filter(|(_, members)| members.len() > 1);
    shared.map(|((id, _), _)| id).collect()
}

/// The items of a source, in the order that its names give.
pub(super) fn settle(
    mut texts: Vec<Text>,
    navigation: &[(String, String)],
    asked: &Asked,
    known: &HashMap<String, Known>,
) -> Vec<Item> {
    texts.sort_by(|a, b| order::compare(&a.path, &b.path));
    let ids = ids(&texts, asked, known);
    same_readers(&mut texts, &ids);
    let places = places(&texts);
    let linked: Vec<links::Known> = texts
        .iter()
        .zip(&ids)
        .map(|(text, id)| links::Known {
            path: text.path.clone(),
            id: id.clone(),
            title: text.title.clone(),
            former: text.said.redirects.clone(),
        })
        .collect();
    let targets = Targets::new(&linked);
    let ranks = nav::ranks(navigation, &targets);
    let taken: HashSet<String> = ids.iter().cloned().collect();
    let items = texts.into_iter().zip(&ids).zip(&linked).zip(places);
    let items = items.map(|(((text, id), from), (said, named))| {
        let place = (said, ranks.get(id).copied().unwrap_or(named));
        item(text, id, &taken, (from, &targets), place)
    });
    let mut items: Vec<Item> = items.collect();
    // Folders are made as their articles come; what navigation names comes first, in its order.
    items.sort_by_key(|item| ranks.get(&item.external_id).copied().unwrap_or(u32::MAX));
    items
}

/// The id of each text: the path without language and ending, but for texts that would share it. Whose it is then the base knows: it
/// holds that very text, or one of its format; else the first by format. The others get their ending, or their whole path.
fn ids(texts: &[Text], asked: &Asked, known: &HashMap<String, Known>) -> Vec<String> {
    let mut ids: Vec<String> = texts.iter().map(|t| t.place.external_id.clone()).collect();
    let mut used: HashSet<Id> = HashSet::new();
    for (id, members) in groups(texts, asked) {
        let owner = owner(&members, texts, known.get(&id.0));
        used.insert(id.clone());
        for n in members.into_iter().filter(|n| *n != owner) {
            let place = &texts[n].place;
            let same_ending = place.with_ending == texts[owner].place.with_ending;
            let with_ending = (place.with_ending.clone(), id.1.clone());
            ids[n] = if !same_ending && used.insert(with_ending.clone()) {
                with_ending.0
            } else {
                place.whole.clone()
            };
        }
    }
    ids
}

fn owner(members: &[usize], texts: &[Text], known: Option<&Known>) -> usize {
    let likeness = |n: &&usize| {
        let text = &texts[**n];
        let like = known.map_or(0, |known| {
            let same = |yes: bool, worth: u32| if yes { worth } else { 0 };
            same(known.body.source == text.body.source, 4)
                + same(known.title == text.title, 2)
                + same(known.body.format == text.body.format, 1)
        });
        let format = match text.body.format {
            BodyFormat::Markdown => 2,
            BodyFormat::Html => 1,
            BodyFormat::Text => 0,
        };
        // The shorter path is the plainer name: `en/a.md` before `en-US/a.md`.
        (like, format, std::cmp::Reverse(text.path.len()))
    };
    members
        .iter()
        .max_by_key(likeness)
        .copied()
        .unwrap_or_default()
}

/// An article has one audience in all its languages: what one of its texts says holds for those that say nothing, and where two
/// differ, none of those that say something is shown.
fn same_readers(texts: &mut [Text], ids: &[String]) {
    let mut said: HashMap<&str, Vec<Audience>> = HashMap::new();
    for (text, id) in texts.iter().zip(ids) {
        let audience = text.access.audience.clone();
        if let Some(audience) = audience.filter(|a| !access::is_public(a)) {
            let all = said.entry(id.as_str()).or_default();
            if !all.contains(&audience) {
                all.push(audience);
            }
        }
    }
    for (text, id) in texts.iter_mut().zip(ids) {
        match said.get(id.as_str()).map(Vec::as_slice) {
            Some([one]) => text.access.audience = Some(one.clone()),
            Some(_) => text
                .access
                .forbid("its languages name different audiences".to_owned()),
            None => {}
        }
    }
}

/// What each text has as its place: the one it says, and the one that its name gives where it says none.
fn places(texts: &[Text]) -> Vec<(Option<u32>, u32)> {
    let mut sections: HashMap<(Vec<String>, Option<Locale>), Vec<usize>> = HashMap::new();
    for (n, text) in texts
        .iter()
        .enumerate()
        .filter(|(_, t)| t.said.weight.is_some())
    {
        let section = (text.place.folders.clone(), text.locale.clone());
        sections.entry(section).or_default().push(n);
    }
    let named = |text: &Text| match text.place.stem.to_lowercase().as_str() {
        "index" | "readme" | "overview" | "introduction" => 0,
        stem => order::place(stem),
    };
    let mut places: Vec<_> = texts.iter().map(|t| (None, named(t))).collect();
    for members in sections.into_values() {
        let weights: Vec<f64> = members
            .iter()
            .filter_map(|n| texts[*n].said.weight)
            .collect();
        for (n, rank) in members.into_iter().zip(order::ranks(&weights)) {
            places[n].0 = Some(rank);
        }
    }
    places
}

fn item(
    text: Text,
    id: &str,
    taken: &HashSet<String>,
    (from, targets): (&links::Known, &Targets),
    (position, order): (Option<u32>, u32),
) -> Item {
    let linked = links::resolve(text.body.format, &text.body.source, from, targets);
    let mut warnings = text.warnings;
    let reasons = text.access.reasons.iter();
    warnings.extend(reasons.map(|reason| format!("kept as a draft: {reason}")));
    let lost = linked.lost.iter();
    warnings.extend(lost.map(|href| {
        format!("links to {href}, which is not among the articles of the source; its words stay, without a link")
    }));
    let place = text.place;
    // What it may be called in the base already, the most particular first.
    let mut known_as = vec![
        place.with_ending,
        place.whole,
        place.earlier,
        place.external_id,
    ];
    let mut seen = HashSet::new();
    known_as.retain(|name| name != id && !taken.contains(name) && seen.insert(name.clone()));
    Item {
        name: text.path,
        external_id: id.to_owned(),
        known_as,
        folders: text.folders,
        locale: text.locale,
        title: text.title,
        summary: text.said.summary.unwrap_or_default(),
        body: Body {
            format: text.body.format,
            source: linked.source,
        },
        kind: text.said.kind,
        article_type: text.said.article_type,
        labels: text.said.labels,
        audience: text.access.audience,
        redirects: text.said.redirects,
        position,
        order: Some(order),
        draft: !text.access.reasons.is_empty(),
        pictures: text.pictures,
        warnings,
        notes: text.notes,
        portal: None,
        origin: None,
    }
}
