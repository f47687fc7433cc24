// What the system shows on its lock screen and does with the keys of a headset.
interface Announced {
  video: HTMLVideoElement;
  name: string;
  label: string;
  poster: string;
}

const STEP = 10;

/** Tells the system what plays; returns how to take it back. */
export function announce({ video, name, label, poster }: Announced): () => void {
  const session = navigator.mediaSession;
  if (!session) return () => undefined;
  session.metadata = new MediaMetadata({
    title: name,
    artist: label,
    artwork: [{ src: new URL(poster, location.href).href, type: 'image/jpeg' }],
  });
  const acts: [MediaSessionAction, MediaSessionActionHandler][] = [
    ['play', () => void video.play()],
    ['pause', () => video.pause()],
    ['seekbackward', (details) => (video.currentTime -= details.seekOffset ?? STEP)],
    ['seekforward', (details) => (video.currentTime += details.seekOffset ?? STEP)],
    ['seekto', (details) => (video.currentTime = details.seekTime ?? video.currentTime)],
  ];
  for (const [name, act] of acts) session.setActionHandler(name, act);
  return () => {
    session.metadata = null;
    for (const [name] of acts) session.setActionHandler(name, null);
  };
}

export function announcePlace(video: HTMLVideoElement) {
  const { duration, currentTime, playbackRate } = video;
  if (!navigator.mediaSession || !Number.isFinite(duration) || playbackRate <= 0) return;
  navigator.mediaSession.setPositionState({ duration, playbackRate, position: Math.min(currentTime, duration) });
}
