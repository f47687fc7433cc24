import { beforeEach, expect, it, vi } from 'vitest';
import { followNews } from './news';

class Source extends EventTarget {
  static readonly CLOSED = 2;
  static all: Source[] = [];
  readyState = 1;
  constructor(readonly address: string) {
    super();
    Source.all.push(this);
  }
  close() {
    this.readyState = 2;
  }
  fail(state: number) {
    this.readyState = state;
    this.dispatchEvent(new Event('error'));
  }
}

beforeEach(() => {
  Source.all = [];
  vi.stubGlobal('EventSource', Source);
  vi.useFakeTimers();
});

it('tells each change until it is ended', () => {
  const changed = vi.fn();
  const end = followNews(changed);
  Source.all[0]!.dispatchEvent(new Event('changed'));
  Source.all[0]!.dispatchEvent(new Event('changed'));
  expect(changed).toHaveBeenCalledTimes(2);
  end();
  expect(Source.all[0]!.readyState).toBe(2);
});

it('leaves a broken connection to the browser, and opens a refused one again', () => {
  followNews(() => undefined);
  Source.all[0]!.fail(0);
  vi.advanceTimersByTime(60_000);
  expect(Source.all).toHaveLength(1);
  Source.all[0]!.fail(2);
  vi.advanceTimersByTime(2000);
  expect(Source.all).toHaveLength(2);
});

it('opens nothing any more once it is ended', () => {
  const end = followNews(() => undefined);
  Source.all[0]!.fail(2);
  end();
  vi.advanceTimersByTime(60_000);
  expect(Source.all).toHaveLength(1);
});
