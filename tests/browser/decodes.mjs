// What decoders make of every version: each frame the expected one, its pixels those of the film outside
// patches and above 40 dB in them, its timestamp exact; each audio frame a copy of the right one.
import { clickAt, decodeGstreamer, decodePicture, decodeSound, packets, pour, psnr } from './decode.mjs';
import { compareNumbers, indexAt, name, rateOf } from './expected.mjs';
import { dashParts, hlsParts, hlsStreams, partBytes, peakBitrate } from './manifests.mjs';
import { address } from './house-films.mjs';

const AUDIO_FRAME = 1024 / 48000;
const FLOOR = 40;

/// Tells what ffmpeg complains of; its notes on other matters are no complaint.
const complaints = (text) => text.split('\n').filter((line) => /error|corrupt|missing|invalid|concealing|non[- ]?monoton/i.test(line));

async function partsDecoded(parts, size) {
  const frames = [];
  const wrong = [];
  for (const part of parts) {
    const decoded = await decodePicture(await partBytes(part), { ...size, keep: true });
    frames.push(...decoded.frames);
    wrong.push(...complaints(decoded.complaint));
  }
  return { frames, wrong };
}

export async function sizeOf(source) {
  let text = '';
  await pour('ffprobe', ['-v', 'error', '-select_streams', 'v:0', '-show_entries', 'stream=width,height', '-of', 'csv=p=0', source], { onData: (data) => (text += data) });
  const [width, height] = text.trim().split('\n')[0].split(',').map(Number);
  return { width, height };
}

/// The whole film of each title, rung by rung: what every version is compared with.
export async function readFilms(origin, films, describeWhole) {
  const read = {};
  for (const title of Object.keys(films)) {
    const whole = await describeWhole(title);
    const { variants, sounds } = await hlsStreams(address(origin, whole, 'hls.m3u8'));
    read[title] = { rungs: [], sounds: [] };
    for (const { url } of variants) {
      const size = await sizeOf(url);
      const { frames } = await partsDecoded(await hlsParts(url), size);
      read[title].rungs.push({ size, frames: new Map(frames.map((frame) => [frame.number, frame])) });
    }
    for (const { url } of sounds) read[title].sounds.push(oncePlayed(await soundPackets(url)));
  }
  return read;
}

/// Where each audio frame of a film sounds; what occurs more than once is silence.
function oncePlayed(all) {
  const places = new Map();
  for (const { hash, at } of all) places.set(hash, places.has(hash) ? null : at);
  return new Map([...places].filter(([, at]) => at !== null));
}

/// A foreign ladder is stored sample for sample: its pixels are those of the files that came in.
export async function sameAsFile(read, file, rung, film) {
  const { size, frames } = read.rungs[rung];
  const source = await decodePicture(file, size);
  const wrong = source.frames.filter((frame) => frames.get(frame.number)?.hash !== frame.hash).map(({ number }) => name(number));
  if (source.frames.length !== film.frames) wrong.unshift(`${source.frames.length} frames in the file`);
  return { wrong: wrong.slice(0, 5), note: `${source.frames.length} frames bit-equal to ${file.split('/').at(-1)}` };
}

/// Every frame of every rung over HLS, compared with the film.
export async function decodeHls(origin, version, read) {
  const { variants, sounds } = await hlsStreams(address(origin, version, 'hls.m3u8'));
  const loudest = await Promise.all(sounds.map(async ({ url }) => peakBitrate(await hlsParts(url))));
  const sound = Math.max(0, ...loudest);
  const wrong = [];
  const notes = [];
  for (const [rung, { url, bandwidth }] of variants.entries()) {
    const parts = await hlsParts(url);
    const size = await sizeOf(url);
    const { frames, wrong: complained } = await partsDecoded(parts, size);
    wrong.push(...complained, ...compareNumbers(frames.map((frame) => frame.number), version.frames).map((text) => `rung ${rung}: ${text}`));
    const { again, lowest, below } = comparePixels(frames, version, read, rung);
    wrong.push(...below);
    notes.push(`${size.height}p ${frames.length} frames, ${frames.length - again} bit-equal, ${again} encoded again, lowest ${lowest.toFixed(1)} dB`);
    if (parts.length === 1) wrong.push(...(await throughPlaylist(url, size, frames)).map((text) => `rung ${rung}: ${text}`));
    const peak = (await peakBitrate(parts)) + sound;
    if (peak > bandwidth) wrong.push(`rung ${rung}: BANDWIDTH ${bandwidth} is below the measured peak ${Math.round(peak)}`);
  }
  return { wrong: wrong.slice(0, 8), note: notes.join('; ') };
}

