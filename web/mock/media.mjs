// Packages the sample films into mock/media the way the server would serve them, so that the screens
// can be worked on without the server. Whole re-encodes stand in for patches: only the addresses and the
// shapes match the real thing. Run `npm run media` once; FILMS names the folder with the two films.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { films, subtitles } from './films.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const folder = [process.env.FILMS, join(here, '../../films'), join(here, '../../../shared/films')].find(
  (place) => place && existsSync(join(place, 'sintel-trailer.mp4')),
);
const out = join(here, 'media');
const RUNGS = [
  { height: 720, kbit: 1800 },
  { height: 480, kbit: 800 },
  { height: 240, kbit: 300 },
];

function ffmpeg(...args) {
  execFileSync('ffmpeg', ['-hide_banner', '-v', 'error', '-y', ...args], { stdio: 'inherit' });
}

function filter(spans) {
  const parts = spans.map((span, n) =>
    span.kind === 'card' ? cardFilter(span, n) : filmFilter(span, n),
  );
  const ends = spans.map((_, n) => `[v${n}][a${n}]`).join('');
  return `${parts.join(';')};${ends}concat=n=${spans.length}:v=1:a=1[v][a]`;
}

function filmFilter(span, n) {
  const input = span.title === 'sintel' ? 0 : 1;
  const { from, to } = { from: span.from, to: span.from + span.seconds };
  return (
    `[${input}:v]trim=${from}:${to},setpts=PTS-STARTPTS,scale=1280:720,fps=24,setsar=1[v${n}];` +
    `[${input}:a]atrim=${from}:${to},asetpts=PTS-STARTPTS,aresample=48000,` +
    `aformat=channel_layouts=stereo,apad=whole_dur=${span.seconds}[a${n}]`
  );
}

function cardFilter(span, n) {
  const draw = (text, y, size) =>
    `drawtext=font='Noto Sans CJK KR':text='${text}':fontcolor=white:fontsize=${size}:x=(w-tw)/2:y=${y}`;
  const lines = [draw(span.lines.vi, 'h/2-60', 40), draw(span.lines.ko, 'h/2+20', 36)].join(',');
  return (
    `color=c=0x14100e:s=1280x720:r=24:d=${span.seconds},${lines},setsar=1[v${n}];` +
    `anullsrc=r=48000:cl=stereo,atrim=0:${span.seconds}[a${n}]`
  );
}

