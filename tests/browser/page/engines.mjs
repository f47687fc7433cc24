// The four players behind one shape: load a manifest, name the rungs, ask for one, tell of errors.
// `problem(text)` is called for everything a player itself holds to be wrong, recovered or not.
// Each keeps only a few seconds in advance, so that a switch of rungs asked for before a seam happens at it.
const AHEAD = 6;

async function shakaEngine(video, manifest, problem, licence) {
  shaka.polyfill.installAll();
  const player = new shaka.Player();
  await player.attach(video);
  player.addEventListener('error', ({ detail }) => problem(`shaka ${detail.code} ${JSON.stringify(detail.data)}`));
  let jumped = 0;
  player.addEventListener('gapjumped', () => (jumped += 1));
  player.configure({
    streaming: { bufferingGoal: AHEAD, rebufferingGoal: 1, bufferBehind: 10 },
    abr: { enabled: false },
  });
  // The manifest names a path, which this page of another origin would ask at home.
  player.getNetworkingEngine().registerRequestFilter((type, request) => {
    if (type === shaka.net.NetworkingEngine.RequestType.LICENSE && licence) request.uris = [licence];
  });
  await player.load(manifest);
  // One track a height: variants that differ in sound only are the same rung.
  const rungs = () => {
    const tracks = player.getVariantTracks();
    const language = tracks.find((track) => track.active)?.language;
    const best = new Map(tracks.filter((track) => track.language === language).map((track) => [track.height, track]));
    return [...best.values()].sort((a, b) => b.height - a.height);
  };
  player.selectVariantTrack(rungs()[0], true);
  return {
    rungs: () => rungs().length,
    choose: (n) => player.selectVariantTrack(rungs()[n], true, 1),
    languages: () => [...new Set(player.getVariantTracks().map((track) => track.language))],
    texts: () => player.getTextTracks().map((track) => track.language),
    gaps: () => jumped,
    close: () => player.destroy(),
  };
}

function hlsEngine(video, manifest, problem) {
  const player = new Hls({ maxBufferLength: AHEAD, maxMaxBufferLength: AHEAD, backBufferLength: 10, startLevel: -1 });
  // A fragment that is given up because another rung was asked for is told as an error, too, and is none.
  player.on(Hls.Events.ERROR, (_, data) => data.details !== 'aborted' && problem(`hls.js ${data.type} ${data.details} ${data.reason ?? ''} ${data.fatal ? 'fatal' : ''}`));
  player.loadSource(manifest);
  player.attachMedia(video);
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('hls.js: no manifest within 15 s')), 15000);
    player.on(Hls.Events.MANIFEST_PARSED, () => {
      clearTimeout(late);
      const order = player.levels.map((level, n) => [level.height, n]).sort((a, b) => b[0] - a[0]).map(([, n]) => n);
      player.currentLevel = order[0];
      resolve({
        rungs: () => order.length,
        choose: (n) => { player.nextLevel = order[n]; },
        languages: () => player.allAudioTracks.map((track) => track.lang),
        texts: () => player.allSubtitleTracks.map((track) => track.lang),
        gaps: () => 0,
        close: () => player.destroy(),
      });
    });
  });
}

function dashEngine(video, manifest, problem) {
  const player = dashjs.MediaPlayer().create();
  const events = dashjs.MediaPlayer.events;
  player.updateSettings({
    streaming: {
      buffer: { bufferTimeDefault: AHEAD, bufferTimeAtTopQuality: AHEAD, bufferTimeAtTopQualityLongForm: AHEAD, bufferToKeep: 10 },
      abr: { autoSwitchBitrate: { video: false }, initialBitrate: { video: 1e6 } },
    },
  });
  player.on(events.ERROR, ({ error }) => problem(`dash.js ${error?.code} ${error?.message ?? JSON.stringify(error)}`));
  player.on(events.PLAYBACK_ERROR, ({ error }) => problem(`dash.js playback ${error?.message ?? error?.code}`));
  let jumped = 0;
  player.on('gapCausedInternalSeek', () => (jumped += 1));
  player.initialize(video, manifest, false);
  const rungs = () => [...player.getRepresentationsByType('video')].sort((a, b) => b.height - a.height);
  const engine = {
    rungs: () => rungs().length,
    choose: (n) => player.setRepresentationForTypeById('video', rungs()[n].id, true),
    languages: () => player.getTracksFor('audio').map((track) => track.lang),
    texts: () => player.getTracksFor('text').map((track) => track.lang),
    gaps: () => jumped,
    close: () => player.destroy(),
  };
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('dash.js: not ready within 15 s')), 15000);
    player.on(events.STREAM_INITIALIZED, () => {
      clearTimeout(late);
      resolve(engine);
    });
  });
}

export const engines = {
  'shaka-hls': shakaEngine,
  'shaka-dash': shakaEngine,
  'hls.js': hlsEngine,
  'dash.js': dashEngine,
};
