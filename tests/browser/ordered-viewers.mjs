// Orders as viewers meet them, in Chromium: in our own page and in three players that know nothing of Phim. The
// number is read off every frame that is presented.
import { decodeCells, CELLS } from './cells.mjs';
import { openBrowser, openPlayer } from './chromium.mjs';
import { name } from './expected.mjs';
import { ADDRESSES, RATE, SCENE, desk, play, standIn } from './ordered-film.mjs';
import { ENGINES } from './watch.mjs';

const LONGEST_WAIT = 2000;
/// Where a viewer who has passed the scene and what is held beside it is, in seconds.
const PAST = SCENE.to / RATE + 3;
// Seconds within which our page must have let go of what it holds.
const EMPTIED = 2000;

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function until(condition, patience, complaint) {
  for (const end = Date.now() + patience; !(await condition());) {
    if (Date.now() > end) throw new Error(complaint);
    await pause(100);
  }
}

/// A viewer with a player that is not ours.
async function openPlain(origin, pages, engine, territory) {
  const country = await standIn(origin, territory);
  const addresses = await play(country.origin);
  const player = await openPlayer(pages, engine, engine === 'shaka-hls' || engine === 'hls.js' ? addresses.hls : addresses.dash);
  const close = async () => {
    await player.close();
    country.close();
  };
  const report = async () => {
    const { frames, problems } = await player.report();
    const serious = problems.filter((problem) => !problem.includes('bufferStalledError'));
    return { frames: frames.map(([at, number, wall]) => ({ at, number, wall })), problems: serious };
  };
  const position = async () => (await player.position()).at;
  return { name: engine, play: player.play, seek: player.seek, pause: player.pause, position, report, close };
}

/// Runs in our page before anything else: keeps the cells of every frame that any video of it presents.
function keepFrames(count) {
  const kept = (window.kept = { frames: [], video: null });
  const canvas = new OffscreenCanvas(count * 8, count * 8);
  const ink = canvas.getContext('2d', { willReadFrequently: true, alpha: false });
  const row = (y) => {
    const { data } = ink.getImageData(0, y, canvas.width, 1);
    return Array.from({ length: count }, (_, n) => (data[(n * 8 + 3) * 4 + 1] + data[(n * 8 + 4) * 4 + 1]) / 2);
  };
  const watch = (video) => video.requestVideoFrameCallback(() => {
    const frame = new VideoFrame(video);
    ink.drawImage(frame, 0, 0, canvas.width, canvas.height);
    kept.frames.push({ at: frame.timestamp / 1e6, wall: performance.timeOrigin + performance.now(), upper: row(3), lower: row(canvas.height - 4) });
    frame.close();
    watch(video);
  });
  const find = () => {
    const found = document.querySelector('[data-testid="video"]');
    const video = found?.matches('video') ? found : found?.querySelector('video');
    if (video && video !== kept.video) {
      kept.video = video;
      watch(video);
    }
  };
  setInterval(find, 50);
}

/// A viewer in our page.
async function openOurs(origin, territory) {
  const browser = await openBrowser();
  const context = await browser.newContext({ viewport: { width: 1000, height: 700 }, locale: 'en-GB', extraHTTPHeaders: { 'x-forwarded-for': ADDRESSES[territory] } });
  const page = await context.newPage();
  const problems = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.setDefaultTimeout(20000);
  await page.addInitScript(keepFrames, CELLS);
  await page.goto(`${origin}/watch/ordered`);
  const report = async () => {
    const kept = await page.evaluate(() => window.kept.frames);
    const frames = kept.map(({ at, wall, upper, lower }) => {
      const number = decodeCells(upper);
      return { at, wall, number: number === decodeCells(lower) ? number : -1 };
    });
    const failed = await page.getByTestId('player-error').count();
    return { frames, problems: failed ? [...problems, await page.getByTestId('player-error').innerText()] : problems };
  };
  return {
    name: 'our page',
    page,
    play: async () => {
      await page.getByTestId('play').first().click();
      await page.waitForFunction(() => window.kept.video && !window.kept.video.paused && window.kept.video.currentTime > 0.2);
    },
    position: () => page.evaluate(() => window.kept.video?.currentTime ?? 0),
    seek: (at) => page.evaluate((to) => { window.kept.video.currentTime = to; }, at),
    composition: () => page.evaluate(() => document.querySelector('[data-testid="video"]')?.dataset.composition),
    buffered: () => page.evaluate(() => {
      const { buffered } = window.kept.video;
      return Array.from({ length: buffered.length }, (_, n) => [buffered.start(n), buffered.end(n)]);
    }),
    words: () => page.evaluate(() => document.body.innerText),
    report,
    close: () => browser.close(),
  };
}

const ordered = ({ number }) => number !== null && number >= SCENE.from && number < SCENE.to;

