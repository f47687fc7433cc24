// Shaka Player behind the few things the screens need. One engine drives one video element for its whole life;
// `load` may be called again for another version.
//
// A text track is loaded from the start even where the viewer wants none, and merely not shown: in HLS Shaka 5.2 learns
// where text belongs only from the video segments that come after the first text track was chosen, so subtitles
// switched on when the film is loaded already would not show.
import shaka from 'shaka-player/dist/shaka-player.compiled-es2021.js';
import type { Play } from '../api/shapes';
import { choose, viewer } from '../viewer.svelte';
import { ownName } from '../written';
import './captions.css';
import { failureOf, isBrokenOff, isEnded, type Failure } from './failure';
import { barred, sameLanguage, type Heard } from './languages';
import { freshAddress, withToken } from './obedience';

export interface Choice {
  id: string;
  label: string;
  lang?: string;
  hint?: string;
}

export interface Rendition {
  id: string;
  height: number;
  kbit: number;
}

const LOAD_INTERRUPTED = 7000;
const SAFE_SECONDS = 2;
/** Times that a connection that broke off is tried again before the viewer hears of it, and how soon. */
const [SILENT_TRIES, SILENT_WAIT] = [4, 0.4];
const TEXT_LANGUAGES = ['vi', 'ko', 'en'];

const { LICENSE, KEY } = shaka.net.NetworkingEngine.RequestType;
const KEY_REQUESTS = [LICENSE, KEY];

shaka.polyfill.installAll();

export class Engine {
  renditions = $state.raw<Rendition[]>([]);
  /** The rendition on the screen. */
  rendition = $state('');
  automatic = $state(true);
  sounds = $state.raw<Choice[]>([]);
  sound = $state('');
  texts = $state.raw<Choice[]>([]);
  text = $state('');
  buffering = $state(false);
  failure = $state.raw<Failure>();

  #player = new shaka.Player();
  #attached: Promise<void>;
  #state = '';
  #languages: NonNullable<Play['languages']> = [];
  #tries = 0;
  // Where keys are asked for with a token; empty where the house asks for none.
  #licence = '';

