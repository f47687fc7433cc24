// How two versions lie beside each other. Both are cut into atoms at every boundary either of them has on a
// source timeline; the longest common run of atoms is what both show. What only one shows stands alone, so the
// joint timeline is as long as the union of the two, and each moment of it is a moment of one version or of both.
import type { Span } from '../api/shapes';

/** A stretch of the joint timeline. `a` and `b` are where it starts in each version that has it. */
export interface Stretch {
  at: number;
  seconds: number;
  kind: Span['kind'];
  a?: number;
  b?: number;
}

interface Atom {
  key: string;
  kind: Span['kind'];
  at: number;
  seconds: number;
}

/** Boundaries nearer to each other than this, in seconds, are one boundary. */
const NEAR = 0.002;

export function align(a: Span[], b: Span[]): Stretch[] {
  const cuts = boundaries([...a, ...b]);
  return joined(merge(atoms(a, cuts), atoms(b, cuts)));
}

/** Where the moment `at` of version `from` is in version `to`: the same frame, or the next one kept. */
export function mapPosition(from: Span[], to: Span[], at: number): number {
  const stretches = align(from, to);
  const here = stretches.findIndex((each) => each.a !== undefined && at < each.a + each.seconds);
  if (here < 0) return end(to);
  const stretch = stretches[here]!;
  if (stretch.b !== undefined) return stretch.b + Math.max(0, at - stretch.a!);
  return stretches.slice(here).find((each) => each.b !== undefined)?.b ?? end(to);
}

/** Moments of a version, after its start, where two spans meet. */
export function seams(spans: Span[]): number[] {
  return spans.slice(1).map((span) => span.at);
}

export function end(spans: Span[]): number {
  const last = spans.at(-1);
  return last ? last.at + last.seconds : 0;
}

function boundaries(spans: Span[]): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const span of spans) {
    if (span.kind !== 'film') continue;
    const list = found.get(span.title ?? '') ?? [];
    list.push(span.from ?? 0, (span.from ?? 0) + span.seconds);
    found.set(span.title ?? '', list);
  }
  for (const [title, list] of found) {
    list.sort((one, two) => one - two);
    found.set(title, list.filter((at, n) => n === 0 || at - list[n - 1]! > NEAR));
  }
  return found;
}

function atoms(spans: Span[], cuts: Map<string, number[]>): Atom[] {
  return spans.flatMap((span) => {
    if (span.kind === 'card') {
      return [{ key: `card ${span.seconds.toFixed(2)}`, kind: span.kind, at: span.at, seconds: span.seconds }];
    }
    const from = span.from ?? 0;
    const to = from + span.seconds;
    const inside = (cuts.get(span.title ?? '') ?? []).filter((cut) => cut > from + NEAR && cut < to - NEAR);
    const starts = [from, ...inside];
    return starts.map((start, n) => ({
      key: `${span.title} ${nearest(cuts.get(span.title ?? '') ?? [], start)}`,
      kind: span.kind,
      at: span.at + start - from,
      seconds: (starts[n + 1] ?? to) - start,
    }));
  });
}

function nearest(cuts: number[], at: number): number {
  return cuts.find((cut) => Math.abs(cut - at) <= NEAR) ?? at;
}

// Longest common subsequence by keys, then both lists written out in order around it.
function merge(a: Atom[], b: Atom[]): Stretch[] {
  const length = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      length[i]![j] =
        a[i]!.key === b[j]!.key ? length[i + 1]![j + 1]! + 1 : Math.max(length[i + 1]![j]!, length[i]![j + 1]!);
    }
  }
  const out: Stretch[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]];
    if (left && right && left.key === right.key) {
      out.push({ at: 0, seconds: left.seconds, kind: left.kind, a: left.at, b: right.at });
      i += 1;
      j += 1;
    } else if (left && (!right || length[i + 1]![j]! >= length[i]![j + 1]!)) {
      out.push({ at: 0, seconds: left.seconds, kind: left.kind, a: left.at });
      i += 1;
    } else {
      out.push({ at: 0, seconds: right!.seconds, kind: right!.kind, b: right!.at });
      j += 1;
    }
  }
  return out;
}

// Neighbours that run on in both versions become one stretch, and every stretch learns where it starts.
function joined(stretches: Stretch[]): Stretch[] {
  const out: Stretch[] = [];
  for (const next of stretches) {
    const last = out.at(-1);
    if (last && last.kind === next.kind && runsOn(last.a, next.a, last.seconds) && runsOn(last.b, next.b, last.seconds)) {
      last.seconds += next.seconds;
    } else {
      out.push({ ...next, at: last ? last.at + last.seconds : 0 });
    }
  }
  return out;
}

function runsOn(before: number | undefined, after: number | undefined, seconds: number): boolean {
  if (before === undefined || after === undefined) return before === after;
  return Math.abs(before + seconds - after) <= NEAR;
}
