// What the look back shows of what the server answers.
import type { Stop } from '../api/shapes';

/** What viewers got, in one word and colour. */
export type Tone = 'played' | 'held' | 'refused';

export function toneOf({ playable, held }: { playable: boolean; held: boolean }): Tone {
  if (!playable) return 'refused';
  return held ? 'held' : 'played';
}

/** What is said of a tone: of what was, or of what is planned. */
export function saidOf(tone: Tone, planned: boolean) {
  const ahead = { played: 'willPlay', held: 'willHold', refused: 'willRefuse' } as const;
  return planned ? ahead[tone] : tone;
}

/** Whether an instant comes after another. */
export function isAfter(at: string, other: string): boolean {
  return micros(at) > micros(other);
}

/** The stop that holds at an instant: the last that is not later; the first where all are. */
export function stopAt(stops: Stop[], at: string): number {
  const wanted = micros(at);
  let found = 0;
  stops.forEach((stop, n) => {
    if (micros(stop.at) <= wanted) found = n;
  });
  return found;
}

/** Stretches of stops with one tone, for the band: `from` and `to` count stops, the end not included. None goes on from what has been to what is planned. */
export function stretches(stops: Stop[], been = stops.length): { tone: Tone; from: number; to: number }[] {
  const found: { tone: Tone; from: number; to: number }[] = [];
  stops.forEach((stop, n) => {
    const tone = toneOf(stop.stands);
    const last = found.at(-1);
    if (last?.tone === tone && n !== been) last.to = n + 1;
    else found.push({ tone, from: n, to: n + 1 });
  });
  return found;
}

/** The word of a stop's kind in the lists of words that there are, or the kind itself. */
export function kindOf(stop: Stop, ...words: Record<string, string>[]): string {
  for (const each of words) if (each[stop.kind]) return each[stop.kind]!;
  return stop.kind.replaceAll('-', ' ');
}

/** The territories worth offering first: those the house has said something about, then Vietnam and Korea. */
export function offered(lines: { territory: string; stand: { state: string } }[], chosen: string): string[] {
  const declared = lines.filter((each) => each.stand.state !== 'undeclared').map((each) => each.territory);
  const all = [...declared, 'VN', 'KR', ...lines.map((each) => each.territory), chosen];
  return [...new Set(all.filter(Boolean))];
}

// Records count in microseconds, `Date` in milliseconds: two records of one millisecond must not be mixed up.
function micros(at: string): number {
  const part = /\.(\d+)/.exec(at)?.[1] ?? '';
  const seconds = Date.parse(at.replace(/\.\d+/, '')) / 1000;
  return seconds * 1_000_000 + Number(part.slice(0, 6).padEnd(6, '0'));
}
