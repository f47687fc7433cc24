// A shared cache in front (nginx, Varnish): once an order is in force everywhere, nothing ordered comes out of it, and what it
// keeps for one country is never given to viewers in another.
import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { decodePicture } from './decode.mjs';
import { hlsIFrames, hlsParts, hlsStreams, partBytes, tilesOf } from './manifests.mjs';
import { ADDRESSES, RATE, SCENE, desk, play, standIn } from './ordered-film.mjs';
import { inOurPage } from './ordered-viewers.mjs';

const nginx = process.env.NGINX ?? '/usr/sbin/nginx';
const varnishd = process.env.VARNISHD ?? '/usr/sbin/varnishd';

const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

/// What an operator writes for a cache: it keeps what it is told to keep, by address alone, and gives the addresses of a
/// country to viewers in that country only. (Here they are told by a header, on a real edge by `geo` of the peer.)
const nginxConfiguration = (folder, port, origin) => `
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
      proxy_cache_key $uri$arg_s;
      proxy_cache_revalidate on;
      proxy_cache_lock on;
      add_header X-Cache $upstream_cache_status always;
      proxy_pass ${origin};
    }
    location / {
      proxy_cache film;
      proxy_cache_key $uri$arg_s;
      add_header X-Cache $upstream_cache_status always;
      proxy_pass ${origin};
    }
  }
}
`;

/// The same for Varnish. It keeps what is too old for a while, to give it out once more, unless told not to.
const varnishConfiguration = (origin) => {
  const { hostname, port } = new URL(origin);
  return `vcl 4.1;
backend phim { .host = "${hostname}"; .port = "${port}"; }
sub vcl_recv {
  set req.http.X-Country = "none";
${Object.entries(ADDRESSES).map(([territory, address]) => `  if (req.http.X-Forwarded-For ~ "^${address.replaceAll('.', '[.]')}") { set req.http.X-Country = "${territory.toLowerCase()}"; }`).join('\n')}
  set req.http.X-Named = regsub(req.url, "^/([a-z][a-z])/c/.*$", "\\1");
  if (req.url ~ "^/[a-z][a-z]/c/" && req.http.X-Named != req.http.X-Country) { return (synth(403)); }
}
sub vcl_backend_response {
  set beresp.grace = 0s;
}
sub vcl_deliver {
  if (obj.hits > 0) { set resp.http.X-Cache = "HIT"; } else { set resp.http.X-Cache = "MISS"; }
}
`;
};

async function openNginx(folder, port, origin) {
  const file = join(folder, 'nginx.conf');
  await writeFile(file, nginxConfiguration(folder, port, origin));
  return spawn(nginx, ['-p', folder, '-c', file], { stdio: 'ignore' });
}

async function openVarnish(folder, port, origin) {
  const file = join(folder, 'cache.vcl');
  await writeFile(file, varnishConfiguration(origin));
  // Without its jail: as another user it could not read the folder of this test.
  const options = ['-j', 'none', '-F', '-a', `127.0.0.1:${port}`, '-f', file, '-n', join(folder, 'varnish'), '-s', 'malloc,200m', '-T', 'none'];
  return spawn(varnishd, options, { stdio: 'ignore' });
}

