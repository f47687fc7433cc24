import { expect, it } from 'vitest';
import { failureOf, isBrokenOff, isEnded } from './failure';

it('tells a lost connection from a server that cannot, and from one that may not', () => {
  expect(failureOf({ category: 1, code: 1002 })).toEqual({ kind: 'network', code: '1002' });
  const body = JSON.stringify({ error: { kind: 'data_loss', message: 'a stored file is shorter than its index', remedy: 'Run phim check.' } });
  expect(failureOf({ category: 1, code: 1001, data: ['/c/x/v0/1.m4s', 503, body] })).toEqual({
    kind: 'server',
    code: '1001 · HTTP 503',
    said: 'a stored file is shorter than its index · Run phim check.',
  });
  expect(failureOf({ category: 1, code: 1001, data: ['', 451, '{"reasons":[{}]}'] })).toEqual({ kind: 'withheld', code: '1001 · HTTP 451' });
});

it('keeps bodies that are not the house’s to itself', () => {
  for (const body of ['<html>502</html>', undefined, 'null', '{"error":7}']) {
    expect(failureOf({ category: 1, code: 1001, data: ['', 502, body] }).said).toBeUndefined();
  }
});

it('names what the browser or the manifest is to blame for', () => {
  expect([3, 4, 5, undefined].map((category) => failureOf({ category, code: 1 }).kind)).toEqual(['media', 'manifest', 'other', 'other']);
});

it('tells an answer that broke off from one that was given', () => {
  expect([1002, 1003, 1001].map((code) => isBrokenOff({ category: 1, code }))).toEqual([true, true, false]);
  expect(isBrokenOff({ category: 3, code: 3015 })).toBe(false);
});

it('knows when a token has ended', () => {
  expect([401, 403, 451].map((status) => isEnded({ category: 1, code: 1001, data: ['', status] }))).toEqual([true, false, false]);
  expect(isEnded({ category: 1, code: 1002 })).toBe(false);
});
