// One clock for two versions. The clock runs on the joint timeline: where both versions have the moment, the left
// one leads and the right one is held to it; where only one has it, that one leads and the other waits at its seam.
import type { Stretch } from './alignment';

export type Side = 'a' | 'b';

/** The part of a video element that the clock drives. */
export type Reel = Pick<HTMLVideoElement, 'currentTime' | 'playbackRate' | 'paused' | 'pause' | 'play' | 'seeking' | 'readyState'>;

/** Seconds off beyond which the follower jumps instead of being hurried. */
const FAR = 0.3;
/** Seconds off that nobody sees; one frame of 60. */
const CLOSE = 0.016;
const HURRY = 0.25;
const CAN_PLAY = 3;
const MS = 1000;

// The engine holds a reel by a rate of 0 while it has too little of it.
function canPlay(reel: Reel): boolean {
  return reel.readyState >= CAN_PLAY && reel.playbackRate > 0 && !reel.seeking;
}

export class Pair {
  now = 0;
  playing = false;
  #here = 0;
  #frame = 0;
  #reels: Record<Side, Reel>;

  constructor(
    readonly stretches: Stretch[],
    a: Reel,
    b: Reel,
    readonly told: () => void,
  ) {
    this.#reels = { a, b };
  }

  get stretch(): Stretch | undefined {
    return this.stretches[this.#here];
  }

  /** The side that does not have this moment. */
  get lacking(): Side | undefined {
    const stretch = this.stretch;
    return stretch && (stretch.a === undefined ? 'a' : stretch.b === undefined ? 'b' : undefined);
  }

  /** Where a side stands on its own timeline. */
  placeOf(side: Side): number | undefined {
    return this.stretch && this.sideAt(side, this.now);
  }

  /** The joint moment of a place on one side. */
  jointOf(side: Side, at: number): number {
    const found = this.stretches.find((each) => each[side] !== undefined && at < each[side]! + each.seconds);
    return found ? found.at + Math.max(0, at - found[side]!) : this.#total();
  }

  /** The place of a side at a joint moment; where it lacks the moment, the next place it has. */
  sideAt(side: Side, joint: number): number {
    const here = Math.max(0, this.#find(joint));
    const stretch = this.stretches[here];
    if (stretch?.[side] !== undefined) return stretch[side]! + Math.max(0, joint - stretch.at);
    const next = this.stretches.slice(here).find((each) => each[side] !== undefined);
    if (next) return next[side]!;
    const last = this.stretches.findLast((each) => each[side] !== undefined);
    return last ? last[side]! + last.seconds : 0;
  }

  seek(joint: number) {
    this.now = Math.max(0, Math.min(joint, this.#total()));
    this.#here = Math.max(0, this.#find(this.now));
    for (const side of ['a', 'b'] as const) this.#reels[side].currentTime = this.sideAt(side, this.now);
    if (this.playing) this.#run();
    this.told();
  }

  async play() {
    if (this.now >= this.#total() - CLOSE) this.seek(0);
    this.playing = true;
    this.#run();
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#turn());
    this.told();
  }

  pause() {
    this.playing = false;
    cancelAnimationFrame(this.#frame);
    for (const reel of Object.values(this.#reels)) reel.pause();
    this.told();
  }

  toggle() {
    if (this.playing) this.pause();
    else void this.play();
  }

  end() {
    cancelAnimationFrame(this.#frame);
  }

  /** One turn of the clock; apart from `play` so that tests can turn it by hand. */
  step() {
    const stretch = this.stretch;
    if (!stretch) return this.pause();
    const lead: Side = stretch.a === undefined ? 'b' : 'a';
    const reel = this.#reels[lead];
    if (!reel.seeking) this.now = Math.max(stretch.at, stretch.at + reel.currentTime - stretch[lead]!);
    if (this.now >= stretch.at + stretch.seconds - CLOSE) return this.#next();
    if (!this.lacking) this.#hold(stretch);
    this.told();
  }

  #turn() {
    this.step();
    if (this.playing) this.#frame = requestAnimationFrame(() => this.#turn());
  }

  #next() {
    const before = this.stretch!;
    this.#here += 1;
    const next = this.stretch;
    if (!next) {
      this.now = this.#total();
      this.#here = this.stretches.length - 1;
      return this.pause();
    }
    this.now = next.at;
    for (const side of ['a', 'b'] as const) {
      // A side that plays on runs over the seam by itself; one that waited, or must wait, is put in its place.
      const playsOn = before[side] !== undefined && next[side] !== undefined;
      if (!playsOn) this.#put(side, this.sideAt(side, next.at));
    }
    this.#run();
    this.told();
  }

  #put(side: Side, at: number) {
    const reel = this.#reels[side];
    if (Math.abs(reel.currentTime - at) > 1 / MS) reel.currentTime = at;
  }

  // A browser may refuse sound before a click; a pause that overtakes a start is no refusal.
  #start(reel: Reel) {
    reel.play().catch((cause: Error) => cause.name === 'NotAllowedError' && this.pause());
  }

  // Starts the sides that have this moment and stops the other.
  #run() {
    for (const side of ['a', 'b'] as const) {
      const reel = this.#reels[side];
      if (reel.playbackRate > 0) reel.playbackRate = 1;
      if (this.stretch?.[side] === undefined) reel.pause();
      else if (reel.paused) this.#start(reel);
    }
  }

  // Keeps the right side at the left side's moment; while one of them has nothing to show, the other waits.
  #hold(stretch: Stretch) {
    const { a, b } = this.#reels;
    const [ready, readyToo] = [canPlay(a), canPlay(b)];
    for (const [reel, other] of [[a, readyToo], [b, ready]] as const) {
      if (!other && !reel.paused) reel.pause();
      else if (other && reel.paused) this.#start(reel);
    }
    if (!ready || !readyToo) return;
    const off = b.currentTime - (stretch.b! + this.now - stretch.at);
    if (Math.abs(off) > FAR) b.currentTime = stretch.b! + this.now - stretch.at;
    const rate = Math.abs(off) < CLOSE ? 1 : 1 - Math.max(-HURRY, Math.min(HURRY, off * 1.5));
    if (Math.abs(b.playbackRate - rate) > 0.005) b.playbackRate = rate;
  }

  #find(joint: number): number {
    return this.stretches.findLastIndex((each) => each.at <= joint + 1e-6);
  }

  #total(): number {
    const last = this.stretches.at(-1);
    return last ? last.at + last.seconds : 0;
  }
}
