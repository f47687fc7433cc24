// What the page about labels shows of what the server answers.
import type { Holds, RatingView, TerritoryRating } from '../api/shapes';

/** What can be said about the labels of a title. */
export type Saying =
  | { mark: { scene?: string; descriptor: string; strength: string; manner: string[]; territory?: string; note: string } }
  | { unmark: { mark: string; reason: string } }
  | { vote: { on: On; label: string; descriptors: string[]; reason: string } }
  | { decide: { on: On; label?: string; descriptors: string[]; how: string; reason: string } }
  | { regulator: { on: On; label: string; descriptors: string[]; authority: string; number: string; date: string; letter: string } };

export interface On {
  territory: string;
  version?: string;
}

/** Territories in which something was said first, then Vietnam and Korea, then by code. */
export function ordered(view: RatingView): TerritoryRating[] {
  const rank = (each: TerritoryRating) => (each.history.length ? 0 : each.territory === 'VN' || each.territory === 'KR' ? 1 : 2);
  return [...view.territories].sort((a, b) => rank(a) - rank(b) || a.territory.localeCompare(b.territory));
}

/** A label and its territory, or why there is none, in one colour: good, waiting, bad. */
export function tone(holds: Holds): 'good' | 'waiting' | 'bad' {
  if (!holds.label || holds.banned) return 'bad';
  return holds.untold.some((each) => each.before_first_play) ? 'waiting' : 'good';
}

/** Seconds as `41:18.5`. */
export function clock(seconds: number): string {
  const tenths = Math.round(seconds * 10);
  const [whole, part] = [Math.floor(tenths / 10), tenths % 10];
  const time = `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
  return part ? `${time}.${part}` : time;
}
