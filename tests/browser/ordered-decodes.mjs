// What decoders make of every operation of an order: of the safe step at the addresses handed out before, and of the
// version that obeys it frame by frame.
import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readFrame } from './cells.mjs';
import { decodePicture, decodeSound, packets, pour, psnr } from './decode.mjs';
import { name } from './expected.mjs';
import { bytes, hlsIFrames, hlsParts, hlsStreams, partBytes, tilesOf } from './manifests.mjs';
import { CUES, RATE, SCENE, TONE, WORD, boxAt, desk, play, standIn } from './ordered-film.mjs';

const execute = promisify(execFile);
const WIDTH = 640;
const FLOOR = 45;
const QUIET = -60;
const CARD_SECONDS = 4;
const AUDIO_FRAME = 1024 / 48000;
// Decoders' black: 16 of 255, and what an encoder may make of it.
const BLACK = 18;
// Pixels around a box that are not judged: it is covered in steps of eight, and a codec smears its edges by a
// block of sixteen.
const AROUND = 24;
// By how much the pixels of a covered box may differ: what a codec smears into it from its edges.
const FLAT = 16;
// Pixels between the edge of the box and the board with the word.
const BOARD = 10;

/// Each operation in a country of its own, so that all stand at once. `holds`: what the safe step keeps back.
const OPERATIONS = [
  { territory: 'VN', operation: 'cut', holds: ['picture', 'sound', 'text'] },
  { territory: 'KR', operation: 'blur', holds: ['picture', 'sound', 'text'] },
  { territory: 'TH', operation: 'mask', holds: ['picture', 'sound', 'text'] },
  { territory: 'JP', operation: 'mute', holds: ['sound', 'text'] },
  { territory: 'PH', operation: 'drop-text', holds: ['text'] },
  { territory: 'ID', operation: 'replace', holds: ['picture', 'sound', 'text'],
    more: { card: { seconds: CARD_SECONDS, lines: [{ language: 'vi', text: 'Cảnh này không được chiếu' }] } } },
];

const inScene = (number) => number >= SCENE.from && number < SCENE.to;

/// The bytes of a version: every rung, the sound, each by its parts, and the subtitles.
async function fetchAll(hls) {
  const { variants, sounds, texts } = await hlsStreams(hls);
  const parts = async (url) => Promise.all((await hlsParts(url)).map(partBytes));
  const rungs = [];
  for (const { url, height } of variants) rungs.push({ width: Math.round((height * 16) / 9 / 2) * 2, height, parts: await parts(url) });
  return { rungs, sounds: await parts(sounds[0].url), text: await words(texts[0].url) };
}

/// The numbers of the I-frames that are listed for seeking, of every rung.
async function readIFrames(hls, rungs) {
  const numbers = [];
  for (const [n, url] of (await hlsIFrames(hls)).entries()) {
    for (const part of await hlsParts(url)) numbers.push(...(await decodePicture(await partBytes(part), rungs[n])).frames.map(({ number }) => number));
  }
  return numbers;
}

/// The numbers on the thumbnails.
async function readTiles(thumbnails) {
  const tiles = await tilesOf(thumbnails);
  const sheets = new Map();
  for (const { sheet, width } of tiles) {
    if (sheets.has(sheet)) continue;
    const height = Math.max(...tiles.filter((tile) => tile.sheet === sheet).map((tile) => tile.top + tile.height));
    sheets.set(sheet, (await decodePicture(await bytes(sheet), { width, height, keep: true })).frames[0].luma);
  }
  return tiles.map(({ sheet, top, width, height }) => readFrame(sheets.get(sheet).subarray(top * width, (top + height) * width), width, height));
}

/// The same decoded: `frames` of each rung, `pieces` of sound as samples, the numbers of I-frames and thumbnails.
async function read({ hls, thumbnails }) {
  const version = await fetchAll(hls);
  for (const rung of version.rungs) {
    rung.frames = [];
    for (const part of rung.parts) rung.frames.push(...(await decodePicture(part, { ...rung, keep: true })).frames);
  }
  const [iFrames, tiles] = [await readIFrames(hls, version.rungs), await readTiles(thumbnails)];
  return { ...version, iFrames, tiles, pieces: await Promise.all(version.sounds.map(decodeSound)) };
}

async function words(url) {
  const segments = (await hlsParts(url)).flatMap((part) => part.segments);
  return (await Promise.all(segments.map(async (segment) => (await fetch(segment.url)).text()))).join('\n');
}

