import type { Play, Problem, Title } from './shapes';

/** An answer that is not the one asked for, in the server's words. `status` is 0 where no answer came. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
    readonly reasons: string[] = [],
  ) {
    super(problem.message);
  }
}

export async function listTitles(signal?: AbortSignal): Promise<Title[]> {
  return (await ask<{ titles: Title[] }>('/api/v1/titles', { signal })).titles;
}

export function showTitle(id: string, signal?: AbortSignal): Promise<Title> {
  return ask(`/api/v1/titles/${encodeURIComponent(id)}`, { signal });
}

export function play(title: string, version?: string, signal?: AbortSignal): Promise<Play> {
  const body = JSON.stringify({ title, version });
  return ask('/api/v1/play', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body, signal });
}

async function ask<T>(path: string, init: RequestInit): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(path, init);
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw new Refused(0, { kind: 'unreachable', message: '', places: [], remedy: '' });
  }
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) return body as T;
  const said = (body.error ?? {}) as Partial<Problem>;
  const problem = { kind: said.kind ?? 'unknown', message: said.message ?? '', places: said.places ?? [], remedy: said.remedy ?? '' };
  throw new Refused(answer.status, problem, Array.isArray(body.reasons) ? body.reasons.map(String) : []);
}
