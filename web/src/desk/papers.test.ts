import { expect, it } from 'vitest';
import { PAPER_WORDS } from '../words/desk/papers';
import { emptyDraft, entering, fieldOf, FIELDS, wrongs, type Draft, type Kind } from './papers';

const w = PAPER_WORDS.en;
const filled = (kind: Kind, more: Partial<Draft> = {}): Draft => {
  const draft = emptyDraft();
  for (const field of FIELDS[kind]) if (typeof draft[field] === 'string' && !['from', 'until'].includes(field)) Object.assign(draft, { [field]: 'x' });
  return { ...draft, likelihood: '4', impact: '5', review: '2027-05-01', ...more };
};
const find = (kind: Kind, more: Partial<Draft>) => wrongs(kind, filled(kind, more), '2026-11-22', w);

it('names every field that is empty', () => {
  expect(Object.keys(wrongs('licence', emptyDraft(), '2026-11-22', w))).toEqual(['grant', 'number', 'authority', 'document']);
  expect(Object.keys(wrongs('position', emptyDraft(), '2026-11-22', w))).toEqual(['rule', 'reading', 'said_by', 'basis']);
  expect(Object.keys(wrongs('risk', emptyDraft(), '2026-11-22', w))).toEqual(['id', 'area', 'owner', 'review', 'mitigation']);
  expect(find('licence', { number: '  ' })).toEqual({ number: w.wrong.needed });
});

it('knows days that cannot be, and names that are none', () => {
  expect(find('licence', { from: '2026-12-01', until: '2026-11-30' })).toEqual({ until: w.wrong.order });
  expect(find('licence', { until: '2026-11-21' })).toEqual({ until: w.wrong.order });
  expect(find('licence', { from: '2026-11-30', until: '2026-11-30' })).toEqual({});
  expect(find('risk', { review: '2026-11-21' })).toEqual({ review: w.wrong.past });
  expect(find('risk', { id: 'Bản đồ' })).toEqual({ id: w.wrong.name });
  expect(find('licence', { number: 'x'.repeat(101) })).toEqual({ number: w.wrong.long('100') });
});

it('sends what the server reads', () => {
  expect(entering('licence', filled('licence', { kinds: ['film'], until: '2030-01-01' }))).toEqual({
    add_licence: { grant: 'x', number: 'x', authority: 'x', kinds: ['film'], from: undefined, until: '2030-01-01', document: { text: 'x' } },
  });
  expect(entering('risk', filled('risk'))).toMatchObject({ add_risk: { likelihood: 4, impact: 5, mitigation: { text: 'x' } } });
  expect(entering('position', filled('position'))).toMatchObject({ take_position: { basis: { text: 'x' } } });
});

it('finds the field that an answer is about', () => {
  expect(fieldOf('licence', ['add_licence.number'])).toBe('number');
  expect(fieldOf('licence', ['until'])).toBe('until');
  expect(fieldOf('licence', ['somewhere'])).toBeUndefined();
});