/// The frames of the groups of pictures that the scene lies in, end-exclusive.
async function touchedGroups(film) {
  let text = '';
  await pour('ffprobe', ['-v', 'error', '-select_streams', 'v', '-show_entries', 'packet=pts_time,flags', '-of', 'csv=p=0', 'pipe:0'],
    { input: film.rungs[0].parts[0], onData: (data) => (text += data) });
  const sync = text.split('\n').filter((line) => line.includes('K')).map((line) => Math.round(Number.parseFloat(line) * RATE));
  return { from: Math.max(...sync.filter((n) => n <= SCENE.from)), to: Math.min(...sync.filter((n) => n >= SCENE.to)) };
}

/// The level of the passing tone where it is strongest, in dB of full scale.
export function strongest(samples, hertz = TONE) {
  const SIZE = 2048;
  const shape = Float64Array.from({ length: SIZE }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / SIZE));
  const cos = shape.map((w, n) => w * Math.cos((2 * Math.PI * hertz * n) / 48000));
  const sin = shape.map((w, n) => w * Math.sin((2 * Math.PI * hertz * n) / 48000));
  let most = 0;
  for (let at = 0; at + SIZE <= samples.length; at += SIZE / 4) {
    let [re, im] = [0, 0];
    for (let n = 0; n < SIZE; n += 1) {
      re += samples[at + n] * cos[n];
      im += samples[at + n] * sin[n];
    }
    most = Math.max(most, Math.hypot(re, im));
  }
  return 20 * Math.log10(Math.max(1e-9, (2 * most) / (SIZE / 2)));
}

const level = (version) => Math.max(...version.pieces.map((samples) => strongest(samples)));

/// The numbers that a version must show: null is black, or a card.
function expectedNumbers(count, change) {
  const all = Array.from({ length: count }, (_, number) => number);
  return all.flatMap(change);
}

function compareNumbers(frames, expected) {
  if (frames.length !== expected.length) return [`${frames.length} frames instead of ${expected.length}`];
  const off = frames.findIndex((frame, n) => frame.number !== expected[n]);
  return off < 0 ? [] : [`frame ${off} shows ${name(frames[off].number)} instead of ${name(expected[off])}`];
}

/// Frames outside the touched groups that are not those of the film, pixel for pixel.
function changedElsewhere(rung, film, groups) {
  const { number } = rung.frames.find((frame) => frame.number !== null && (frame.number < groups.from || frame.number >= groups.to)
    && film.frames[frame.number].hash !== frame.hash) ?? {};
  return number === undefined ? [] : [`${name(number)} lies in no touched group and differs from the film`];
}

/// What may not have become of the sound: changed anywhere but where the scene sounds.
async function changedSound(version, film, groups) {
  const [now, before] = await Promise.all([packets(version.sounds[0], 'a:0'), packets(film.sounds[0], 'a:0')]);
  if (now.length !== before.length) return [`${now.length} sound frames instead of ${before.length}`];
  const changed = now.map((packet, n) => ({ ...packet, n })).filter(({ hash, n }) => hash !== before[n].hash);
  const stray = changed.find(({ at }) => at < groups.from / RATE - 3 * AUDIO_FRAME || at > groups.to / RATE + 2 * AUDIO_FRAME);
  return stray ? [`the sound at ${stray.at.toFixed(3)} s is not the film's`] : [];
}

function checkWords(version, gone) {
  const wrong = [CUES.before, CUES.after].filter((cue) => !version.text.includes(cue)).map((cue) => `the subtitle "${cue}" is lost`);
  if (version.text.includes(CUES.ordered) === gone) wrong.push(gone ? 'the ordered subtitle is still there' : 'the subtitle of the scene is lost');
  return wrong;
}

/// I-frames and thumbnails: those of the scene are gone where the scene is, and there where it is.
function checkStills({ iFrames, tiles }, iFramesGone, tilesGone) {
  const wrong = [];
  for (const [what, numbers, gone] of [['I-frames', iFrames, iFramesGone], ['thumbnails', tiles, tilesGone]]) {
    const seen = numbers.filter((number) => number !== null && inScene(number)).length;
    if (gone === seen > 0) wrong.push(`${seen} ${what} of the scene`);
  }
  return wrong;
}

/// The safe step: the same addresses, the same length, black and silence for the groups that are touched.
async function checkSafe(version, film, groups, holds) {
  const wrong = [];
  const held = holds.includes('picture') ? groups : { from: 0, to: 0 };
  const isHeld = (number) => number >= held.from && number < held.to;
  for (const [n, rung] of version.rungs.entries()) {
    const expected = expectedNumbers(film.rungs[n].frames.length, (number) => [isHeld(number) ? null : number]);
    wrong.push(...compareNumbers(rung.frames, expected), ...changedElsewhere(rung, film.rungs[n], held));
    const light = rung.frames.findIndex(({ luma }, number) => isHeld(number) && luma.some((value) => value > BLACK));
    if (light >= 0) wrong.push(`frame ${light} is not black`);
  }
  const sounded = holds.includes('sound') ? (holds.includes('picture') ? groups : SCENE) : { from: -Infinity, to: -Infinity };
  wrong.push(...(await changedSound(version, film, sounded)));
  if (holds.includes('sound') && level(version) > QUIET) wrong.push(`the tone is at ${level(version).toFixed(1)} dB in the safe step`);
  wrong.push(...checkStills(version, holds.includes('picture'), holds.includes('picture')));
  return [...wrong, ...checkWords(version, true)].map((text) => `safe step: ${text}`);
}

