// What the server's API answers, by the names of docs/ref/openapi.json. Fields a server may leave out are optional.
export type Named = Record<string, string>;

export interface Stream {
  lang: string;
  label: string;
}

/** A span of a version. `at` and `seconds` lie on the version's timeline, `from` on the source's. */
export interface Span {
  kind: 'film' | 'card';
  at: number;
  seconds: number;
  title?: string;
  from?: number;
}

export interface Version {
  name: string;
  label: Named;
  composition: string;
  seconds: number;
  spans: Span[];
  bytes_added?: number;
  bytes_shared?: number;
}

export interface Title {
  id: string;
  name: Named;
  kind: string;
  seconds: number;
  width: number;
  height: number;
  rate: string;
  poster: string;
  year?: number;
  credits?: string;
  audio: Stream[];
  text: Stream[];
  versions: Version[];
}

export interface Edit {
  at: number;
  kind: string;
  removed_seconds?: number;
}

export interface Play {
  hls: string;
  dash: string;
  composition: string;
  seconds: number;
  poster: string;
  thumbnails: string;
  chapters: string;
  edits: Edit[];
}

export interface Problem {
  kind: string;
  message: string;
  places: string[];
  remedy: string;
}