function comparePixels(frames, version, read, rung) {
  let again = 0;
  let lowest = Infinity;
  const below = [];
  frames.forEach((frame, index) => {
    if (frame.number === null) return;
    const source = filmFrame(read, frame.number, rung);
    if (!source || source.hash === frame.hash) return;
    again += 1;
    const likeness = psnr(source.luma, frame.luma);
    lowest = Math.min(lowest, likeness);
    if (likeness < FLOOR) below.push(`rung ${rung}: frame ${index} has ${likeness.toFixed(1)} dB`);
    if (rung === 0 && !inPatch(version, index)) below.push(`rung ${rung}: frame ${index} lies in no patch and differs from the film`);
  });
  return { again, lowest, below: below.slice(0, 5) };
}

function filmFrame(read, number, rung) {
  for (const { rungs } of Object.values(read)) {
    const found = rungs[Math.min(rung, rungs.length - 1)]?.frames.get(number);
    if (found) return found;
  }
  return undefined;
}

// Patches are told for the highest rendition; other encodes have their B-frames elsewhere.
const inPatch = (version, index) => !version.patches || version.patches.some(({ at_unit: from, units }) => index >= from && index < from + units);

/// ffmpeg's own reading of the playlist gives the same frames, each exactly one frame after the one before.
async function throughPlaylist(url, size, frames) {
  const wrong = [];
  const direct = await decodePicture(url, size);
  if (direct.frames.length !== frames.length || direct.frames.some((frame, n) => frame.hash !== frames[n].hash)) {
    wrong.push(`ffmpeg reads ${direct.frames.length} frames from the playlist that are not those of its parts`);
  }
  return [...wrong, ...complaints(direct.complaint)];
}

/// Presentation times are those of the list, to a tick; sound ends no earlier than the picture.
export async function checkTimes(origin, version) {
  const wrong = [];
  const { variants } = await hlsStreams(address(origin, version, 'hls.m3u8'));
  for (const { url } of variants) {
    let index = 0;
    const parts = await hlsParts(url);
    for (const part of parts) {
      const times = (await packets(await partBytes(part), 'v:0')).map(({ at }) => at).sort((a, b) => a - b);
      // A version of several parts has signed composition offsets, which ffmpeg shows late by the reorder delay.
      const late = parts.length > 1 ? times[0] - version.frames[index].at : 0;
      if (late < -0.0005 || late > 0.25) wrong.push(`${url.split('/').at(-1)}: frame ${index} is ${late} s late`);
      times.forEach((time, n) => {
        const expected = version.frames[index + n]?.at;
        if (Math.abs(time - late - expected) > 0.0005 && wrong.length < 5) wrong.push(`${url.split('/').at(-1)}: frame ${index + n} at ${time} instead of ${expected}`);
      });
      index += times.length;
    }
  }
  return { wrong, note: `${version.frames.length} timestamps` };
}

