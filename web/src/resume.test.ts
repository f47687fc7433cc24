import { beforeEach, expect, it, vi } from 'vitest';
import { mark, note, worthKeeping } from './resume';

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  });
});

it('keeps a place for each version of a title', () => {
  note('sintel', 'whole', 20, 52);
  note('sintel', 'cut', 11, 44);
  expect(mark('sintel', 'whole')?.at).toBe(20);
  expect(mark('sintel', 'cut')?.at).toBe(11);
  expect(mark('bunny', 'whole')).toBeUndefined();
});

it('forgets a version watched to its end', () => {
  note('sintel', 'whole', 20, 52);
  note('sintel', 'whole', 51.9, 52);
  expect(mark('sintel', 'whole')).toBeUndefined();
});

it('takes neither the first moments nor the credits for a place', () => {
  expect([5, 11, 7100, 7190].map((at) => worthKeeping(at, 7200))).toEqual([false, true, true, false]);
  expect([1, 3, 49, 51].map((at) => worthKeeping(at, 52))).toEqual([false, true, true, false]);
});
