// A film with something to order about, and viewers in several countries who watch it.
//
// In its ordered scene a word goes across the picture, a tone sounds and a subtitle stands: each of them there
// and nowhere else in the film (the word stands still outside it).
import { createServer, request as ask } from 'node:http';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFilm } from './film.mjs';

export const RATE = 24;
/// Frames of the scene, end-exclusive; neither end is a sync sample.
export const SCENE = { from: 434, to: 506 };
export const WORD = 'MAP4711';
export const TONE = 3000;
const SECONDS = 28;
const [WIDTH, HEIGHT] = [640, 360];
/// Where the word is at the ends of the scene, in pixels, and the box about it.
const SIGN = { text: WORD, size: 34, start: [30, 240], end: [380, 280], from: SCENE.from, to: SCENE.to };
const BOX = { width: 208, height: 64, margin: 16 };
export const CUES = { before: 'trước cảnh', ordered: 'lời bị cấm', after: 'sau cảnh' };

/// The address from which each country's viewers come; those are networks for documentation (RFC 5737).
export const ADDRESSES = {
  VN: '203.0.113.5', KR: '198.51.100.5', TH: '192.0.2.20', JP: '192.0.2.36', PH: '192.0.2.52', ID: '192.0.2.68',
  LA: '192.0.2.84', MY: '192.0.2.100', SG: '192.0.2.116',
};

/// The box about the word in a frame of the scene, in pixels: `[left, top, width, height]`.
export function boxAt(number) {
  const share = Math.min(1, Math.max(0, (number - SCENE.from) / (SCENE.to - 1 - SCENE.from)));
  const [left, top] = [0, 1].map((axis) => SIGN.start[axis] + (SIGN.end[axis] - SIGN.start[axis]) * share - BOX.margin);
  return [left, top, BOX.width, BOX.height];
}

/// The same at both ends of the scene in thousandths of the picture, as an order names it.
export const path = () => [SCENE.from, SCENE.to - 1].map((number) => {
  const [left, top, width, height] = boxAt(number);
  return [(left / WIDTH) * 1000, (top / HEIGHT) * 1000, (width / WIDTH) * 1000, (height / HEIGHT) * 1000].map(Math.round);
});

const seconds = (frame) => frame / RATE;

function subtitles() {
  const stamp = (at) => new Date(at * 1000).toISOString().slice(11, 23).replace('.', ',');
  const places = [[4, 6, CUES.before], [seconds(SCENE.from) + 0.5, seconds(SCENE.to) - 0.5, CUES.ordered], [24, 26, CUES.after]];
  return places.map(([from, to, text], n) => `${n + 1}\n${stamp(from)} --> ${stamp(to)}\n${text}\n`).join('\n');
}

/// Brings the film into a house as `ordered`.
export async function addFilm(house) {
  const tone = { hertz: TONE, from: seconds(SCENE.from), to: seconds(SCENE.to) };
  // Sound that is not coded yet, so that nothing of the tone lies outside the scene before Phim codes it.
  const film = await makeFilm(join(house.folder, 'ordered.mov'),
    { seconds: SECONDS, languages: ['vi'], sign: SIGN, tone, soundEncoder: ['-c:a', 'pcm_s16le'] });
  const text = join(house.folder, 'ordered.srt');
  await writeFile(text, subtitles());
  await house.verb('add', film.path, '--title', 'ordered', '--name', 'en=Ordered', '--text', `vi=${text}`);
  return film;
}

/// Serves a house whose viewers' countries are known by the addresses above.
export const serveCountries = (house) => house.serve('--proxy', '127.0.0.1',
  ...Object.entries(ADDRESSES).flatMap(([territory, address]) => ['--network', `${address}/32=${territory}`]));

/// Where programs that set no headers, and players on pages of other origins (which may not), reach `origin` as viewers in `territory`.
export function standIn(origin, territory) {
  const to = new URL(origin);
  const server = createServer((request, response) => {
    const headers = { ...request.headers, host: to.host, 'x-forwarded-for': ADDRESSES[territory] };
    const asked = ask({ host: to.hostname, port: to.port, method: request.method, path: request.url, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.on('error', () => response.destroy());
      answer.pipe(response);
    });
    asked.on('error', () => response.destroy());
    request.pipe(asked);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const close = () => { server.close(); server.closeAllConnections(); };
      resolve({ origin: `http://127.0.0.1:${server.address().port}`, close });
    });
  });
}

/// What a viewer at `origin` is told to play, with whole addresses; throws with the reasons where it is refused.
export async function play(origin) {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${origin}/api/v1/play`, { method: 'POST', headers, body: JSON.stringify({ title: 'ordered' }) });
  const answer = await response.json();
  if (!response.ok) throw new Error(`play: ${response.status} ${JSON.stringify(answer)}`);
  return { ...answer, hls: origin + answer.hls, dash: origin + answer.dash, thumbnails: origin + answer.thumbnails };
}

/// Places and lifts orders about the scene; their numbers begin with `series`.
export function desk(house, series) {
  let numbers = 0;
  const place = async (territory, operation, more = {}) => {
    const number = `${series}${(numbers += 1)}`;
    const boxed = operation === 'blur' || operation === 'mask';
    const range = { from: `${SCENE.from}f`, to: `${SCENE.to - 1}f`, path: boxed ? path() : [] };
    const order = {
      authority: 'The Authority', number, date: '2026-11-22', legal_basis: 'a test', territories: [territory],
      work: { title: 'ordered' }, scope: { written: 'the scene', parts: [{ ranges: [range] }] }, operation, ...more,
    };
    const file = join(house.folder, `order-${number}.json`);
    await writeFile(file, JSON.stringify(order));
    return { number, placed: await house.verb('order', 'place', '--file', file) };
  };
  const made = async (number) => {
    for (const end = Date.now() + 60000; Date.now() < end;) {
      const order = await house.verb('order', 'show', number);
      if (order.failed.length) throw new Error(`order ${number}: ${order.failed[0][1]}`);
      if (order.frame_accurate.length) return order;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error(`order ${number}: nothing frame-accurate within a minute`);
  };
  const lift = (number) => house.verb('order', 'lift', number, '--reason', 'the test goes on');
  return { place, made, lift };
}
