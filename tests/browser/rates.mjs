// Films of other frame rates, with cuts at many places: each decoded in full by ffmpeg, HLS and DASH.
import { join } from 'node:path';
import { checkIdr, checkSound, checkTimes, decodeDash, decodeHls, readFilms } from './decodes.mjs';
import { makeFilm } from './film.mjs';
import { describe } from './house-films.mjs';

const RATES = ['24000/1001', '25', '30000/1001', '60000/1001'];

/// Twelve cuts whose places and lengths depend on the rate's order only, so that a failure can be repeated.
function cuts(frames, order) {
  return Array.from({ length: 12 }, (_, n) => {
    const from = Math.floor(((n + 0.5) * frames) / 13) + ((n * 11 + order * 5) % 7);
    return `${from}f-${from + 1 + ((n * 3 + order) % 6)}f`;
  });
}

export async function checkRates(house, origin, check) {
  for (const [order, rate] of RATES.entries()) {
    const title = `rate-${rate.replace('/', '-')}`;
    const film = await makeFilm(join(house.folder, `${title}.mp4`), { rate, seconds: 8, film: 0, languages: ['ko'] });
    await house.verb('add', film.path, '--title', title, '--name', `en=${title}`);
    const films = { [title]: film };
    await house.verb('version', 'make', '--title', title, '--name', 'cuts', ...cuts(film.frames, order).flatMap((cut) => ['--cut', cut]));
    const [whole, version] = await describe(house, films, [title, `${title}/cuts`]);
    const read = await readFilms(origin, films, async () => whole);
    for (const one of [whole, version]) {
      await check(`${one.full} at ${rate}: HLS`, () => decodeHls(origin, one, read));
      await check(`${one.full} at ${rate}: DASH`, () => decodeDash(origin, one));
      await check(`${one.full} at ${rate}: timestamps`, () => checkTimes(origin, one));
      await check(`${one.full} at ${rate}: sound`, () => checkSound(origin, one, read));
    }
    await check(`${version.full} at ${rate}: IDR pictures`, () => checkIdr(origin, version));
  }
}
