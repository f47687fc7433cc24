// Labels and warnings as each pack asks for them, in our page in real Chromium: measured in pixels against the
// picture's rectangle and in seconds against what the house asks of the player. PHIM_PICTURES names a folder for
// pictures of the pages.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openBrowser } from './chromium.mjs';
import { makeFilm } from './film.mjs';
import { openHouse } from './house.mjs';
import { enterPapers } from './papers.mjs';

const VIETNAM = '203.0.113.5';
const KOREA = '198.51.100.5';
const SECONDS = 8;
const GROWN = { born: '1980-01-01', hidden: [], tries: { wrong: 0, at: 0 } };
const DESKTOP = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
/// How far, in milliseconds, what is seen may lie beside what is asked: pictures come every 42, and the page looks
/// at the film once a picture of the screen.
const LATE = 400;
const pictures = process.env.PHIM_PICTURES;

/// Declares a country and opens it: a named person answers for everything that is missing.
async function open(house, territory) {
  const { items } = await house.verb('territory', 'declare', territory, '--kind', 'film', '--by', 'an.tran');
  for (const { rule } of items.filter(({ state }) => state === 'missing')) {
    await house.verb('territory', 'override', territory, rule, '--by', 'chi.pham', '--text', 'a test');
  }
  await house.verb('territory', 'open', territory, '--by', 'an.tran');
}

async function rate(house, territory, label, descriptors) {
  await house.verb('classify', 'regulator', 'film', '--territory', territory, '--label', label, '--descriptor', descriptors, '--authority', 'A', '--number', '1', '--date', '2026-01-01');
}

async function ask(origin, from, more = {}) {
  const body = JSON.stringify({ title: 'film', ...more });
  const answer = await fetch(`${origin}/api/v1/play`, { method: 'POST', headers: { 'x-forwarded-for': from }, body });
  return { status: answer.status, ...(await answer.json()) };
}

/// Runs in the page before anything else: what stands over the picture, and where, at every picture of the screen.
function keepSigns() {
  const kept = (window.kept = []);
  const box = (element) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    return { left, top, width, height };
  };
  const look = () => {
    const found = document.querySelector('[data-testid="video"]');
    const video = found?.matches('video') ? found : found?.querySelector('video');
    if (video?.videoWidth) {
      const signs = [...document.querySelectorAll('[data-testid="advisory-sign"]')].map((sign) => ({
        rule: sign.dataset.rule, text: sign.innerText.replace(/\s+/g, ' ').trim(), box: box(sign),
        seen: sign.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }),
      }));
      kept.push({ wall: performance.now(), film: video.currentTime * 1000, moves: !video.paused && video.readyState > 2, card: !!document.querySelector('[data-testid="advisory-card"]'), screen: box(video), size: [video.videoWidth, video.videoHeight], signs });
    }
    requestAnimationFrame(look);
  };
  look();
}

async function openPage(browser, origin, from, { viewport = DESKTOP, locale = 'en-GB', profile = GROWN, spoken: audio } = {}) {
  const context = await browser.newContext({ viewport, locale, hasTouch: viewport.width < 600, extraHTTPHeaders: { 'x-forwarded-for': from } });
  const page = await context.newPage();
  page.setDefaultTimeout(20000);
  page.complaints = [];
  page.on('pageerror', (error) => page.complaints.includes(error.message) || page.complaints.push(error.message));
  await page.addInitScript(keepSigns);
  await page.addInitScript((kept) => localStorage.getItem('phim.profile') ?? localStorage.setItem('phim.profile', kept), JSON.stringify(profile));
  if (audio) await page.addInitScript((kept) => localStorage.setItem('phim.choices', kept), JSON.stringify({ audio }));
  page.sounds = [];
  page.on('request', (request) => request.url().endsWith('/api/v1/play') && page.sounds.push(request.postDataJSON().viewer.sound));
  await page.goto(`${origin}/watch/film`);
  return page;
}

