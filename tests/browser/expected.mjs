// What a version must show, frame for frame, from its list of spans alone.
import { FILM } from './cells.mjs';

/// `spans` as `phim version show --json` gives them; `films` tells of each title which burnt-in film it is, its
/// rate, and which burnt-in number its first presented frame has. Returns every frame as `{number, at}` (number
/// null on a card, `at` in seconds) and the seams as `{index, at, opensPart}`.
export function expectedFrames(spans, films, home) {
  const frames = [];
  const seams = [];
  let at = 0;
  let before = 0;
  for (const span of spans) {
    const film = films[span.title ?? home];
    const rate = rateOf(film.rate);
    // Two rates cannot share one init segment: such a seam begins a part.
    if (frames.length) seams.push({ index: frames.length, at, opensPart: rate !== before });
    before = rate;
    for (let n = 0; n < span.units; n += 1) {
      const number = span.kind === 'card' ? null : film.film * FILM + (film.first ?? 0) + span.from_unit + n;
      frames.push({ number, at: at + n / rate });
    }
    at += span.units / rate;
  }
  return { frames, seams, seconds: at };
}

/// Exact frames per second of a rate written as `24000/1001` or `24`.
export function rateOf(text) {
  const [over, under = 1] = String(text).split('/').map(Number);
  return over / under;
}

/// The lines of a judgement, at most five: where something else was seen than was expected.
export function compareNumbers(seen, expected) {
  const wrong = seen.length === expected.length ? [] : [`${seen.length} frames instead of ${expected.length}`];
  for (let n = 0; n < Math.min(seen.length, expected.length) && wrong.length < 5; n += 1) {
    if (seen[n] !== expected[n].number) wrong.push(`frame ${n}: ${name(seen[n])} instead of ${name(expected[n].number)}`);
  }
  return wrong;
}

/// The index of the frame on screen at a media time.
export function indexAt(frames, time) {
  let low = 0;
  let high = frames.length - 1;
  // A millisecond absorbs the rounding of media times to microseconds and to the track's ticks.
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (frames[middle].at <= time + 0.001) low = middle;
    else high = middle - 1;
  }
  return low;
}

export function name(number) {
  if (number === undefined) return 'nothing';
  if (number === null) return 'a card';
  if (number === -1) return 'two rows that differ';
  return `film ${Math.floor(number / FILM)} frame ${number % FILM}`;
}
