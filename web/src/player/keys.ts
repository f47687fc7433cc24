// What a key does in the player. Keys pressed in fields and menus stay theirs.
export type Act =
  | { act: 'play' | 'mute' | 'text' | 'fullscreen' | 'pip' | 'keys' }
  | { act: 'seek' | 'volume' | 'speed' | 'frame'; by: number }
  | { act: 'tenth'; tenth: number };

export interface Pressed {
  key: string;
  ctrlKey?: boolean;
  metaKey?: boolean;
  altKey?: boolean;
}

const ACTS: Record<string, Act> = {
  ' ': { act: 'play' },
  k: { act: 'play' },
  j: { act: 'seek', by: -10 },
  l: { act: 'seek', by: 10 },
  ArrowLeft: { act: 'seek', by: -5 },
  ArrowRight: { act: 'seek', by: 5 },
  ArrowUp: { act: 'volume', by: 0.05 },
  ArrowDown: { act: 'volume', by: -0.05 },
  ',': { act: 'frame', by: -1 },
  '.': { act: 'frame', by: 1 },
  '<': { act: 'speed', by: -1 },
  '>': { act: 'speed', by: 1 },
  m: { act: 'mute' },
  c: { act: 'text' },
  f: { act: 'fullscreen' },
  i: { act: 'pip' },
  '?': { act: 'keys' },
};

export function actOf(pressed: Pressed): Act | undefined {
  if (pressed.ctrlKey || pressed.metaKey || pressed.altKey) return undefined;
  if (/^[0-9]$/.test(pressed.key)) return { act: 'tenth', tenth: Number(pressed.key) };
  const key = pressed.key.length === 1 ? pressed.key.toLowerCase() : pressed.key;
  return Object.hasOwn(ACTS, key) ? ACTS[key] : undefined;
}

export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];

export function nextSpeed(now: number, by: number): number {
  const here = SPEEDS.findIndex((speed) => speed >= now - 0.001);
  return SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, (here < 0 ? SPEEDS.length - 1 : here) + by))]!;
}
