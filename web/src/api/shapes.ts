// What the server's API answers, by short names. The shapes come from docs/ref/openapi.json (`npm run generate`).
import type { components } from './generated';

type Shapes = components['schemas'];

export type Title = Shapes['Title'];
export type Version = Shapes['Version'];
export type Play = Shapes['Play'];
export type Problem = Shapes['Problem'];
export type Stream = Shapes['Stream'];
export type Titles = Shapes['Titles'];
export type Vantage = Shapes['Vantage'];
export type Said = Shapes['Words'];
export type Reason = Shapes['Reason'];
export type Order = Shapes['Order'];
export type VersionLabel = Shapes['VersionLabel'];
export type Showing = Shapes['Showing'];
export type ViewerSaid = Partial<Shapes['ViewerSaid']>;
export type Placed = Shapes['Placed'];
export type Stepped = Shapes['Stepped'];
export type Effect = Shapes['Effect'];
export type Verdict = Shapes['Verdict'];
export type Opened = Shapes['Opened'];
export type Case = Shapes['Case'];
export type CaseLine = Shapes['CaseLine'];
export type Wait = Shapes['Wait'];
export type Turn = Shapes['Turn'];
export type Readiness = Shapes['Readiness'];
export type ReadinessItem = Shapes['ReadinessItem'];
export type Territories = Shapes['Territories'];
export type Ratings = Shapes['Ratings'];
export type RatingView = Shapes['RatingView'];
export type TerritoryRating = Shapes['TerritoryRating'];
export type VersionRating = Shapes['VersionRating'];
export type Holds = Shapes['RatingHolds'];
export type Listing = Shapes['NotificationList'];
export type Webhook = Shapes['Webhook'];
export type OpenedWebhook = Shapes['OpenedWebhook'];
export type LookBack = Shapes['LookBack'];
export type Stop = Shapes['Stop'];
export type Then = Shapes['Then'];
export type Attempt = Shapes['Attempt'];

/** A span of a version. `at` and `seconds` lie on the version's timeline, `from` on its title's. */
export type Span = Pick<Shapes['Span'], 'kind' | 'at' | 'seconds' | 'title' | 'from'>;
