// A number that only parents know, as the browser keeps it: nobody reads it out of what is stored, and whoever tries
// many waits longer each time.

export interface KeptPin {
  /** Base 64. */
  salt: string;
  hash: string;
  /** Rounds of PBKDF2 with SHA-256. */
  rounds: number;
}

/** Wrong numbers in a row, and when the last was tried. */
export interface Tries {
  wrong: number;
  at: number;
}

export const PIN = /^\d{4,8}$/;
const ROUNDS = 600_000;
const FREE_TRIES = 5;
const [FIRST_WAIT, LONGEST_WAIT] = [30_000, 3_600_000];

/** Whether this browser can keep a number: WebCrypto is there on https and on the machine itself only. */
export function canKeepPin(): boolean {
  return !!globalThis.crypto?.subtle;
}

export async function keptPin(pin: string, rounds = ROUNDS): Promise<KeptPin> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  return { salt: written(salt), hash: await hashed(pin, salt, rounds), rounds };
}

export async function isPin(pin: string, kept: KeptPin): Promise<boolean> {
  return PIN.test(pin) && (await hashed(pin, read(kept.salt), kept.rounds)) === kept.hash;
}

/** Milliseconds until the next number may be tried. A clock that was set back helps nobody. */
export function waits({ wrong, at }: Tries, now: number): number {
  if (wrong < FREE_TRIES) return 0;
  const whole = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (wrong - FREE_TRIES));
  return Math.max(0, whole - Math.max(0, now - at));
}

async function hashed(pin: string, salt: Uint8Array<ArrayBuffer>, rounds: number): Promise<string> {
  const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(pin), 'PBKDF2', false, ['deriveBits']);
  const bits = await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations: rounds }, key, 256);
  return written(new Uint8Array(bits));
}

function written(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function read(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (each) => each.charCodeAt(0));
}
