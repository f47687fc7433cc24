// The films and versions under test. They are small, so that two cores can play four engines at once, and made
// anew each time: no frame, group of pictures or audio frame occurs twice.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeFilm, makeLadder } from './film.mjs';
import { expectedFrames } from './expected.mjs';

const execute = promisify(execFile);
const FOREIGN = ['-c:v', 'libx264', '-preset', 'medium', '-crf', '22', '-g', '240', '-keyint_min', '240', '-sc_threshold', '0', '-bf', '3'];

/// A ladder made by another hand: no `stitchable`, ten-second groups of pictures, its own presets, and a first
/// timestamp that is not zero.
async function foreignLadder(folder) {
  const source = await makeFilm(join(folder, 'foreign.mp4'), { seconds: 24, film: 2, languages: ['vi'] });
  const rungs = [360, 240].map((height) => ({ height, path: join(folder, `foreign-${height}.mp4`), encoder: [...FOREIGN, '-output_ts_offset', '1.5'] }));
  await makeLadder(source.path, rungs);
  const sound = join(folder, 'foreign-sound.mp4');
  await execute('ffmpeg', ['-v', 'error', '-y', '-i', source.path, '-map', '0:a', '-c', 'copy', '-output_ts_offset', '1.5', sound]);
  return { ...source, sound, rungs: rungs.map(({ path }) => path) };
}

/// Brings the films in and makes the versions; returns each version with what it must show.
export async function furnish(house) {
  const films = {};
  const add = async (title, film, files, ...more) => {
    const view = await house.verb('add', ...files, '--title', title, '--name', `en=${title}`, ...more);
    films[title] = { ...film, view };
  };
  const path = (name) => join(house.folder, name);
  const main = await makeFilm(path('main.mp4'), { seconds: 32, film: 0, languages: ['vi', 'ko'] });
  await add('main', main, [main.path]);
  const other = await makeFilm(path('other.mp4'), { rate: '25', seconds: 7, film: 1, languages: ['vi', 'ko'] });
  await add('other', other, [other.path]);
  const foreign = await foreignLadder(house.folder);
  await add('foreign', foreign, foreign.rungs, '--audio', `vi=${foreign.sound}`);

  const make = (title, name, ...edits) => house.verb('version', 'make', '--title', title, '--name', name, ...edits);
  await make('main', 'two-cuts', '--cut', '250f-417f', '--cut', '604f-607f');
  await make('main', 'card', '--cut', '240f-', '--card', 'vi=Phim dành cho khán giả từ 13 tuổi', '--card', 'ko=13세 이상 관람가', '--card-seconds', '3');
  await make('main', 'mixed', '--span', 'main:2-8', '--span', 'other:1-5', '--span', 'main:20.25-26');
  await make('main', 'fifty', ...fiftyCuts(main.frames).flatMap((cut) => ['--cut', cut]));
  await make('foreign', 'two-cuts', '--cut', '100f-190f', '--cut', '300f-303f');
  return { films, versions: await describe(house, films, ['other', 'main', 'main/two-cuts', 'main/card', 'main/mixed', 'main/fifty', 'foreign/two-cuts']) };
}

/// Fifty cuts of 3 to 9 frames, on no grid.
export function fiftyCuts(frames) {
  const step = Math.floor(frames / 51);
  return Array.from({ length: 50 }, (_, n) => {
    const from = (n + 1) * step - ((n * 7) % 5);
    return `${from}f-${from + 3 + ((n * 5) % 7)}f`;
  });
}

/// Each version with its addresses and what it must show.
export async function describe(house, films, names) {
  const described = [];
  for (const name of names) {
    const shown = await house.verb('version', 'show', name.includes('/') ? name : `${name}/whole`);
    const numbers = Object.fromEntries(Object.entries(films).map(([title, { film }]) => [title, film]));
    const rates = Object.fromEntries(Object.entries(films).map(([title, { rate }]) => [title, rate]));
    described.push({ ...shown, full: name, filmOf: numbers, rateOf: rates, ...expectedFrames(shown.spans, films, shown.title) });
  }
  return described;
}

export const address = (origin, version, file) => `${origin}/c/${version.composition}/${file}`;
