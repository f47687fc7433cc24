// The pages as a viewer meets them, in Chromium, against the real server. With a folder named, pictures of them
// are kept there: `node pages.mjs ORIGIN FOLDER` takes those of the documents from a running demo.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { decodeCells, CELLS } from './cells.mjs';
import { openBrowser } from './chromium.mjs';
import { indexAt, name } from './expected.mjs';

const DESKTOP = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };

/// A page that remembers what the browser complained of.
async function openPage(browser, viewport) {
  const context = await browser.newContext({ viewport, locale: 'en-GB', hasTouch: viewport.width < 600 });
  const page = await context.newPage();
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('response', (response) => response.status() >= 400 && complaints.push(`${response.status()} ${response.url()}`));
  page.setDefaultTimeout(20000);
  return { page, complaints };
}

const plays = (page, id = 'video') => page.waitForFunction((testId) => {
  const found = document.querySelector(`[data-testid="${testId}"]`);
  const video = found?.matches('video') ? found : found?.querySelector('video');
  return video && !video.paused && video.readyState >= 3 && video.currentTime > 0.3;
}, id);

/// The burnt-in number and the media time of what the player shows.
export async function shown(page) {
  const [time, cells] = await page.evaluate((count) => {
    const found = document.querySelector('[data-testid="video"]');
    const video = found.matches('video') ? found : found.querySelector('video');
    const frame = new VideoFrame(video);
    const canvas = new OffscreenCanvas(count * 8, count * 8);
    const ink = canvas.getContext('2d');
    ink.drawImage(frame, 0, 0, canvas.width, canvas.height);
    const at = frame.timestamp / 1e6;
    frame.close();
    const { data } = ink.getImageData(0, 3, canvas.width, 1);
    return [at, Array.from({ length: count }, (_, n) => data[(n * 8 + 4) * 4 + 1])];
  }, CELLS);
  return [time, decodeCells(cells)];
}

async function expectShown(page, version) {
  const [time, number] = await shown(page);
  const expected = version.frames[indexAt(version.frames, time)].number;
  return number === expected ? [] : [`${version.full} shows ${name(number)} at ${time.toFixed(3)} s instead of ${name(expected)}`];
}

async function watchAndSwitch(page, origin, versions) {
  const version = (wanted) => versions.find(({ full }) => full === wanted);
  const wrong = [];
  await page.goto(`${origin}/`);
  await page.getByTestId('card').first().waitFor();
  await page.goto(`${origin}/watch/main`);
  await page.getByTestId('play').first().click();
  await plays(page);
  wrong.push(...(await expectShown(page, version('main'))));
  await page.locator('[data-testid="version-switch"][data-version="two-cuts"]').click();
  await page.waitForFunction((digest) => document.querySelector('[data-testid="video"]')?.dataset.composition === digest, version('main/two-cuts').composition);
  await plays(page);
  wrong.push(...(await expectShown(page, version('main/two-cuts'))));
  await page.keyboard.press('k');
  await page.waitForFunction(() => document.querySelector('[data-testid="video"]').paused);
  await page.keyboard.press('?');
  await page.getByTestId('key-list').waitFor();
  return wrong;
}

/// A comparison begins to play by itself where the browser lets it.
async function playBoth(page) {
  await page.waitForFunction(() => document.querySelector('[data-testid="video-b"]')?.readyState >= 3);
  await page.waitForTimeout(1500);
  if (await page.evaluate(() => document.querySelector('[data-testid="video-a"]').paused)) await page.getByTestId('compare-play').click();
  await plays(page, 'video-a');
  await plays(page, 'video-b');
}

async function compare(page, origin) {
  await page.goto(`${origin}/watch/main?version=two-cuts&compare=whole`);
  await page.getByTestId('compare-view').waitFor();
  await playBoth(page);
  return [];
}

async function languages(page, origin) {
  const wrong = [];
  await page.goto(`${origin}/`);
  for (const tag of ['vi', 'ko', 'en']) {
    await page.getByTestId('language').selectOption(tag);
    await page.waitForFunction((wanted) => document.documentElement.lang === wanted, tag, { timeout: 5000 })
      .catch(() => wrong.push(`the page does not say that it is in ${tag}`));
  }
  return wrong;
}

async function phone(page, origin) {
  const wrong = [];
  for (const path of ['/', '/watch/main', '/watch/main?version=fifty']) {
    await page.goto(`${origin}${path}`);
    await page.locator('h1').first().waitFor();
    const [inner, whole] = await page.evaluate(() => [innerWidth, document.documentElement.scrollWidth]);
    if (whole > inner) wrong.push(`${path} is ${whole} pixels wide on a phone of ${inner}`);
  }
  return wrong;
}

export async function checkPages(origin, versions, check) {
  const browser = await openBrowser();
  const on = (viewport, examine) => async () => {
    const { page, complaints } = await openPage(browser, viewport);
    const wrong = await examine(page, origin, versions);
    await page.context().close();
    return { wrong: [...wrong, ...complaints] };
  };
  try {
    await check('the pages play, switch versions, obey keys', on(DESKTOP, watchAndSwitch));
    await check('the pages compare two versions', on(DESKTOP, compare));
    await check('the pages speak three languages', on(DESKTOP, languages));
    await check('the pages fit a phone', on(PHONE, phone));
  } finally {
    await browser.close();
  }
}

/// Pictures for the documents, from a running demo.
async function takePictures(origin, folder) {
  await mkdir(folder, { recursive: true });
  const browser = await openBrowser();
  try {
    const { page } = await openPage(browser, { width: 1280, height: 800 });
    const keep = (file) => page.screenshot({ path: join(folder, file), type: 'jpeg', quality: 82 });
    await page.goto(`${origin}/`);
    await page.getByTestId('card').first().waitFor();
    await page.waitForTimeout(2500);
    await keep('home.jpg');
    await page.goto(`${origin}/watch/sintel?version=two-scenes-removed&compare=whole`);
    await playBoth(page);
    // A few seconds before the second cut, and on into what one of the two has not.
    await page.getByTestId('next-seam').click();
    await page.waitForTimeout(500);
    await page.getByTestId('next-seam').click();
    await page.waitForTimeout(500);
    await page.getByTestId('next-seam').click();
    await page.waitForTimeout(3500);
    await keep('compare.jpg');
  } finally {
    await browser.close();
  }
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const [origin, folder] = argv.slice(2);
  if (!folder) throw new Error('usage: node pages.mjs ORIGIN FOLDER');
  await takePictures(origin, folder);
}
