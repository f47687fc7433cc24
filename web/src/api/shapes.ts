// What the server's API answers, by short names. The shapes come from docs/ref/openapi.json (`npm run generate`).
import type { components } from './generated';

type Shapes = components['schemas'];

export type Title = Shapes['Title'];
export type Version = Shapes['Version'];
export type Play = Shapes['Play'];
export type Problem = Shapes['Problem'];
export type Stream = Shapes['Stream'];

/** A span of a version. `at` and `seconds` lie on the version's timeline, `from` on its title's. */
export type Span = Pick<Shapes['Span'], 'kind' | 'at' | 'seconds' | 'title' | 'from'>;
