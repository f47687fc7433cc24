// What ffmpeg and GStreamer make of the outputs: every frame is decoded, its burnt-in number read, its pixels
// hashed and its timestamp kept. Sound is compared as payloads, never as decoded samples.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFrame } from './cells.mjs';

/// Runs a program and hands each piece of its standard output on. Resolves to what it said beside it (the last
/// `remember` characters), rejects with that on failure.
export function pour(program, args, { input, onData, remember = 4000 }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'] });
    const said = [];
    let length = 0;
    child.stderr.on('data', (data) => {
      said.push(data);
      length += data.length;
      while (length - said[0].length > remember) length -= said.shift().length;
    });
    child.stdout.on('data', onData);
    child.on('error', reject);
    child.on('close', (code) => {
      const complaint = Buffer.concat(said).toString();
      if (code === 0) resolve(complaint);
      else reject(new Error(`${program}: ${complaint || `exit ${code}`}`));
    });
    if (input) {
      child.stdin.on('error', () => {});
      child.stdin.end(input);
    }
  });
}

/// Cuts a stream of luma into frames: `{number, hash, luma}`; luma is kept only where `keep` says so.
function frameCutter(width, height, keep) {
  const size = width * height;
  let rest = Buffer.alloc(0);
  const frames = [];
  const push = (data) => {
    rest = rest.length ? Buffer.concat([rest, data]) : data;
    let at = 0;
    for (; rest.length - at >= size; at += size) {
      const luma = rest.subarray(at, at + size);
      frames.push({
        number: readFrame(luma, width, height),
        hash: createHash('md5').update(luma).digest('hex'),
        luma: keep ? Buffer.from(luma) : undefined,
      });
    }
    rest = rest.subarray(at);
  };
  return { push, frames };
}

/// Decodes a picture with ffmpeg from an address or from bytes; `complaint` is what the decoder objected to.
export async function decodePicture(source, { width, height, keep = false }) {
  const cutter = frameCutter(width, height, keep);
  const from = Buffer.isBuffer(source) ? ['-i', 'pipe:0'] : ['-i', source];
  const complaint = await pour('ffmpeg', ['-v', 'warning', '-threads', '2', ...from, '-map', '0:v:0', '-fps_mode', 'passthrough',
    '-pix_fmt', 'gray', '-vf', 'scale=in_range=tv:out_range=tv', '-f', 'rawvideo', 'pipe:1'],
  { input: Buffer.isBuffer(source) ? source : null, onData: cutter.push });
  return { frames: cutter.frames, complaint };
}

/// Decodes with GStreamer, which shares no parser of playlists or MP4 with ffmpeg or the browser.
export async function decodeGstreamer(uri, { width, height }) {
  const cutter = frameCutter(width, height, false);
  await pour('timeout', ['60', 'gst-launch-1.0', '-q', 'uridecodebin', `uri=${uri}`, 'caps=video/x-raw', '!', 'videoconvert', '!',
    'video/x-raw,format=GRAY8', '!', 'fdsink', 'fd=1'], { onData: cutter.push });
  return cutter.frames;
}

/// The packets of one stream as ffmpeg reads them: `{at, seconds, hash}` with times in seconds.
export async function packets(source, stream) {
  let text = '';
  const from = Buffer.isBuffer(source) ? ['-i', 'pipe:0'] : ['-i', source];
  await pour('ffmpeg', ['-v', 'error', '-copyts', ...from, '-map', `0:${stream}`, '-c', 'copy', '-avoid_negative_ts', 'disabled',
    '-f', 'framehash', '-hash', 'md5', 'pipe:1'],
    { input: Buffer.isBuffer(source) ? source : null, onData: (data) => (text += data) });
  const [over, under] = text.match(/#tb 0: (\d+)\/(\d+)/).slice(1).map(Number);
  return text.split('\n').filter((line) => /^\d/.test(line)).map((line) => {
    const [, dts, pts, duration, , hash] = line.split(',').map((field) => field.trim());
    return { dts: (dts * over) / under, at: (pts * over) / under, seconds: (duration * over) / under, hash };
  });
}

/// Sound as mono samples at 48 kHz.
export async function decodeSound(source) {
  const pieces = [];
  const from = Buffer.isBuffer(source) ? ['-i', 'pipe:0'] : ['-i', source];
  await pour('ffmpeg', ['-v', 'error', ...from, '-map', '0:a:0', '-ac', '1', '-ar', '48000', '-f', 'f32le', 'pipe:1'],
    { input: Buffer.isBuffer(source) ? source : null, onData: (data) => pieces.push(data) });
  const all = Buffer.concat(pieces);
  return new Float32Array(all.buffer.slice(all.byteOffset, all.byteOffset + (all.length & ~3)));
}

/// Peak signal-to-noise ratio of two pictures of luma, in dB.
export function psnr(one, other) {
  let total = 0;
  for (let n = 0; n < one.length; n += 1) total += (one[n] - other[n]) ** 2;
  return total ? 10 * Math.log10((255 * 255 * one.length) / total) : Infinity;
}

/// How much the strongest second difference near `at` exceeds the strongest around it, in dB (seconds, 48 kHz).
export function clickAt(samples, at) {
  const strongest = (from, to) => {
    let most = 1e-9;
    for (let n = Math.max(1, from); n < Math.min(samples.length - 1, to); n += 1) {
      most = Math.max(most, Math.abs(samples[n - 1] - 2 * samples[n] + samples[n + 1]));
    }
    return most;
  };
  const centre = Math.round(at * 48000);
  const near = strongest(centre - 1100, centre + 1100);
  const around = Math.max(strongest(centre - 14400, centre - 2200), strongest(centre + 2200, centre + 14400));
  return 20 * Math.log10(near / around);
}
