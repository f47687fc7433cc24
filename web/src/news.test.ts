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

function tell(spread: string) {
  Source.all[0]!.dispatchEvent(new MessageEvent('changed', { data: spread }));
}

beforeEach(() => {
  Source.all = [];
  vi.stubGlobal('EventSource', Source);
  vi.useFakeTimers();
});

it('tells each change until it is ended', () => {
  const changed = vi.fn();
  const end = followNews(changed);
  tell('2');
  vi.advanceTimersByTime(2);
  tell('2');
  vi.advanceTimersByTime(2);
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

it('asks once for what comes together, somewhere in the time that it is told', () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  const changed = vi.fn();
  const end = followNews(changed);
  tell('400');
  tell('400');
  vi.advanceTimersByTime(199);
  expect(changed).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(changed).toHaveBeenCalledTimes(1);
  tell('3600000');
  vi.advanceTimersByTime(500);
  expect(changed).toHaveBeenCalledTimes(2);
  tell('nonsense');
  vi.advanceTimersByTime(1);
  expect(changed).toHaveBeenCalledTimes(3);
  tell('400');
  end();
  vi.advanceTimersByTime(1000);
  expect(changed).toHaveBeenCalledTimes(3);
});
