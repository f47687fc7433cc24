import { expect, it, vi } from 'vitest';
import type { Play, Title } from '../api/shapes';
import { barred, licensed, playIn, spokenOf } from './languages';

vi.hoisted(() => vi.stubGlobal('location', { origin: 'http://house' }));

const stream = (lang: string) => ({ lang, label: '' });
const title = { id: 'film', audio: [stream('en'), stream('vi')], text: [stream('vi'), stream('ko-KR')] } as Title;
const why = { rule: 'language-not-licensed', title: 'film', says: { vi: '', ko: '', en: 'No' }, change: { vi: '', ko: '', en: '' } };
const limited = {
  languages: [
    { language: 'en', heard: 'sound', refused: why },
    { language: 'vi', heard: 'sound' },
    { language: 'ko-KR', heard: 'text', refused: why },
    { language: 'vi', heard: 'text' },
  ],
} as Pick<Play, 'languages'>;

it('says what the viewer will get', () => {
  expect(spokenOf(title, { audio: '', text: '' })).toEqual({ sound: 'en' });
  expect(spokenOf(title, { audio: 'vi', text: 'ko' })).toEqual({ sound: 'vi', text: 'ko-KR' });
  // What the title has not is not asked for, and nobody knows of an unknown language.
  expect(spokenOf(title, { audio: 'fr', text: 'fr' })).toEqual({ sound: 'en' });
  expect(spokenOf({ audio: [stream('und')], text: [] }, { audio: '', text: '' })).toEqual({});
});

it('goes over to what is licensed', () => {
  expect(licensed({}, { sound: 'en', text: 'ko-KR' })).toEqual({ sound: 'en', text: 'ko-KR' });
  expect(licensed(limited, { sound: 'en', text: 'ko-KR' })).toEqual({ sound: 'vi' });
  expect(licensed(limited, { sound: 'vi', text: 'vi' })).toEqual({ sound: 'vi', text: 'vi' });
  expect(licensed({ languages: limited.languages!.slice(0, 1) }, { sound: 'en' })).toBeUndefined();
  expect(barred(limited, 'text', 'ko')).toEqual(why);
  expect(barred(limited, 'text', undefined)).toBeUndefined();
});

it('asks for what it says, and once more in other languages where these are refused', async () => {
  const asked: unknown[] = [];
  const answer = (status: number, body: unknown) => new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
  vi.stubGlobal('fetch', async (request: Request) => {
    const { viewer } = (await request.json()) as { viewer: { sound?: string; text?: string } };
    asked.push([viewer.sound, viewer.text]);
    return viewer.sound === 'en' ? answer(403, { reasons: [why] }) : answer(200, limited);
  });
  await playIn(title, { audio: '', text: 'vi' });
  expect(asked).toEqual([['en', 'vi'], [undefined, undefined], ['vi', 'vi']]);
});
