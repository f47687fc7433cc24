// One real browser and the pages it plays in. The test page and the players' scripts come from a small server
// of our own on a free port; films come from the server under test, across origins as on a real service.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const here = dirname(fileURLToPath(import.meta.url));
const TYPES = {
  '.html': 'text/html', '.mjs': 'text/javascript', '.js': 'text/javascript', '.vtt': 'text/vtt', '.jpg': 'image/jpeg',
  '.m3u8': 'application/vnd.apple.mpegurl', '.mpd': 'application/dash+xml', '.m4s': 'video/iso.segment', '.mp4': 'video/mp4',
};

/// Serves folders by their first path element; ranges are not needed by what is tested here.
export function serveFolders(folders) {
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://any').pathname));
    const [, first, ...rest] = path.split('/');
    const file = folders[first] ? join(folders[first], ...rest) : join(here, path);
    const found = await stat(file).catch(() => null);
    if (!found?.isFile()) return response.writeHead(404).end();
    response.writeHead(200, {
      'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
      'Content-Length': found.size,
      'Access-Control-Allow-Origin': '*',
    });
    return createReadStream(file).pipe(response);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve({ origin: `http://127.0.0.1:${server.address().port}`, close: () => server.close() });
    });
  });
}

export async function openBrowser() {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required',
      '--disable-background-timer-throttling', '--disable-renderer-backgrounding', '--disable-backgrounding-occluded-windows'],
  });
}

/// A browser of its own for one engine, with the manifest loaded and not yet playing. `licence` is where ClearKey asks.
export async function openPlayer(origin, engine, manifest, licence = null) {
  const browser = await openBrowser();
  const page = await browser.newPage({ viewport: { width: 640, height: 360 } });
  const player = {
    load: () => page.evaluate(([e, m, l]) => window.player.load(e, m, l), [engine, manifest, licence]),
    play: () => page.evaluate(() => window.player.play()),
    pause: () => page.evaluate(() => window.player.pause()),
    seek: (at) => page.evaluate((to) => window.player.seek(to), at),
    choose: (rung) => page.evaluate((n) => window.player.choose(n), rung),
    position: () => page.evaluate(() => window.player.position()),
    report: () => page.evaluate(() => window.player.report()),
    close: () => browser.close(),
  };
  await page.goto(`${origin}/page/index.html`);
  await page.waitForFunction(() => window.ready);
  await player.load();
  return player;
}

/// Plays to the end, or until nothing has moved for ten seconds; calls `meanwhile(position)` as it goes.
export async function playToEnd(player, meanwhile = async () => {}) {
  await player.play();
  let last = -1;
  let moved = Date.now();
  for (;;) {
    const now = await player.position();
    if (now.ended) return player.report();
    if (now.at !== last) {
      last = now.at;
      moved = Date.now();
    } else if (Date.now() - moved > 10000) return player.report();
    await meanwhile(now.at);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
