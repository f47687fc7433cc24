// A case as a thread: whose turn each line is, who waits for whom, which clock presses.
import type { CaseLine, Turn, Wait } from '../api/shapes';
import type { Side } from './api';

/** What the house does by itself after a decision: told in one line, in small. */
const QUIET = new Set(['took-effect', 'frame-accurate', 'patch-failed', 'order-resolved']);
const THEIRS = new Set(['order-placed', 'order-amended', 'order-escalated', 'order-lifted', 'appeal-answered', 'proposal-accepted', 'proposal-refused']);

/** Whose word a line is; `undefined` for what Phim did by itself. */
export function sideOf(turn: Turn, timeline: Turn[]): Side | undefined {
  if (QUIET.has(turn.what)) return undefined;
  if (turn.from) return turn.from as Side;
  if (turn.answers) {
    const asked = timeline.find((each) => each.document?.commitment === turn.answers);
    return asked?.from === 'house' ? 'authority' : 'house';
  }
  return THEIRS.has(turn.what) ? 'authority' : 'house';
}

/** A line of the thread: one thing, or several of the same that Phim did in a row. */
export interface Line {
  turn: Turn;
  side?: Side;
  times: number;
}

export function linesOf(timeline: Turn[]): Line[] {
  const lines: Line[] = [];
  for (const turn of timeline) {
    const side = sideOf(turn, timeline);
    const last = lines.at(-1);
    if (!side && last && !last.side && last.turn.what === turn.what && last.turn.order === turn.order) last.times += 1;
    else lines.push({ turn, side, times: 1 });
  }
  return lines;
}

/** The words that a commitment is to; empty where they are not known. */
export function said(commitment: string, timeline: Turn[]): string {
  return timeline.find((turn) => turn.document?.commitment === commitment)?.document?.text ?? '';
}

/** Questions that wait for an answer, by their commitments, with the words that ask. */
export function openQuestions(waits: Wait[], timeline: Turn[]): { commitment: string; text: string }[] {
  return waits
    .filter((wait) => wait.what === 'answer' && wait.about)
    .map(({ about }) => ({ commitment: about!, text: said(about!, timeline) }));
}

/** The wait that presses most: one of the house's with a deadline first. */
export function pressingIn(line: CaseLine): Wait | undefined {
  return line.waits.find((wait) => wait.on === 'house' && wait.due) ?? line.waits.find((wait) => wait.on === 'house') ?? line.waits[0];
}

/** A size as people read it: 312 B, 24 KB, 1.3 MB. */
export function size(bytes: number, language: string): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'];
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const format = new Intl.NumberFormat(language, { style: 'unit', unit: units[step], unitDisplay: 'short', maximumFractionDigits: step > 1 ? 1 : 0 });
  return format.format(bytes / 1000 ** step);
}
