// Reads our own HLS media playlists and DASH manifests just far enough to fetch every byte of one track,
// part by part, without trusting any player's reading of them.

async function text(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.text();
}

export async function bytes(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

/// The parts of an HLS media playlist: `{init, segments: [{url, seconds}]}`, a new one at every discontinuity.
export async function hlsParts(url) {
  const parts = [];
  let part = null;
  let init = null;
  let seconds = 0;
  for (const line of (await text(url)).split('\n')) {
    const map = line.match(/^#EXT-X-MAP:.*URI="([^"]+)"/);
    if (map) init = new URL(map[1], url).href;
    else if (line.startsWith('#EXT-X-DISCONTINUITY') && !line.includes('SEQUENCE')) part = null;
    else if (line.startsWith('#EXTINF:')) seconds = Number.parseFloat(line.slice(8));
    else if (line && !line.startsWith('#')) {
      if (!part) parts.push((part = { init, segments: [] }));
      part.segments.push({ url: new URL(line, url).href, seconds });
    }
  }
  return parts;
}

/// The variants of an HLS multivariant playlist, best first, and its renditions of sound and text.
export async function hlsStreams(url) {
  const lines = (await text(url)).split('\n');
  const attribute = (line, key) => line.match(new RegExp(`[:,]${key}=("([^"]*)"|[^,]*)`))?.slice(1).reverse().find((v) => v !== undefined);
  const variants = [];
  const media = [];
  lines.forEach((line, n) => {
    if (line.startsWith('#EXT-X-STREAM-INF:')) {
      variants.push({
        url: new URL(lines[n + 1], url).href,
        bandwidth: Number(attribute(line, 'BANDWIDTH')),
        codecs: attribute(line, 'CODECS'),
        height: Number(attribute(line, 'RESOLUTION')?.split('x')[1]),
      });
    }
    if (line.startsWith('#EXT-X-MEDIA:')) {
      const uri = attribute(line, 'URI');
      media.push({ type: attribute(line, 'TYPE'), language: attribute(line, 'LANGUAGE'), url: uri && new URL(uri, url).href });
    }
  });
  variants.sort((a, b) => b.height - a.height || b.bandwidth - a.bandwidth);
  return {
    variants,
    sounds: media.filter(({ type }) => type === 'AUDIO'),
    texts: media.filter(({ type }) => type === 'SUBTITLES'),
  };
}

/// The playlists of a multivariant playlist that list I-frames only.
export async function hlsIFrames(url) {
  return [...(await text(url)).matchAll(/^#EXT-X-I-FRAME-STREAM-INF:.*URI="([^"]+)"/gm)].map(([, uri]) => new URL(uri, url).href);
}

/// The tiles of thumbnails: `{sheet, left, top, width, height}` in pixels of the sheet.
export async function tilesOf(url) {
  const tiles = [...(await text(url)).matchAll(/^(\S+\.jpg)#xywh=(\d+),(\d+),(\d+),(\d+)/gm)];
  return tiles.map(([, sheet, ...sides]) => {
    const [left, top, width, height] = sides.map(Number);
    return { sheet: new URL(sheet, url).href, left, top, width, height };
  });
}

/// The parts (Periods) of a DASH manifest for its representations of one kind, best first.
export async function dashParts(url, kind) {
  const manifest = await text(url);
  return [...manifest.matchAll(/<Period[\s>][\s\S]*?<\/Period>/g)].map(([period]) => {
    const sets = [...period.matchAll(/<AdaptationSet[\s>][\s\S]*?<\/AdaptationSet>/g)].map(([set]) => set);
    return sets.filter((set) => isKind(set, kind)).flatMap((set) => representations(set, url));
  });
}

const isKind = (set, kind) => new RegExp(`(contentType|mimeType)="${kind}`).test(set) && !/thumbnail_tile/.test(set);

function representations(set, url) {
  return [...set.matchAll(/<Representation[\s>][\s\S]*?(?:<\/Representation>|\/>)/g)].map(([representation]) => {
    const value = (key) => (representation.match(new RegExp(`\\b${key}="([^"]*)"`)) ?? set.match(new RegExp(`\\b${key}="([^"]*)"`)))?.[1];
    const id = representation.match(/\bid="([^"]*)"/)[1];
    const fill = (template, number) => new URL(template.replace('$RepresentationID$', id).replace('$Number$', number), url).href;
    const timescale = Number(value('timescale'));
    const source = /<S\s/.test(representation) ? representation : set;
    const durations = [...source.matchAll(/<S\s([^>]*)\/?>/g)].flatMap(([, s]) => {
      const repeat = Number(s.match(/\br="(\d+)"/)?.[1] ?? 0);
      return Array(repeat + 1).fill(Number(s.match(/\bd="(\d+)"/)[1]) / timescale);
    });
    const first = Number(value('startNumber') ?? 1);
    return {
      id,
      height: Number(value('height') ?? 0),
      bandwidth: Number(value('bandwidth')),
      init: fill(value('initialization'), 0),
      segments: durations.map((seconds, n) => ({ url: fill(value('media'), first + n), seconds })),
    };
  }).sort((a, b) => b.height - a.height);
}

/// All bytes of one part: its init segment and its segments one behind the other.
export async function partBytes({ init, segments }) {
  return Buffer.concat([await bytes(init), ...(await Promise.all(segments.map(({ url }) => bytes(url))))]);
}

/// The measured peak of a playlist in bits per second, as HLS counts it (RFC 8216bis, "peak segment bit rate"): over
/// runs of segments that last between half and one and a half of the longest one's length.
export async function peakBitrate(parts) {
  const segments = await Promise.all(parts.flatMap((part) => part.segments).map(async ({ url, seconds }) => [(await bytes(url)).length * 8, seconds]));
  const target = Math.round(Math.max(...segments.map(([, seconds]) => seconds)));
  let peak = 0;
  segments.forEach((_, first) => {
    let bits = 0;
    let length = 0;
    for (let last = first; last < segments.length && length <= target * 1.5; last += 1) {
      bits += segments[last][0];
      length += segments[last][1];
      if (length >= target * 0.5 && length <= target * 1.5) peak = Math.max(peak, bits / length);
    }
  });
  return peak;
}