const keep = async (page, name) => {
  if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`) });
};

/// Where the picture lies in its screen, by the size that the film has.
function pictureIn({ left, top, width, height }, [w, h]) {
  const scale = Math.min(width / w, height / h);
  return { left: left + (width - w * scale) / 2, top: top + (height - h * scale) / 2, width: w * scale, height: h * scale };
}

const shape = ({ left, top, width, height }) => [left, top, width, height].map(Math.round).join(' ');
const diagonal = ({ width, height }) => Math.hypot(width, height);

/// Everything that is wrong with where signs stood: beside the picture, not in its upper left, over one another.
function misplaced(kept, play) {
  const wrong = new Set();
  // In the very picture in which the player learns the film's size, or is given another itself, signs are not moved yet.
  const same = (one, other) => one && JSON.stringify([one.size, one.screen]) === JSON.stringify([other.size, other.screen]);
  for (const { screen, size, signs } of kept.filter((each, n) => same(kept[n - 1], each) && same(kept[n - 2], each))) {
    const picture = pictureIn(screen, size);
    for (const { rule, box, seen } of signs) {
      const within = box.left >= picture.left && box.top >= picture.top && box.left + box.width <= picture.left + picture.width + 1 && box.top + box.height <= picture.top + picture.height + 1;
      if (!seen || !within) wrong.add(`${rule} is ${seen ? `at ${shape(box)}, beside the picture at ${shape(picture)}` : 'unseen'}`);
      const showing = play.showings.find((each) => each.rule === rule);
      if (showing.place === 'top-corner' && (box.left - picture.left > picture.width / 10 || box.top - picture.top > picture.height / 8)) wrong.add(`${rule} is not in the corner`);
      if (showing.min_diagonal && diagonal(box) < (diagonal(screen) * showing.min_diagonal[0]) / showing.min_diagonal[1]) wrong.add(`${rule} is too small: ${diagonal(box).toFixed(1)} of ${diagonal(screen).toFixed(1)}`);
    }
    signs.slice(1).forEach(({ rule, box }, n) => {
      const above = signs[n].box;
      if (box.top < above.top + above.height - 1) wrong.add(`${rule} does not stand below ${signs[n].rule}`);
    });
  }
  return [...wrong];
}

/// What is wrong with when signs stood, against the spans that the house asked for.
function mistimed(kept, play) {
  const wrong = [];
  const moving = kept.filter(({ moves, card }) => moves && !card);
  for (const showing of play.showings) {
    for (const { from, to } of showing.spans) {
      const within = moving.filter(({ film }) => film >= from + LATE && film < Math.min(to, SECONDS * 1000 - 500) - 50);
      const lacking = within.filter(({ signs }) => !signs.some(({ rule }) => rule === showing.rule));
      if (!within.length) wrong.push(`${showing.rule}: nothing was seen of ${from} to ${to}`);
      if (lacking.length) wrong.push(`${showing.rule} lacks at ${lacking.slice(0, 3).map(({ film }) => Math.round(film))}`);
    }
    if (showing.when === 'whole-film' || !showing.spans.length) continue;
    const beyond = moving.filter(({ film, signs }) => signs.some(({ rule }) => rule === showing.rule) && showing.spans.every(({ from, to }) => film < from || film > to + LATE));
    if (beyond.length) wrong.push(`${showing.rule} stands at ${beyond.slice(0, 3).map(({ film }) => Math.round(film))}`);
  }
  return wrong;
}

/// What is wrong with the card: how long it stood, and whether the film stood still meanwhile.
function cardWrong(kept, play) {
  const before = Math.max(0, ...play.showings.map((each) => each.before));
  const card = kept.filter((each) => each.card);
  if (!before) return card.length ? ['a card that nobody asked for'] : [];
  if (!card.length) return ['no card'];
  const wrong = [];
  const stood = card.at(-1).wall - card[0].wall;
  if (stood < before - 60) wrong.push(`the card stood ${Math.round(stood)} ms of ${before}`);
  if (Math.max(...card.map(({ film }) => film)) > 100) wrong.push('the film ran behind the card');
  const first = kept.find(({ film }) => film > 100);
  if (first && first.wall < card.at(-1).wall) wrong.push('the film began before the card');
  const says = play.showings.filter((each) => each.before).map((each) => each.rule);
  if (!card.at(-1).signs.some(({ rule }) => says.includes(rule))) wrong.push('the card says nothing');
  return wrong;
}

const until = (page, condition, value) => page.waitForFunction(condition, value);
const playsPast = (page, seconds) => until(page, (at) => {
  const found = document.querySelector('[data-testid="video"]');
  const video = found?.matches('video') ? found : found?.querySelector('video');
  return video && video.currentTime > at && (video.ended || !video.paused);
}, seconds);
const onVideo = (page, act) => page.evaluate(`{ const found = document.querySelector('[data-testid="video"]'); const video = found.matches('video') ? found : found.querySelector('video'); ${act} }`);
const taken = (page) => page.evaluate(() => window.kept.splice(0));

async function measured(browser, origin, from, viewport, name) {
  const play = await ask(origin, from, { device: ['catalogue', 'card', 'overlay', 'parental-control'], viewer: { born: GROWN.born } });
  const page = await openPage(browser, origin, from, { viewport });
  await page.getByTestId('play').first().click();
  await page.waitForTimeout(1200);
  await keep(page, `${name}-first`);
  await playsPast(page, 1.2);
  await keep(page, `${name}-warning`);
  await playsPast(page, 5);
  await keep(page, `${name}-film`);
  await playsPast(page, SECONDS - 1);
  const kept = await taken(page);
  const wrong = [...cardWrong(kept, play), ...misplaced(kept, play), ...mistimed(kept, play), ...page.complaints];
  const sign = kept.findLast(({ signs }) => signs.length)?.signs[0];
  await page.context().close();
  return { wrong, note: sign && `${sign.text}: ${sign.box.width.toFixed(0)} × ${sign.box.height.toFixed(0)} at ${sign.box.left.toFixed(0)}, ${sign.box.top.toFixed(0)}` };
}

/// A jump, double speed and another version: each warning stands for its time of the viewer's, and the card once.
async function keptThrough(browser, origin) {
  const wrong = [];
  const page = await openPage(browser, origin, KOREA);
  await until(page, () => (document.querySelector('[data-testid="video"]')?.readyState ?? 0) >= 2);
  await page.waitForTimeout(300);
  await onVideo(page, 'video.currentTime = 4; video.playbackRate = 2;');
  await page.getByTestId('play').first().click();
  await playsPast(page, 4.2);
  await page.waitForTimeout(2600);
  if (await page.evaluate(() => !window.kept.at(-1).signs.length)) wrong.push('at double speed the box goes before its three seconds');
  const seen = (await taken(page)).filter(({ signs }) => signs.length);
  if (!seen.length) wrong.push('where the film is taken up in its middle nothing stands');
  await page.context().close();

  const vietnam = await openPage(browser, origin, VIETNAM);
  await vietnam.getByTestId('play').first().click();
  await playsPast(vietnam, 0.5);
  await taken(vietnam);
  await vietnam.locator('[data-testid="version-switch"][data-version="short"]').click();
  await vietnam.waitForFunction(() => document.querySelector('[data-testid="withheld"]'));
  // An edited version has no label, and is not shown for that.
  const rules = await vietnam.locator('[data-testid="reason"]').evaluateAll((all) => all.map((each) => each.dataset.rule));
  if (!rules.includes('stale-label') && !rules.includes('unrated')) wrong.push(`the edited version: ${rules}`);
  await vietnam.context().close();
  return { wrong };
}

/// Full screen keeps the sign on the picture, and picture in picture is not to be had.
async function inFullScreen(browser, origin) {
  const page = await openPage(browser, origin, VIETNAM);
  const play = await ask(origin, VIETNAM, { device: ['catalogue', 'card', 'overlay', 'parental-control'], viewer: { born: GROWN.born } });
  await page.getByTestId('play').first().click();
  await playsPast(page, 0.5);
  await page.keyboard.press('f');
  await page.waitForFunction(() => document.fullscreenElement);
  await taken(page);
  await page.waitForTimeout(700);
  const wrong = misplaced(await taken(page), play);
  if (await page.getByTestId('pip').count()) wrong.push('picture in picture is offered');
  const bare = await onVideo(page, 'video.disablePictureInPicture');
  if (bare === false) wrong.push('picture in picture is not switched off');
  await keep(page, 'vn-full');
  await page.context().close();
  return { wrong };
}

/// Who said nothing of age is led to the control; a lock opens with the number; hidden titles are not listed.
async function parents(browser, origin) {
  const wrong = [];
  const page = await openPage(browser, origin, VIETNAM, { profile: {} });
  await page.locator('[data-rule="age-unknown"]').waitFor();
  await keep(page, 'vn-age-unknown');
  await page.getByTestId('to-profile-page').click();
  await page.getByTestId('born').fill('1980-01-01');
  await page.getByTestId('new-pin').fill('2468');
  await page.getByTestId('set-pin').click();
  await page.getByTestId('pin-set').waitFor();
  await page.getByTestId('age-lock').selectOption('13');
  await keep(page, 'profile');
  await page.goto(`${origin}/`);
  await page.getByTestId('locked').first().waitFor();
  await keep(page, 'vn-home-locked');
  await page.goto(`${origin}/watch/film`);
  await page.getByTestId('pin').fill('1111');
  await page.getByTestId('pin-enter').click();
  await page.waitForFunction(() => document.querySelector('[data-testid="pin-says"]')?.textContent);
  if (await page.getByTestId('player').count()) wrong.push('a wrong number opens');
  await keep(page, 'vn-locked');
  await page.getByTestId('pin').fill('2468');
  await page.getByTestId('pin-enter').click();
  await page.getByTestId('player').waitFor();
  await page.goto(`${origin}/profile`);
  await page.getByTestId('profile-locked').waitFor();
  if (await page.getByTestId('born').count()) wrong.push('a locked profile can be changed');
  await page.context().close();
  return { wrong: [...wrong, ...page.complaints] };
}

async function plainClients(origin) {
  const wrong = [];
  const plain = await ask(origin, VIETNAM);
  const rules = plain.reasons?.map(({ rule }) => rule) ?? [];
  if (plain.status !== 403 || !rules.includes('cannot-show')) wrong.push(`${plain.status} ${rules}`);
  const text = await ask(origin, KOREA, { device: ['forced-text', 'parental-control'], viewer: { born: GROWN.born } });
  if (text.status !== 403) wrong.push(`Korea's box has a size, which text does not keep: ${text.status}`);
  return { wrong };
}