/// The box in pixels of a rung, widened by `more` on every side.
function pixelsOf(number, { width }, more) {
  const [left, top, wide, high] = boxAt(number).map((side) => (side * width) / WIDTH);
  return { left: Math.floor(left) - more, top: Math.floor(top) - more, right: Math.ceil(left + wide) + more, bottom: Math.ceil(top + high) + more };
}

/// A picture with everything inside the box left out.
function outside(luma, { width, height }, box) {
  const out = Buffer.from(luma);
  for (let y = Math.max(0, box.top); y < Math.min(height, box.bottom); y += 1) out.fill(0, y * width + Math.max(0, box.left), y * width + Math.min(width, box.right));
  return out;
}

function inside(luma, { width }, box) {
  const rows = [];
  for (let y = box.top; y < box.bottom; y += 1) rows.push(luma.subarray(y * width + box.left, y * width + box.right));
  return Buffer.concat(rows);
}

/// Every frame of the touched groups beside the film's, without the box: `{wrong, lowest}` in dB.
function checkAround(rung, film, groups) {
  let lowest = Infinity;
  for (let number = groups.from; number < groups.to; number += 1) {
    const box = inScene(number) ? pixelsOf(number, rung, AROUND) : { left: 0, top: 0, right: 0, bottom: 0 };
    lowest = Math.min(lowest, psnr(outside(rung.frames[number].luma, rung, box), outside(film.frames[number].luma, rung, box)));
  }
  return { wrong: lowest < FLOOR ? [`${rung.height}p: ${lowest.toFixed(1)} dB outside the box`] : [], lowest };
}

/// The words that tesseract reads in the box of each frame of the scene.
async function readBoxes(rung, folder) {
  await mkdir(folder, { recursive: true });
  const files = [];
  for (let number = SCENE.from; number < SCENE.to; number += 1) {
    const box = pixelsOf(number, rung, -BOARD);
    const file = join(folder, `${number}.pgm`);
    const head = Buffer.from(`P5\n${box.right - box.left} ${box.bottom - box.top}\n255\n`);
    await writeFile(file, Buffer.concat([head, inside(rung.frames[number].luma, rung, box)]));
    files.push(file);
  }
  const list = join(folder, 'list.txt');
  await writeFile(list, files.join('\n'));
  const { stdout } = await execute('tesseract', [list, 'stdout', '--psm', '7'], { env: { ...process.env, OMP_THREAD_LIMIT: '1' }, maxBuffer: 1 << 24 });
  await rm(folder, { recursive: true });
  return stdout.split('\f').slice(0, files.length).map((text) => text.trim());
}

/// How many letters of the word stand in a row in what was read.
function readLetters(text) {
  for (let length = WORD.length; length > 0; length -= 1) {
    for (let from = 0; from + length <= WORD.length; from += 1) if (text.includes(WORD.slice(from, from + length))) return length;
  }
  return 0;
}

async function checkBlur(version, film, groups, folder) {
  const around = version.rungs.map((rung, n) => checkAround(rung, film.rungs[n], groups));
  const [clear, blurred] = [await readBoxes(film.rungs[0], folder), await readBoxes(version.rungs[0], folder)];
  const wrong = around.flatMap((one) => one.wrong);
  const unread = clear.filter((text) => !text.includes(WORD)).length;
  if (unread) wrong.push(`control: the word cannot be read in ${unread} of ${clear.length} frames without the blur`);
  const legible = blurred.filter((text) => readLetters(text) > 2);
  if (legible.length) wrong.push(`${legible.length} frames can be read, e.g. ${legible[0]}`);
  const lowest = Math.min(...around.map((one) => one.lowest));
  return { wrong, note: `${lowest.toFixed(1)} dB outside the box; the word read in ${clear.length - unread} of ${clear.length} frames before, in ${legible.length} after` };
}

