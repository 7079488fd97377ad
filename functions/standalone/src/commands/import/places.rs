//! Which portals the articles of a source go to.

use crate::app::App;
use crate::cli::Import as Asked;
use crate::exit::Failure;
use kb_actions::Kb;
use kb_actions::import::{Run, stand};
use kb_actions::portals;
use kb_domain::PortalDraft;
use kb_domain::{Audience, Comments, Locale, PortalId, PortalState};
use kb_import::exported::Chains;
use kb_store::repo::Import;
use std::collections::BTreeMap;

/// What the command line says about every source.
pub(super) struct Wanted<'a> {
    pub(super) asked: &'a Asked,
    pub(super) audience: Option<Audience>,
    pub(super) locale: Locale,
}

/// A portal that articles go to, and whether `--activate` opens it.
pub(super) struct Place {
    pub(super) id: PortalId,
    pub(super) open: bool,
}

impl Wanted<'_> {
    pub(super) fn run(&self, import: &Import, also: &[String], portal: PortalId) -> Run {
        Run {
            import: import.clone(),
            also: also.to_vec(),
            portal,
            audience: self.audience.clone(),
            locale: self.locale.clone(),
            draft: self.asked.draft,
        }
    }

    /// The portal for sources that name none; made, open to the import's audience, when it is not there.
    async fn portal(&self, kb: &Kb) -> Result<Place, Failure> {
        let handle = self.asked.portal.as_deref().unwrap_or("help");
        let locale = &self.locale;
        let mut locales = vec![locale.clone()];
        for other in ["en", "zh-Hans", "zh-Hant"] {
            locales.extend(other.parse().ok().filter(|l| l != locale));
        }
        let new = || {
            let entry = self.audience.clone().ok_or_else(|| {
                Failure::usage(
                    "--audience: say who may read it: public, customers, employees, segment:NAME",
                )
            })?;
            Ok(PortalDraft {
                name: BTreeMap::from([(locale.clone(), handle.to_owned())]),
                locales,
                default_locale: locale.clone(),
                entry,
                comments: Comments::default(),
                default: false,
            })
        };
        let id = found_or_made(kb, handle, new).await?;
        Ok(Place { id, open: true })
    }

    /// Where the articles of a source go, by the handle that it gives them; by an empty one where it knows no portals.
    pub(super) async fn places(
        &self,
        kb: &Kb,
        shelves: Option<Vec<Chains>>,
    ) -> Result<BTreeMap<String, Place>, Failure> {
        let Some(portals) = shelves else {
            return Ok(BTreeMap::from([(String::new(), self.portal(kb).await?)]));
        };
        if self.asked.portal.is_some() && portals.len() > 1 {
            return Err(Failure::refused(format!(
                "--portal: the export holds {} portals, which keep their handles; leave it out",
                portals.len()
            )));
        }
        let mut places = BTreeMap::new();
        for (portal, chains) in portals {
            let handle = self.asked.portal.as_ref().unwrap_or(&portal.handle);
            let id = found_or_made(kb, handle, || Ok(portal.draft())).await?;
            for chain in chains {
                stand(kb, id, &chain, &portal.default_locale, &App::operator())
                    .await
                    .map_err(Failure::refused)?;
            }
            let open = portal.state == PortalState::Active;
            places.insert(portal.handle, Place { id, open });
        }
        Ok(places)
    }
}

/// The portal of this handle. A new one is in set-up, whatever an export says: its readers come when the operator says so.
async fn found_or_made(
    kb: &Kb,
    handle: &str,
    new: impl FnOnce() -> Result<PortalDraft, Failure>,
) -> Result<PortalId, Failure> {
    let ctx = super::operator(kb).await?;
    let portals = portals::list(kb, &ctx)
        .await
        .map_err(Failure::environment)?;
    if let Some(found) = portals.into_iter().find(|p| p.value.handle == handle) {
        return Ok(found.value.id);
    }
    let refused = |e: kb_actions::Error| match e {
        kb_actions::Error::Domain(rule) => Failure::usage(format!("--portal: {}", rule.sentence())),
        other => Failure::usage(format!("--portal: {other}")),
    };
    let made = portals::create(kb, &ctx, handle.to_owned(), new()?)
        .await
        .map_err(refused)?;
    let made = made
        .commit(kb.store())
        .await
        .map_err(|e| refused(e.into()))?;
    Ok(made.value.id)
}
