import { parseRoute, type Route } from './route';

export type Start = 'resume' | 'beginning';

/** Where the viewer is. `start` is what the link asked for, `undefined` where the address was typed. */
export const place = $state<{ route: Route; start?: Start; query: string }>({
  route: parseRoute(location.pathname, location.search),
  query: location.search,
});

function arrive(start?: Start) {
  place.route = parseRoute(location.pathname, location.search);
  place.query = location.search;
  place.start = start;
}

export function go(path: string, start?: Start) {
  history.pushState({}, '', withEngine(path));
  arrive(start);
  scrollTo(0, 0);
}

/** Changes the address without a new entry in the history, as a version switch does. */
export function amend(path: string) {
  history.replaceState({}, '', withEngine(path));
  arrive();
}

// `?engine=` is a setting of the visit, so it follows from page to page.
function withEngine(path: string): string {
  const engine = new URLSearchParams(location.search).get('engine');
  if (!engine) return path;
  return `${path}${path.includes('?') ? '&' : '?'}engine=${encodeURIComponent(engine)}`;
}

/** Follows links of this site without loading the page again. */
export function followLinks(event: MouseEvent) {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element).closest?.('a');
  if (!link || link.origin !== location.origin || link.target || link.pathname.startsWith('/api/')) return;
  if (link.hash && link.pathname === location.pathname) return;
  event.preventDefault();
  go(link.pathname + link.search, link.dataset.start as Start | undefined);
}

addEventListener('popstate', () => arrive());
