import { expect, it } from 'vitest';
import type { Play } from '../api/shapes';
import { freshAddress, turnOf, untilExpiry, withToken } from './obedience';

function given(changes: Partial<Play>): Play {
  return {
    hls: '', dash: '', poster: '', thumbnails: '', chapters: '', obligations: [], edits: [], held: [], notices: [],
    composition: 'a', state: '1', seconds: 52, expires: '2026-11-22T12:00:00Z',
    ...changes,
  };
}

it('goes on undisturbed where nothing changed for it', () => {
  expect(turnOf(given({}), given({ expires: '2026-11-23T00:00:00Z' }), 12)).toBeUndefined();
});

it('stays where it is while scenes are held back in what it plays', () => {
  const held = given({ state: '2', held: [{ from: 10, to: 18 }], resume: 12 });
  expect(turnOf(given({}), held, 12.5)).toEqual({ play: held, at: 12.5 });
});

it('moves to the mapped place of another composition, or to its end', () => {
  const cut = given({ state: '3', composition: 'b', seconds: 45, resume: 10.4 });
  expect(turnOf(given({}), cut, 12)?.at).toBe(10.4);
  expect(turnOf(given({}), given({ ...cut, resume: undefined }), 50)?.at).toBe(45);
  expect(turnOf(given({}), given({ ...cut, resume: 51 }), 51)?.at).toBe(45);
});

it('asks again a little before the addresses end, never at once and never by a timer that overflows', () => {
  const at = (text: string) => Date.parse(text);
  expect(untilExpiry(given({}), at('2026-11-22T11:59:50Z'))).toBe(9800);
  expect(untilExpiry(given({}), at('2026-11-22T12:00:05Z'))).toBe(1000);
  expect(untilExpiry(given({ expires: '2027-11-22T12:00:00Z' }), at('2026-11-22T11:00:00Z'))).toBe(2 ** 31 - 1);
  expect(untilExpiry(given({ expires: '' }), 0)).toBe(2 ** 31 - 1);
});

it('names media anew under what holds now, but neither init segments nor what is not media', () => {
  const base = `http://house/vn/c/${'ab'.repeat(32)}`;
  const state = '0123456789abcdef';
  expect(freshAddress(`${base}/v0/3.m4s`, state)).toBe(`${base}/v0/3.m4s?s=0123456789ab`);
  expect(freshAddress(`${base}/v0/3.m4s?x=1`, state)).toBe(`${base}/v0/3.m4s?x=1&s=0123456789ab`);
  expect(freshAddress(`${base}/v0/init-0.mp4`, state)).toBe(`${base}/v0/init-0.mp4`);
  expect(freshAddress('http://house/api/v1/play', state)).toBe('http://house/api/v1/play');
  expect(freshAddress(`${base}/v0/3.m4s`, '')).toBe(`${base}/v0/3.m4s`);
});

it('puts a token in front of where keys are', () => {
  const licence = '/t/abc/api/v1/licences/C';
  expect(withToken('http://house/api/v1/licences/C/v0', licence)).toBe('http://house/t/abc/api/v1/licences/C/v0');
  expect(withToken('http://house/e/C/hls.m3u8', licence)).toBe('http://house/e/C/hls.m3u8');
  expect(withToken('http://house/api/v1/licences/C', '')).toBe('http://house/api/v1/licences/C');
});
