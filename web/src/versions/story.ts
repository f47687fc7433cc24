// What makes a version differ from its source, counted.
import type { Span, Title, Version } from '../api/shapes';
import { align, end } from './alignment';

export interface Story {
  removed: { count: number; seconds: number };
  cards: { count: number; seconds: number };
  /** Other titles it has scenes from. */
  foreign: string[];
}

/**
 * What versions are told against: the one that is a single whole film. Where an order changed that too, the film as it
 * was is told by its length.
 */
export function sourceOf(title: Title): Pick<Version, 'spans'> {
  const single = title.versions.filter((each) => each.spans.length === 1 && each.spans[0]!.title === title.id);
  const longest = single.toSorted((one, two) => end(two.spans) - end(one.spans))[0];
  return longest ?? { spans: [{ kind: 'film', at: 0, seconds: title.seconds, title: title.id, from: 0, at_unit: 0, units: title.units }] };
}

export function storyOf(title: string, source: Span[], spans: Span[]): Story {
  const gone = align(source, spans).filter((each) => each.b === undefined);
  const cards = spans.filter((each) => each.kind === 'card');
  const sum = (list: { seconds: number }[]) => list.reduce((total, each) => total + each.seconds, 0);
  const others = spans.flatMap((each) => (each.kind === 'film' && each.title && each.title !== title ? [each.title] : []));
  return {
    removed: { count: gone.length, seconds: sum(gone) },
    cards: { count: cards.length, seconds: sum(cards) },
    foreign: [...new Set(others)],
  };
}