/// A viewer reports the title, and the desk finds it in a case.
async function report(browser, house, origin) {
  const page = await openPage(browser, origin, VIETNAM, { viewport: PHONE, locale: 'vi-VN' });
  await page.getByTestId('report-title').click();
  await page.getByTestId('report-words').fill('Bản đồ ở hậu cảnh');
  await keep(page, 'vn-report');
  await page.getByTestId('report-send').click();
  await page.getByTestId('report-sent').waitFor();
  await page.context().close();
  const { timeline } = await house.verb('case', 'show', 'viewers/VN/film');
  const said = timeline.map(({ document }) => document?.text).join();
  return { wrong: said === '[unlawful] Bản đồ ở hậu cảnh' ? page.complaints : [said] };
}

/// A viewer who chose English hears it where it is licensed, and else what is; the menu says why it is not offered.
async function spoken(browser, origin) {
  const wrong = [];
  const expected = { [VIETNAM]: ['en', 2, 0], [KOREA]: ['vi', 1, 1] };
  for (const [from, [heard, choices, notes]] of Object.entries(expected)) {
    const page = await openPage(browser, origin, from, { viewport: PHONE, spoken: 'en' });
    await page.getByTestId('play').waitFor();
    // News may have the page ask again at any moment, from the beginning.
    if (page.sounds[0] !== 'en' || !page.sounds.includes(heard)) wrong.push(`${from} asks for ${page.sounds}`);
    await page.getByTestId('play').click();
    await page.waitForFunction(() => document.querySelector('[data-testid="video"]')?.currentTime > 0.1);
    await page.getByTestId('audio-menu').focus();
    await page.keyboard.press('Enter');
    const list = page.getByTestId('audio-menu-list');
    await list.waitFor();
    const [offered, told] = [await list.getByRole('menuitemradio').count(), await list.getByTestId('audio-menu-note').allInnerTexts()];
    const chosen = await list.locator('[aria-checked=true]').getAttribute('lang');
    if (offered !== choices || told.length !== notes || chosen !== heard) wrong.push(`${from}: ${offered} sounds, ${chosen} is heard, told ${told}`);
    await keep(page, `sounds-${from === KOREA ? 'kr' : 'vn'}`);
    wrong.push(...page.complaints);
    await page.context().close();
  }
  return { wrong };
}

