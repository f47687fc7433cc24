// Two quick taps on the same side of the picture step ten seconds; each further tap steps on.
const QUICK = 350;
const STEP = 10;

export class TapCount {
  #when = -Infinity;
  #side: 'left' | 'right' | undefined;
  #count = 0;

  /** `where` is 0 at the left edge and 1 at the right; `when` in milliseconds. */
  tap(where: number, when: number): { side: 'left' | 'right'; by: number; total: number } | undefined {
    const side = where < 0.4 ? 'left' : where > 0.6 ? 'right' : undefined;
    const goesOn = side !== undefined && side === this.#side && when - this.#when < QUICK;
    this.#count = goesOn ? this.#count + 1 : 0;
    this.#when = when;
    this.#side = side;
    if (!goesOn) return undefined;
    return { side, by: side === 'left' ? -STEP : STEP, total: this.#count * STEP };
  }
}
