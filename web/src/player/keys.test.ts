import { expect, it } from 'vitest';
import { actOf, nextSpeed } from './keys';

it('knows its keys, whatever the case', () => {
  expect(actOf({ key: 'K' })).toEqual({ act: 'play' });
  expect(actOf({ key: ' ' })).toEqual({ act: 'play' });
  expect(actOf({ key: '7' })).toEqual({ act: 'tenth', tenth: 7 });
  expect(actOf({ key: 'ArrowLeft' })).toEqual({ act: 'seek', by: -5 });
});

it('leaves shortcuts of the browser and other keys alone', () => {
  expect(actOf({ key: 'f', ctrlKey: true })).toBeUndefined();
  expect(actOf({ key: 'Tab' })).toBeUndefined();
  expect(actOf({ key: 'toString' })).toBeUndefined();
});

it('steps through the speeds and stops at both ends', () => {
  expect(nextSpeed(1, 1)).toBe(1.25);
  expect(nextSpeed(1, -1)).toBe(0.75);
  expect(nextSpeed(2, 1)).toBe(2);
  expect(nextSpeed(0.5, -1)).toBe(0.5);
});