/// What a viewer saw who must not have seen the scene from an instant on: `frames` from that instant.
function judge(frames, problems) {
  const wrong = [...problems];
  const seen = frames.filter(ordered);
  if (seen.length) wrong.push(`${seen.length} ordered frames were presented, the first ${name(seen[0].number)}`);
  const torn = frames.filter(({ number }) => number === -1);
  if (torn.length) wrong.push(`${torn.length} frames with rows that differ`);
  const before = frames.some(({ number }) => number !== null && number >= 0 && number < SCENE.from);
  const after = frames.some(({ number }) => number !== null && number >= SCENE.to);
  if (!before || !after) wrong.push(`nothing was seen ${before ? 'after' : 'before'} the scene`);
  return { wrong, ...longestWait(frames) };
}

/// The longest time between two presented frames, in milliseconds, and where.
function longestWait(frames) {
  let [wait, place] = [0, 0];
  frames.forEach((frame, n) => {
    if (n && frame.wall - frames[n - 1].wall > wait) [wait, place] = [frame.wall - frames[n - 1].wall, frame.at];
  });
  return { wait, place };
}

const verdict = ({ wrong, wait, place }, note) => ({
  wrong: wait > LONGEST_WAIT ? [...wrong, `nothing moved for ${(wait / 1000).toFixed(1)} s at ${place.toFixed(2)} s`] : wrong,
  note: `${note}; longest time without a new frame ${Math.round(wait)} ms`,
});

/// Past the scene, in the composition that was handed out before the order.
const past = (viewer) => until(async () => (await viewer.position()) > PAST, 45000, `${viewer.name} never passed the scene`);

/// Some players side by side; the order comes while the scene lies ahead. Answers what each came to.
async function orderAhead(origin, pages, engines, orders) {
  const viewers = await Promise.all(engines.map((engine) => openPlain(origin, pages, engine, 'VN')));
  try {
    await Promise.all(viewers.map((viewer) => viewer.play()));
    await until(async () => (await Promise.all(viewers.map((v) => v.position()))).every((at) => at > 0.5), 20000, 'a player does not start');
    const { number, placed } = await orders.place('VN', 'cut');
    const places = await Promise.all(viewers.map((v) => v.position()));
    const found = await Promise.all(viewers.map(async (viewer, n) => {
      await past(viewer);
      const { frames, problems } = await viewer.report();
      const black = frames.filter((frame) => frame.number === null).length;
      const judged = judge(frames, problems);
      if (!black) judged.wrong.push('nothing was held');
      const note = `ordered at ${places[n].toFixed(1)} s, ${placed.taken.connections_cut} connections cut; ${frames.length} frames, ${black} of them black`;
      return { engine: viewer.name, judged, note };
    }));
    await orders.lift(number);
    return found;
  } finally {
    await Promise.all(viewers.map((viewer) => viewer.close()));
  }
}

/// All at once. Who only waited too long there, on a machine with two cores, must not when it plays again alone.
async function checkAhead(origin, pages, orders, check) {
  for (const first of await orderAhead(origin, pages, ENGINES, orders)) {
    await check(`orders, ${first.engine}: passes a scene ordered while it lies ahead`, async () => {
      if (first.judged.wrong.length || first.judged.wait <= LONGEST_WAIT) return verdict(first.judged, first.note);
      const [alone] = await orderAhead(origin, pages, [first.engine], orders);
      return verdict(alone.judged, `${alone.note}; beside the others nothing moved for ${(first.judged.wait / 1000).toFixed(1)} s`);
    });
  }
}

/// What a viewer who may sees of the scene: every frame of it.
async function seesAll(origin, pages, engine, territory) {
  const viewer = await openPlain(origin, pages, engine, territory);
  try {
    await viewer.seek(SCENE.from / RATE - 0.5);
    await viewer.play();
    await until(async () => (await viewer.position()) > SCENE.to / RATE + 0.3, 20000, 'the scene does not end');
    await viewer.pause();
    const { frames, problems } = await viewer.report();
    const seen = new Set(frames.filter(ordered).map((frame) => frame.number));
    const playing = seen.size;
    const missing = [];
    // A busy machine draws some frames too late; those are sought one by one.
    for (let frame = SCENE.from; frame < SCENE.to; frame += 1) {
      if (!seen.has(frame) && (await viewer.seek((frame + 0.5) / RATE))[1] !== frame) missing.push(frame);
    }
    const wrong = problems.filter((problem) => !problem.startsWith('seek by'));
    if (missing.length) wrong.push(`${missing.length} frames of the scene are not seen, first ${missing[0]}`);
    return { wrong, note: `${playing} of ${SCENE.to - SCENE.from} frames read while playing, ${missing.length} never` };
  } finally {
    await viewer.close();
  }
}

