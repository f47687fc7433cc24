// Synthesises a film whose every frame says which one it is: in figures for people, and for programs as a row
// of black and white cells along the upper and the lower edge. No two groups of pictures are equal (moving
// noise), and each sound track has its own tones with noise beneath, so that no two audio frames are equal.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { CELLS, FILM, rowHeight } from './cells.mjs';

const execute = promisify(execFile);
// MP4 holds languages by their three letters.
const MP4_LANGUAGE = { en: 'eng', ko: 'kor', vi: 'vie' };

const bit = (n) => `mod(floor(V/${2 ** n}),2)`.replaceAll('V', '(N+ld(0))');
const sum = (bits) => `mod(${bits.map(bit).join('+')},2)`;

function cells(film) {
  const even = [0, 2, 4, 6, 8, 10, 12, 14];
  const odd = even.map((n) => n + 1);
  const value = `mod(floor((N+ld(0))/pow(2,X-2)),2)`;
  const which = `if(eq(X,0),1,if(eq(X,1),0,if(lt(X,18),${value},if(eq(X,18),${sum(even)},${sum(odd)}))))`;
  return `st(0,${film * FILM});16+219*(${which})`;
}

function picture({ width, height, rate, frames, film, sign }) {
  const row = rowHeight(height);
  return [
    `testsrc2=size=${width}x${height}:rate=${rate},noise=alls=4:allf=t,` +
      `drawtext=text='%{frame_num}':fontsize=${Math.round(height / 5)}:x=(w-tw)/2:y=(h-th)/2:fontcolor=white:box=1:boxcolor=black${moving(sign)}[p]`,
    `nullsrc=size=${CELLS}x2:rate=${rate},format=yuv420p,geq=lum='${cells(film)}':cb=128:cr=128,` +
      `scale=${width}:${row}:flags=neighbor,split[u][l]`,
    `[p][u]overlay=0:0:format=yuv420[q]`,
    `[q][l]overlay=0:${height - row}:format=yuv420,setsar=1,trim=end_frame=${frames},format=yuv420p[v]`,
  ];
}

// A word on a board that goes evenly from one place to another while frames `from` to `to` are shown.
function moving(sign) {
  if (!sign) return '';
  const way = (axis) => `${sign.start[axis]}+${sign.end[axis] - sign.start[axis]}*clip((n-${sign.from})/${sign.to - 1 - sign.from},0,1)`;
  return `,drawtext=text='${sign.text}':font=Noto Sans:fontsize=${sign.size}:x='${way(0)}':y='${way(1)}':fontcolor=white:box=1:boxborderw=6:boxcolor=black`;
}

// Two steady tones that differ by language, a slow sweep, and noise at -60 dB; `tone` sounds for a while only.
function sound(language, index, seconds, tone) {
  const base = 220 + 110 * index;
  const passing = tone ? `+0.25*sin(2*PI*${tone.hertz}*t)*gte(t,${tone.from})*lt(t,${tone.to})` : '';
  const tones = `0.2*sin(2*PI*${base}*t)+0.1*sin(2*PI*(${base * 2}+20*sin(t))*t)+0.0015*(random(${index})*2-1)${passing}`;
  return `aevalsrc='${tones}|${tones}':sample_rate=48000:duration=${seconds}[a${index}]`;
}

/// Writes one film. `encoder` are the arguments for its picture; the default keeps nearly every pixel. `soundEncoder`
/// are those for its sound.
export async function makeFilm(path, options) {
  const { width = 640, height = 360, rate = '24', seconds = 20, film = 0, languages = ['en'] } = options;
  const [over, under = 1] = rate.split('/').map(Number);
  const frames = Math.round((seconds * over) / under);
  const length = (frames * under) / over;
  const encoder = options.encoder ?? ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '12', '-g', '240'];
  const graph = [...picture({ width, height, rate, frames, film, sign: options.sign }), ...languages.map((l, i) => sound(l, i, length, options.tone))];
  const maps = ['-map', '[v]', ...languages.flatMap((l, i) => ['-map', `[a${i}]`, `-metadata:s:a:${i}`, `language=${MP4_LANGUAGE[l] ?? l}`])];
  const colour = ['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709'];
  await execute('ffmpeg', ['-v', 'error', '-y', '-filter_complex', graph.join(';'), ...maps,
    ...encoder, ...colour, ...(options.soundEncoder ?? ['-c:a', 'aac', '-b:a', '128k']), '-movflags', '+faststart', path]);
  return { path, frames, rate, width, height, film, languages };
}

/// Writes the rungs of a ladder of its own from a film, each with its own encoder arguments.
export async function makeLadder(source, rungs) {
  for (const { path, height, encoder } of rungs) {
    await execute('ffmpeg', ['-v', 'error', '-y', '-i', source, '-map', '0:v', '-vf', `scale=-2:${height}`, ...encoder, '-an', path]);
  }
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const [path, rate = '24', seconds = '20', size = '640x360', languages = 'en'] = argv.slice(2);
  if (!path) throw new Error('usage: node film.mjs OUT.mp4 [RATE] [SECONDS] [WIDTHxHEIGHT] [LANGUAGE,LANGUAGE]');
  const [width, height] = size.split('x').map(Number);
  console.log(await makeFilm(path, { rate, seconds: Number(seconds), width, height, languages: languages.split(',') }));
}
