import { expect, it } from 'vitest';
import { growth } from './bars';

function picture(top: number, bottom: number, rows = 72) {
  return Array.from({ length: rows * 4 }, (_, n) => {
    const row = Math.floor(n / 4);
    return row < top || row >= rows - bottom ? 3 : 90;
  });
}

it('grows a picture past equal bars', () => {
  expect(growth(picture(9, 9), 4)).toBeCloseTo(72 / (72 - 19), 2);
});

it('leaves pictures alone that have none, a dark sky, or are dark all over', () => {
  expect([picture(0, 0), picture(12, 0), picture(30, 30), picture(72, 0)].map((each) => growth(each, 4))).toEqual([1, 1, 1, 1]);
});
