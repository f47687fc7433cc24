// An order as the desk shows it: where it stands, its clocks, what was done when.
import type { Order } from '../api/shapes';

/** The order's own fields, as docs/ref/orders.md names them. */
export interface Text {
  date: string;
  legal_basis: string;
  reason?: string;
  territories: string[];
  work: 'service' | { title: string };
  scope: { written: string };
  cited?: { written: string };
  operation: string;
  until?: string;
  margin?: number;
  case?: string;
}

export type Standing = 'waiting' | 'ahead' | 'standing' | 'refused' | 'lifted';

export interface Clock {
  kind: 'removal' | 'report';
  at: number;
  /** The provision that gives the hours; `order` where the order itself does. */
  basis: string;
  /** When what it asks for was done. */
  met?: number;
}

export function textOf(order: Order): Text {
  return order.order as unknown as Text;
}

/** The case that it belongs to: the one it names, or one of its own. */
export function caseOf(order: Order): string {
  return textOf(order).case ?? `${order.authority} ${order.number}`;
}

/** What the authority wrote; `whole` is what Phim itself writes for all of a work, said in words. */
export function scopeWritten({ scope }: Text, whole: string): string {
  return scope.written === 'whole' ? whole : scope.written;
}

export function standingOf(order: Order, now: number): Standing {
  if (order.status === 'standing' && Date.parse(order.start) > now) return 'ahead';
  return order.status as Standing;
}

export function isOpen(order: Order): boolean {
  return order.status !== 'lifted' && order.status !== 'refused';
}

/** When the demand was first in force here: the first effect after it was entered, or after a second person let it bind. */
export function inForceSince(order: Order, now: number): number | undefined {
  if (order.status === 'waiting' || Date.parse(order.start) > now) return undefined;
  const approved = order.history.findLastIndex((each) => each.what === 'order-approved');
  const effect = order.history.slice(Math.max(0, approved)).find((each) => each.what === 'took-effect');
  return effect && Math.max(Date.parse(effect.at), Date.parse(order.start));
}

export function accurateSince(order: Order): number | undefined {
  const made = order.history.find((each) => each.what === 'frame-accurate');
  return made && Date.parse(made.at);
}

export function clocksOf(order: Order, now: number): Clock[] {
  const due = order.due as Partial<Record<Clock['kind'], { at: string; basis: string }>>;
  const met = { removal: inForceSince(order, now), report: order.reported[0] ? Date.parse(order.reported[0]) : undefined };
  return (['removal', 'report'] as const).flatMap((kind) => {
    const clock = due[kind];
    return clock ? [{ kind, at: Date.parse(clock.at), basis: clock.basis, met: met[kind] }] : [];
  });
}

/** The clock that matters next; none where all are met, or where the order has ended. */
export function pressing(order: Order, now: number): Clock | undefined {
  if (!isOpen(order)) return undefined;
  return clocksOf(order, now).filter((each) => each.met === undefined).sort((one, two) => one.at - two.at)[0];
}

/** Open ones first, those whose clock runs out sooner before others; then the newest. */
export function inOrder(orders: Order[], now: number): Order[] {
  const urgency = (order: Order) => (isOpen(order) ? (pressing(order, now)?.at ?? Number.MAX_SAFE_INTEGER) : Infinity);
  return orders.toSorted((one, two) => {
    const [first, second] = [urgency(one), urgency(two)];
    return first === second ? Date.parse(two.placed) - Date.parse(one.placed) : first - second;
  });
}

export function sameOrder(one: { authority: string; number: string }, two: { authority: string; number: string }): boolean {
  return one.authority === two.authority && one.number === two.number;
}

/** The history with what happened several times in a row told once: how often, and when first. */
export function told(history: Order['history']): { what: string; at: string; times: number }[] {
  const lines: { what: string; at: string; times: number }[] = [];
  for (const { what, at } of history) {
    const last = lines.at(-1);
    if (last?.what === what) last.times += 1;
    else lines.push({ what, at, times: 1 });
  }
  return lines;
}
