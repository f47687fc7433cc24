// What a player does when it is told that what may be played has changed.
import type { Play } from '../api/shapes';

export interface Turn {
  play: Play;
  /** Where to go on, in seconds of what plays now. */
  at: number;
}

/** Where a session goes on; `undefined` where nothing has changed for it. */
export function turnOf(before: Play, now: Play, at: number): Turn | undefined {
  if (before.state === now.state) return undefined;
  if (before.composition === now.composition) return { play: now, at };
  // Nothing of it is left from there on: that is its end.
  return { play: now, at: Math.min(now.resume ?? now.seconds, now.seconds) };
}

/** Milliseconds until the addresses must be asked for again, a little before they end. */
export function untilExpiry(play: Play, now: number): number {
  const left = Date.parse(play.expires) - now;
  if (!Number.isFinite(left)) return LONGEST;
  return Math.min(LONGEST, Math.max(SOONEST, left - BEFORE));
}

const BEFORE = 200;
const SOONEST = 1000;
// setTimeout counts in 31 bits.
const LONGEST = 2 ** 31 - 1;

/**
 * The address of media under what holds now. The browser may show what it stored for ten seconds more without asking,
 * so what an order changes is asked for under another name. The server reads no query there.
 */
export function freshAddress(address: string, state: string): string {
  if (!state || !/\/c\/[0-9a-f]{64}\//.test(address) || address.endsWith('.mp4')) return address;
  return `${address}${address.includes('?') ? '&' : '?'}s=${state.slice(0, 12)}`;
}

/** The address of keys with the token that stands in front of `licence`, `/t/TOKEN/api/v1/licences/…`. */
export function withToken(address: string, licence: string): string {
  const front = licence.slice(0, Math.max(0, licence.indexOf('/api/')));
  const at = address.indexOf('/api/v1/licences/');
  return at < 0 ? address : `${address.slice(0, at)}${front}${address.slice(at)}`;
}
