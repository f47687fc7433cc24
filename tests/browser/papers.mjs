// The forms of the desk's page about a country, by the keyboard alone, in real Chromium: a licence, a position and a
// risk are entered, each fault is told at its field, and each is ended again. PHIM_PICTURES names a folder for pictures.
import { join } from 'node:path';

const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1440, height: 900 };
const NEEDED = { 'vi-VN': 'Cần nhập mục này.', 'ko-KR': '필수 항목입니다.', 'en-GB': 'This is needed.' };
const pictures = process.env.PHIM_PICTURES;

/// What is entered, what is wrong with it at first, and what the page says once it stands.
const PAPERS = {
  licence: {
    list: 'licences',
    fields: { grant: 'vod-licence', number: '12/GP-TEST', authority: 'Cục PTTH', from: '2026-01-02', until: '2025-12-31', document: 'Giấy phép' },
    fault: ['until', '2031-12-31'],
    says: '12/GP-TEST',
    ended: async (list) => (await list.getByTestId('end-licence').count()) === 0,
  },
  position: {
    list: 'positions',
    fields: { rule: 'vn.open.vod-licence-film', reading: 'films-are-exempt', said_by: 'Cán bộ', basis: 'Buổi làm việc', from: '2026-02-01', until: '2026-01-01' },
    fault: ['until', '2031-12-31'],
    says: 'films-are-exempt',
    ended: async (list) => !(await list.innerText()).includes('films-are-exempt'),
  },
  risk: {
    list: 'risks',
    fields: { id: 'Bản đồ', area: 'political', likelihood: '4', impact: '5', owner: 'an.tran', review: '2031-06-01', mitigation: 'Xem từng cảnh' },
    fault: ['id', 'maps'],
    says: '20',
    ended: async (list) => !(await list.innerText()).includes('Xem từng cảnh'),
  },
};

async function openCountry(browser, origin, token, locale, viewport) {
  const page = await (await browser.newContext({ viewport, locale })).newPage();
  page.setDefaultTimeout(20000);
  await page.addInitScript((pass) => sessionStorage.setItem('phim.desk', pass), JSON.stringify({ token, name: 'Lan' }));
  await page.goto(`${origin}/desk/country?cc=VN`);
  await page.getByTestId('enter-risk').waitFor();
  return page;
}

async function press(page, testid) {
  await page.getByTestId(testid).first().focus();
  await page.keyboard.press('Enter');
}

async function fill(page, field, value) {
  const input = page.getByTestId(`paper-${field}`);
  if ((await input.evaluate((element) => element.tagName)) === 'SELECT') await input.selectOption(value);
  else await input.fill(value);
}

/// Enters one, after every fault was told at its field, and ends it.
async function enter(page, kind, locale) {
  const { list, fields, fault, says, ended } = PAPERS[kind];
  const wrong = [];
  await press(page, `enter-${kind}`);
  await press(page, 'paper-record');
  const told = await page.locator('[data-testid^="fault-"]').allInnerTexts();
  if (!told.length || told.some((text) => text !== NEEDED[locale])) wrong.push(`${kind}: empty, it says ${told}`);
  const focused = await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => done(document.activeElement?.ariaInvalid))));
  if (focused !== 'true') wrong.push(`${kind}: the first fault has not the focus`);
  for (const [field, value] of Object.entries(fields)) await fill(page, field, value);
  await press(page, 'paper-record');
  const [field, right] = fault;
  const left = await page.locator('[data-testid^="fault-"]').evaluateAll((all) => all.map(({ id }) => id));
  if (left.join() !== `fault-${field}`) wrong.push(`${kind}: faults at ${left} instead of ${field}`);
  const [inner, whole] = await page.evaluate(() => [innerWidth, document.documentElement.scrollWidth]);
  if (whole > inner) wrong.push(`${kind}: ${whole} pixels wide on ${inner}`);
  if (pictures) await page.screenshot({ path: join(pictures, `${kind}-${locale.slice(0, 2)}-${inner}.png`) });
  await fill(page, field, right);
  await press(page, 'paper-record');
  await page.getByTestId('paper').waitFor({ state: 'detached' });
  const panel = page.getByTestId(list);
  if (!(await panel.innerText()).includes(says)) wrong.push(`${kind}: ${await panel.innerText()}`);
  await press(page, `end-${kind}`);
  await page.getByTestId('letter').fill('a test');
  await press(page, 'record');
  await page.getByTestId('ask').waitFor({ state: 'detached' });
  if (!(await ended(panel))) wrong.push(`${kind}: it did not end: ${await panel.innerText()}`);
  return wrong;
}

/// Each in a language of its own: what is entered is the house's, whoever looks.
export async function enterPapers(browser, house, origin) {
  const { token } = await house.verb('desk');
  const wrong = [];
  for (const [kind, locale, viewport] of [['licence', 'vi-VN', PHONE], ['position', 'ko-KR', DESKTOP], ['risk', 'en-GB', PHONE]]) {
    const page = await openCountry(browser, origin, token, locale, viewport);
    wrong.push(...(await enter(page, kind, locale)));
    await page.context().close();
  }
  return { wrong };
}
