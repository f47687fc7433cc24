// The desk's part of the API. Every request shows the token, kept for this tab only.
import type { OrderName } from '../route';
import { given, house, Refused, type Answer } from '../api/client';
import type { Attempt, Case, CaseLine, Listing, LookBack, OpenedWebhook, Order, Placed, Ratings, RatingView, Readiness, Stepped, Territories, Then, Verdict, Webhook } from '../api/shapes';
import type { OrderJson } from './draft';
import type { Saying } from './rating';

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

/** What can be entered about a country. docs/ref/readiness.md names everything. */
export type Entering =
  | { declare: { kinds: string[]; domestic: boolean } }
  | { open: object }
  | { check: object }
  | { drill: { title?: string } }
  | { override: { rule: string; reason: { text: string } } }
  | { add_evidence: { name: string; document: { text: string } } }
  | { sign_risks: { register: string } }
  | { add_licence: Days & { grant: string; number: string; authority: string; kinds: string[]; document: Letter } }
  | { end_licence: { grant: string; number: string; reason: Letter } }
  | { take_position: Days & { rule: string; reading: string; said_by: string; basis: Letter } }
  | { withdraw_position: { rule: string; reason: Letter } }
  | { add_risk: { id: string; area: string; likelihood: number; impact: number; owner: string; review: string; mitigation: Letter } }
  | { drop_risk: { id: string; reason: Letter } };

interface Days {
  from?: string;
  until?: string;
}

interface Letter {
  text: string;
}

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

  territories(): Promise<Territories> {
    return given(house.GET('/api/v1/territories', { headers: this.#headers() }));
  }

  readiness(territory: string): Promise<Readiness> {
    return given(house.GET('/api/v1/territories/{territory}/readiness', { headers: this.#headers(), params: { path: { territory } } }));
  }

  enterReadiness(territory: string, what: Entering): Promise<Readiness> {
    const params = { path: { territory }, query: { by: this.#by() } };
    return given(house.POST('/api/v1/territories/{territory}/readiness', { headers: this.#headers(), params, body: what as never }));
  }

  ratings(): Promise<Ratings> {
    return given(house.GET('/api/v1/ratings', { headers: this.#headers() }));
  }

  rating(title: string): Promise<RatingView> {
    return given(house.GET('/api/v1/ratings/{title}', { headers: this.#headers(), params: { path: { title } } }));
  }

  /** Says something about the labels of a title; the same said again changes nothing. */
  say(title: string, saying: Saying): Promise<RatingView> {
    const params = { path: { title }, query: { by: this.#by() } };
    return surely(() => given(house.POST('/api/v1/ratings/{title}', { headers: this.#headers(), params, body: saying as never })));
  }

  /** Titles of which an authority of the territory was not told. */
  due(territory: string): Promise<Listing> {
    return given(house.GET('/api/v1/notifications', { headers: this.#headers(), params: { query: { territory, due: true } } }));
  }

  async listAsTable(territory: string): Promise<Blob> {
    const params = { query: { territory, due: true, format: 'csv' } };
    return given(house.GET('/api/v1/notifications', { headers: this.#headers(), params, parseAs: 'blob' }) as never as Promise<Answer<Blob>>);
  }

  notified(territory: string, to: string, receipt: string): Promise<unknown> {
    const body = { territory, to, receipt: receipt || undefined, by: this.#by() };
    return surely(() => given(house.POST('/api/v1/notifications', { headers: this.#headers(), body: body as never })));
  }

  /** Everything that happened to a title in a country. */
  lookBack(title: string, territory: string, version?: string): Promise<LookBack> {
    return given(house.GET('/api/v1/desk/then', { headers: this.#headers(), params: { query: { title, territory, version } } }));
  }

  /** What viewers there got of it at an instant. */
  then(title: string, territory: string, version: string | undefined, at: string): Promise<Then> {
    return given(house.POST('/api/v1/desk/then', { headers: this.#headers(), body: { title, territory, version, at } }));
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
