// The desk's look back in real Chromium: the slider is moved by keys over what happened to a film, and at each
// stop the player shows the very frames that viewers got then, read off the picture.
import { join } from 'node:path';
import { FILM } from './cells.mjs';
import { openBrowser } from './chromium.mjs';
import { makeFilm } from './film.mjs';
import { openHouse } from './house.mjs';
import { shown } from './pages.mjs';

const SECONDS = 10;
const RATE = 24;
const NUMBER = 3;
/// The scene, in seconds, and a moment in it.
const SCENE = [4, 6];
const MOMENT = 5;

/// What the staff must see at a stop: the tone, and the frame of the film that stands at the moment; null: black.
const EXPECTED = {
  'trial-began': ['played', MOMENT],
  'order-placed 1': ['held', null],
  'frame-accurate': ['played', MOMENT + SCENE[1] - SCENE[0]],
  'order-lifted 1': ['played', MOMENT],
  'order-placed 2': ['refused'],
  // Planned: it ends tomorrow.
  'order-ended 2': ['played', MOMENT],
};

async function tell(house) {
  const order = ['--title', 'film', '--territory', 'VN', '--authority', 'A', '--date', '2026-11-20', '--basis', 'a test'];
  const place = (number, ...more) => house.verb('order', 'place', ...order, '--number', number, ...more);
  await place('1', '--cut', SCENE.join('-'));
  for (const end = Date.now() + 60000; ; await new Promise((resolve) => setTimeout(resolve, 200))) {
    const { frame_accurate: made, failed } = await house.verb('order', 'show', '1');
    if (made.length) break;
    if (failed.length || Date.now() > end) throw new Error(`order 1: ${JSON.stringify(failed)}`);
  }
  await house.verb('order', 'lift', '1', '--reason', 'a test');
  await place('2', '--withdraw', '--until', new Date(Date.now() + 86400000).toISOString());
}

/// The frame that the player shows at the moment, as seconds of the film; null where it is black.
async function frameShown(page) {
  await page.waitForFunction(() => document.querySelector('[data-testid="video"]')?.readyState >= 2);
  await page.evaluate((at) => new Promise((resolve) => {
    const video = document.querySelector('[data-testid="video"]');
    video.addEventListener('seeked', resolve, { once: true });
    // Another version may come meanwhile, and with it another element.
    setTimeout(resolve, 3000);
    video.currentTime = at;
  }), MOMENT);
  await page.waitForFunction(() => document.querySelector('[data-testid="video"]').readyState >= 2);
  const [, number] = await shown(page);
  return number === null ? null : (number - NUMBER * FILM) / RATE;
}

const isAt = (shows, frame) => (frame === null ? shows === null : shows !== null && Math.abs(shows - frame) < 1.5 / RATE);

/// The same once it is the frame that is looked for: the player goes on with what it had until the other version has
/// come. Where it does not come, what is shown in the end.
async function frameOnce(page, frame) {
  for (let left = 20; ; left -= 1) {
    const shows = await frameShown(page);
    if (isAt(shows, frame) || left === 0) return shows;
    await page.waitForTimeout(250);
  }
}

async function lookBack(page, origin, token) {
  const wrong = [];
  await page.addInitScript((pass) => sessionStorage.setItem('phim.desk', pass), JSON.stringify({ token, name: 'Lan' }));
  await page.goto(`${origin}/desk/then?title=film&cc=VN`);
  const told = page.getByTestId('then-told');
  await told.waitFor();
  const scale = page.getByTestId('then-scale');
  await scale.focus();
  await page.keyboard.press('Home');
  const stops = await page.getByTestId('then-stops').locator('button').count();
  const seen = [];
  for (let n = 0; n < stops; n += 1, await page.keyboard.press('ArrowRight')) {
    const stop = page.locator('[data-testid="then-stops"] button[aria-current="true"]');
    const at = await stop.locator('time').getAttribute('datetime');
    await page.waitForFunction((time) => document.querySelector('[data-testid="then-local"] time')?.dateTime === time, at);
    const kind = await stop.getAttribute('data-kind');
    const [tone, frame] = EXPECTED[kind] ?? [];
    if (!tone) continue;
    seen.push(kind);
    const is = await told.getAttribute('data-tone');
    if (is !== tone) wrong.push(`${kind}: ${is} instead of ${tone}`);
    const planned = (await page.getByTestId('then-planned').count()) > 0;
    if (planned !== kind.startsWith('order-ended')) wrong.push(`${kind}: ${planned ? 'said to be planned' : 'not said to be planned'}`);
    if (tone === 'refused') {
      if (!(await page.getByTestId('then-reason').count())) wrong.push(`${kind}: refused without a reason`);
      if (await page.getByTestId('video').count()) wrong.push(`${kind}: a player stands where nothing played`);
      continue;
    }
    const shows = await frameOnce(page, frame);
    if (!isAt(shows, frame)) wrong.push(`${kind}: shows ${shows} instead of ${frame}`);
    await scale.focus();
  }
  for (const kind of Object.keys(EXPECTED)) if (!seen.includes(kind)) wrong.push(`no stop says ${kind}`);
  return wrong;
}

export async function checkThen(check) {
  const house = await openHouse();
  const browser = await openBrowser();
  try {
    const film = await makeFilm(join(house.folder, 'film.mp4'), { seconds: SECONDS, rate: String(RATE), film: NUMBER });
    await house.verb('add', film.path, '--title', 'film', '--name', 'en=Film');
    const origin = await house.serve();
    await tell(house);
    const { token } = await house.verb('desk');
    await check('the desk looks back', async () => {
      const page = await browser.newPage({ viewport: { width: 1440, height: 1000 }, locale: 'en-GB' });
      page.setDefaultTimeout(20000);
      return { wrong: await lookBack(page, origin, token) };
    });
  } finally {
    await browser.close();
    await house.close();
  }
}
