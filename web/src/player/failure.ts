// Why playback stopped, as a person needs to know it. Numbers are Shaka Player's (shaka.util.Error).
export type FailureKind = 'network' | 'server' | 'withheld' | 'media' | 'manifest' | 'support' | 'other';

export interface Failure {
  kind: FailureKind;
  /** For a report; empty where there is none. */
  code: string;
  /** What the server said, and what it says to do; in its own language. */
  said?: string;
}

/** The part of a Shaka error that tells why. */
export interface Trouble {
  category?: number;
  code?: number;
  data?: unknown[];
}

const [NETWORK, MEDIA, MANIFEST] = [1, 3, 4];
const BAD_HTTP_STATUS = 1001;
const WITHHELD = [403, 451];

export function failureOf({ category, code, data = [] }: Trouble): Failure {
  const shown = code ? String(code) : '';
  if (code === BAD_HTTP_STATUS) {
    const kind = WITHHELD.includes(Number(data[1])) ? 'withheld' : 'server';
    return { kind, code: `${shown} · HTTP ${String(data[1])}`, said: said(data[2]) };
  }
  if (category === NETWORK) return { kind: 'network', code: shown };
  if (category === MEDIA) return { kind: 'media', code: shown };
  if (category === MANIFEST) return { kind: 'manifest', code: shown };
  return { kind: 'other', code: shown };
}

/** Whether an answer ended before it was whole, or none came: asking again may help. */
export function isBrokenOff({ category, code }: Trouble): boolean {
  return category === NETWORK && code !== BAD_HTTP_STATUS;
}

/** Whether the token that was shown is not good any more: a fresh one helps. */
export function isEnded({ code, data = [] }: Trouble): boolean {
  return code === BAD_HTTP_STATUS && Number(data[1]) === 401;
}

// The body of an error, with its remedy; anything else is not for people. Reasons of a refusal are asked for again,
// in the viewer's language.
function said(body: unknown): string | undefined {
  try {
    const { error } = JSON.parse(String(body));
    return [error?.message, error?.remedy].filter((each) => typeof each === 'string' && each).join(' · ') || undefined;
  } catch {
    return undefined;
  }
}
