// An order as it is typed in, and the JSON that it comes to (docs/ref/orders.md).
export interface Draft {
  authority: string;
  number: string;
  date: string;
  basis: string;
  reason: string;
  territories: string;
  /** Id of the title; empty for everything that the house shows. */
  title: string;
  version: string;
  operation: string;
  whole: boolean;
  written: string;
  cited: string;
  margin: number;
  cardSeconds: number;
  card: Record<'vi' | 'ko' | 'en', string>;
  start: string;
  removalDue: string;
  reportDue: string;
}

export type OrderJson = Record<string, unknown>;

export const OPERATIONS = ['withdraw', 'cut', 'replace', 'mask', 'blur', 'mute', 'drop-text'];
/** Operations that need places, and those that need a region of the picture. */
export const NEEDS_REGION = ['mask', 'blur'];

export function emptyDraft(today: string, title: string): Draft {
  return {
    authority: '', number: '', date: today, basis: '', reason: '', territories: 'VN', title, version: '', operation: 'cut', whole: false,
    written: '', cited: '', margin: 0, cardSeconds: 4, card: { vi: '', ko: '', en: '' }, start: '', removalDue: '', reportDue: '',
  };
}

/** Country codes out of what was typed: `vn, KR` and `VN KR` are the same. */
export function codes(text: string): string[] {
  return [...new Set(text.toUpperCase().split(/[\s,;]+/).filter(Boolean))];
}

export function orderJson(draft: Draft): OrderJson {
  const whole = draft.whole || draft.operation === 'withdraw' && !draft.written.trim();
  const order: OrderJson = {
    authority: draft.authority.trim(),
    number: draft.number.trim(),
    date: draft.date,
    legal_basis: draft.basis.trim(),
    territories: codes(draft.territories),
    work: draft.title ? { title: draft.title } : 'service',
    scope: whole ? 'whole' : draft.written.trim(),
    operation: draft.operation,
  };
  const optional = {
    reason: draft.reason.trim(),
    cited: draft.cited.trim(),
    start: local(draft.start),
    removal_due: local(draft.removalDue),
    report_due: local(draft.reportDue),
  };
  for (const [name, value] of Object.entries(optional)) if (value) order[name] = value;
  if (draft.margin > 0) order.margin = draft.margin;
  if (draft.operation === 'replace') order.card = { seconds: draft.cardSeconds, lines: lines(draft.card) };
  return order;
}

// Without an offset the server reads it in the territory's own time.
function local(typed: string): string {
  return typed.replace('T', ' ');
}

function lines(card: Draft['card']) {
  const written = Object.entries(card).filter(([, text]) => text.trim());
  return written.map(([language, text]) => ({ language, text: text.trim() }));
}
