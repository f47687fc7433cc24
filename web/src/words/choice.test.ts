import { expect, it } from 'vitest';
import { firstSpoken, LANGUAGES, named } from './choice';

it('takes the first language of the browser that the page speaks', () => {
  expect(firstSpoken(['fr-FR', 'ko-KR', 'en'])).toBe('ko');
  expect(firstSpoken(['vi'])).toBe('vi');
  expect(firstSpoken(['de', 'fr'])).toBe('en');
  expect(firstSpoken(['constructor'])).toBe('en');
});

it('names things in the language of the viewer, else in one there is', () => {
  expect(named({ vi: 'Mùa hè', en: 'Summer' }, 'vi')).toBe('Mùa hè');
  expect(named({ vi: 'Mùa hè', en: 'Summer' }, 'ko')).toBe('Summer');
  expect(named({ vi: 'Mùa hè' }, 'ko')).toBe('Mùa hè');
  expect(named({}, 'ko', 'summer')).toBe('summer');
});

it('lists the same keys in every language', () => {
  const keys = LANGUAGES.en.keyList.map(([key]) => key);
  for (const words of Object.values(LANGUAGES)) expect(words.keyList.map(([key]) => key)).toEqual(keys);
});