async function openCache(name, open, house, origin) {
  const folder = join(house.folder, `cache-${name}`);
  await mkdir(folder, { recursive: true });
  const port = await freePort();
  const child = await open(folder, port, origin);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const at = `http://127.0.0.1:${port}`;
  let ready = false;
  for (let patience = 0; !ready && patience < 150; patience += 1) {
    ready = await fetch(`${at}/healthz`).then((response) => response.ok, () => false);
    if (!ready) await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const close = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  if (!ready) {
    await close();
    throw new Error(`${name} did not start`);
  }
  return { name, origin: at, close };
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
  return `${stale} of ${rounds * urls.length} answers until then were kept ones`;
}

async function obeys(ordered, direct, free, orders) {
  const wrong = [];
  const [playing, playingFree] = [await play(ordered.origin), await play(free.origin)];
  const [urls, freeUrls] = [await sceneUrls(playing), await sceneUrls(playingFree)];
  await askAll([...urls, ...freeUrls]);
  const [before, freeBefore] = [await askAll(urls), await askAll(freeUrls)];
  if ([...before, ...freeBefore].some(({ cache }) => cache !== 'HIT')) wrong.push('the cache does not keep all, so nothing is proven');
  const { number, placed } = await orders.place('MY', 'cut');
  const note = await waitOut(urls, before, Date.parse(placed.taken.in_force_everywhere));
  const after = await askAll(urls);
  const given = await askAll(urls.map((url) => url.replace(ordered.origin, direct.origin)));
  const old = urls.filter((_, n) => after[n].status !== 200 || !after[n].bytes.equals(given[n].bytes));
  if (old.length) wrong.push(`${old.length} answers are not what the house gives now, e.g. ${old[0]}`);
  const same = urls.filter((_, n) => after[n].bytes.equals(before[n].bytes));
  if (same.length) wrong.push(`${same.length} answers are what they were before the order, e.g. ${same[0]}`);
  const frames = await orderedFrames(playing.hls);
  if (frames) wrong.push(`${frames} ordered frames decode from the cache`);
  const freeAfter = await askAll(freeUrls);
  if (freeAfter.some(({ bytes }, n) => !bytes.equals(freeBefore[n].bytes))) wrong.push('viewers in the other country notice');
  return { wrong, note: `${urls.length} addresses; ${note}`, number, urls, freeUrls };
}

/// Our page behind the cache, which keeps the scene: what the page lets go of must not come back from there.
async function throughCache(cache, ordered, orders, check) {
  const urls = await sceneUrls(await play(ordered.origin));
  const warm = setInterval(() => askAll(urls).catch(() => {}), 1000);
  try {
    await orders.lift(await inOurPage(cache.origin, 'MY', orders, check, 'passes a scene that it and a shared cache had kept', SCENE.from / RATE - 3));
  } finally {
    clearInterval(warm);
  }
}

/// What is kept for one country, asked for from another; and addresses that name no country.
async function mixes(ordered, free, urls, freeUrls) {
  const wrong = [];
  const exchanged = [...freeUrls.map((url) => url.replace(free.origin, ordered.origin)), ...urls.map((url) => url.replace(ordered.origin, free.origin))];
  const across = await askAll(exchanged);
  if (across.some(({ status }) => status !== 403)) wrong.push('one country is given what is kept for another');
  const plain = (url) => url.replace(/\/[a-z]{2}\/c\//, '/c/');
  for (const [first, second, named] of [[ordered, free, freeUrls], [free, ordered, urls]]) {
    const paths = named.map((url) => new URL(plain(url)).pathname);
    await askAll(paths.map((path) => first.origin + path));
    const given = await askAll(paths.map((path) => second.origin + path));
    const right = await askAll(named);
    const mixed = count(given, ({ bytes }, n) => !bytes.equals(right[n].bytes));
    if (mixed) wrong.push(`${mixed} addresses without a country give one viewer what another may see`);
  }
  return { wrong, note: `${across.length} addresses of the other country refused` };
}

async function checkBehind(cache, house, origin, check, withPage) {
  const [ordered, free, direct] = [await standIn(cache.origin, 'MY'), await standIn(cache.origin, 'SG'), await standIn(origin, 'MY')];
  const orders = desk(house, `${cache.name}-`);
  try {
    if (withPage) await throughCache(cache, ordered, orders, check);
    let obeyed;
    await check(`orders, ${cache.name} in front: nothing ordered comes out of it once the order is in force everywhere`, async () => {
      obeyed = await obeys(ordered, direct, free, orders);
      return obeyed;
    });
    if (!obeyed) return;
    await check(`orders, ${cache.name} in front: countries do not mix`, () => mixes(ordered, free, obeyed.urls, obeyed.freeUrls));
    await orders.lift(obeyed.number);
  } finally {
    [ordered, free, direct].forEach((one) => one.close());
    await cache.close();
  }
}

export async function checkCache(house, origin, check) {
  await checkBehind(await openCache('nginx', openNginx, house, origin), house, origin, check, true);
  await checkBehind(await openCache('varnish', openVarnish, house, origin), house, origin, check, false);
}