/// DASH names the same segments as HLS, Period by part; one Period is read by ffmpeg as well.
export async function decodeDash(origin, version) {
  const url = address(origin, version, 'dash.mpd');
  const { variants } = await hlsStreams(address(origin, version, 'hls.m3u8'));
  const periods = await dashParts(url, 'video');
  const wrong = [];
  for (const [rung, variant] of variants.entries()) {
    const hls = (await hlsParts(variant.url)).map(({ init, segments }) => [init, ...segments.map((segment) => segment.url)].join('\n'));
    const dash = periods.map((rungs) => [rungs[rung].init, ...rungs[rung].segments.map((segment) => segment.url)].join('\n'));
    if (hls.length !== dash.length) wrong.push(`rung ${rung}: ${dash.length} Periods and ${hls.length} parts`);
    else if (hls.some((part, n) => part !== dash[n])) wrong.push(`rung ${rung}: DASH and HLS name other segments`);
  }
  if (periods.length === 1) {
    const size = await sizeOf(url);
    const { frames, complaint } = await decodePicture(url, size);
    wrong.push(...compareNumbers(frames.map(({ number }) => number), version.frames), ...complaints(complaint));
  }
  await pour('xmllint', ['--noout', '-'], { input: Buffer.from(await (await fetch(url)).text()), onData: () => {} }).catch((error) => wrong.push(error.message));
  return { wrong, note: `${periods.length} Periods` };
}

/// A decoder that is no browser and not ffmpeg's demuxer.
export async function gstreamer(origin, version) {
  const { variants } = await hlsStreams(address(origin, version, 'hls.m3u8'));
  const size = await sizeOf(variants[0].url);
  const frames = await decodeGstreamer(variants[0].url, size);
  return { wrong: compareNumbers(frames.map(({ number }) => number), version.frames), note: `${frames.length} frames` };
}

/// Two IDR pictures that follow each other directly must differ in idr_pic_id (H.264 clause 7.4.3).
export async function checkIdr(origin, version) {
  const { variants } = await hlsStreams(address(origin, version, 'hls.m3u8'));
  const wrong = [];
  let neighbours = 0;
  for (const [rung, { url }] of variants.entries()) {
    for (const part of await hlsParts(url)) {
      const text = await pour('ffmpeg', ['-v', 'verbose', '-i', 'pipe:0', '-map', '0:v', '-c', 'copy', '-bsf:v', 'trace_headers', '-f', 'null', '-'],
        { input: await partBytes(part), onData: () => {}, remember: Infinity });
      const pictures = slices(text);
      pictures.forEach((id, n) => {
        if (n === 0 || id === null || pictures[n - 1] === null) return;
        neighbours += 1;
        if (id === pictures[n - 1]) wrong.push(`rung ${rung}: pictures ${n - 1} and ${n} are both IDR with id ${id}`);
      });
    }
  }
  return { wrong: wrong.slice(0, 5), note: `${neighbours} pairs of IDR pictures` };
}

/// The idr_pic_id of each picture in decode order, null for one that is no IDR picture.
function slices(text) {
  const pictures = [];
  let type = 0;
  for (const line of text.split('\n')) {
    const field = line.match(/\b(nal_unit_type|first_mb_in_slice|idr_pic_id)\b.* = (\d+)$/);
    if (!field) continue;
    const value = Number(field[2]);
    if (field[1] === 'nal_unit_type') type = value;
    else if (field[1] === 'first_mb_in_slice' && value === 0 && (type === 1 || type === 5)) pictures.push(null);
    else if (field[1] === 'idr_pic_id') pictures[pictures.length - 1] = value;
  }
  return pictures;
}

async function soundPackets(url) {
  const all = [];
  for (const part of await hlsParts(url)) {
    const found = await packets(await partBytes(part), 'a:0');
    all.push(...found.map((packet, n) => ({ ...packet, opens: n === 0 })));
  }
  return all;
}

