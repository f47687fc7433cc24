import { addTranslation, setLanguage } from 'media-chrome/dist/utils/i18n.js';
import type { Said } from './api/shapes';
import { store, stored } from './stored';
import { firstSpoken, isLanguage, LANGUAGES, named, type Language } from './words/choice';

interface Choices {
  language: Language;
  /** Language of the sound; empty for the version's first. */
  audio: string;
  /** Language of the subtitles; empty for none. */
  text: string;
  speed: number;
  /** Most lines of picture the viewer wants; 0 leaves it to the player. */
  height: number;
}

function remembered(): Choices {
  const kept = stored<Partial<Choices>>('choices', {});
  const language = isLanguage(kept.language) ? kept.language : firstSpoken(navigator.languages);
  return { audio: '', text: '', speed: 1, height: 0, ...kept, language };
}

/** What this viewer chose, kept in the browser. */
export const viewer = $state<Choices>(remembered());

for (const [language, words] of Object.entries(LANGUAGES)) addTranslation(language, words.controls);
applyLanguage();

export function choose(changes: Partial<Choices>) {
  Object.assign(viewer, changes);
  store('choices', $state.snapshot(viewer));
  if (changes.language) applyLanguage();
}

/** The strings of the page in the viewer's language. */
export function words() {
  return LANGUAGES[viewer.language];
}

/** A title's or version's name in the viewer's language. */
export function nameOf(names: Record<string, string> | undefined, otherwise: string): string {
  return named(names, viewer.language, otherwise);
}

/** What the house says in every language, in the viewer's. */
export function saidTo(said: Said): string {
  return said[viewer.language] || said.en;
}

function applyLanguage() {
  document.documentElement.lang = viewer.language;
  setLanguage(viewer.language);
}
