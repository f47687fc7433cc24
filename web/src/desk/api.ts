// The desk's part of the API. Every request shows the token, kept for this tab only.
import { given, house, type Answer } from '../api/client';
import type { Order, Placed, Stepped, Verdict } from '../api/shapes';
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

  async list(): Promise<Order[]> {
    return (await given(house.GET('/api/v1/orders', { headers: this.#headers() }))).orders;
  }

  /** Enters an order; in a `dry` run says what it would change, and changes nothing. */
  place(order: OrderJson, version: string | undefined, dry: boolean): Promise<Placed> {
    const query = { dry_run: dry, version: version || undefined, by: this.#by() };
    return given(house.POST('/api/v1/orders', { headers: this.#headers(), params: { query }, body: order as never }));
  }

  step(of: Order, step: Step): Promise<Stepped> {
    return given(house.POST('/api/v1/orders/{number}/steps', { ...this.#about(of), body: step as never }));
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

  #headers() {
    return { Authorization: `Bearer ${this.pass.token}` };
  }

  #by() {
    return this.pass.name || undefined;
  }

  #about(of: Order) {
    const params = { path: { number: of.number }, query: { authority: of.authority, by: this.#by() } };
    return { headers: this.#headers(), params };
  }
}
