// Every version in every engine: to its end without a complaint, and frame by frame the expected one.
import { openPlayer, playToEnd } from './chromium.mjs';
import { indexAt, name } from './expected.mjs';
import { address } from './house-films.mjs';

export const ENGINES = ['shaka-hls', 'shaka-dash', 'hls.js', 'dash.js'];
// Around a seam every single frame must have been read.
const AROUND = 5;
// The share of frames that a machine of two cores may fail to draw in time; every frame near a seam is read all the same.
const DROPPED = 0.01;

const manifest = (engine, origin, version) => address(origin, version, engine === 'shaka-hls' || engine === 'hls.js' ? 'hls.m3u8' : 'dash.mpd');

/// What is wrong with the frames read; `seen` collects the indexes of those that were right.
function judgeFrames(frames, version, seen) {
  const wrong = [];
  for (const [time, number] of frames) {
    const index = indexAt(version.frames, time);
    if (version.frames[index].number === number) seen.add(index);
    else wrong.push(`at ${time.toFixed(3)} s, frame ${index}: ${name(number)} instead of ${name(version.frames[index].number)}`);
  }
  return wrong;
}

/// The frames around seams that no callback came for. (Chromium may skip a callback on a busy machine, though
/// the frame was shown.)
function unread(version, seen) {
  const missing = [];
  version.frames.forEach(({ at }, index) => {
    const near = version.seams.some((seam) => Math.abs(seam.at - at) <= AROUND);
    if (near && !seen.has(index)) missing.push(index);
  });
  return missing;
}

/// Plays the places again where frames were not read, until all have been or patience ends.
async function readAgain(player, version, seen) {
  const wrong = [];
  for (let round = 0; round < 4; round += 1) {
    const missing = unread(version, seen);
    if (!missing.length) break;
    for (let n = 0; n < missing.length;) {
      const from = version.frames[missing[n]].at;
      let last = from;
      while (n < missing.length && version.frames[missing[n]].at < last + 1) last = version.frames[missing[n++]].at;
      await player.seek(Math.max(0, from - 0.4));
      await player.play();
      for (let patience = 0; patience < 40; patience += 1) {
        const { at, ended } = await player.position();
        if (ended || at > last + 0.3) break;
        await new Promise((resolve) => setTimeout(resolve, 150));
      }
      await player.pause();
    }
    wrong.push(...judgeFrames((await player.report()).frames, version, seen));
  }
  return wrong;
}

/// What a busy machine can do to a player that has everything it needs.
function judgeFlow(report) {
  const rough = [];
  if (report.waits.length) rough.push(`stalled at ${report.waits.map((at) => at.toFixed(2)).join(', ')} s`);
  if (report.dropped > report.total * DROPPED) rough.push(`${report.dropped} of ${report.total} frames dropped`);
  // dash.js, kept from its work near the end, may miss it, seek about there by itself and stay.
  if (!report.ended) rough.push(`did not end: stands at ${report.at} of ${report.duration} s`);
  rough.push(...report.problems.filter(isRough));
  return rough;
}

const isRough = (problem) => isStall(problem) || problem.startsWith('seek by the player');
const isStall = (problem) => problem.includes('bufferStalledError') && !problem.includes('fatal');

function judgePlay(report, version) {
  const wrong = report.problems.filter((problem) => !isRough(problem));
  if (report.corrupted) wrong.push(`${report.corrupted} frames corrupted`);
  if (report.gaps) wrong.push(`${report.gaps} gaps jumped`);
  if (report.ranges.length !== 1) wrong.push(`buffered in ${report.ranges.length} ranges: ${JSON.stringify(report.ranges)}`);
  if (Math.abs(report.duration - version.seconds) > 0.06) wrong.push(`${report.duration} s long instead of ${version.seconds.toFixed(3)}`);
  return wrong;
}

/// Plays once: `wrong` is what must never be, `rough` what a machine with other work may do.
export async function watch(origin, pages, engine, version) {
  const player = await openPlayer(pages, engine, manifest(engine, origin, version));
  try {
    const report = await playToEnd(player);
    const seen = new Set();
    const wrong = [...judgePlay(report, version), ...judgeFrames(report.frames, version, seen).slice(0, 5)];
    const rough = judgeFlow(report);
    const first = seen.size;
    if (!wrong.length) wrong.push(...(await readAgain(player, version, seen)).slice(0, 5));
    const missing = unread(version, seen);
    if (!wrong.length && missing.length) rough.push(`${missing.length} frames near seams never read, first ${missing[0]}`);
    const note = `${first} of ${version.frames.length} frames read while playing, ${seen.size} in all, ${report.dropped} dropped`;
    return { wrong, rough, note };
  } finally {
    await player.close();
  }
}

/// Fifty seeks within two frames of seams, in an order that jumps about. One that misses is tried once more from the
/// start of the film: dash.js sometimes jumps a gap that it has not filled yet.
export async function seek(origin, pages, engine, version) {
  const player = await openPlayer(pages, engine, manifest(engine, origin, version));
  const land = (index) => {
    const next = version.frames[index + 1]?.at ?? version.seconds;
    return player.seek((version.frames[index].at + next) / 2).catch((error) => [-1, error.message.split('\n')[0]]);
  };
  try {
    const targets = version.seams.flatMap(({ index }) => [-2, -1, 0, 1, 2].map((offset) => index + offset))
      .filter((index) => index >= 0 && index < version.frames.length);
    const wrong = [];
    let again = 0;
    let over = 0;
    for (let n = 0; n < 50; n += 1) {
      const index = targets[(n * 37) % targets.length];
      let [time, number] = await land(index);
      if (number !== version.frames[index].number && !(intoNextPart(version, index, number) && (over += 1))) {
        again += 1;
        await player.seek(0);
        [time, number] = await land(index);
        if (number !== version.frames[index].number) {
          wrong.push(typeof number === 'string' ? number : `sought frame ${index}: ${name(number)} of ${time.toFixed(3)} s instead of ${name(version.frames[index].number)}`);
        }
      }
    }
    if (again > 5) wrong.push(`${again} seeks had to be tried again`);
    const { problems } = await player.report();
    return { wrong: [...wrong.slice(0, 5), ...problems], note: `50 seeks, ${again} tried again, ${over} of the last frames of a part showed the next part's first` };
  } finally {
    await player.close();
  }
}

/// Shaka and dash.js take a seek to the last tenth of a second of a part for one to the part that follows.
function intoNextPart(version, index, number) {
  const seam = version.seams.find((one) => one.index > index && one.at - version.frames[index].at < 0.11);
  return seam?.opensPart && version.frames[seam.index].number === number;
}

/// Another rung is asked for three seconds before every seam; what is on screen must stay the expected frame.
export async function switchRungs(origin, pages, engine, version) {
  const player = await openPlayer(pages, engine, manifest(engine, origin, version));
  try {
    let next = 0;
    let rung = 0;
    const report = await playToEnd(player, async (at) => {
      if (next < version.seams.length && at >= version.seams[next].at - 3) {
        next += 1;
        rung = 1 - rung;
        await player.choose(rung);
      }
    });
    const seen = new Set();
    const wrong = [...report.problems.filter((problem) => !isStall(problem)), ...judgeFrames(report.frames, version, seen).slice(0, 5)];
    if (!report.ended) wrong.push(`did not end: stands at ${report.at} s`);
    if (report.sizes.length < 2) wrong.push('the picture never changed its size');
    return { wrong, note: `sizes ${report.sizes.map(([at, size]) => `${size} at ${at.toFixed(2)}`).join(', ')}; ${report.waits.length} waits` };
  } finally {
    await player.close();
  }
}
