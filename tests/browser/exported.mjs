// An exported version is files and nothing else: any web server serves it, ffmpeg and two engines play it.
import { join } from 'node:path';
import { openPlayer, playToEnd, serveFolders } from './chromium.mjs';
import { decodePicture } from './decode.mjs';
import { sizeOf } from './decodes.mjs';
import { compareNumbers } from './expected.mjs';

export async function checkExport(house, version) {
  const folder = join(house.folder, 'exported');
  const { files, bytes } = await house.verb('export', '--version', version.full, folder);
  const modules = new URL('node_modules', import.meta.url).pathname;
  const site = await serveFolders({ modules, film: folder });
  const wrong = [];
  try {
    for (const manifest of ['v0.m3u8', 'dash.mpd']) {
      const url = `${site.origin}/film/${manifest}`;
      const { frames } = await decodePicture(url, await sizeOf(url));
      wrong.push(...compareNumbers(frames.map(({ number }) => number), version.frames).map((text) => `${manifest}: ${text}`));
    }
    await Promise.all([['shaka-dash', 'dash.mpd'], ['hls.js', 'hls.m3u8']].map(async ([engine, manifest]) => {
      const player = await openPlayer(site.origin, engine, `${site.origin}/film/${manifest}`);
      const report = await playToEnd(player).finally(player.close);
      if (!report.ended) wrong.push(`${engine} did not reach the end`);
      wrong.push(...report.problems.map((problem) => `${engine}: ${problem}`));
    }));
  } finally {
    site.close();
  }
  return { wrong, note: `${files} files, ${bytes} bytes` };
}
