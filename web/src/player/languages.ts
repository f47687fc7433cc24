// The languages in which a title is heard and read: what the viewer chose, what it has, and what contracts let be chosen.
import { play, Refused } from '../api/client';
import type { Play, Reason, Title } from '../api/shapes';

/** What a request to play says: BCP 47. */
export interface Spoken {
  sound?: string;
  text?: string;
}

export type Heard = keyof Spoken;

/** What the viewer chose on other days; empty: nothing. */
export interface Chosen {
  audio: string;
  text: string;
}

const UNKNOWN = 'und';

export function sameLanguage(one: string, two: string): boolean {
  return one.split('-')[0] === two.split('-')[0];
}

/** What the viewer hears and reads of a title where everything is licensed. */
export function spokenOf(title: Pick<Title, 'audio' | 'text'>, chosen: Chosen): Spoken {
  const sounds = title.audio.map(({ lang }) => lang);
  const sound = (chosen.audio && found(sounds, chosen.audio)) || sounds[0];
  const text = chosen.text ? found(title.text.map(({ lang }) => lang), chosen.text) : undefined;
  return known({ sound, text });
}

/** Why a language may not be chosen; `undefined` where it may. */
export function barred(play: Pick<Play, 'languages'>, heard: Heard, language: string | undefined): Reason | undefined {
  const all = (play.languages ?? []).filter((each) => each.heard === heard && language);
  const told = all.find((each) => each.language === language) ?? all.find((each) => sameLanguage(each.language, language!));
  return told?.refused ?? undefined;
}

/** The languages in which it may not be heard, or read. */
export function allBarred(play: Pick<Play, 'languages'>, heard: Heard): string[] {
  return (play.languages ?? []).filter((each) => each.heard === heard && each.refused).map(({ language }) => language);
}

/** The same as far as it is licensed: else the first sound that is, and no text. `undefined` where no sound is. */
export function licensed(play: Pick<Play, 'languages'>, spoken: Spoken): Spoken | undefined {
  const sounds = (play.languages ?? []).filter((each) => each.heard === 'sound' && !each.refused);
  const sound = barred(play, 'sound', spoken.sound) ? sounds[0]?.language : spoken.sound;
  if (spoken.sound && !sound) return undefined;
  return known({ sound, text: barred(play, 'text', spoken.text) ? undefined : spoken.text });
}

/**
 * Asks to play in the languages that the viewer will get. Where these are not licensed, in others that are; where none
 * is, it is refused.
 */
export async function playIn(title: Title, chosen: Chosen, version?: string, under?: { playing: string; at: number }): Promise<Play> {
  const spoken = spokenOf(title, chosen);
  try {
    return await play(title.id, version, under, spoken);
  } catch (cause) {
    if (!isOfLanguage(cause)) throw cause;
    const any = await play(title.id, version, under);
    const instead = licensed(any, spoken);
    if (!instead) throw cause;
    // Each may be licensed, and not both together.
    const same = instead.sound === spoken.sound && instead.text === spoken.text;
    return play(title.id, version, under, same ? { sound: spoken.sound } : instead);
  }
}

function isOfLanguage(cause: unknown): boolean {
  return cause instanceof Refused && cause.reasons.length > 0 && cause.reasons.every(({ rule }) => rule === 'language-not-licensed');
}

function found(languages: string[], wanted: string): string | undefined {
  return languages.find((each) => each === wanted) ?? languages.find((each) => sameLanguage(each, wanted));
}

/** Nobody can say of an unknown language whether it is licensed: it is not asked. */
function known({ sound, text }: Spoken): Spoken {
  const is = (language: string | undefined) => (language && language !== UNKNOWN ? language : undefined);
  return { ...(is(sound) && { sound }), ...(is(text) && { text }) };
}
