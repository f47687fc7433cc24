// What a label obliges the player to show: what stands when, how large, and where on the picture.
//
// A warning stands for its whole time by the viewer's clock, at whatever speed the film runs. One that a jump passed
// over, or that lies before the place where the film was taken up again, stands on landing.
import type { Showing } from '../api/shapes';

export interface Size {
  width: number;
  height: number;
}

export interface Box extends Size {
  left: number;
  top: number;
}

/** A showing as it is drawn: the label's symbol, and words beside it. Either may be missing. */
export interface Sign {
  symbol: string;
  words: string;
  colour?: string;
}

/** A symbol is wider than high by this at least, so that its diagonal is known from its height. */
export const SYMBOL_WIDTH = 1.15;
const SYMBOL_DIAGONAL = Math.hypot(1, SYMBOL_WIDTH);
/** Above what is asked, for what rounding and borders take. */
const MARGIN = 1.06;
/** Of a symbol where no share is asked: of the screen's diagonal, and in pixels. */
const [USUAL, SMALLEST] = [0.026, 26];

const ROWS = ['top-corner', 'below-label', 'first-screen', 'anywhere'];

/** Where a picture lies in the screen that holds it, as `object-fit: contain` has it. */
export function pictureIn(screen: Size, picture: Size): Box {
  if (!picture.width || !picture.height) return { left: 0, top: 0, ...screen };
  const scale = Math.min(screen.width / picture.width, screen.height / picture.height);
  const [width, height] = [picture.width * scale, picture.height * scale];
  return { left: (screen.width - width) / 2, top: (screen.height - height) / 2, width, height };
}

/** The height of a label's symbol, in pixels, on a screen of this size. */
export function symbolHeight({ min_diagonal: share }: Pick<Showing, 'min_diagonal'>, screen: Size): number {
  const diagonal = Math.hypot(screen.width, screen.height);
  const asked = share?.length === 2 ? (diagonal * share[0]!) / share[1]! / SYMBOL_DIAGONAL : 0;
  return Math.max(SMALLEST, diagonal * USUAL, asked * MARGIN);
}

/** The symbol and the words of a showing in a language. */
export function signOf(showing: Showing, language: string): Sign {
  const text = showing.text[language] ?? showing.text.en ?? Object.values(showing.text)[0] ?? '';
  const colour = showing.colour ?? undefined;
  if (!showing.shows.includes('label')) return { symbol: '', words: text };
  const words = text.startsWith(showing.label) ? text.slice(showing.label.length).replace(/^[\s:·–-]+/, '') : text;
  return { symbol: showing.label, words, colour };
}

/** Black or white, whichever is read more easily on a colour written `#rrggbb`. */
export function inkOn(colour: string): string {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255).map((c) => c ** 2.2);
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue! > 0.22 ? '#000' : '#fff';
}

/** Whether something must stand over the picture while it plays, so that nothing may show the bare picture. */
export function overPicture(showings: Showing[]): boolean {
  return showings.some((each) => each.spans.length > 0);
}

/** What stands before the film, and for how many milliseconds. */
export function cardOf(showings: Showing[]): { showings: Showing[]; stands: number } | undefined {
  const before = showings.filter((each) => each.before > 0);
  if (!before.length) return undefined;
  return { showings: inRows(before), stands: Math.max(...before.map((each) => each.before)) };
}

/** The same card, whichever version it stands before. */
export function nameOfCard(showings: Showing[]): string {
  return JSON.stringify(showings.filter((each) => each.before > 0).map(nameOf));
}

/** Those that stand in the corner the whole time; a card shows them too, so that what belongs below them does. */
export function cornerOf(showings: Showing[]): Showing[] {
  return inRows(showings.filter((each) => each.place === 'top-corner'));
}

/** One sitting with a film: what stands follows from where the film is, and from where it was. */
export class Course {
  // The last span that the film has come to, and how many milliseconds of the viewer's it still stands.
  readonly #come = new Map<string, { span: number; left: number }>();

  /** What stands while the film is at `film` milliseconds and plays, `spent` milliseconds after it was last asked. */
  at(showings: Showing[], film: number, spent: number): Showing[] {
    return inRows(showings.filter((each) => this.#stands(each, film, spent)));
  }

  #stands(showing: Showing, film: number, spent: number): boolean {
    const name = nameOf(showing);
    const before = this.#come.get(name) ?? { span: -1, left: 0 };
    const at = showing.spans.findLastIndex((each) => each.from <= film);
    const span = showing.spans[at];
    const whole = span ? span.to - span.from : 0;
    const left = at > before.span ? whole : Math.max(0, before.left - spent);
    this.#come.set(name, { span: at, left });
    // The last picture stays when the film has ended.
    return left > 0 || (!!span && (film < span.to || showing.when === 'whole-film'));
  }
}

// Below a symbol stands what belongs to it: rows follow one another, those of one territory together.
function inRows(showings: Showing[]): Showing[] {
  const territories = [...new Set(showings.map((each) => each.territory))];
  const order = (each: Showing) => territories.indexOf(each.territory) * ROWS.length + ROWS.indexOf(each.place);
  return showings.toSorted((one, two) => order(one) - order(two));
}

function nameOf({ territory, rule, label, descriptors }: Showing): string {
  return [territory, rule, label, ...descriptors].join(' ');
}
