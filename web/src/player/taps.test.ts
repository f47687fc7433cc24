import { expect, it } from 'vitest';
import { TapCount } from './taps';

it('steps on the second quick tap and on each after it', () => {
  const taps = new TapCount();
  expect(taps.tap(0.9, 0)).toBeUndefined();
  expect(taps.tap(0.9, 200)).toEqual({ side: 'right', by: 10, total: 10 });
  expect(taps.tap(0.9, 400)).toEqual({ side: 'right', by: 10, total: 20 });
  expect(taps.tap(0.9, 1400)).toBeUndefined();
});

it('does not step for slow taps, the middle, or taps on both sides', () => {
  const taps = new TapCount();
  expect([taps.tap(0.1, 0), taps.tap(0.1, 600), taps.tap(0.9, 700), taps.tap(0.5, 800), taps.tap(0.5, 900)]).toEqual(
    Array(5).fill(undefined),
  );
  expect(taps.tap(0.1, 950)).toBeUndefined();
  expect(taps.tap(0.1, 1000)?.by).toBe(-10);
});