async function catalogue(browser, origin) {
  const wrong = [];
  const says = { 'en-GB': 'From 16', 'vi-VN': 'Từ đủ 16 tuổi trở lên', 'ko-KR': '16세 이상' };
  for (const [locale, text] of Object.entries(says)) {
    for (const viewport of pictures ? [DESKTOP, PHONE] : [PHONE]) {
      const page = await openPage(browser, origin, VIETNAM, { locale, viewport });
      const label = page.locator('[data-testid="label"].full').first();
      await label.waitFor();
      if (!(await label.innerText()).includes(text)) wrong.push(`${locale}: ${await label.innerText()}`);
      await page.goto(`${origin}/`);
      await page.getByTestId('card').first().waitFor();
      await page.getByTestId('label').first().waitFor();
      const [inner, whole] = await page.evaluate(() => [innerWidth, document.documentElement.scrollWidth]);
      if (whole > inner) wrong.push(`the page is ${whole} pixels wide on ${inner}`);
      if (pictures) await page.waitForTimeout(1200);
      await keep(page, `home-${locale.slice(0, 2)}-${viewport.width}`);
      await page.goto(`${origin}/profile`);
      await page.getByTestId('born').waitFor();
      await keep(page, `profile-${locale.slice(0, 2)}-${viewport.width}`);
      await page.context().close();
    }
  }
  return { wrong };
}

