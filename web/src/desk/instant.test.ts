import { expect, it } from 'vitest';
import { instant, moment, span, zoneOf } from './instant';

it('reads an instant in the authority’s zone', () => {
  const at = Date.parse('2026-01-03T14:00:00Z');
  expect(instant(at, 'en', zoneOf(['VN']))).toContain('21:00');
  expect(instant(at, 'ko', zoneOf(['KR']))).toContain('23:00');
  expect(zoneOf(['VN', 'KR'])).toBeUndefined();
  expect(zoneOf(['VN'])).toBe('Asia/Ho_Chi_Minh');
});

it('tells the time that passes in its two largest units', () => {
  expect(span(100_800_000, 'en')).toBe('1 day 4 hours');
  expect(span(-83_520_000, 'vi')).toBe('23 giờ 12 phút');
  expect(span(40_000, 'ko')).toBe('40초');
  expect(span(7_200_000, 'en')).toBe('2 hours');
  expect(span(38, 'en')).toBe('38 milliseconds');
});

it('writes moments of a film', () => {
  expect([10.4, 17.375, 2478, 3723.999, -1].map(moment)).toEqual(['0:10.40', '0:17.38', '41:18.00', '1:02:04.00', '0:00.00']);
});
