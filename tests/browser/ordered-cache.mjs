// A shared cache in front (nginx): once an order is in force everywhere, nothing ordered comes out of it, and what it
// keeps for one country is never given to viewers in another.
import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { decodePicture } from './decode.mjs';
import { hlsIFrames, hlsParts, hlsStreams, partBytes, tilesOf } from './manifests.mjs';
import { ADDRESSES, RATE, SCENE, desk, play, standIn } from './ordered-film.mjs';

const program = process.env.NGINX ?? '/usr/sbin/nginx';

const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

/// What an operator writes for a cache: it keeps what it is told to keep, by address alone, and gives the addresses of a
/// country to viewers in that country only. (Here they are told by a header, on a real edge by `geo` of the peer.)
const configuration = (folder, port, origin) => `
${process.getuid() === 0 ? 'user root;' : ''}
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  proxy_cache_path ${folder}/cache keys_zone=film:1m max_size=200m;
  map $http_x_forwarded_for $country {
${Object.entries(ADDRESSES).map(([territory, address]) => `    ${address} ${territory.toLowerCase()};`).join('\n')}
    default none;
  }
  server {
    listen 127.0.0.1:${port};
    proxy_http_version 1.1;
    proxy_set_header Host $host;
    proxy_set_header Connection "";
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    location ~ ^/(?<named>[a-z][a-z])/c/ {
      if ($named != $country) { return 403; }
      proxy_cache film;
      proxy_cache_key $request_uri;
      proxy_cache_revalidate on;
      proxy_cache_lock on;
      add_header X-Cache $upstream_cache_status always;
      proxy_pass ${origin};
    }
    location / {
      proxy_cache film;
      proxy_cache_key $request_uri;
      add_header X-Cache $upstream_cache_status always;
      proxy_pass ${origin};
    }
  }
}
`;

