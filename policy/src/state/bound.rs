//! Which orders bind, by what they name. The gate asks this at every play.

use imbl::OrdMap;

use super::{Named, OrderId};
use crate::order::{Order, Work};
use crate::state::Standing;
use crate::territory::Territory;

/// Sorted ids, each once.
type Ids = Vec<OrderId>;

/// The orders that bind, now or later, in each territory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bound(OrdMap<Territory, Here>);

/// Those of one territory: on everything, on a title or series of this id, on media of this digest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Here {
    service: Ids,
    titles: Named<String, Ids>,
    sources: Named<[u8; 32], Ids>,
}

impl Bound {
    pub(super) fn here(&self, territory: Territory) -> Option<&Here> {
        self.0.get(&territory)
    }

    pub(super) fn bind(&mut self, standing: &Standing) {
        self.each(standing, |ids, id| {
            if let Err(at) = ids.binary_search(id) {
                ids.insert(at, id.clone());
            }
        });
    }

    pub(super) fn unbind(&mut self, standing: &Standing) {
        self.each(standing, |ids, id| ids.retain(|other| other != id));
    }

    fn each(&mut self, standing: &Standing, change: impl Fn(&mut Ids, &OrderId)) {
        let Some(order) = standing.binding().map(|binding| binding.order) else { return };
        for territory in &order.territories {
            let mut here = self.0.remove(territory).unwrap_or_default();
            here.each(standing, order, &change);
            if !here.is_empty() {
                self.0.insert(*territory, here);
            }
        }
    }
}

impl Here {
    /// The orders found by these names and this digest of media, sorted, each once.
    pub(super) fn of<'n>(&self, names: impl Iterator<Item = &'n str>, source: &[u8; 32]) -> Vec<&OrderId> {
        let named = names.filter_map(|name| self.titles.get(name)).chain(self.sources.get(source)).flatten();
        let mut ids: Vec<&OrderId> = self.service.iter().chain(named).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    fn each(&mut self, standing: &Standing, order: &Order, change: &impl Fn(&mut Ids, &OrderId)) {
        let id = order.id();
        match &order.work {
            Work::Service => change(&mut self.service, &id),
            Work::Title(title) => within(&mut self.titles, title.clone(), |ids| change(ids, &id)),
        }
        let mut sources: Vec<[u8; 32]> = standing.resolved.iter().map(|range| range.source.0).collect();
        sources.sort_unstable();
        sources.dedup();
        for source in sources {
            within(&mut self.sources, source, |ids| change(ids, &id));
        }
    }

    fn is_empty(&self) -> bool {
        self.service.is_empty() && self.titles.is_empty() && self.sources.is_empty()
    }
}

/// Changes what stands under a key; a key under which nothing stands is not kept.
fn within<K: Clone + std::hash::Hash + Eq>(map: &mut Named<K, Ids>, key: K, change: impl Fn(&mut Ids)) {
    let mut ids = map.remove(&key).unwrap_or_default();
    change(&mut ids);
    if !ids.is_empty() {
        map.insert(key, ids);
    }
}
