import { expect, it } from 'vitest';
import type { CaseLine, Turn, Wait } from '../api/shapes';
import { linesOf, openQuestions, pressingIn, sideOf, size } from './thread';

const turn = (what: string, more: Partial<Turn> = {}): Turn => ({ at: '2026-01-03T10:00:00Z', by: 'a', what, ...more });
const paper = (commitment: string, text = '') => ({ commitment, text, erased: false });
const wait = (on: string, what: string, more: Partial<Wait> = {}): Wait => ({ on, what, since: '2026-01-03T10:00:00Z', ...more });

it('knows whose word a line is', () => {
  const asked = turn('case-question', { from: 'house', document: paper('q') });
  const answered = turn('case-answer', { answers: 'q' });
  const timeline = [asked, answered];
  expect(timeline.map((each) => sideOf(each, timeline))).toEqual(['house', 'authority']);
  const others = ['order-placed', 'proposal-made', 'proposal-accepted', 'reported', 'case-closed', 'took-effect'];
  expect(others.map((what) => sideOf(turn(what), []))).toEqual(['authority', 'house', 'authority', 'house', 'house', undefined]);
  expect(sideOf(turn('case-answer', { answers: 'unknown' }), [])).toBe('house');
});

it('tells in one line what Phim did several times in a row', () => {
  const made = turn('frame-accurate', { order: '1' });
  const lines = linesOf([turn('order-placed', { order: '1' }), made, made, turn('frame-accurate', { order: '2' }), turn('case-letter', { from: 'house' }), turn('case-letter', { from: 'house' })]);
  expect(lines.map((line) => [line.turn.what, line.times])).toEqual([
    ['order-placed', 1], ['frame-accurate', 2], ['frame-accurate', 1], ['case-letter', 1], ['case-letter', 1],
  ]);
});

it('finds what is asked, and what presses', () => {
  const waits = [wait('authority', 'answer', { about: 'q' }), wait('house', 'report', { due: '2026-01-04T10:00:00Z' }), wait('house', 'approval')];
  expect(openQuestions(waits, [turn('case-question', { document: paper('q', 'Which?') })])).toEqual([{ commitment: 'q', text: 'Which?' }]);
  expect(openQuestions(waits, [])).toEqual([{ commitment: 'q', text: '' }]);
  expect(pressingIn({ waits } as CaseLine)?.what).toBe('report');
  expect(pressingIn({ waits: waits.slice(0, 1) } as CaseLine)?.on).toBe('authority');
  expect(pressingIn({ waits: [] as Wait[] } as CaseLine)).toBeUndefined();
});

it('writes sizes', () => {
  expect([0, 312, 24_300, 1_340_000].map((bytes) => size(bytes, 'en'))).toEqual(['0 byte', '312 byte', '24 kB', '1.3 MB']);
});