async function openCache(house, origin) {
  const folder = join(house.folder, 'cache');
  await mkdir(folder, { recursive: true });
  const port = await freePort();
  await writeFile(join(folder, 'nginx.conf'), configuration(folder, port, origin));
  const child = spawn(program, ['-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const at = `http://127.0.0.1:${port}`;
  for (let patience = 0; patience < 50; patience += 1) {
    if (await fetch(`${at}/healthz`).then((response) => response.ok, () => false)) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const close = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  return { origin: at, close };
}

async function ask(url) {
  const response = await fetch(url);
  return { cache: response.headers.get('x-cache'), status: response.status, bytes: Buffer.from(await response.arrayBuffer()) };
}

const askAll = (urls) => Promise.all(urls.map(ask));
const count = (answers, condition) => answers.filter(condition).length;

/// The addresses of everything that shows, sounds or says the scene.
async function sceneUrls({ hls, thumbnails }) {
  const { variants, sounds, texts } = await hlsStreams(hls);
  const urls = [];
  for (const url of [...[...variants, ...sounds, ...texts].map((stream) => stream.url), ...(await hlsIFrames(hls))]) {
    let at = 0;
    for (const segment of (await hlsParts(url)).flatMap(({ segments }) => segments)) {
      if (at < SCENE.to / RATE && at + segment.seconds > SCENE.from / RATE) urls.push(segment.url);
      at += segment.seconds;
    }
  }
  return [...urls, ...new Set((await tilesOf(thumbnails)).map(({ sheet }) => sheet))];
}

/// The ordered frames that decode from a version as it comes out of a cache.
async function orderedFrames(hls) {
  let found = 0;
  for (const { url, height } of (await hlsStreams(hls)).variants) {
    const size = { width: Math.round((height * 16) / 9 / 2) * 2, height };
    const { frames } = await decodePicture(await partBytes((await hlsParts(url))[0]), size);
    found += count(frames, ({ number }) => number !== null && number >= SCENE.from && number < SCENE.to);
  }
  return found;
}

/// Everything of the scene asked for again and again until the order is in force everywhere: how often it was still
/// what the cache had kept.
async function waitOut(urls, before, instant) {
  let [rounds, stale] = [0, 0];
  for (; Date.now() <= instant; rounds += 1) {
    const now = await askAll(urls);
    stale += count(now, ({ bytes }, n) => bytes.equals(before[n].bytes));
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return `${stale} of ${rounds * urls.length} answers before that were kept ones`;
}

async function obeys(vietnam, direct, korea, orders) {
  const wrong = [];
  const inVietnam = await play(vietnam.origin);
  const inKorea = await play(korea.origin);
  const urls = await sceneUrls(inVietnam);
  const others = await sceneUrls(inKorea);
  await askAll([...urls, ...others]);
  const before = await askAll(urls);
  const beforeThere = await askAll(others);
  if (count([...before, ...beforeThere], ({ cache }) => cache === 'HIT') < urls.length + others.length) wrong.push('the cache keeps nothing, so nothing is proven');
  const { number, placed } = await orders.place('VN', 'cut');
  const note = await waitOut(urls, before, Date.parse(placed.taken.in_force_everywhere));
  const after = await askAll(urls);
  const origin = await askAll(urls.map((url) => url.replace(vietnam.origin, direct.origin)));
  const old = urls.filter((_, n) => after[n].status !== 200 || !after[n].bytes.equals(origin[n].bytes));
  if (old.length) wrong.push(`${old.length} answers are not what the house gives now, e.g. ${old[0]}`);
  const same = urls.filter((_, n) => after[n].bytes.equals(before[n].bytes));
  if (same.length) wrong.push(`${same.length} answers are what they were before the order, e.g. ${same[0]}`);
  const frames = await orderedFrames(inVietnam.hls);
  if (frames) wrong.push(`${frames} ordered frames decode from the cache`);
  const there = await askAll(others);
  if (there.some(({ bytes }, n) => !bytes.equals(beforeThere[n].bytes))) wrong.push('viewers in Korea notice');
  return { wrong, note: `${urls.length} addresses; ${note}`, number, urls, others };
}

/// What is kept for one country, asked for from another; and addresses that name no country.
async function mixes(vietnam, korea, urls, others) {
  const wrong = [];
  const across = await askAll([...others.map((url) => url.replace(korea.origin, vietnam.origin)), ...urls.map((url) => url.replace(vietnam.origin, korea.origin))]);
  if (across.some(({ status }) => status !== 403)) wrong.push('one country is given what is kept for another');
  const plain = (url) => url.replace(/\/[a-z]{2}\/c\//, '/c/');
  for (const [first, second, named] of [[vietnam, korea, others], [korea, vietnam, urls]]) {
    const paths = named.map((url) => new URL(plain(url)).pathname);
    await askAll(paths.map((path) => first.origin + path));
    const given = await askAll(paths.map((path) => second.origin + path));
    const right = await askAll(named);
    const mixed = count(given, ({ bytes }, n) => !bytes.equals(right[n].bytes));
    if (mixed) wrong.push(`${mixed} addresses without a country give one viewer what another may see`);
  }
  return { wrong, note: `${across.length} addresses of the other country refused` };
}

export async function checkCache(house, origin, check) {
  const cache = await openCache(house, origin);
  const [vietnam, korea, direct] = [await standIn(cache.origin, 'VN'), await standIn(cache.origin, 'KR'), await standIn(origin, 'VN')];
  const orders = desk(house, 'cache-');
  try {
    let obeyed;
    await check('orders, a shared cache: nothing ordered comes out of it once the order is in force everywhere', async () => (obeyed = await obeys(vietnam, direct, korea, orders)));
    if (!obeyed) return;
    await check('orders, a shared cache: countries do not mix', () => mixes(vietnam, korea, obeyed.urls, obeyed.others));
    await orders.lift(obeyed.number);
  } finally {
    [vietnam, korea, direct].forEach((one) => one.close());
    await cache.close();
  }
}
