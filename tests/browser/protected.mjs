// A protected title: nothing of it in the clear, the same pictures as before through ClearKey in a real browser and
// through ffmpeg with the key, and no licence where the gate refuses.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { openPlayer, playToEnd, serveFolders } from './chromium.mjs';
import { makeFilm } from './film.mjs';
import { describe } from './house-films.mjs';
import { openHouse } from './house.mjs';

const get = (url, options) => fetch(url, options);
const bytes = async (url) => Buffer.from(await (await get(url)).arrayBuffer());

async function play(origin, version) {
  const body = JSON.stringify({ title: version.title, version: version.name });
  const answer = await get(`${origin}/api/v1/play`, { method: 'POST', body });
  return { status: answer.status, ...(await answer.json()) };
}

/// The hash of every picture that ffmpeg reads from an init segment and its fragments, or its complaint. It reads a
/// stream: ffmpeg 5 mixes up the maps of fragments in a file in which it can seek.
function pictures(track, ...options) {
  return new Promise((resolve, reject) => {
    const child = spawn('ffmpeg', ['-v', 'error', ...options, '-i', 'pipe:0', '-f', 'framemd5', '-']);
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
    child.on('error', reject);
    child.on('close', () => resolve(said.split('\n').filter((line) => line && !line.startsWith('#'))));
    child.stdin.on('error', () => {});
    child.stdin.end(track);
  });
}

const track = async (folder, segments) => Buffer.concat(await Promise.all([`${folder}/init-0.mp4`, ...Array.from({ length: segments }, (_, n) => `${folder}/${n}.m4s`)].map(bytes)));

async function segmentsOf(playlist) {
  return (await (await get(playlist)).text()).split('\n').filter((line) => line.endsWith('.m4s')).length;
}

async function closedInTheClear(origin, version) {
  const files = ['hls.m3u8', 'dash.mpd', 'v0.m3u8', 'v0/init-0.mp4', 'v0/0.m4s', 'a0/0.m4s', 'i0/0.m4s'];
  const found = await Promise.all(files.map(async (file) => [file, (await get(`${origin}/c/${version.composition}/${file}`)).status]));
  const wrong = found.filter(([, status]) => status !== 404).map(([file, status]) => `${file}: ${status}`);
  const poster = (await get(`${origin}/c/${version.composition}/poster.jpg`)).status;
  return { wrong: poster === 200 ? wrong : [...wrong, `poster: ${poster}`] };
}

async function sameForFfmpeg(origin, version, clear) {
  const { dash, licence } = await play(origin, version);
  const folder = new URL('v0', `${origin}${dash}`).href;
  const encrypted = await track(folder, clear.segments);
  const key = (await bytes(`${origin}${licence}/v0`)).toString('hex');
  const [right, wrongKey] = await Promise.all([pictures(encrypted, '-decryption_key', key), pictures(encrypted, '-decryption_key', '0'.repeat(32))]);
  const wrong = [];
  if (encrypted.equals(clear.track)) wrong.push('nothing is encrypted');
  if (right.join() !== clear.pictures.join()) wrong.push(`${right.length} pictures, ${clear.pictures.length} in the clear; the first: ${right[0]}`);
  if (wrongKey.join() === right.join()) wrong.push('another key shows the same');
  return { wrong, note: `${right.length} pictures bit-equal` };
}

async function playsWithClearKey(origin, pages, engine, version) {
  const found = await play(origin, version);
  // In HLS the playlist itself says where the bare key is.
  const [manifest, licence] = engine === 'shaka-hls' ? [found.hls, null] : [found.dash, `${origin}${found.licence}`];
  const player = await openPlayer(pages, engine, `${origin}${manifest}`, licence);
  const late = setTimeout(player.close, 60_000);
  const report = await playToEnd(player).finally(player.close).finally(() => clearTimeout(late));
  const wrong = report.problems.filter((problem) => !problem.startsWith('seek by the player'));
  if (!report.ended) wrong.push(`stands at ${report.at} of ${report.duration} s`);
  // Chromium lets no script read frames of encrypted media; that all were decoded, and none was broken, it tells.
  if (report.corrupted) wrong.push(`${report.corrupted} frames corrupted`);
  if (report.total < version.frames.length * 0.9) wrong.push(`only ${report.total} of ${version.frames.length} frames decoded`);
  return { wrong, note: `${report.total} of ${version.frames.length} frames decoded` };
}

async function licencesAskTheGate(house, origin, version) {
  const vietnam = { 'X-Forwarded-For': '203.0.113.5' };
  const licence = `${origin}/api/v1/licences/${version.composition}/v0`;
  const before = (await get(licence, { headers: vietnam })).status;
  await house.verb('order', 'place', '--title', version.title, '--territory', 'VN', '--withdraw', '--authority', 'A', '--number', '7');
  const after = (await get(licence, { headers: vietnam })).status;
  const kid = Buffer.alloc(16).toString('base64url');
  const asked = await get(`${origin}/api/v1/licences/${version.composition}`, { method: 'POST', headers: vietnam, body: JSON.stringify({ kids: [kid], type: 'temporary' }) });
  const korea = (await get(licence, { headers: { 'X-Forwarded-For': '198.51.100.5' } })).status;
  const found = [before, after, asked.status, korea].join(' ');
  return { wrong: found === '200 451 451 200' ? [] : [found] };
}

export async function checkProtected(modules, check) {
  const house = await openHouse();
  const pages = await serveFolders({ modules });
  try {
    const film = await makeFilm(join(house.folder, 'locked.mp4'), { seconds: 10, film: 3, languages: ['vi'] });
    await house.verb('add', film.path, '--title', 'locked', '--name', 'en=Locked');
    await house.verb('version', 'make', '--title', 'locked', '--name', 'cut', '--cut', '100f-150f');
    const [version] = await describe(house, { locked: film }, ['locked/cut']);
    const origin = await house.serve('--network', '203.0.113.0/24=VN', '--network', '198.51.100.0/24=KR', '--proxy', '127.0.0.1');
    const folder = `${origin}/c/${version.composition}`;
    const segments = await segmentsOf(`${folder}/v0.m3u8`);
    const clear = { segments, track: await track(`${folder}/v0`, segments) };
    clear.pictures = await pictures(clear.track);
    await house.verb('title', 'protect', 'locked');
    await check('protected: nothing in the clear', () => closedInTheClear(origin, version));
    await check('protected: ffmpeg with the key', () => sameForFfmpeg(origin, version, clear));
    await Promise.all(['shaka-dash', 'shaka-hls'].map((engine) => check(`protected: ${engine} with ClearKey`, () => playsWithClearKey(origin, pages.origin, engine, version))));
    await check('protected: licences ask the gate', () => licencesAskTheGate(house, origin, version));
  } finally {
    pages.close();
    await house.close();
  }
}