  /** `ask` asks the house to play the same again: its answer brings a fresh token. */
  constructor(
    readonly video: HTMLVideoElement,
    readonly captions: HTMLElement,
    readonly ask: () => Promise<Play>,
  ) {
    this.#player.setVideoContainer(captions);
    this.#player.configure({
      // The menu lists every rendition; the automatic choice asks for no more than the picture has room for.
      ignoreHardwareResolution: true,
      abr: { restrictToElementSize: true },
      streaming: {
        bufferingGoal: 30,
        rebufferingGoal: 1,
        bufferBehind: 60,
        retryParameters: { maxAttempts: 4, baseDelay: 400, backoffFactor: 2, timeout: 20_000 },
      },
      manifest: { retryParameters: { maxAttempts: 3, baseDelay: 400, timeout: 15_000 } },
    });
    const refresh = () => this.#refresh();
    for (const name of ['trackschanged', 'adaptation', 'variantchanged', 'textchanged', 'audiotrackschanged']) {
      this.#player.addEventListener(name, refresh);
    }
    this.#player.addEventListener('buffering', (event) => {
      this.buffering = (event as Event & { buffering: boolean }).buffering;
    });
    this.#player.addEventListener('error', (event) => this.#fail((event as Event & { detail: unknown }).detail));
    this.#player.getNetworkingEngine()?.registerRequestFilter(async (type, request) => {
      request.uris = request.uris.map((uri) => freshAddress(uri, this.#state));
      // A token for keys is for one request.
      if (this.#licence && KEY_REQUESTS.includes(type)) {
        const { licence } = await this.ask();
        request.uris = request.uris.map((uri) => withToken(uri, licence ?? ''));
      }
    });
    video.addEventListener('timeupdate', () => (this.#tries = 0));
    this.#attached = this.#player.attach(video);
  }

  /** Loads a version and stands at `at` seconds of it. A failure is told by `failure`. */
  async load(play: Play, at: number): Promise<boolean> {
    this.failure = undefined;
    this.#state = play.state ?? '';
    this.#licence = play.licence?.startsWith('/t/') ? play.licence : '';
    this.#tries = 0;
    this.#languages = play.languages ?? [];
    if (!shaka.Player.isBrowserSupported()) {
      this.failure = { kind: 'support', code: '' };
      return false;
    }
    const any = { channelCount: 0, codec: '', label: '', role: '', spatialAudio: false };
    const sounds = [viewer.audio, ...this.#languages.filter(({ heard }) => heard === 'sound').map(({ language }) => language)];
    this.#player.configure({
      preferredAudio: sounds.filter((language) => language && this.#may('sound', language)).map((language) => ({ ...any, language })),
      preferredText: [viewer.text, viewer.language, ...TEXT_LANGUAGES]
        .filter((language) => language && this.#may('text', language))
        .map((language) => ({ language, role: '', format: '', forced: false })),
      abr: { enabled: viewer.height === 0 },
    });
    try {
      await this.#attached;
      await this.#player.load(wantedEngine() === 'dash' ? play.dash : play.hls, at || null);
    } catch (cause) {
      return this.#fail(cause);
    }
    this.#applyChoices();
    this.#refresh();
    return true;
  }

  pickRendition(id: string) {
    const track = this.#videoTracks().find((each) => renditionId(each) === id);
    this.automatic = !track;
    this.#player.configure({ abr: { enabled: !track } });
    if (track) this.#player.selectVideoTrack(track, true, SAFE_SECONDS);
    choose({ height: track?.height ?? 0 });
    this.#refresh();
  }

  pickSound(id: string) {
    const track = this.#player.getAudioTracks().find((each) => soundId(each) === id);
    if (!track) return;
    this.#player.selectAudioTrack(track, SAFE_SECONDS);
    choose({ audio: track.language });
    this.#refresh();
  }

  /** Shows the subtitles `id`; none where it is empty. */
  pickText(id: string) {
    const track = this.#player.getTextTracks().find((each) => textId(each) === id);
    if (track) this.#player.selectTextTrack(track);
    choose({ text: track?.language ?? '' });
    this.#refresh();
  }

  /** Asks again for what failed to arrive. */
  again(): boolean {
    this.failure = undefined;
    return this.#player.retryStreaming(0.1);
  }

  destroy() {
    void this.#player.destroy();
  }

  #videoTracks() {
    return this.#player.getVideoTracks().toSorted((one, two) => (two.height ?? 0) - (one.height ?? 0) || two.bandwidth - one.bandwidth);
  }

  // What the viewer chose on another version or another day.
  #applyChoices() {
    const tracks = this.#videoTracks();
    const wanted = viewer.height ? (tracks.find((each) => (each.height ?? 0) <= viewer.height) ?? tracks.at(-1)) : undefined;
    this.automatic = !wanted;
    if (wanted) this.#player.selectVideoTrack(wanted, true, SAFE_SECONDS);
    this.#leave();
    const texts = this.#player.getTextTracks();
    const text = texts.find((each) => sameLanguage(each.language, viewer.text)) ?? texts.find((each) => each.active) ?? texts[0];
    if (text && !text.active) this.#player.selectTextTrack(text);
  }

  /** Offers no language that contracts do not license, and leaves one that plays. */
  restrict(languages: NonNullable<Play['languages']>) {
    this.#languages = languages;
    this.#leave();
    this.#refresh();
  }

  #may(heard: Heard, language: string): boolean {
    return !barred({ languages: this.#languages }, heard, language);
  }

  // What is buffered of a sound that may not be heard goes with it.
  #leave() {
    const sounds = this.#player.getAudioTracks();
    if (sounds.every((each) => !each.active || this.#may('sound', each.language))) return;
    const instead = sounds.find((each) => this.#may('sound', each.language));
    if (instead) this.#player.selectAudioTrack(instead, 0);
  }

  #refresh() {
    const tracks = this.#videoTracks();
    this.renditions = tracks.map((each) => ({
      id: renditionId(each),
      height: each.height ?? 0,
      kbit: Math.round(each.bandwidth / 1000),
    }));
    this.rendition = this.renditions[tracks.findIndex((each) => each.active)]?.id ?? '';
    const sounds = this.#player.getAudioTracks().filter((each) => this.#may('sound', each.language));
    this.sounds = distinct(sounds.map((each) => ({ ...choice(each.language, each.label), id: soundId(each) })));
    this.sound = sounds.filter((each) => each.active).map(soundId)[0] ?? '';
    const texts = this.#player.getTextTracks().filter((each) => this.#may('text', each.language));
    this.texts = distinct(texts.map((each) => ({ ...choice(each.language, each.label), id: textId(each) })));
    const chosen = texts.find((each) => each.active && sameLanguage(each.language, viewer.text));
    this.text = chosen ? textId(chosen) : '';
    this.captions.hidden = !chosen;
  }

  #fail(cause: unknown): false {
    const error = cause as Partial<shaka.util.Error>;
    if (error.code === LOAD_INTERRUPTED) return false;
    if (error.severity === shaka.util.Error.Severity.RECOVERABLE) return false;
    // An order cuts what is under way: the house then answers the same request with what is allowed.
    if (isBrokenOff(error) && this.#tries < SILENT_TRIES) {
      this.#tries += 1;
      if (this.#player.retryStreaming(SILENT_WAIT * this.#tries)) return false;
    }
    // The token ended while nobody asked, as when the machine slept.
    if (isEnded(error) && this.#tries < SILENT_TRIES) {
      this.#tries += 1;
      const give = () => (this.failure = failureOf(error));
      void this.ask().then(() => this.#player.retryStreaming() || give(), give);
      return false;
    }
    this.failure = failureOf(error);
    return false;
  }
}

/** What `?engine=` in the address asks for; else DASH, and HLS where the browser itself has to play it. */
export function wantedEngine(query = location.search): 'hls' | 'dash' {
  const asked = new URLSearchParams(query).get('engine');
  if (asked === 'hls' || asked === 'dash') return asked;
  return 'MediaSource' in globalThis || 'ManagedMediaSource' in globalThis ? 'dash' : 'hls';
}

function renditionId(track: { height: number | null; bandwidth: number }): string {
  return `${track.height}-${track.bandwidth}`;
}

function soundId(track: { language: string; label: string | null; channelsCount: number | null }): string {
  return [track.language, track.label, track.channelsCount].join('/');
}

function textId(track: { language: string; label: string | null; forced: boolean }): string {
  return [track.language, track.label, track.forced].join('/');
}

// The language in its own words; a label that says more stands beside it.
function choice(language: string, label: string | null): Omit<Choice, 'id'> {
  const known = language && language !== 'und';
  const name = known ? ownName(language) : (label ?? language);
  const more = label && label !== name && label !== language && known ? label : undefined;
  return { label: name, lang: known ? language : undefined, hint: more };
}

function distinct(choices: Choice[]): Choice[] {
  return choices.filter((each, n) => choices.findIndex((other) => other.id === each.id) === n);
}

