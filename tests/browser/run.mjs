// The proof that versions play: real Chromium with four players, ffmpeg, GStreamer. `node run.mjs [PART...]`
// runs parts of it: tokens, labels, then, protected, decode, rates, watch, seek, rungs, export, page, orders. PHIM names the program.
import { argv } from 'node:process';
import { serveFolders } from './chromium.mjs';
import * as decodes from './decodes.mjs';
import { describe, furnish } from './house-films.mjs';
import { openHouse } from './house.mjs';
import { checkExport } from './exported.mjs';
import { checkLabels } from './labels.mjs';
import { checkThen } from './then.mjs';
import { checkOrders } from './orders.mjs';
import { checkPages } from './pages.mjs';
import { checkProtected } from './protected.mjs';
import { checkRates } from './rates.mjs';
import { checkTokens } from './tokens.mjs';
import { ENGINES, seek, switchRungs, watch } from './watch.mjs';

const modules = new URL('node_modules', import.meta.url).pathname;
const chosen = argv.slice(2);
const wanted = (part) => !chosen.length || chosen.includes(part);
const results = [];
const began = Date.now();

async function check(name, examine) {
  const start = Date.now();
  const { wrong, note = '' } = await examine().catch((error) => ({ wrong: [error.message] }));
  const good = wrong.length === 0;
  results.push(good);
  console.log(`${good ? 'ok  ' : 'FAIL'} ${name} (${((Date.now() - start) / 1000).toFixed(1)} s): ${[...wrong, note].filter(Boolean).join('; ')}`);
}

/// Four engines side by side, each through its list.
const beside = (examine) => Promise.all(ENGINES.map(examine));
/// The same, two at once.
async function inPairs(examine) {
  for (let at = 0; at < ENGINES.length; at += 2) await Promise.all(ENGINES.slice(at, at + 2).map(examine));
}

/// The checks must fail where they should: against a list in which one frame too many was left out.
async function oneFrameOff(origin, versions, read) {
  const version = versions.find(({ full }) => full === 'main/two-cuts');
  const [seam] = version.seams;
  const frames = version.frames.map((frame, n) => (n < seam.index ? frame : { ...frame, number: frame.number + 1 }));
  const off = { ...version, frames };
  const found = [await decodes.decodeHls(origin, off, read), await decodes.decodeDash(origin, off), await decodes.checkSound(origin, off, read)];
  return { wrong: found.filter(({ wrong }) => !wrong.length).map(() => 'a check saw nothing wrong'), note: found.map(({ wrong }) => wrong[0]).join('; ') };
}

async function decodeAll(origin, house, films, versions) {
  const wholes = await describe(house, films, Object.keys(films));
  const whole = (title) => wholes.find((version) => version.title === title);
  const read = await decodes.readFilms(origin, films, whole);
  for (const [rung, file] of films.foreign.rungs.entries()) {
    await check(`foreign ladder, rung ${rung}: stored as it came`, () => decodes.sameAsFile(read.foreign, file, rung, films.foreign));
  }
  for (const version of versions) {
    await check(`${version.full}: HLS decoded by ffmpeg`, () => decodes.decodeHls(origin, version, read));
    await check(`${version.full}: DASH decoded by ffmpeg`, () => decodes.decodeDash(origin, version));
    await check(`${version.full}: timestamps`, () => decodes.checkTimes(origin, version));
    await check(`${version.full}: sound`, () => decodes.checkSound(origin, version, read));
    await check(`${version.full}: IDR pictures`, () => decodes.checkIdr(origin, version));
    await check(`${version.full}: GStreamer`, () => decodes.gstreamer(origin, version));
  }
  await check('control: a version that is one frame off is noticed', () => oneFrameOff(origin, versions, read));
  const fifty = versions.find(({ full }) => full === 'main/fifty');
  await check('main/fifty: clicks', () => decodes.checkClicks(origin, fifty, whole('main')));
}

/// Engines play two at once. What goes roughly there, on a machine with two cores, is played again alone, and must go
/// smoothly then.
async function watchAll(origin, pages, versions) {
  const again = [];
  await inPairs(async (engine) => {
    for (const version of versions) {
      const found = await watch(origin, pages, engine, version).catch((error) => ({ wrong: [error.message], rough: [] }));
      if (found.rough.length && !found.wrong.length) again.push({ engine, version, found });
      else await check(`${engine} plays ${version.full}`, async () => found);
    }
  });
  for (const { engine, version, found } of again) {
    await check(`${engine} plays ${version.full}`, async () => {
      let alone = found;
      for (let turn = 0; turn < 3 && alone.rough.length && !alone.wrong.length; turn += 1) alone = await watch(origin, pages, engine, version);
      return { wrong: [...alone.wrong, ...alone.rough], note: `${alone.note}; beside the others: ${found.rough.join(', ')}` };
    });
  }
}

/// Once more when it went wrong beside the other engines; both outcomes are told.
async function twice(examine) {
  const first = await examine().catch((error) => ({ wrong: [error.message] }));
  if (!first.wrong.length) return first;
  const second = await examine();
  return { ...second, note: `${second.note ?? ''}; at first: ${first.wrong.join(', ')}` };
}

async function playAll(origin, versions) {
  const pages = await serveFolders({ modules });
  const version = (name) => versions.find(({ full }) => full === name);
  try {
    if (wanted('watch')) await watchAll(origin, pages.origin, versions);
    if (wanted('seek')) {
      await beside(async (engine) => {
        for (const name of ['main/two-cuts', 'main/mixed']) {
          await check(`${engine} seeks in ${name}`, () => twice(() => seek(origin, pages.origin, engine, version(name))));
        }
      });
    }
    if (wanted('rungs')) {
      await beside((engine) => check(`${engine} switches rungs at seams`, () => twice(() => switchRungs(origin, pages.origin, engine, version('main/two-cuts')))));
    }
  } finally {
    pages.close();
  }
}

/// Everything about versions, in one house.
async function checkVersions() {
  const house = await openHouse();
  try {
    const { films, versions } = await furnish(house);
    const origin = await house.serve();
    console.log(`films and versions ready after ${((Date.now() - began) / 1000).toFixed(0)} s`);
    if (wanted('decode')) await decodeAll(origin, house, films, versions);
    if (wanted('rates')) await checkRates(house, origin, check);
    if (wanted('export')) await check('exported main/two-cuts', () => checkExport(house, versions.find(({ full }) => full === 'main/two-cuts')));
    if (wanted('page')) await checkPages(origin, versions, check);
    await playAll(origin, versions);
  } finally {
    await house.close();
  }
}

const apart = ['tokens', 'labels', 'then', 'protected', 'orders'];
if (wanted('tokens')) await checkTokens(check);
if (!chosen.length || chosen.some((part) => !apart.includes(part))) await checkVersions();
if (wanted('labels')) await checkLabels(check);
if (wanted('then')) await checkThen(check);
if (wanted('protected')) await checkProtected(modules, check);
if (wanted('orders')) await checkOrders(modules, check);
const good = results.filter(Boolean).length;
console.log(`${((Date.now() - began) / 1000).toFixed(0)} s`);
console.log(`${good} passed, ${results.length - good} failed`);
process.exitCode = good === results.length ? 0 : 1;
