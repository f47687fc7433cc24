// A house of two films for work on the screens: the API and the media addresses of the server, from mock/media.
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const media = join(dirname(fileURLToPath(import.meta.url)), 'media');
const TYPES = {
  '.m3u8': 'application/vnd.apple.mpegurl',
  '.mpd': 'application/dash+xml',
  '.mp4': 'video/mp4',
  '.m4s': 'video/iso.segment',
  '.vtt': 'text/vtt; charset=utf-8',
  '.jpg': 'image/jpeg',
};
const POLICY =
  "default-src 'self'; media-src 'self' blob:; style-src 'self' 'unsafe-inline'; img-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

function titles() {
  return JSON.parse(readFileSync(join(media, 'titles.json'), 'utf8')).titles;
}

function send(response, status, body) {
  response.statusCode = status;
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(body));
}

function missing(response, what) {
  send(response, 404, {
    error: { kind: 'not_found', message: `no title or version ${what}`, places: [], remedy: 'List the titles.' },
  });
}

// The edits of a version: where, on its own timeline, something was taken out or put in.
function edits(version) {
  const found = [];
  version.spans.forEach((span, n) => {
    const last = version.spans[n - 1];
    if (span.kind === 'card') found.push({ at: span.at, kind: 'card' });
    else if (last?.kind === 'film' && last.title !== span.title) found.push({ at: span.at, kind: 'join' });
    else if (last?.kind === 'film') {
      found.push({ at: span.at, kind: 'cut', removed_seconds: span.from - last.from - last.seconds });
    }
  });
  return found;
}

function play(request, response) {
  let text = '';
  request.on('data', (piece) => (text += piece));
  request.on('end', () => {
    const asked = JSON.parse(text || '{}');
    const title = titles().find((each) => each.id === asked.title);
    const version = title?.versions.find((each) => each.name === (asked.version ?? title.versions[0].name));
    if (!version) return missing(response, `${asked.title}/${asked.version ?? ''}`);
    const base = `/c/${version.composition}`;
    send(response, 200, {
      hls: `${base}/hls.m3u8`,
      dash: `${base}/dash.mpd`,
      composition: version.composition,
      seconds: version.seconds,
      poster: `${base}/poster.jpg`,
      thumbnails: `${base}/thumbnails.vtt`,
      chapters: `${base}/chapters.vtt`,
      obligations: [],
      expires: new Date(Date.now() + 3600_000).toISOString(),
      edits: edits(version),
      held: [],
      notices: [],
      state: version.composition,
    });
  });
}

function file(path, response, next) {
  const place = normalize(join(media, path));
  if (!place.startsWith(media) || !existsSync(place)) return next();
  response.setHeader('Content-Type', TYPES[extname(place)] ?? 'application/octet-stream');
  response.setHeader('Content-Length', statSync(place).size);
  createReadStream(place).pipe(response);
}

function answer(request, response, next) {
  const path = new URL(request.url, 'http://mock').pathname;
  response.setHeader('Content-Security-Policy', request.phimPreview ? POLICY : '');
  if (path === '/api/v1/titles') return send(response, 200, { titles: titles() });
  // Nothing ever changes in this house.
  if (path === '/api/v1/news') return response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
  if (path === '/api/v1/play') return play(request, response);
  if (path.startsWith('/api/v1/titles/')) {
    const title = titles().find((each) => each.id === decodeURIComponent(path.split('/')[4]));
    return title ? send(response, 200, title) : missing(response, path);
  }
  if (path.startsWith('/c/')) return file(decodeURIComponent(path), response, next);
  next();
}

export function mockHouse() {
  return {
    name: 'phim-mock-house',
    configureServer: (server) => void server.middlewares.use(answer),
    configurePreviewServer: (server) =>
      void server.middlewares.use((request, response, next) => {
        request.phimPreview = true;
        answer(request, response, next);
      }),
  };
}
