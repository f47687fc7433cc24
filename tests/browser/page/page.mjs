// What happens in the browser: plays a manifest in one engine and writes down everything that could be wrong,
// with the number burnt into every frame that reached the screen.
import { CELLS, decodeCells } from '/cells.mjs';
import { engines } from '/page/engines.mjs';

const video = document.getElementById('video');
const picture = document.createElement('canvas');
picture.width = CELLS * 8;
picture.height = CELLS * 8;
const ink = picture.getContext('2d', { willReadFrequently: true, alpha: false });

const state = { frames: [], callbacks: 0, problems: [], waits: [], sizes: [], started: false, seeking: false, ended: false, engine: null };

// The frame on the screen with its own media time: the callback's time may already be that of the frame before.
// Both rows of cells must spell the same number; -1 where they differ.
function readFrame() {
  const frame = new VideoFrame(video);
  ink.drawImage(frame, 0, 0, picture.width, picture.height);
  const time = frame.timestamp / 1e6;
  frame.close();
  const line = (y) => {
    const { data } = ink.getImageData(0, y, picture.width, 1);
    return Array.from({ length: CELLS }, (_, n) => (data[(n * 8 + 3) * 4 + 1] + data[(n * 8 + 4) * 4 + 1]) / 2);
  };
  const upper = decodeCells(line(3));
  return [time, upper === decodeCells(line(picture.height - 4)) ? upper : -1];
}

function onFrame(_, { width, height }) {
  const [time, number] = readFrame();
  state.callbacks += 1;
  if (state.frames.at(-1)?.[0] !== time) state.frames.push([time, number, performance.now()]);
  const size = `${width}x${height}`;
  if (state.sizes.at(-1)?.[1] !== size) state.sizes.push([time, size]);
  video.requestVideoFrameCallback(onFrame);
}

// A wait counts once the film has begun to play, and not while a seek asked for here is under way.
function watchEvents() {
  video.addEventListener('playing', () => (state.started = true));
  video.addEventListener('seeking', () => { if (!state.seeking) state.problems.push(`seek by the player at ${video.currentTime}`); });
  video.addEventListener('waiting', () => {
    if (state.started && !state.seeking && video.currentTime < video.duration - 0.1) state.waits.push(video.currentTime);
  });
  video.addEventListener('ended', () => (state.ended = true));
  video.addEventListener('error', () => state.problems.push(`video element: ${video.error?.message}`));
  video.requestVideoFrameCallback(onFrame);
}

async function until(condition, patience, complaint) {
  for (const end = performance.now() + patience; !condition();) {
    if (performance.now() > end) throw new Error(complaint);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

window.player = {
  async load(engine, manifest, licence) {
    watchEvents();
    video.volume = 0.05;
    state.seeking = true;
    state.engine = await engines[engine](video, manifest, (text) => state.problems.push(text), licence);
  },

  async play() {
    await video.play();
    if (!state.started) await new Promise((resolve) => video.addEventListener('playing', resolve, { once: true }));
    state.seeking = false;
  },

  pause: () => video.pause(),
  choose: (rung) => state.engine.choose(rung),
  position: () => ({ at: video.currentTime, ended: state.ended, problems: state.problems.length }),

  // Seeks, waits until what is on the screen has come to rest, and reads it: [media time, number].
  async seek(at) {
    await until(() => video.readyState >= 2, 10000, 'nothing to show before a seek');
    state.seeking = true;
    state.ended = false;
    const before = state.callbacks;
    video.currentTime = at;
    await until(() => !video.seeking && video.readyState >= 2, 10000, `no picture after a seek to ${at}`);
    // A seek to the frame already shown may bring no callback: then the screen is read all the same.
    await until(() => state.callbacks > before, 1500).catch(() => {});
    let last = [-1, -1];
    for (let same = 0; same < 3;) {
      await new Promise((resolve) => setTimeout(resolve, 30));
      const now = readFrame();
      same = now[0] === last[0] ? same + 1 : 0;
      last = now;
    }
    if (video.paused) state.seeking = false;
    return last;
  },

  report() {
    const quality = video.getVideoPlaybackQuality();
    const ranges = Array.from({ length: video.buffered.length }, (_, n) => [video.buffered.start(n), video.buffered.end(n)]);
    return {
      ended: state.ended,
      at: video.currentTime,
      duration: video.duration,
      frames: state.frames,
      problems: state.problems,
      waits: state.waits,
      sizes: state.sizes,
      ranges,
      dropped: quality.droppedVideoFrames,
      corrupted: quality.corruptedVideoFrames ?? 0,
      total: quality.totalVideoFrames,
      rungs: state.engine?.rungs(),
      languages: state.engine?.languages(),
      texts: state.engine?.texts(),
      gaps: state.engine?.gaps(),
    };
  },
};
window.ready = true;
