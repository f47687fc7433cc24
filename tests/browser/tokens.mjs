// Common Access Tokens against another implementation: it accepts ours, refuses them altered or out of place, and
// makes with the same claims exactly the bytes that our own tests accept. tokens/src/token/interop.rs is the other half.
import { readFileSync } from 'node:fs';
import { CAT, CommonAccessToken } from '@eyevinn/cat';

const ISSUED = 1_790_000_000;
const SECRET = Buffer.alloc(32, 1);
const KEYS = { 'house-1': SECRET };
const CLAIMS = {
  iss: 'phim',
  sub: 'session-1',
  aud: 'edge',
  exp: ISSUED + 600,
  nbf: ISSUED,
  iat: ISSUED,
  cti: '000102030405060708090a0b0c0d0e0f',
  catreplay: 1,
  catv: 1,
  catu: { path: { 'prefix-match': '/vn/c/C/' } },
  catm: ['GET', 'HEAD'],
  catgeoiso3166: ['VN', 'KR-11'],
  catr: { type: 'cookie', expadd: 600, deadline: 120, 'cookie-name': 'phim' },
};
const HERE = 'https://phim.example/vn/c/C/v0/1.m4s';
const vectors = new Map(
  readFileSync(new URL('../../tokens/src/token/vectors.txt', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' ')),
);

/// Runs with the library's clock at an instant.
async function at(instant, act) {
  const real = Date.now;
  Date.now = () => instant * 1000;
  try {
    return await act();
  } finally {
    Date.now = real;
  }
}

/// What the library says of a token: its claims, or the name of what is wrong.
async function judge(token, { instant = ISSUED + 5, url = HERE, issuer = 'phim', keys = KEYS } = {}) {
  const judges = new CAT({ keys, expectCwtTag: true });
  const options = { issuer, audience: ['edge'], url: new URL(url) };
  try {
    const { cat, error } = await at(instant, () => judges.validate(token, 'mac', options));
    return error ? error.constructor.name : cat.claims;
  } catch (error) {
    return error.constructor.name;
  }
}

async function acceptsOurs() {
  const wrong = [];
  const claims = await judge(vectors.get('ours'));
  if (JSON.stringify(claims) !== JSON.stringify(CLAIMS)) wrong.push(`it reads ${JSON.stringify(claims)}`);
  // The public half of the secret number 0x0202...: x and y of its point on P-256.
  const key = { x: vectors.get('edge-x'), y: vectors.get('edge-y'), kid: 'edge-1' };
  const bytes = Buffer.from(vectors.get('ours-signed'), 'base64url').subarray(2);
  const signed = await new CommonAccessToken({}).verify(bytes, key).catch((error) => error);
  if (signed instanceof Error) wrong.push(`signed: ${signed.message}`);
  else if (JSON.stringify(signed.claims) !== JSON.stringify(CLAIMS)) wrong.push(`signed: ${JSON.stringify(signed.claims)}`);
  return { wrong };
}

async function refusesOurs() {
  const ours = vectors.get('ours');
  const altered = ours.slice(0, 60) + (ours[60] === 'A' ? 'B' : 'A') + ours.slice(61);
  const cases = [
    ['altered', altered, {}, 'KeyNotFoundError'],
    ['other key', ours, { keys: { 'house-1': Buffer.alloc(32, 2) } }, 'KeyNotFoundError'],
    ['expired', ours, { instant: ISSUED + 601 }, 'TokenExpiredError'],
    ['not yet', ours, { instant: ISSUED - 1 }, 'TokenNotActiveError'],
    ['other composition', ours, { url: HERE.replace('/C/', '/D/') }, 'UriNotAllowedError'],
    ['other house', ours, { issuer: 'other' }, 'InvalidIssuerError'],
  ];
  const wrong = [];
  for (const [name, token, facts, expected] of cases) {
    const verdict = await judge(token, facts);
    if (verdict !== expected) wrong.push(`${name}: ${JSON.stringify(verdict)} instead of ${expected}`);
  }
  return { wrong };
}

async function makesTheSame() {
  const maker = new CAT({ keys: KEYS, expectCwtTag: true });
  const theirs = await maker.generateFromJson(structuredClone(CLAIMS), { type: 'mac', alg: 'HS256', kid: 'house-1' });
  return { wrong: theirs === vectors.get('theirs') ? [] : [`it makes ${theirs}, which our tests have not seen`] };
}

export async function checkTokens(check) {
  await check('tokens: @eyevinn/cat accepts ours', acceptsOurs);
  await check('tokens: @eyevinn/cat refuses ours where it must', refusesOurs);
  await check('tokens: @eyevinn/cat makes what we accept', makesTheSame);
}