export async function checkLabels(check) {
  const house = await openHouse();
  if (pictures) await mkdir(pictures, { recursive: true });
  const browser = await openBrowser();
  try {
    const film = await makeFilm(join(house.folder, 'film.mp4'), { seconds: SECONDS, film: 4, languages: ['vi', 'en'] });
    await house.verb('add', film.path, '--title', 'film', '--name', 'en=Film', '--name', 'vi=Phim', '--name', 'ko=영화');
    await house.verb('version', 'make', '--title', 'film', '--name', 'short', '--cut', '100f-120f');
    const licensed = ['window', 'add', '--title', 'film', '--start', '2020-01-01', '--licence', 'SVOD', '--may-edit', 'with-notice'];
    await house.verb(...licensed, '--territory', 'VN');
    await house.verb(...licensed, '--territory', 'KR', '--language', 'vi');
    await house.verb('window', 'notice', '--title', 'film', '--version', 'short', '--text', 'The licensor was told');
    for (const territory of ['VN', 'KR']) await open(house, territory);
    await rate(house, 'VN', 'T16', 'violence,horror');
    await house.verb('classify', 'notifications', '--territory', 'VN', '--sent-to', 'MCST');
    await rate(house, 'KR', '15', 'violence,horror,language');
    const origin = await house.serve('--network', '203.0.113.0/24=VN', '--network', '198.51.100.0/24=KR', '--proxy', '127.0.0.1');
    await check('labels: a client that shows nothing gets nothing', () => plainClients(origin));
    await Promise.all([
      check('labels: Vietnam', () => measured(browser, origin, VIETNAM, DESKTOP, 'vn')),
      check('labels: Korea', () => measured(browser, origin, KOREA, DESKTOP, 'kr')),
    ]);
    await Promise.all([
      check('labels: Vietnam on a phone', () => measured(browser, origin, VIETNAM, PHONE, 'vn-phone')),
      check('labels: Korea on a phone', () => measured(browser, origin, KOREA, PHONE, 'kr-phone')),
      check('labels: parental control', () => parents(browser, origin)),
    ]);
    await Promise.all([
      check('labels: jumps, speed, versions', () => keptThrough(browser, origin)),
      check('labels: full screen', () => inFullScreen(browser, origin)),
      check('labels: languages that are licensed', () => spoken(browser, origin)),
      check('labels: a viewer reports a title', () => report(browser, house, origin)),
      check('labels: the desk enters what a country asks for', () => enterPapers(browser, house, origin)),
      check('labels: before the choice, in three languages', () => catalogue(browser, origin)),
    ]);
  } finally {
    await browser.close();
    await house.close();
  }
}
