import { expect, it } from 'vitest';
import { bytes, clock, framesPerSecond, length, ownName, placeName, share } from './written';

it('writes positions', () => {
  expect([0, 7.9, 61, 3127.5, 3723, -3, NaN].map(clock)).toEqual(['0:00', '0:07', '1:01', '52:07', '1:02:03', '0:00', '0:00']);
});

it('writes lengths in three languages', () => {
  expect([52.2, 300, 5400, 7200].map((each) => length(each, 'vi'))).toEqual(['52 giây', '5 phút', '1 giờ 30 phút', '2 giờ']);
  expect(length(5400, 'ko')).toBe('1시간 30분');
  expect(length(52, 'en')).toBe('52 seconds');
});

it('writes bytes and shares', () => {
  expect(bytes(0, 'en')).toBe('0 bytes');
  expect(bytes(214_300, 'en')).toBe('214 kB');
  expect(bytes(1_240_000, 'vi')).toBe('1,2 MB');
  expect(share(0.9996, 'en')).toBe('99.9%');
  expect(share(1, 'en')).toBe('100%');
  expect(share(0.416, 'en')).toBe('41%');
});

it('names languages in their own words', () => {
  expect(['vi', 'ko', 'en', 'x-nothing'].map(ownName)).toEqual(['Tiếng Việt', '한국어', 'English', 'x-nothing']);
});

it('reads exact rates', () => {
  expect(['24', '24000/1001', '', '0/0'].map(framesPerSecond).map((each) => Math.round(each * 1000))).toEqual([24000, 23976, 0, 0]);
});

it('names countries in the language of the page', () => {
  expect(['vi', 'ko', 'en'].map((language) => placeName('VN', language))).toEqual(['Việt Nam', '베트남', 'Vietnam']);
  expect(placeName('not a place', 'en')).toBe('not a place');
});
