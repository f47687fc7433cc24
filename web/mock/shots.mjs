// Takes pictures of every screen in every language and width into mock/shots, from the built page over the mock
// house, or from the server that PHIM names. `node mock/shots.mjs [WORD]` takes only those whose name contains WORD.
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { preview } from 'vite';

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, 'shots');
const only = process.argv[2] ?? '';
const SIZES = { phone: [390, 844], tablet: [768, 1024], desk: [1440, 900] };
const LANGUAGES = (process.env.LANGUAGES ?? 'vi,ko,en').split(',');

const scenes = {
  home: async (page) => {
    await page.goto('/');
    await page.getByTestId('card').first().waitFor();
    await page.waitForTimeout(600);
  },
  'home-rows': async (page) => {
    await scenes.home(page);
    await page.evaluate(() => document.querySelector('.rows').scrollIntoView());
    await page.getByTestId('card').nth(2).focus();
    await page.keyboard.press('Tab');
    await page.waitForTimeout(2500);
  },
  empty: async (page) => {
    await page.route('**/api/v1/titles', (route) => route.fulfill({ json: { titles: [] } }));
    await page.goto('/');
    await page.getByTestId('empty').waitFor();
  },
  refused: async (page) => {
    const error = {
      kind: 'busy',
      message: 'the archive data/ is owned by process 4211',
      places: ['data/phim.lock'],
      remedy: 'End that process, or ask it over data/phim.sock.',
    };
    await page.route('**/api/v1/titles', (route) => route.fulfill({ status: 503, json: { error } }));
    await page.goto('/');
    await page.getByTestId('notice').waitFor();
  },
  unreachable: async (page) => {
    await page.route('**/api/v1/titles', (route) => route.abort());
    await page.goto('/');
    await page.getByTestId('notice').waitFor();
  },
  waiting: async (page) => {
    await page.route('**/api/v1/titles', () => undefined);
    await page.goto('/');
    await page.getByTestId('waiting').waitFor();
    await page.waitForTimeout(300);
  },
  watch: async (page) => {
    await page.goto('/watch/sintel');
    await page.getByTestId('play').waitFor();
    await page.waitForTimeout(800);
  },
  playing: async (page) => {
    await play(page, '/watch/sintel?version=two-scenes-removed', 13);
    await page.mouse.move(200, 250);
    await page.waitForTimeout(400);
  },
  seeking: async (page) => {
    await play(page, '/watch/sintel', 13);
    const bar = await page.getByTestId('seek').boundingBox();
    await page.mouse.move(bar.x + bar.width * 0.52, bar.y + bar.height / 2);
    await page.mouse.move(bar.x + bar.width * 0.55, bar.y + bar.height / 2);
    await page.waitForTimeout(900);
  },
  subtitles: async (page) => {
    await play(page, '/watch/sintel', 21.5);
    await page.mouse.move(200, 250);
    await page.getByTestId('subtitle-menu').click();
    await page.getByTestId('subtitle-menu-list').locator('[data-choice^=vi]').click();
    await page.waitForTimeout(700);
    await page.getByTestId('subtitle-menu').click();
    await page.waitForTimeout(300);
  },
  caption: async (page) => {
    await play(page, '/watch/sintel', 20.6);
    await page.keyboard.press('c');
    await page.waitForTimeout(4300);
  },
  audio: async (page) => {
    await play(page, '/watch/sintel', 30);
    await page.mouse.move(200, 250);
    await page.getByTestId('audio-menu').click();
    await page.waitForTimeout(300);
  },
  quality: async (page) => {
    await play(page, '/watch/sintel', 40);
    await page.mouse.move(200, 250);
    await page.getByTestId('quality-menu').click();
    await page.waitForTimeout(300);
  },
  speed: async (page) => {
    await play(page, '/watch/sintel', 40);
    await page.mouse.move(200, 250);
    await page.getByTestId('speed-menu').click();
    await page.waitForTimeout(300);
  },
  keys: async (page) => {
    await play(page, '/watch/sintel', 40);
    await page.keyboard.press('?');
    await page.waitForTimeout(300);
  },
  offer: async (page) => {
    await page.addInitScript(() =>
      localStorage.setItem('phim.marks', JSON.stringify({ 'sintel/whole': { at: 21, seconds: 52.2, when: Date.now() } })),
    );
    await page.goto('/watch/sintel');
    await page.getByTestId('resume-offer').waitFor();
    await page.waitForTimeout(500);
  },
  failed: async (page) => {
    await page.route(/\/v\d\/\d+\.m4s$/, (route) => route.abort());
    await page.goto('/watch/sintel');
    await page.getByTestId('play').click();
    await page.getByTestId('player-error').waitFor({ timeout: 30_000 });
  },
  missing: async (page) => {
    await page.goto('/watch/nothing-here');
    await page.getByTestId('notice').waitFor();
  },
  versions: async (page) => {
    await play(page, '/watch/sintel?version=festival-reel', 13.5);
    await page.evaluate(() => scrollTo(0, 9999));
    await page.waitForTimeout(400);
  },
  compare: async (page) => {
    await page.goto('/watch/sintel?version=whole&compare=two-scenes-removed');
    await page.getByTestId('compare-view').waitFor();
    await page.waitForTimeout(1500);
    await page.getByTestId('next-seam').click();
    await page.waitForTimeout(5500);
  },
};

async function play(page, address, at) {
  await page.goto(address);
  await page.getByTestId('play').click();
  await page.waitForFunction(() => document.querySelector('video').currentTime > 0.3);
  await page.evaluate((to) => (document.querySelector('video').currentTime = to), at);
  await page.waitForFunction((to) => {
    const video = document.querySelector('video');
    return video.currentTime > to + 0.3 && !video.seeking;
  }, at);
}

mkdirSync(out, { recursive: true });
const server = process.env.PHIM
  ? undefined
  : await preview({ mode: 'mock', root: join(here, '..'), preview: { port: 0, host: '127.0.0.1' } });
const address = process.env.PHIM ?? server.resolvedUrls.local[0];
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required',
  ],
});
let failures = 0;
for (const language of LANGUAGES) {
  for (const [size, [width, height]] of Object.entries(SIZES)) {
    for (const [scene, act] of Object.entries(scenes)) {
      const name = `${scene}-${language}-${size}`;
      if (!name.includes(only)) continue;
      const phone = size === 'phone';
      const context = await browser.newContext({
        baseURL: address,
        viewport: { width, height },
        locale: { vi: 'vi-VN', ko: 'ko-KR', en: 'en-GB' }[language],
        hasTouch: phone,
        isMobile: phone,
      });
      const page = await context.newPage();
      page.on('console', (message) => message.type() === 'error' && console.log(`${name}: ${message.text()}`));
      page.on('pageerror', (error) => console.log(`${name}: ${error}`));
      page.setDefaultTimeout(25_000);
      try {
        await act(page);
      } catch (error) {
        failures += 1;
        console.log(`${name}: ${error.message.split('\n')[0]}`);
      }
      await page.screenshot({ path: join(out, `${name}.png`) });
      await context.close();
    }
  }
}
await browser.close();
await server?.close();
console.log(`${failures} scenes failed; pictures in ${out}`);
process.exit(failures ? 1 : 0);