/// Every audio frame is the film's nearest one, at most half an audio frame from the picture, and none is missing.
export async function checkSound(origin, version, read) {
  const { sounds } = await hlsStreams(address(origin, version, 'hls.m3u8'));
  const wrong = [];
  let most = 0;
  let silent = 0;
  for (const [ordinal, { url, language }] of sounds.entries()) {
    const played = await soundPackets(url);
    const ends = played.at(-1).at + AUDIO_FRAME;
    if (ends < version.seconds - 0.001) wrong.push(`${language}: sound ends at ${ends.toFixed(3)} s, the picture at ${version.seconds.toFixed(3)} s`);
    played.forEach((packet, n) => {
      const strayed = strayOf(packet, version, read, ordinal);
      if (strayed === null) silent += 1;
      else if (Math.abs(strayed) > AUDIO_FRAME / 2 + 0.0005) wrong.push(`${language}: frame ${n} at ${packet.at.toFixed(3)} s is ${(strayed * 1000).toFixed(2)} ms off`);
      else most = Math.max(most, Math.abs(strayed));
      if (!packet.opens && Math.abs(packet.at - played[n - 1].at - AUDIO_FRAME) > 0.0005) wrong.push(`${language}: frame ${n} does not follow the one before`);
    });
    const held = version.frames.filter(({ number }) => number === null).length;
    if (!held && silent > sounds.length * 4) wrong.push(`${language}: ${silent} silent frames`);
  }
  return { wrong: wrong.slice(0, 5), note: `${sounds.length} languages, at most ${(most * 1000).toFixed(2)} ms from the picture, ${silent} silent frames` };
}

/// How far an audio frame lies from its place, in seconds, by the nearest reading; null for silence.
function strayOf(packet, version, read, ordinal) {
  let best = null;
  for (const at of [packet.at - 0.011, packet.at, packet.at + AUDIO_FRAME / 2, packet.at + AUDIO_FRAME + 0.011]) {
    const frame = version.frames[indexAt(version.frames, at)];
    if (frame.number === null) continue;
    for (const [title, { sounds }] of Object.entries(read)) {
      const source = sounds[Math.min(ordinal, sounds.length - 1)].get(packet.hash);
      if (source === undefined || version.filmOf[title] !== Math.floor(frame.number / 16384)) continue;
      const stray = packet.at - source - (frame.at - (frame.number % 16384) / rateOf(version.rateOf[title]));
      if (best === null || Math.abs(stray) < Math.abs(best)) best = stray;
    }
  }
  return best;
}

/// Clicks at splices, beside the same cuts made hard in decoded sound.
export async function checkClicks(origin, version, whole) {
  const sound = async (of) => {
    const { sounds } = await hlsStreams(address(origin, of, 'hls.m3u8'));
    return decodeSound(await partBytes((await hlsParts(sounds[0].url))[0]));
  };
  const played = await sound(version);
  const film = await sound(whole);
  const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
  const copied = version.seams.map(({ at }) => clickAt(played, at));
  const hard = version.seams.map(({ index }) => clickAt(hardCut(film, version, index), 0.5));
  const loud = copied.filter((level) => level > 6).length;
  const wrong = [];
  if (median([...copied]) > 3) wrong.push(`median ${median([...copied]).toFixed(1)} dB over its surroundings`);
  if (loud > Math.max(1, copied.length / 10)) wrong.push(`${loud} of ${copied.length} splices click`);
  return { wrong, note: `${copied.length} splices: median ${median(copied).toFixed(1)} dB, ${loud} above +6 dB; cut hard: median ${median(hard).toFixed(1)} dB` };
}

/// Half a second of decoded film before a seam and half a second after it, put end to end.
function hardCut(film, version, index) {
  const time = (frame) => (frame.number % 16384) / rateOf(Object.values(version.rateOf)[0]);
  const out = Math.round((time(version.frames[index - 1]) + 1 / rateOf(Object.values(version.rateOf)[0])) * 48000);
  const into = Math.round(time(version.frames[index]) * 48000);
  const joined = new Float32Array(48000);
  joined.set(film.subarray(Math.max(0, out - 24000), out), 0);
  joined.set(film.subarray(into, into + 24000), 24000);
  return joined;
}
