import { expect, it } from 'vitest';
import type { Holds, RatingView } from '../api/shapes';
import { clock, ordered, tone } from './rating';

const holds = (some: Partial<Holds>) => ({ label: 'T16', banned: false, untold: [], ...some }) as unknown as Holds;

it('shows a label in the colour of what is left to do', () => {
  expect(tone(holds({}))).toBe('good');
  expect(tone(holds({ untold: [{ before_first_play: false }] as never }))).toBe('good');
  expect(tone(holds({ untold: [{ before_first_play: true }] as never }))).toBe('waiting');
  expect(tone(holds({ banned: true, label: 'C' }))).toBe('bad');
  expect(tone(holds({ label: null }))).toBe('bad');
});

it('puts first where something was said, then the two countries', () => {
  const of = (territory: string, said: number) => ({ territory, history: Array(said).fill({}) });
  const view = { territories: [of('DE', 0), of('KR', 0), of('SG', 1), of('VN', 0)] } as unknown as RatingView;
  expect(ordered(view).map((each) => each.territory)).toEqual(['SG', 'KR', 'VN', 'DE']);
});

it('writes places as people type them', () => {
  expect([0, 61, 2478.5, 59.96, 3.04].map(clock)).toEqual(['0:00', '1:01', '41:18.5', '1:00', '0:03']);
});
