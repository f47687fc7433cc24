// What parents and viewers said on this device: the house keeps no accounts, so it is kept in the browser and goes
// with each question whether something may play. What was opened with the number stays open until the page is left.
import type { Title, Version, ViewerSaid } from './api/shapes';
import { isPin, keptPin, waits, type KeptPin, type Tries } from './pin';
import { store, stored } from './stored';

interface Profile {
  /** Day of birth, `2001-02-03`; empty: not said. */
  born: string;
  /** Titles whose label asks for more than this age are locked; none: no lock. */
  upTo?: number;
  /** Ids of titles that are not shown. */
  hidden: string[];
  pin?: KeptPin;
  tries: Tries;
}

/** What our player can show and do: everything that any pack asks for. */
export const DEVICE = ['catalogue', 'card', 'overlay', 'forced-text', 'parental-control'] as const;

const NOTHING: Profile = { born: '', hidden: [], tries: { wrong: 0, at: 0 } };

export const profile = $state<Profile>({ ...NOTHING, ...stored<Partial<Profile>>('profile', {}) });

/** For this visit: titles that the number opened, and those that a parent or guardian watches too. */
const visit = $state<{ opened: string[]; accompanied: string[] }>({ opened: [], accompanied: [] });

export function keep(changes: Partial<Profile>) {
  Object.assign(profile, changes);
  store('profile', $state.snapshot(profile));
}

/** What a play request says of the viewer of a title. */
export function saidFor(title: string): ViewerSaid {
  const opened = visit.opened.includes(title);
  return {
    ...(profile.born && { born: profile.born }),
    ...(profile.upTo !== undefined && !opened && { up_to: profile.upTo }),
    ...(profile.hidden.includes(title) && !opened && { hidden: [title] }),
    ...(opened && { pin: true }),
    ...(visit.accompanied.includes(title) && { guardian: true }),
  };
}

export function isHidden(title: string): boolean {
  return profile.hidden.includes(title) && !visit.opened.includes(title);
}

/** Whether the age lock holds a version back here. */
export function isLocked(title: Title, version?: Version): boolean {
  const most = profile.upTo;
  if (most === undefined || visit.opened.includes(title.id)) return false;
  return (version ?? title.versions[0])?.labels?.some((label) => (label.age ?? 0) > most) ?? false;
}

export function hide(title: string, hidden: boolean) {
  keep({ hidden: [...profile.hidden.filter((each) => each !== title), ...(hidden ? [title] : [])] });
}

export async function setPin(pin: string | undefined) {
  keep({ pin: pin === undefined ? undefined : await keptPin(pin), tries: { wrong: 0, at: 0 } });
}

/** Whether this is the number. Each wrong one is counted before it is told, so that leaving the page gains nothing. */
export async function tryPin(pin: string): Promise<boolean> {
  const kept = profile.pin;
  if (!kept || mustWait() > 0) return false;
  keep({ tries: { wrong: profile.tries.wrong + 1, at: Date.now() } });
  const right = await isPin(pin, $state.snapshot(kept));
  if (right) keep({ tries: { wrong: 0, at: 0 } });
  return right;
}

/** Milliseconds until a number may be tried. */
export function mustWait(): number {
  return waits(profile.tries, Date.now());
}

/** A title plays in spite of locks until the page is left. */
export function openFor(title: string) {
  visit.opened.push(title);
}

export function accompany(title: string) {
  visit.accompanied.push(title);
}
