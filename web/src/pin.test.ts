import { expect, it } from 'vitest';
import { isPin, keptPin, PIN, waits } from './pin';

it('keeps a number that nobody reads, each time with another salt', async () => {
  const [one, two] = await Promise.all([keptPin('1234', 10), keptPin('1234', 10)]);
  expect(await isPin('1234', one)).toBe(true);
  expect(await isPin('1235', one)).toBe(false);
  expect(await isPin('', one)).toBe(false);
  expect(one.hash).not.toBe(two.hash);
  expect(JSON.stringify(one)).not.toContain('1234');
});

it('knows what is a number', () => {
  expect(['1234', '12345678', '123', '123456789', '12a4', ' 1234', ''].map((text) => PIN.test(text))).toEqual([true, true, false, false, false, false, false]);
});

it('lets nobody try many', () => {
  expect(waits({ wrong: 4, at: 0 }, 0)).toBe(0);
  expect(waits({ wrong: 5, at: 0 }, 10_000)).toBe(20_000);
  expect(waits({ wrong: 7, at: 0 }, 0)).toBe(120_000);
  expect(waits({ wrong: 60, at: 0 }, 0)).toBe(3_600_000);
  expect(waits({ wrong: 5, at: 50_000 }, 0), 'the clock was set back').toBe(30_000);
  expect(waits({ wrong: 5, at: 0 }, 30_000)).toBe(0);
});
