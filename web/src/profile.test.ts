import { expect, it } from 'vitest';
import type { Title } from './api/shapes';
import { accompany, hide, isHidden, isLocked, keep, openFor, saidFor, setPin, tryPin, mustWait, profile } from './profile.svelte';

const title = (id: string, age?: number) =>
  ({ id, versions: [{ name: 'whole', labels: [{ territory: 'VN', code: 'T', name: {}, age, descriptors: [], says: {} }] }] }) as unknown as Title;

it('says of a viewer what was said here, and nothing of other titles', () => {
  expect(saidFor('a')).toEqual({});
  keep({ born: '2010-02-03', upTo: 13 });
  hide('a', true);
  hide('b', true);
  expect(saidFor('a')).toEqual({ born: '2010-02-03', up_to: 13, hidden: ['a'] });
  expect(saidFor('c')).toEqual({ born: '2010-02-03', up_to: 13 });
  openFor('a');
  accompany('a');
  expect(saidFor('a')).toEqual({ born: '2010-02-03', pin: true, guardian: true });
});

it('hides and locks', () => {
  keep({ upTo: 13 });
  hide('x', true);
  expect([isHidden('x'), isHidden('y')]).toEqual([true, false]);
  expect([isLocked(title('y', 16)), isLocked(title('y', 13)), isLocked(title('y'))]).toEqual([true, false, false]);
  hide('x', false);
  expect(isHidden('x')).toBe(false);
});

it('opens with the number only, and not after many tries', async () => {
  await setPin('2468');
  expect(await tryPin('1111')).toBe(false);
  expect(await tryPin('2468')).toBe(true);
  expect(profile.tries.wrong).toBe(0);
  for (let n = 0; n < 5; n += 1) await tryPin('1111');
  expect(mustWait()).toBeGreaterThan(20_000);
  expect(await tryPin('2468'), 'even the right one waits').toBe(false);
});