function checkMask(version, film, groups) {
  const around = version.rungs.map((rung, n) => checkAround(rung, film.rungs[n], groups));
  const wrong = around.flatMap((one) => one.wrong);
  let most = 0;
  for (let number = SCENE.from; number < SCENE.to; number += 1) {
    const pixels = inside(version.rungs[0].frames[number].luma, version.rungs[0], pixelsOf(number, version.rungs[0], -4));
    most = Math.max(most, Math.max(...pixels) - Math.min(...pixels));
  }
  if (most > FLAT) wrong.push(`the pixels under the mask differ by ${most}`);
  return { wrong, note: `${Math.min(...around.map((one) => one.lowest)).toFixed(1)} dB outside the box, pixels under it differ by ${most}` };
}

/// What the numbers of a frame become under each operation.
const BECOMES = {
  cut: (number) => (inScene(number) ? [] : [number]),
  replace: (number) => (!inScene(number) ? [number] : number === SCENE.from ? Array(CARD_SECONDS * RATE).fill(null) : []),
};

async function checkMade(version, film, groups, operation, folder) {
  const wrong = [];
  const touched = operation === 'mute' || operation === 'drop-text' ? { from: 0, to: 0 } : groups;
  for (const [n, rung] of version.rungs.entries()) {
    const expected = expectedNumbers(film.rungs[n].frames.length, BECOMES[operation] ?? ((number) => [number]));
    wrong.push(...compareNumbers(rung.frames, expected), ...changedElsewhere(rung, film.rungs[n], touched));
  }
  if (wrong.length) return { wrong };
  const silent = operation !== 'blur' && operation !== 'mask' && operation !== 'drop-text';
  const tone = level(version);
  if (silent === tone > QUIET) wrong.push(`the tone is at ${tone.toFixed(1)} dB`);
  if (operation !== 'cut' && operation !== 'replace') {
    wrong.push(...(await changedSound(version, film, silent ? SCENE : { from: -Infinity, to: -Infinity })));
  }
  const gone = operation === 'cut' || operation === 'replace';
  wrong.push(...checkStills(version, gone, gone || operation === 'blur' || operation === 'mask'));
  // What is silenced is not read either.
  wrong.push(...checkWords(version, silent || operation === 'drop-text'));
  const more = operation === 'blur' ? await checkBlur(version, film, groups, folder) : operation === 'mask' ? checkMask(version, film, groups) : { wrong: [], note: '' };
  return { wrong: [...wrong, ...more.wrong], note: [`tone ${tone.toFixed(1)} dB`, more.note].filter(Boolean).join('; ') };
}

/// Lifted, the film is there again, byte for byte.
function checkBack(version, film) {
  const same = (one, other) => one.length === other.length && one.every((part, n) => part.equals(other[n]));
  const all = version.rungs.every((rung, n) => same(rung.parts, film.rungs[n].parts)) && same(version.sounds, film.sounds) && version.text === film.text;
  return all ? [] : ['lifted, the film does not come back byte for byte'];
}

async function checkOperation(house, origin, { territory, operation, holds, more }, film, groups) {
  const orders = desk(house, `${operation}-`);
  const viewer = await standIn(origin, territory);
  try {
    const before = await play(viewer.origin);
    const { number } = await orders.place(territory, operation, more);
    await orders.made(number);
    const wrong = await checkSafe(await read(before), film, groups, holds);
    const now = await play(viewer.origin);
    const made = await checkMade(await read(now), film, groups, operation, join(house.folder, `boxes-${territory}`));
    await orders.lift(number);
    const again = await play(viewer.origin);
    if (again.hls !== before.hls) wrong.push('lifted, another version is played');
    return { wrong: [...wrong, ...made.wrong, ...checkBack(await fetchAll(again.hls), film)].slice(0, 6), note: made.note };
  } finally {
    viewer.close();
  }
}

/// Every operation, each decoded in its safe step, as made, and lifted.
export async function checkOperations(house, origin, check) {
  const untouched = await standIn(origin, 'LA');
  try {
    const film = await read(await play(untouched.origin));
    const groups = await touchedGroups(film);
    await check('orders, control: the film has its tone, its subtitle and its word', async () => {
      const before = strongest(film.pieces[0].subarray(0, (SCENE.from / RATE - 0.1) * 48000));
      const wrong = [...checkWords(film, false), ...checkStills(film, false, false)];
      if (level(film) < -20 || before > QUIET) wrong.push(`the tone is at ${level(film).toFixed(1)} dB in the scene, ${before.toFixed(1)} dB before it`);
      return { wrong, note: `tone ${level(film).toFixed(1)} dB in the scene, ${before.toFixed(1)} dB before it; groups ${groups.from} to ${groups.to}` };
    });
    for (const one of OPERATIONS) await check(`orders, ${one.operation}: decoded`, () => checkOperation(house, origin, one, film, groups));
  } finally {
    untouched.close();
  }
}
