import { expect, test } from 'vitest';
import type { Stop } from '../api/shapes';
import { isAfter, kindOf, offered, saidOf, stopAt, stretches, toneOf } from './then';

const stop = (at: string, playable: boolean, held = false): Stop => ({
  at, kind: 'order-placed', says: '', stands: { playable, held, rules: [] },
});

const stops = [
  stop('2026-07-10T13:00:00Z', true),
  stop('2026-07-10T13:00:00.000001Z', true, true),
  stop('2026-07-10T13:00:00.000002Z', false),
  stop('2026-07-10T13:00:01.5Z', false),
  stop('2026-07-11T00:00:00Z', true),
];

test('what viewers got, in one word', () => {
  expect(stops.map((each) => toneOf(each.stands))).toEqual(['played', 'held', 'refused', 'refused', 'played']);
});

test('what is planned is said as such', () => {
  expect(saidOf('held', false)).toBe('held');
  expect(saidOf('held', true)).toBe('willHold');
  expect(isAfter('2026-07-10T13:00:00.000002Z', '2026-07-10T20:00:00.000001+07:00')).toBe(true);
  expect(isAfter('2026-07-10T13:00:00Z', '2026-07-10T20:00:00+07:00')).toBe(false);
});

test('the stop that holds at an instant, to the microsecond', () => {
  const at = (text: string) => stopAt(stops, text);
  expect(at('2026-07-10T13:00:00Z')).toBe(0);
  expect(at('2026-07-10T13:00:00.000001Z')).toBe(1);
  expect(at('2026-07-10T20:00:00.000002+07:00')).toBe(2);
  expect(at('2026-07-10T13:00:01.499999Z')).toBe(2);
  expect(at('2026-07-10T23:59:59.999Z')).toBe(3);
  expect(at('2030-01-01T00:00:00Z')).toBe(4);
  expect(at('2000-01-01T00:00:00Z')).toBe(0);
});

test('the band joins what looks the same', () => {
  expect(stretches(stops)).toEqual([
    { tone: 'played', from: 0, to: 1 },
    { tone: 'held', from: 1, to: 2 },
    { tone: 'refused', from: 2, to: 4 },
    { tone: 'played', from: 4, to: 5 },
  ]);
  expect(stretches([])).toEqual([]);
  expect(stretches(stops, 3).map((each) => [each.from, each.to]), 'what is planned is a stretch of its own').toEqual([[0, 1], [1, 2], [2, 3], [3, 4], [4, 5]]);
});

test('words of a kind', () => {
  expect(kindOf(stops[0]!, {}, { 'order-placed': 'Order recorded' })).toBe('Order recorded');
  expect(kindOf(stops[0]!, {})).toBe('order placed');
});

test('countries that the house has spoken of come first', () => {
  const line = (territory: string, state: string) => ({ territory, stand: { state } });
  expect(offered([line('DE', 'undeclared'), line('KR', 'open')], 'TH')).toEqual(['KR', 'VN', 'DE', 'TH']);
});
