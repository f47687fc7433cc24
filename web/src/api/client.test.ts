import { expect, it, vi } from 'vitest';
import { listTitles, play, Refused } from './client';

vi.hoisted(() => vi.stubGlobal('location', { origin: 'http://house' }));

function house(status: number, body: string) {
  vi.stubGlobal('fetch', async () => new Response(body, { status, headers: { 'Content-Type': 'application/json' } }));
}

async function refusal(asked: Promise<unknown>): Promise<Refused> {
  return asked.then(
    () => Promise.reject(new Error('it was given')),
    (cause) => cause as Refused,
  );
}

it('gives what the server answers', async () => {
  house(200, '{"titles":[]}');
  expect(await listTitles()).toEqual([]);
});

it('tells the problem and the remedy in the words of the server', async () => {
  house(503, '{"error":{"kind":"unavailable","message":"locked","places":["data"],"remedy":"Wait."}}');
  const refused = await refusal(listTitles());
  expect(refused).toBeInstanceOf(Refused);
  expect([refused.status, refused.problem.remedy, refused.problem.places]).toEqual([503, 'Wait.', ['data']]);
});

it('tells the reasons of a refusal', async () => {
  const says = { vi: 'đã gỡ', ko: '내려졌습니다', en: 'withdrawn' };
  const reason = { rule: 'withdrawn', title: 'sintel', says, change: says };
  house(451, JSON.stringify({ reasons: [reason, 'not ours', null] }));
  expect((await refusal(play('sintel'))).reasons).toEqual([reason]);
});

it('survives answers that are not the house’s, and none at all', async () => {
  house(502, '<html>');
  expect((await refusal(listTitles())).status).toBe(502);
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no route')));
  expect((await refusal(listTitles())).status).toBe(0);
});
