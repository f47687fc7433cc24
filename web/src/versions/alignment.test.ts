import { describe, expect, it } from 'vitest';
import type { Span } from '../api/shapes';
import { align, end, mapPosition, seams } from './alignment';

function spans(...list: [string, number, number][]): Span[] {
  let at = 0;
  return list.map(([title, from, to]) => {
    const seconds = to - from;
    const span: Span = title === 'card' ? { kind: 'card', at, seconds } : { kind: 'film', at, seconds, title, from };
    at += seconds;
    return span;
  });
}

const whole = spans(['s', 0, 50]);
const cut = spans(['s', 0, 10], ['s', 17, 30], ['s', 32, 50]);
const card = spans(['card', 0, 4], ['s', 0, 50]);

function drawn(a: Span[], b: Span[]) {
  return align(a, b).map(({ at, seconds, kind, a: left, b: right }) => `${kind} ${at}+${seconds} a=${left ?? '-'} b=${right ?? '-'}`);
}

describe('two versions beside each other', () => {
  it('shows what was removed as a stretch of the whole alone', () => {
    expect(drawn(whole, cut)).toEqual([
      'film 0+10 a=0 b=0',
      'film 10+7 a=10 b=-',
      'film 17+13 a=17 b=10',
      'film 30+2 a=30 b=-',
      'film 32+18 a=32 b=23',
    ]);
  });

  it('shows a card as a stretch of one version alone', () => {
    expect(drawn(whole, card)).toEqual(['card 0+4 a=- b=0', 'film 4+50 a=0 b=4']);
  });

  it('keeps films apart that share no source', () => {
    const reel = spans(['s', 2, 12], ['t', 0, 4], ['s', 30, 40]);
    expect(drawn(whole, reel)).toEqual([
      'film 0+2 a=0 b=-',
      'film 2+10 a=2 b=0',
      'film 12+18 a=12 b=-',
      'film 30+4 a=- b=10',
      'film 34+10 a=30 b=14',
      'film 44+10 a=40 b=-',
    ]);
  });

  it('takes a version as equal to itself', () => {
    expect(drawn(cut, cut)).toEqual(['film 0+41 a=0 b=0']);
  });

  it('covers the union of both and each version once', () => {
    const stretches = align(cut, card);
    const length = (side: 'a' | 'b') =>
      stretches.filter((each) => each[side] !== undefined).reduce((sum, each) => sum + each.seconds, 0);
    expect(length('a')).toBeCloseTo(end(cut));
    expect(length('b')).toBeCloseTo(end(card));
  });
});

describe('the same moment in another version', () => {
  it('is the same frame where both have it', () => {
    expect(mapPosition(whole, cut, 20)).toBeCloseTo(13);
    expect(mapPosition(cut, whole, 13)).toBeCloseTo(20);
    expect(mapPosition(cut, card, 25)).toBeCloseTo(38);
  });

  it('is the next frame kept where the moment was removed', () => {
    expect(mapPosition(whole, cut, 12)).toBeCloseTo(10);
    expect(mapPosition(card, whole, 2)).toBeCloseTo(0);
  });

  it('is the end where nothing follows', () => {
    expect(mapPosition(whole, spans(['s', 0, 10]), 40)).toBe(10);
    expect(mapPosition(whole, cut, 99)).toBe(41);
  });
});

it('names the seams of a version', () => {
  expect(seams(cut)).toEqual([10, 23]);
});
