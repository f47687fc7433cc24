// Licences, positions and risks as the desk's forms hold them: what is wrong in a field, and what is sent.
import type { PaperWords } from '../words/desk/papers';
import type { Entering } from './api';

export type Kind = 'licence' | 'position' | 'risk';

/** Every field of every form; a form uses its own. */
export interface Draft {
  grant: string;
  number: string;
  authority: string;
  kinds: string[];
  from: string;
  until: string;
  document: string;
  rule: string;
  reading: string;
  said_by: string;
  basis: string;
  id: string;
  area: string;
  likelihood: string;
  impact: string;
  owner: string;
  review: string;
  mitigation: string;
}

export type Field = keyof Draft;

/** The fields of each form, in their order. */
export const FIELDS: Record<Kind, Field[]> = {
  licence: ['grant', 'number', 'authority', 'kinds', 'from', 'until', 'document'],
  position: ['rule', 'reading', 'said_by', 'basis', 'from', 'until'],
  risk: ['id', 'area', 'likelihood', 'impact', 'owner', 'review', 'mitigation'],
};

const FREE: Field[] = ['kinds', 'from', 'until'];
/** Characters at most, as the server has it. */
export const MOST: Partial<Record<Field, number>> = {
  number: 100, authority: 200, said_by: 400, owner: 200, document: 20_000, basis: 20_000, mitigation: 20_000,
};

export function emptyDraft(): Draft {
  return {
    grant: '', number: '', authority: '', kinds: [], from: '', until: '', document: '', rule: '', reading: '', said_by: '', basis: '',
    id: '', area: '', likelihood: '3', impact: '3', owner: '', review: '', mitigation: '',
  };
}

/** What is wrong, by field. `today` is a day such as 2026-11-22, where the territory is. */
export function wrongs(kind: Kind, draft: Draft, today: string, w: PaperWords): Partial<Record<Field, string>> {
  const found: Partial<Record<Field, string>> = {};
  for (const field of FIELDS[kind]) {
    const value = draft[field];
    const text = typeof value === 'string' ? value.trim() : '';
    const most = MOST[field];
    if (!FREE.includes(field) && !text) found[field] = w.wrong.needed;
    else if (most && text.length > most) found[field] = w.wrong.long(String(most));
  }
  if (kind === 'risk') {
    if (draft.id && !/^[a-z0-9-]{1,64}$/.test(draft.id.trim())) found.id = w.wrong.name;
    if (draft.review && draft.review < today) found.review = w.wrong.past;
  } else if (draft.until && draft.until < (draft.from || today)) {
    found.until = w.wrong.order;
  }
  return found;
}

export function entering(kind: Kind, draft: Draft): Entering {
  const t = (field: Field) => (draft[field] as string).trim();
  const days = { from: draft.from || undefined, until: draft.until || undefined };
  if (kind === 'licence') {
    const { kinds } = draft;
    return { add_licence: { grant: t('grant'), number: t('number'), authority: t('authority'), kinds, ...days, document: { text: t('document') } } };
  }
  if (kind === 'position') {
    return { take_position: { rule: t('rule'), reading: t('reading'), said_by: t('said_by'), basis: { text: t('basis') }, ...days } };
  }
  const scores = { likelihood: Number(draft.likelihood), impact: Number(draft.impact) };
  return { add_risk: { id: t('id'), area: t('area'), ...scores, owner: t('owner'), review: draft.review, mitigation: { text: t('mitigation') } } };
}

/** The field that a place of the server's answer is about: `add_licence.until`, `until`. */
export function fieldOf(kind: Kind, places: string[]): Field | undefined {
  const last = places.map((place) => place.split('.').pop());
  return FIELDS[kind].find((field) => last.includes(field));
}
