import { expect, it } from 'vitest';
import { readCues, readTiles, tileAt } from './cues';

const sheet = `WEBVTT

NOTE the tiles of one film

1
00:00.000 --> 00:02.000
sheet-0.jpg#xywh=0,0,160,90

00:00:02.000 --> 01:00:04.500 align:start
sheet-0.jpg#xywh=0,90,160,90
`;

it('reads cues with and without names, hours and settings', () => {
  expect(readCues(sheet).map(({ from, to }) => [from, to])).toEqual([
    [0, 2],
    [2, 3604.5],
  ]);
});

it('keeps lines of a cue and survives carriage returns', () => {
  expect(readCues('WEBVTT\r\n\r\n00:01.000 --> 00:02.000\r\nMột\r\n둘\r\n')).toEqual([{ from: 1, to: 2, text: 'Một\n둘' }]);
});

it('reads tiles against the address of the track', () => {
  const tiles = readTiles(sheet, 'http://house/c/ab/thumbnails.vtt');
  expect(tiles[1]).toMatchObject({ sheet: 'http://house/c/ab/sheet-0.jpg', x: 0, y: 90, width: 160, height: 90 });
  expect(tileAt(tiles, 1.9)?.y).toBe(0);
  expect(tileAt(tiles, 9999)?.y).toBe(90);
});

it('leaves out what is not a tile', () => {
  expect(readTiles('WEBVTT\n\n00:00.000 --> 00:01.000\nhello\n', 'http://house/')).toEqual([]);
});
