import { expect, it } from 'vitest';
import { codes, emptyDraft, orderJson, type Draft } from './draft';

function draft(changes: Partial<Draft>): Draft {
  return { ...emptyDraft('2026-01-03', 'sintel'), authority: ' Cục Điện ảnh ', number: '12/QĐ', basis: 'Điều 9', ...changes };
}

it('says what was typed and nothing that was left empty', () => {
  expect(orderJson(draft({ written: ' 41:18-41:55 ' }))).toEqual({
    authority: 'Cục Điện ảnh',
    number: '12/QĐ',
    date: '2026-01-03',
    legal_basis: 'Điều 9',
    territories: ['VN'],
    work: { title: 'sintel' },
    scope: '41:18-41:55',
    operation: 'cut',
  });
});

it('gives instants as the territory’s own time, and what else was typed', () => {
  const order = orderJson(draft({ start: '2026-01-03T21:00', reportDue: '2026-01-05T00:00', cited: 'tập 18', reason: 'bản đồ', margin: 12 }));
  expect(order).toMatchObject({ start: '2026-01-03 21:00', report_due: '2026-01-05 00:00', cited: 'tập 18', reason: 'bản đồ', margin: 12 });
  expect(order).not.toHaveProperty('removal_due');
});

it('withdraws the whole of a work, some episodes of it, or everything', () => {
  expect(orderJson(draft({ operation: 'withdraw' })).scope).toBe('whole');
  expect(orderJson(draft({ operation: 'withdraw', written: 'tập 18' })).scope).toBe('tập 18');
  expect(orderJson(draft({ operation: 'withdraw', title: '' })).work).toBe('service');
  expect(orderJson(draft({ whole: true, written: 'left over' })).scope).toBe('whole');
});

it('puts a card only where one replaces what is cut, with the languages that were written', () => {
  const card = { vi: 'Đã cắt theo yêu cầu', ko: '', en: ' Removed ' };
  const lines = [{ language: 'vi', text: 'Đã cắt theo yêu cầu' }, { language: 'en', text: 'Removed' }];
  expect(orderJson(draft({ operation: 'replace', card, cardSeconds: 5 })).card).toEqual({ seconds: 5, lines });
  expect(orderJson(draft({ card }))).not.toHaveProperty('card');
});

it('reads country codes however they are separated', () => {
  expect(codes(' vn, KR;us vn ')).toEqual(['VN', 'KR', 'US']);
  expect(codes('')).toEqual([]);
});
