import { describe, expect, it } from 'vitest';
import type { Showing } from '../api/shapes';
import { cardOf, Course, cornerOf, inkOn, nameOfCard, overPicture, pictureIn, signOf, symbolHeight } from './advisory';

const showing = (changes: Partial<Showing>): Showing => ({
  territory: 'VN', rule: 'r', shows: ['label'], place: 'top-corner', when: 'whole-film', spans: [], before: 0,
  label: 'T16', descriptors: [], text: { en: '{}' }, ...changes,
});
const MINUTE = 60_000;
const symbol = showing({ rule: 'symbol', spans: [{ from: 0, to: 60 * MINUTE }], text: { en: 'T16' } });
const warning = showing({
  rule: 'during', shows: ['descriptors'], place: 'below-label', when: 'during-film',
  spans: [0, 20, 40].map((at) => ({ from: at * MINUTE, to: at * MINUTE + 3000 })), text: { en: 'Warning', vi: 'Cảnh báo' },
});
const before = showing({ rule: 'before', shows: ['descriptors'], place: 'below-label', when: 'before-film', before: 3000 });
const card = showing({ territory: 'KR', rule: 'card', shows: ['label', 'descriptors'], place: 'first-screen', when: 'at-start', spans: [{ from: 0, to: 3000 }] });

const rules = (showings: Showing[]) => showings.map((each) => each.rule).join(' ');

describe('what stands', () => {
  it('the symbol from the first picture to the last', () => {
    const course = new Course();
    for (const at of [0, 5, 30 * MINUTE, 60 * MINUTE, 0]) expect(rules(course.at([symbol], at, 0))).toBe('symbol');
  });

  it('a warning at its times, below the symbol', () => {
    const course = new Course();
    expect(rules(course.at([warning, symbol], 0, 0))).toBe('symbol during');
    expect(rules(course.at([warning, symbol], 2900, 2900))).toBe('symbol during');
    expect(rules(course.at([warning, symbol], 3100, 200))).toBe('symbol');
    expect(rules(course.at([warning], 20 * MINUTE + 10, 1e9))).toBe('during');
  });

  it('as long by the viewer’s clock, however fast the film runs', () => {
    const course = new Course();
    course.at([warning], 0, 0);
    expect(course.at([warning], 5800, 2900)).toHaveLength(1);
    expect(course.at([warning], 6200, 200)).toHaveLength(0);
    const slow = new Course();
    slow.at([warning], 0, 0);
    expect(slow.at([warning], 2000, 4000), 'the film is still there').toHaveLength(1);
    expect(slow.at([warning], 1000, 1e9), 'it stands while the film does').toHaveLength(1);
  });

  it('once where a jump leaps over it or the film is taken up again', () => {
    const course = new Course();
    course.at([warning], 4000, 0);
    expect(course.at([warning], 7000, 3000)).toHaveLength(0);
    expect(course.at([warning], 30 * MINUTE, 10)).toHaveLength(1);
    expect(course.at([warning], 30 * MINUTE + 3100, 3100)).toHaveLength(0);
    expect(course.at([warning], 5 * MINUTE, 10), 'back: it was shown').toHaveLength(0);
    expect(course.at([warning], 20 * MINUTE, 1e9), 'and again where it comes').toHaveLength(1);
    expect(new Course().at([card], 30 * MINUTE, 0), 'the first picture that is shown').toHaveLength(1);
  });

  it('the same in another version of the film, anew with another label', () => {
    const course = new Course();
    course.at([warning], 25 * MINUTE, 0);
    expect(course.at([warning], 25 * MINUTE, 5000)).toHaveLength(0);
    expect(course.at([{ ...warning, spans: warning.spans.slice(0, 2) }], 25 * MINUTE, 0)).toHaveLength(0);
    expect(course.at([{ ...warning, label: 'T18' }], 25 * MINUTE, 0)).toHaveLength(1);
  });
});

it('a card stands before the film, with the symbol that it belongs below', () => {
  expect(cardOf([symbol, warning])).toBeUndefined();
  expect(cardOf([before, symbol])).toEqual({ showings: [before], stands: 3000 });
  expect(rules(cornerOf([before, symbol]))).toBe('symbol');
  expect(nameOfCard([before, symbol])).toBe(nameOfCard([before]));
  expect(nameOfCard([before])).not.toBe(nameOfCard([{ ...before, label: 'T18' }]));
  expect([overPicture([before]), overPicture([before, symbol])]).toEqual([false, true]);
});

it('says it in the viewer’s language', () => {
  expect(signOf(warning, 'vi')).toEqual({ symbol: '', words: 'Cảnh báo' });
  expect(signOf(warning, 'ko').words).toBe('Warning');
  const korean = showing({ label: '15', colour: '#ffd400', text: { ko: '15 폭력성, 공포', en: '15' } });
  expect(signOf(korean, 'ko')).toEqual({ symbol: '15', words: '폭력성, 공포', colour: '#ffd400' });
  expect(signOf(korean, 'en')).toEqual({ symbol: '15', words: '', colour: '#ffd400' });
  expect([inkOn('#ffd400'), inkOn('#ed1c24'), inkOn('#0072bc'), inkOn('#000000')]).toEqual(['#000', '#fff', '#fff', '#fff']);
});

it('lies on the picture, not on the bars beside it', () => {
  expect(pictureIn({ width: 1600, height: 900 }, { width: 400, height: 300 })).toEqual({ left: 200, top: 0, width: 1200, height: 900 });
  expect(pictureIn({ width: 390, height: 844 }, { width: 1920, height: 1080 }).top).toBeCloseTo(312.3, 1);
  expect(pictureIn({ width: 10, height: 10 }, { width: 0, height: 0 })).toEqual({ left: 0, top: 0, width: 10, height: 10 });
});

it('is as large as is asked, on any screen', () => {
  for (const screen of [{ width: 390, height: 219 }, { width: 1440, height: 640 }, { width: 3840, height: 2160 }]) {
    const height = symbolHeight({ min_diagonal: [1, 20] }, screen);
    expect(Math.hypot(height, height * 1.15)).toBeGreaterThan(Math.hypot(screen.width, screen.height) / 20);
    expect(symbolHeight({}, screen)).toBeGreaterThanOrEqual(26);
  }
});
