// Screens and their addresses. The server answers every address here with the same page.
export type Route =
  | { screen: 'home' }
  | { screen: 'watch'; title: string; version?: string; compare?: string }
  | { screen: 'missing'; path: string };

export function parseRoute(path: string, query = ''): Route {
  if (path === '/' || path === '') return { screen: 'home' };
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

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
