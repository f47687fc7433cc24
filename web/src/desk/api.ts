// The desk's part of the API. Every request shows the token, kept for this tab only.
import type { OrderName } from '../route';
import { given, house, Refused, type Answer } from '../api/client';
import type { Attempt, Case, CaseLine, OpenedWebhook, Order, Placed, Stepped, Verdict, Webhook } from '../api/shapes';
import type { OrderJson } from './draft';

export interface Pass {
  token: string;
  /** Who acts; recorded as a pseudonym. */
  name: string;
}

export type Step =
  | { approve: null }
  | { refuse: { reason: string } }
  | { lift: { reason: string } }
  | { appeal: { letter: { text: string } } }
  | { answer: { outcome: string; letter: { text: string } } };

/** Which orders, and how many of them. */
export interface Which {
  matching?: string;
  state?: 'open' | 'ended';
  limit: number;
}

export type Side = 'authority' | 'house';

/** What can be entered into a case. */
export type Entry =
  | { letter: { from: Side; letter: { text: string } } }
  | { question: { from: Side; letter: { text: string }; due?: string } }
  | { answer: { question?: string; letter: { text: string } } }
  | { close: { letter: { text: string } } };

const KEY = 'phim.desk';

export function kept(): Pass | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? '') as Pass;
  } catch {
    return undefined;
  }
}

export function keep(pass: Pass | undefined) {
  try {
    if (pass) sessionStorage.setItem(KEY, JSON.stringify(pass));
    else sessionStorage.removeItem(KEY);
  } catch {
    return;
  }
}

export class Desk {
  constructor(readonly pass: Pass) {}

  hello(): Promise<unknown> {
    return given(house.GET('/api/v1/desk', { headers: this.#headers() }));
  }

  list(which: Which): Promise<{ orders: Order[]; total: number }> {
    return given(house.GET('/api/v1/orders', { headers: this.#headers(), params: { query: which } }));
  }

  show(of: OrderName): Promise<Order> {
    return given(house.GET('/api/v1/orders/{number}', this.#about(of)));
  }

  /** Enters an order; in a `dry` run says what it would change, and changes nothing. */
  place(order: OrderJson, version: string | undefined, dry: boolean): Promise<Placed> {
    const query = { dry_run: dry, version: version || undefined, by: this.#by() };
    return surely(() => given(house.POST('/api/v1/orders', { headers: this.#headers(), params: { query }, body: order as never })));
  }

  step(of: Order, step: Step): Promise<Stepped> {
    const ask = () => given(house.POST('/api/v1/orders/{number}/steps', { ...this.#about(of), body: step as never }));
    return 'approve' in step ? surely(ask) : ask();
  }

  propose(of: Order, offer: { title: string; version?: string; edits: [string, string][] }): Promise<Stepped> {
    return given(house.POST('/api/v1/orders/{number}/proposals', { ...this.#about(of), body: offer }));
  }

  answer(of: Order, composition: string, verdict: Verdict, letter: string): Promise<Stepped> {
    return given(house.POST('/api/v1/orders/{number}/verdicts', { ...this.#about(of), body: { verdict, composition, letter } }));
  }

  /** Records that the authority was given its report. */
  report(of: Order, letter: string): Promise<Order> {
    return given(house.POST('/api/v1/orders/{number}/reports', { ...this.#about(of), body: { letter } }));
  }

  /** The address for the authority: it opens what is offered in answer to its order. */
  async link(of: Order): Promise<string> {
    const { path } = await given(house.GET('/api/v1/orders/{number}/link', this.#about(of)));
    return new URL(path, location.origin).href;
  }

  /** The evidence of an order, one archive that anybody verifies offline. */
  async evidence(of: Order): Promise<Blob> {
    return given(house.GET('/api/v1/orders/{number}/report', { ...this.#about(of), parseAs: 'blob' }) as Promise<Answer<Blob>>);
  }

  async cases(): Promise<CaseLine[]> {
    return (await given(house.GET('/api/v1/cases', { headers: this.#headers() }))).cases;
  }

  showCase(name: string): Promise<Case> {
    return given(house.GET('/api/v1/cases/{case}', { headers: this.#headers(), params: { path: { case: name } } }));
  }

  openCase(name: string, authority: string, territories: string[]): Promise<Case> {
    const body = { case: name, authority, territories, by: this.#by() };
    return given(house.POST('/api/v1/cases', { headers: this.#headers(), body: body as never }));
  }

  enterCase(name: string, entry: Entry): Promise<Case> {
    const params = { path: { case: name }, query: { by: this.#by() } };
    return given(house.POST('/api/v1/cases/{case}/entries', { headers: this.#headers(), params, body: entry as never }));
  }

  async webhooks(): Promise<Webhook[]> {
    return (await given(house.GET('/api/v1/webhooks', { headers: this.#headers() }))).webhooks;
  }

  addWebhook(url: string, events: string[]): Promise<OpenedWebhook> {
    return given(house.POST('/api/v1/webhooks', { headers: this.#headers(), body: { url, events } }));
  }

  testWebhook(id: string): Promise<Attempt> {
    return given(house.POST('/api/v1/webhooks/{id}/test', this.#hook(id)));
  }

  resumeWebhook(id: string): Promise<Webhook> {
    return given(house.POST('/api/v1/webhooks/{id}/resume', this.#hook(id)));
  }

  removeWebhook(id: string): Promise<Webhook> {
    return given(house.DELETE('/api/v1/webhooks/{id}', this.#hook(id)));
  }

  #hook(id: string) {
    return { headers: this.#headers(), params: { path: { id } } };
  }

  #headers() {
    return { Authorization: `Bearer ${this.pass.token}` };
  }

  #by() {
    return this.pass.name || undefined;
  }

  #about(of: OrderName) {
    const params = { path: { number: of.number }, query: { authority: of.authority, by: this.#by() } };
    return { headers: this.#headers(), params };
  }
}

/**
 * Asks once more where no answer came. An order ends every connection that carries what it forbids, and over HTTP/2 that
 * may be the one that it came by, where this browser also watches the film. What is asked twice is done once.
 */
async function surely<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    if (cause instanceof Refused && cause.status === 0) return ask();
    throw cause;
  }
}
