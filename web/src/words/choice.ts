import { en, type Words } from './en';
import { ko } from './ko';
import { vi } from './vi';

export type Language = 'vi' | 'ko' | 'en';

export const LANGUAGES: Record<Language, Words> = { vi, ko, en };

export function isLanguage(text: unknown): text is Language {
  return typeof text === 'string' && Object.hasOwn(LANGUAGES, text);
}

/** The first of the browser's languages that the page speaks; English where it speaks none. */
export function firstSpoken(wanted: readonly string[]): Language {
  return wanted.map((tag) => tag.toLowerCase().split('-')[0]).find(isLanguage) ?? 'en';
}

/** A name given in several languages: the viewer's, else English, else whichever there is. */
export function named(names: Record<string, string> | undefined, language: string, otherwise = ''): string {
  if (!names) return otherwise;
  return names[language] ?? names.en ?? Object.values(names)[0] ?? otherwise;
}
