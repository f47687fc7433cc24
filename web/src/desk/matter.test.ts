import { expect, it } from 'vitest';
import type { Order } from '../api/shapes';
import { caseOf, clocksOf, inForceSince, inOrder, pressing, scopeWritten, standingOf, textOf, told } from './matter';

const at = (hour: number) => `2026-01-03T${String(hour).padStart(2, '0')}:00:00Z`;
const NOW = Date.parse(at(12));
const done = (hour: number, what: string) => ({ at: at(hour), by: 'x', what });

function order(changes: Partial<Omit<Order, 'due'>> & { due?: object }): Order {
  return {
    authority: 'A', number: '1', order: {}, status: 'standing', placed: at(1), start: at(1), due: {}, resolved: [], proposals: [],
    appeals: 0, reported: [], took_effect: [], frame_accurate: [], failed: [], history: [done(1, 'order-placed')],
    ...changes,
  } as Order;
}

it('tells an order that is ahead from one in force', () => {
  const ahead = order({ start: at(9) });
  expect(standingOf(ahead, Date.parse(at(8)))).toBe('ahead');
  expect(standingOf(ahead, Date.parse(at(9)))).toBe('standing');
  expect(standingOf(order({ status: 'lifted', start: at(9) }), Date.parse(at(8)))).toBe('lifted');
});

it('is in force from its effect, from its approval where one was needed, and from its start', () => {
  expect(inForceSince(order({}), NOW)).toBeUndefined();
  const history = [done(1, 'order-placed'), done(2, 'took-effect'), done(5, 'order-lifted'), done(5, 'took-effect')];
  expect(inForceSince(order({ history }), NOW)).toBe(Date.parse(at(2)));
  expect(inForceSince(order({ history, start: at(4) }), NOW)).toBe(Date.parse(at(4)));
  expect(inForceSince(order({ history, start: at(13) }), NOW)).toBeUndefined();
  expect(inForceSince(order({ history, status: 'waiting' }), NOW)).toBeUndefined();
  const approved = [...history.slice(0, 2), done(6, 'order-approved'), done(7, 'took-effect')];
  expect(inForceSince(order({ history: approved }), NOW)).toBe(Date.parse(at(7)));
});

it('has two clocks, and presses for the one not met', () => {
  const due = { removal: { at: at(20), basis: 'Decree' }, report: { at: at(22), basis: 'order' } };
  const waiting = order({ due });
  expect(pressing(waiting, NOW)?.kind).toBe('removal');
  const obeyed = order({ due, history: [done(1, 'order-placed'), done(2, 'took-effect')] });
  expect(clocksOf(obeyed, NOW).map((each) => each.met)).toEqual([Date.parse(at(2)), undefined]);
  expect(pressing(obeyed, NOW)?.kind).toBe('report');
  expect(pressing({ ...obeyed, reported: [at(3)] }, NOW)).toBeUndefined();
  expect(pressing({ ...obeyed, status: 'lifted' }, NOW)).toBeUndefined();
});

it('lists what presses first, then what is open, then what has ended, the newest first', () => {
  const due = (hour: number) => ({ removal: { at: at(hour), basis: 'Decree' } });
  const list = [
    order({ number: 'ended', status: 'lifted', placed: at(9) }),
    order({ number: 'quiet' }),
    order({ number: 'later', due: due(22) }),
    order({ number: 'soon', due: due(20) }),
    order({ number: 'ended too', status: 'refused', placed: at(10) }),
  ];
  expect(inOrder(list, NOW).map((each) => each.number)).toEqual(['soon', 'later', 'quiet', 'ended too', 'ended']);
});

it('tells what happened several times in a row once', () => {
  const history = [done(1, 'order-placed'), done(2, 'frame-accurate'), done(3, 'frame-accurate'), done(4, 'order-lifted')];
  expect(told(history).map(({ what, times }) => [what, times])).toEqual([['order-placed', 1], ['frame-accurate', 2], ['order-lifted', 1]]);
});

it('quotes the authority, and says in words what Phim writes for all of a work', () => {
  const scope = (written: string) => textOf(order({ order: { scope: { written } } as never }));
  expect(scopeWritten(scope('tập 18'), 'Toàn bộ')).toBe('tập 18');
  expect(scopeWritten(scope('whole'), 'Toàn bộ')).toBe('Toàn bộ');
});

it('knows the case of an order', () => {
  expect(caseOf(order({ order: { case: 'map' } as never }))).toBe('map');
  expect(caseOf(order({}))).toBe('A 1');
});
