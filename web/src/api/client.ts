import createClient from 'openapi-fetch';
import { DEVICE, saidFor } from '../profile.svelte';
import { stored } from '../stored';
import type { paths } from './generated';
import type { Play, Problem, Reason, Title, Titles } from './shapes';

/** An answer that is not the one asked for, in the server's words. `status` is 0 where no answer came. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
    readonly reasons: Reason[] = [],
  ) {
    super(problem.message);
  }
}

export const house = createClient<paths>({ baseUrl: location.origin, fetch: (request) => fetch(request) });

/** What there is, and where the server takes this viewer to be. */
export function lookAround(): Promise<Titles> {
  return given(house.GET('/api/v1/titles'));
}

export async function listTitles(): Promise<Title[]> {
  return (await lookAround()).titles;
}

export function showTitle(id: string): Promise<Title> {
  return given(house.GET('/api/v1/titles/{id}', { params: { path: { id } } }));
}

/**
 * Where a version plays from, for this viewer on our player. `under` is what plays already, and where: the answer says
 * where to go on. `spoken` are the languages in which it will be heard and read.
 */
export function play(title: string, version?: string, under?: { playing: string; at: number }, spoken?: { sound?: string; text?: string }): Promise<Play> {
  // The operator's own pages put it there when somebody has paid.
  const receipt = stored<string | null>('receipt', null);
  const body = { title, version, device: [...DEVICE], viewer: { ...saidFor(title), ...spoken }, ...(receipt && { receipt }), ...under };
  return given(house.POST('/api/v1/play', { body }));
}

export interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

export async function given<T>(asked: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await asked;
  } catch {
    throw new Refused(0, problem({ kind: 'unreachable' }));
  }
  if (answer.data !== undefined && answer.response.ok) return answer.data;
  // 403 and 451 answer with reasons; what stands between, such as a proxy, may answer with anything.
  const body = (typeof answer.error === 'object' && answer.error ? answer.error : {}) as Record<string, unknown>;
  const reasons = Array.isArray(body.reasons) ? body.reasons.filter(isReason) : [];
  throw new Refused(answer.response.status, problem(body.error as Partial<Problem> | undefined), reasons);
}

function isReason(reason: unknown): reason is Reason {
  const says = (reason as Partial<Reason> | null)?.says;
  return typeof says?.vi === 'string' && typeof says.ko === 'string' && typeof says.en === 'string';
}

function problem(said: Partial<Problem> = {}): Problem {
  return { kind: said.kind ?? 'unknown', message: said.message ?? '', places: said.places ?? [], remedy: said.remedy ?? '' };
}