/// Our page, which has the scene in its buffer and stands at `place` when the order comes: ahead of the scene, or in it.
/// In the scene, its frames may be seen for as long as our page has to let go of them.
export async function inOurPage(origin, territory, orders, check, what, place) {
  const ours = await openOurs(origin, territory);
  try {
    await ours.play();
    const from = SCENE.from / RATE;
    await ours.seek(from - 4);
    const holdsScene = async () => (await ours.buffered()).some(([a, b]) => a <= from && b > from + 0.5);
    await until(async () => (await ours.position()) > place && (await holdsScene()), 20000, 'the scene is never buffered');
    const [was, at] = [await ours.composition(), await ours.position()];
    const { number, placed } = await orders.place(territory, 'cut');
    const instant = Date.parse(placed.taken.in_force_here);
    await check(`orders, our page: ${what}`, async () => {
      let emptied = 0;
      await until(async () => {
        const same = (await ours.composition()) === was;
        if (!emptied && !(same && (await holdsScene()))) emptied = Date.now() - instant;
        return (await ours.position()) > (same ? PAST : from + 2);
      }, 30000, 'our page never passed the scene');
      const { frames, problems } = await ours.report();
      const seen = frames.filter((frame) => ordered(frame) && frame.wall > instant);
      const last = seen.length ? seen.at(-1).wall - instant : 0;
      const judged = judge(frames.filter((frame) => !(at > from && ordered(frame) && frame.wall < instant + EMPTIED)), problems);
      if (!emptied || emptied > EMPTIED) judged.wrong.push(emptied ? `the scene stayed buffered for ${emptied} ms` : 'the scene stayed buffered');
      if (!(await ours.words()).includes('The Authority')) judged.wrong.push('the viewer is not told why');
      return verdict(judged, `ordered at ${at.toFixed(1)} s, let go of after ${emptied} ms, the last ordered frame seen after ${Math.round(last)} ms`);
    });
    return number;
  } finally {
    await ours.close();
  }
}

/// Our page, when the whole work is withdrawn while it plays: it ends, and says why.
async function withdrawn(origin, orders, check) {
  const ours = await openOurs(origin, 'VN');
  try {
    await ours.play();
    const { number, placed } = await orders.place('VN', 'withdraw', { scope: 'whole' });
    const instant = Date.parse(placed.taken.in_force_here);
    await check('orders, our page: ends with the reason when the work is withdrawn', async () => {
      await ours.page.locator('[data-testid="reason"][data-rule="withdrawn"]').waitFor();
      const ended = Date.now() - instant;
      await pause(EMPTIED);
      const { frames, problems } = await ours.report();
      const wrong = [...problems];
      const late = frames.filter(({ wall }) => wall > instant + EMPTIED);
      if (late.length) wrong.push(`${late.length} frames were presented more than ${EMPTIED} ms after the order`);
      if (!(await ours.words()).includes('The Authority')) wrong.push('the authority is not named');
      return { wrong, note: `ended after ${ended} ms` };
    });
    return number;
  } finally {
    await ours.close();
  }
}

/// What other players do with a scene that they had buffered: nothing takes it back from them, and Phim says so.
async function bufferedElsewhere(origin, pages, orders, check) {
  const viewers = await Promise.all(ENGINES.map((engine) => openPlain(origin, pages, engine, 'VN')));
  try {
    await Promise.all(viewers.map(async (viewer) => {
      await viewer.seek(SCENE.from / RATE - 3);
      await viewer.play();
    }));
    await until(async () => (await Promise.all(viewers.map((v) => v.position()))).every((at) => at > SCENE.from / RATE - 2.5), 20000, 'a player does not start');
    const { number } = await orders.place('VN', 'cut');
    await Promise.all(viewers.map((viewer) => check(`orders, ${viewer.name}: what it does with a scene that it had buffered`, async () => {
      await past(viewer);
      const { frames, problems } = await viewer.report();
      const shown = `${frames.filter(ordered).length} of ${SCENE.to - SCENE.from} ordered frames were still shown from its buffer`;
      return { wrong: [], note: [shown, ...problems].join('; ') };
    })));
    return number;
  } finally {
    await Promise.all(viewers.map((viewer) => viewer.close()));
  }
}

export async function checkViewers(house, origin, pages, check) {
  const orders = desk(house, 'viewers-');
  await checkAhead(origin, pages, orders, check);
  const { number } = await orders.place('VN', 'cut');
  await check('orders: a viewer in Korea sees every frame of the scene', () => seesAll(origin, pages, 'hls.js', 'KR'));
  await orders.lift(number);
  await check('orders, lifted: a viewer in Vietnam sees every frame of the scene', () => seesAll(origin, pages, 'shaka-dash', 'VN'));
  await orders.lift(await bufferedElsewhere(origin, pages, orders, check));
  const scene = SCENE.from / RATE;
  await orders.lift(await inOurPage(origin, 'VN', orders, check, 'passes a scene that it had buffered', scene - 3.5));
  await orders.lift(await inOurPage(origin, 'VN', orders, check, 'leaves a scene that it was showing', scene + 0.5));
  await orders.lift(await withdrawn(origin, orders, check));
}
