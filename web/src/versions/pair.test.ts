import { describe, expect, it } from 'vitest';
import type { Span } from '../api/shapes';
import { align } from './alignment';
import { Pair } from './pair';

class Reel {
  currentTime = 0;
  playbackRate = 1;
  paused = true;
  seeking = false;
  readyState = 4;
  play() {
    this.paused = false;
    return Promise.resolve();
  }
  pause() {
    this.paused = true;
  }
}

function film(at: number, from: number, to: number): Span {
  return { kind: 'film', title: 's', at, from, seconds: to - from };
}

const whole = [film(0, 0, 50)];
const cut = [film(0, 0, 10), film(10, 17, 50)];
const carded: Span[] = [{ kind: 'card', at: 0, seconds: 4 }, film(4, 0, 50)];

function paired(left: Span[], right: Span[]) {
  const [a, b] = [new Reel(), new Reel()];
  globalThis.requestAnimationFrame ??= () => 0;
  globalThis.cancelAnimationFrame ??= () => undefined;
  return { a, b, pair: new Pair(align(left, right), a, b, () => undefined) };
}

function run(reels: Reel[], pair: Pair, seconds: number, step = 0.02) {
  for (let at = 0; at < seconds; at += step) {
    for (const reel of reels) if (!reel.paused) reel.currentTime += step * reel.playbackRate;
    pair.step();
  }
}

describe('two versions on one clock', () => {
  it('lets the whole play what the cut lacks while the cut waits at its seam', () => {
    const { a, b, pair } = paired(whole, cut);
    void pair.play();
    run([a, b], pair, 12);
    expect(pair.lacking).toBe('b');
    expect(b.paused).toBe(true);
    expect(b.currentTime).toBeCloseTo(10, 1);
    expect(a.currentTime).toBeCloseTo(12, 1);
    run([a, b], pair, 8);
    expect(pair.lacking).toBeUndefined();
    expect(b.currentTime - 10).toBeCloseTo(a.currentTime - 17, 1);
  });

  it('leads with the right side where only it has the moment', () => {
    const { a, b, pair } = paired(whole, carded);
    void pair.play();
    run([a, b], pair, 2);
    expect([pair.lacking, a.currentTime]).toEqual(['a', 0]);
    run([a, b], pair, 5);
    expect(b.currentTime - 4).toBeCloseTo(a.currentTime, 1);
  });

  it('hurries the follower, and makes it jump when it is far off', () => {
    const { a, b, pair } = paired(whole, cut);
    void pair.play();
    b.currentTime = 0.1;
    pair.step();
    expect(b.playbackRate).toBeLessThan(1);
    b.currentTime = 5;
    pair.step();
    expect(b.currentTime).toBeCloseTo(a.currentTime, 3);
  });

  it('stops at the end of the longer one and starts over from there', () => {
    const { a, b, pair } = paired(whole, cut);
    pair.seek(49.5);
    void pair.play();
    run([a, b], pair, 1);
    expect([pair.playing, pair.now]).toEqual([false, 50]);
    void pair.play();
    expect(pair.now).toBe(0);
  });

  it('maps moments of a side to the clock and back', () => {
    const { pair } = paired(cut, whole);
    expect(pair.jointOf('a', 12)).toBeCloseTo(19);
    expect(pair.sideAt('b', 19)).toBeCloseTo(19);
    expect(pair.sideAt('a', 13)).toBeCloseTo(10);
  });
});
