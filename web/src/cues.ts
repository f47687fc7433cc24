// WebVTT as far as thumbnail and chapter tracks use it.
export interface Cue {
  from: number;
  to: number;
  text: string;
}

export interface Tile extends Cue {
  sheet: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

const TIMING = /^((?:\d+:)?\d{2}:\d{2}\.\d{3})[ \t]+-->[ \t]+((?:\d+:)?\d{2}:\d{2}\.\d{3})/;

export function readCues(text: string): Cue[] {
  const blocks = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n').split(/\n{2,}/);
  return blocks.flatMap((block) => {
    const lines = block.split('\n').filter((line) => line !== '');
    const head = lines.findIndex((line) => TIMING.test(line));
    if (head < 0 || head > 1) return [];
    const [, from, to] = TIMING.exec(lines[head]!)!;
    return [{ from: seconds(from!), to: seconds(to!), text: lines.slice(head + 1).join('\n') }];
  });
}

/** The tiles of a thumbnail track; sheets are addresses relative to `base`. */
export function readTiles(text: string, base: string): Tile[] {
  return readCues(text).flatMap((cue) => {
    const found = /^(.*)#xywh=(\d+),(\d+),(\d+),(\d+)$/.exec(cue.text.trim());
    if (!found) return [];
    const [x, y, width, height] = found.slice(2).map(Number) as [number, number, number, number];
    return width && height ? [{ ...cue, sheet: new URL(found[1]!, base).href, x, y, width, height }] : [];
  });
}

export function tileAt(tiles: Tile[], at: number): Tile | undefined {
  return tiles.find((tile) => at < tile.to) ?? tiles.at(-1);
}

function seconds(stamp: string): number {
  return stamp.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}
