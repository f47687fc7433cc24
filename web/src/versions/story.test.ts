import { expect, it } from 'vitest';
import type { Span, Title } from '../api/shapes';
import { sourceOf, storyOf } from './story';

const film = (title: string, at: number, from: number, to: number): Span => ({ kind: 'film', title, at, from, seconds: to - from });
const whole = [film('s', 0, 0, 50)];
const reel: Span[] = [{ kind: 'card', at: 0, seconds: 4 }, film('s', 4, 2, 12), film('t', 14, 0, 5)];

it('counts what was removed, added and borrowed', () => {
  expect(storyOf('s', whole, reel)).toEqual({
    removed: { count: 2, seconds: 40 },
    cards: { count: 1, seconds: 4 },
    foreign: ['t'],
  });
  expect(storyOf('s', whole, whole).removed.count).toBe(0);
});

it('tells versions against the whole, wherever it stands in the list', () => {
  const version = (name: string, spans: Span[]) => ({ name, label: {}, composition: '', seconds: 0, spans });
  const title = { id: 's', versions: [version('reel', reel), version('part', [film('s', 0, 0, 9)]), version('whole', whole)] };
  expect(sourceOf(title as unknown as Title).spans).toBe(whole);
  const bound = { id: 's', seconds: 50, units: 1200, versions: [version('whole', [film('s', 0, 0, 9), film('s', 9, 20, 50)])] };
  expect(sourceOf(bound as unknown as Title).spans).toMatchObject(whole);
});