function rendition(dir, source, name, args) {
  mkdirSync(join(dir, name), { recursive: true });
  ffmpeg(
    ...['-i', source, ...args, '-f', 'hls', '-hls_time', '4', '-hls_playlist_type', 'vod'],
    ...['-hls_segment_type', 'fmp4', '-hls_fmp4_init_filename', `${name}/init-0.mp4`],
    ...['-start_number', '0', '-hls_segment_filename', join(dir, name, '%d.m4s'), join(dir, `${name}.m3u8`)],
  );
  const list = readFileSync(join(dir, `${name}.m3u8`), 'utf8');
  const fixed = list.replace(/^(\d+\.m4s)$/gm, `${name}/$1`);
  writeFileSync(join(dir, `${name}.m3u8`), fixed);
  return [...fixed.matchAll(/#EXTINF:([\d.]+)/g)].map((hit) => Number(hit[1]));
}

function clock(seconds) {
  const ms = Math.round(seconds * 1000);
  const pad = (value, width = 2) => String(Math.floor(value)).padStart(width, '0');
  return `${pad(ms / 3600000)}:${pad((ms / 60000) % 60)}:${pad((ms / 1000) % 60)}.${pad(ms % 1000, 3)}`;
}

function cue(from, to, text) {
  return `${clock(from)} --> ${clock(to)}\n${text}\n\n`;
}

// The cues of the source, moved to where their span of the version puts them.
function movedCues(spans, lines) {
  let at = 0;
  let text = '';
  for (const span of spans) {
    if (span.kind === 'film' && span.title === 'sintel') {
      for (const [from, to, words] of lines) {
        const start = Math.max(from, span.from);
        const end = Math.min(to, span.from + span.seconds);
        if (start < end) text += cue(at + start - span.from, at + end - span.from, words);
      }
    }
    at += span.seconds;
  }
  return text;
}

function writeText(dir, spans, seconds) {
  Object.values(subtitles).forEach((lines, k) => {
    mkdirSync(join(dir, `t${k}`), { recursive: true });
    const body = movedCues(spans, lines);
    writeFileSync(
      join(dir, `t${k}/0.vtt`),
      `WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n\n${body}`,
    );
    writeFileSync(join(dir, `t${k}/part-0.vtt`), `WEBVTT\n\n${body}`);
    writeFileSync(
      join(dir, `t${k}.m3u8`),
      `#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:${Math.ceil(seconds)}\n#EXT-X-PLAYLIST-TYPE:VOD\n` +
        `#EXTINF:${seconds},\nt${k}/0.vtt\n#EXT-X-ENDLIST\n`,
    );
  });
}

function writePictures(dir, source, seconds, posterAt) {
  const step = 1;
  const count = Math.ceil(seconds / step);
  ffmpeg('-i', source, '-vf', `fps=1/${step},scale=240:134,tile=1x${count}`, '-frames:v', '1', join(dir, 'sheet-0.jpg'));
  ffmpeg('-ss', String(posterAt), '-i', source, '-frames:v', '1', '-q:v', '3', join(dir, 'poster.jpg'));
  let text = 'WEBVTT\n\n';
  for (let n = 0; n < count; n += 1) {
    text += cue(n * step, Math.min(seconds, (n + 1) * step), `sheet-0.jpg#xywh=0,${n * 134},240,134`);
  }
  writeFileSync(join(dir, 'thumbnails.vtt'), text);
}

function hls(texts, audio) {
  const sound = audio.map(
    (track, k) =>
      `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="${track.label}",LANGUAGE="${track.lang}",` +
      `DEFAULT=${k ? 'NO' : 'YES'},AUTOSELECT=YES,URI="a${k}.m3u8"`,
  );
  const words = texts.map(
    (lang, k) =>
      `#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="t",NAME="${lang}",LANGUAGE="${lang}",DEFAULT=NO,AUTOSELECT=YES,URI="t${k}.m3u8"`,
  );
  const group = texts.length ? ',SUBTITLES="t"' : '';
  const rungs = RUNGS.map(
    (rung, r) =>
      `#EXT-X-STREAM-INF:BANDWIDTH=${rung.kbit * 1300},AVERAGE-BANDWIDTH=${rung.kbit * 1000},` +
      `RESOLUTION=${Math.round((rung.height * 16) / 9)}x${rung.height},CODECS="avc1.64001f,mp4a.40.2",AUDIO="a"${group}\nv${r}.m3u8`,
  );
  return ['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-INDEPENDENT-SEGMENTS', ...sound, ...words, ...rungs, ''].join('\n');
}

function timeline(durations) {
  return durations.map((d) => `<S d="${Math.round(d * 48000)}"/>`).join('');
}

function template(name, durations) {
  return (
    `<SegmentTemplate timescale="48000" initialization="${name}/init-0.mp4" media="${name}/$Number$.m4s" startNumber="0">` +
    `<SegmentTimeline>${timeline(durations)}</SegmentTimeline></SegmentTemplate>`
  );
}

function dash(texts, audio, video, sounds, seconds) {
  const rungs = RUNGS.map(
    (rung, r) =>
      `<Representation id="v${r}" bandwidth="${rung.kbit * 1300}" width="${Math.round((rung.height * 16) / 9)}" ` +
      `height="${rung.height}" codecs="avc1.64001f">${template(`v${r}`, video[r])}</Representation>`,
  ).join('');
  const sound = audio.map(
    (track, k) =>
      `<AdaptationSet contentType="audio" mimeType="audio/mp4" lang="${track.lang}"><Label>${track.label}</Label>` +
      `<Representation id="a${k}" bandwidth="128000" codecs="mp4a.40.2" audioSamplingRate="48000">${template(`a${k}`, sounds[k])}</Representation></AdaptationSet>`,
  ).join('');
  const words = texts.map(
    (lang, k) =>
      `<AdaptationSet contentType="text" mimeType="text/vtt" lang="${lang}"><Role schemeIdUri="urn:mpeg:dash:role:2011" value="subtitle"/>` +
      `<Representation id="t${k}" bandwidth="1000"><BaseURL>t${k}/part-0.vtt</BaseURL></Representation></AdaptationSet>`,
  ).join('');
  return (
    `<?xml version="1.0" encoding="UTF-8"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" minBufferTime="PT4S" ` +
    `profiles="urn:mpeg:dash:profile:isoff-live:2011" mediaPresentationDuration="PT${seconds}S"><Period id="0" duration="PT${seconds}S">` +
    `<AdaptationSet contentType="video" mimeType="video/mp4" segmentAlignment="true" startWithSAP="1">${rungs}</AdaptationSet>${sound}${words}</Period></MPD>`
  );
}

function package_(title, version) {
  const seconds = version.spans.reduce((sum, span) => sum + span.seconds, 0);
  const composition = createHash('sha256').update(JSON.stringify(version.spans)).digest('hex');
  const dir = join(out, 'c', composition);
  const done = join(dir, 'dash.mpd');
  if (!existsSync(done)) {
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(dir, { recursive: true });
    const source = join(dir, 'source.mkv');
    ffmpeg(
      ...['-i', join(folder, 'sintel-trailer.mp4'), '-i', join(folder, 'big-buck-bunny-clip.mp4')],
      ...['-filter_complex', filter(version.spans), '-map', '[v]', '-map', '[a]', '-c:v', 'libx264'],
      ...['-preset', 'ultrafast', '-crf', '14', '-c:a', 'pcm_s16le', '-t', String(seconds), source],
    );
    const video = RUNGS.map((rung, r) =>
      rendition(dir, source, `v${r}`, [
        ...['-an', '-vf', `scale=-2:${rung.height}`, '-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p'],
        ...['-b:v', `${rung.kbit}k`, '-maxrate', `${rung.kbit * 1.3}k`, '-bufsize', `${rung.kbit * 2}k`],
        ...['-g', '48', '-keyint_min', '48', '-sc_threshold', '0'],
      ]),
    );
    const sounds = title.audio.map((track, k) =>
      rendition(dir, source, `a${k}`, ['-vn', '-c:a', 'aac', '-b:a', '128k', ...(track.filter ? ['-af', track.filter] : [])]),
    );
    const texts = title.text.map((track) => track.lang);
    writeText(dir, version.spans, seconds);
    writePictures(dir, source, seconds, version.poster);
    const marks = title.chapters.map(([from, to, name]) => [from, Math.min(to, seconds), name]);
    writeFileSync(
      join(dir, 'chapters.vtt'),
      `WEBVTT\n\n${marks.filter(([from, to]) => from < to).map((mark) => cue(...mark)).join('')}`,
    );
    writeFileSync(join(dir, 'hls.m3u8'), hls(texts, title.audio));
    rmSync(source);
    writeFileSync(done, dash(texts, title.audio, video, sounds, seconds));
  }
  return { composition, seconds };
}

function placed(spans) {
  let at = 0;
  return spans.map((span) => {
    const view = { ...span, at };
    at += span.seconds;
    return view;
  });
}

// Only the fields the screens read; the server gives edit units too.
const titles = films.map((title) => ({
  id: title.id,
  name: title.name,
  kind: 'film',
  width: 1280,
  height: 720,
  rate: '24',
  audio: title.audio.map(({ lang, label }) => ({ lang, label })),
  text: title.text,
  versions: title.versions.map((version) => ({
    name: version.name,
    label: version.label,
    ...package_(title, version),
    spans: placed(version.spans),
    bytes_added: version.bytes_added,
    bytes_shared: version.bytes_shared,
  })),
}));
for (const title of titles) {
  title.seconds = title.versions[0].seconds;
  title.poster = `/c/${title.versions[0].composition}/poster.jpg`;
}
writeFileSync(join(out, 'titles.json'), JSON.stringify({ titles }, null, 2));
console.log(`packaged ${titles.length} titles into ${out}`);
