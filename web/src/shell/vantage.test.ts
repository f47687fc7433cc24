import { expect, it, vi } from 'vitest';
import { addressNow, addressOf, moveTo } from './vantage';

it('reads where requests come from out of the worker that speaks for them', () => {
  expect(addressOf('http://house/view-as.js?address=203.0.113.1')).toBe('203.0.113.1');
  expect(addressOf('http://house/view-as.js')).toBe('');
  expect(addressOf(undefined)).toBe('');
});

it('moves once the worker of the new address has taken over, and back by taking it away', async () => {
  const workers = Object.assign(new EventTarget(), {
    controller: null as { scriptURL: string } | null,
    registered: [] as string[],
    async register(script: string) {
      workers.registered.push(script);
      setTimeout(() => {
        workers.controller = { scriptURL: `http://house${script}` };
        workers.dispatchEvent(new Event('controllerchange'));
      });
    },
    async getRegistrations() {
      return workers.registered.map(() => ({ unregister: async () => void workers.registered.pop() }));
    },
  });
  vi.stubGlobal('navigator', { serviceWorker: workers });
  await moveTo('198.51.100.1');
  expect(addressNow()).toBe('198.51.100.1');
  await moveTo('');
  expect(workers.registered).toEqual([]);
});
