import { viewer } from '../../viewer.svelte';
import { en } from './en';
import { ko } from './ko';
import { vi } from './vi';

/** The strings of the desk in the viewer's language. */
export function deskWords() {
  return { vi, ko, en }[viewer.language];
}
