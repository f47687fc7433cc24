// Screens and their addresses. The server answers every address here with the same page.
export type Route =
  | { screen: 'home' }
  | { screen: 'watch'; title: string; version?: string; compare?: string }
  | { screen: 'desk'; room: DeskRoom; order?: OrderName; case?: string; country?: string; rated?: string; then?: Moment; placing: boolean }
  | { screen: 'profile' }
  | { screen: 'link'; token: string }
  | { screen: 'missing'; path: string };

/** What the desk shows a list of. */
export type DeskRoom = 'orders' | 'cases' | 'countries' | 'ratings' | 'then' | 'webhooks';

/** A title in a country, and the instant that is looked back at. */
export interface Moment {
  title: string;
  territory: string;
  version?: string;
  at?: string;
}

/** Authority and number name an order. */
export interface OrderName {
  authority: string;
  number: string;
}

export function parseRoute(path: string, query = ''): Route {
  if (path === '/' || path === '') return { screen: 'home' };
  if (/^\/profile\/?$/.test(path)) return { screen: 'profile' };
  const desk = /^\/desk(?:\/(new|order|cases|case|countries|country|ratings|rating|then|webhooks))?\/?$/.exec(path);
  if (desk) return deskIn(desk[1], query);
  const link = /^\/link\/([\w-]+)\/?$/.exec(path);
  if (link) return { screen: 'link', token: link[1]! };
  const found = /^\/watch\/([^/]+)\/?$/.exec(path);
  const title = found && decoded(found[1]!);
  if (!title) return { screen: 'missing', path };
  const asked = new URLSearchParams(query);
  return {
    screen: 'watch',
    title,
    version: asked.get('version') ?? undefined,
    compare: asked.get('compare') ?? undefined,
  };
}

export function watchPath(title: string, version?: string, compare?: string): string {
  const asked = new URLSearchParams();
  if (version) asked.set('version', version);
  if (compare) asked.set('compare', compare);
  const query = asked.toString();
  return `/watch/${encodeURIComponent(title)}${query && `?${query}`}`;
}

export function orderPath({ authority, number }: OrderName): string {
  return `/desk/order?${new URLSearchParams({ authority, number })}`;
}

export function casePath(name: string): string {
  return `/desk/case?${new URLSearchParams({ case: name })}`;
}

/** A country's readiness. */
export function countryPath(territory: string): string {
  return `/desk/country?${new URLSearchParams({ cc: territory })}`;
}

export function ratingPath(title: string): string {
  return `/desk/rating?${new URLSearchParams({ title })}`;
}

/** What viewers in a country saw of a title, at an instant. */
export function thenPath(title: string, territory = 'VN', version?: string, at?: string): string {
  const asked = new URLSearchParams({ title, cc: territory });
  if (version) asked.set('version', version);
  if (at) asked.set('at', at);
  return `/desk/then?${asked}`;
}

function thenIn(query: string): Moment | undefined {
  const asked = new URLSearchParams(query);
  const title = asked.get('title');
  if (!title) return undefined;
  return { title, territory: asked.get('cc') ?? 'VN', version: asked.get('version') ?? undefined, at: asked.get('at') ?? undefined };
}

function deskIn(part: string | undefined, query: string): Route {
  const room = part === 'webhooks' || part === 'then' ? part : part?.startsWith('rating') ? 'ratings' : part?.startsWith('case') ? 'cases' : part?.startsWith('countr') ? 'countries' : 'orders';
  return {
    screen: 'desk',
    room,
    order: part === 'order' ? orderIn(query) : undefined,
    rated: part === 'rating' ? (new URLSearchParams(query).get('title') ?? '') : undefined,
    case: part === 'case' ? (new URLSearchParams(query).get('case') ?? '') : undefined,
    country: part === 'country' ? (new URLSearchParams(query).get('cc') ?? '') : undefined,
    then: part === 'then' ? thenIn(query) : undefined,
    placing: part === 'new',
  };
}

// Numbers have slashes in them, so they stand in the query.
function orderIn(query: string): OrderName {
  const asked = new URLSearchParams(query);
  return { authority: asked.get('authority') ?? '', number: asked.get('number') ?? '' };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
