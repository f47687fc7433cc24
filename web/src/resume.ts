// Where a viewer stopped, for each version of each title, kept in the browser only.
import { store, stored } from './stored';

export interface Mark {
  at: number;
  seconds: number;
  when: number;
}

const KEPT = 60;

export function markKey(title: string, version: string): string {
  return `${title}/${version}`;
}

/** Notes a position; the first moments and the credits count as not begun and as seen. */
export function note(title: string, version: string, at: number, seconds: number) {
  const marks = stored<Record<string, Mark>>('marks', {});
  const key = markKey(title, version);
  if (worthKeeping(at, seconds)) marks[key] = { at, seconds, when: Date.now() };
  else delete marks[key];
  const newest = Object.entries(marks).sort(([, one], [, two]) => two.when - one.when);
  store('marks', Object.fromEntries(newest.slice(0, KEPT)));
}

export function mark(title: string, version: string): Mark | undefined {
  return stored<Record<string, Mark>>('marks', {})[markKey(title, version)];
}

export function marks(): Record<string, Mark> {
  return stored('marks', {});
}

export function worthKeeping(at: number, seconds: number): boolean {
  return at > Math.min(10, seconds * 0.05) && at < seconds - Math.min(30, seconds * 0.05);
}
