import { describe, expect, it } from 'vitest';
import { casePath, countryPath, orderPath, parseRoute, ratingPath, watchPath } from './route';

describe('addresses', () => {
  it('knows the screens', () => {
    expect(parseRoute('/')).toEqual({ screen: 'home' });
    expect(parseRoute('/watch/sintel')).toMatchObject({ screen: 'watch', title: 'sintel' });
    expect(parseRoute('/nowhere')).toEqual({ screen: 'missing', path: '/nowhere' });
    expect(parseRoute('/watch/')).toMatchObject({ screen: 'missing' });
    expect(parseRoute('/watch/%')).toMatchObject({ screen: 'missing' });
  });

  it('comes back to what was written', () => {
    for (const [title, version, compare] of [['a', undefined, undefined], ['phở/1', 'bản 2', undefined], ['a', 'b', 'c&d']] as const) {
      const [path, query] = watchPath(title, version, compare).split('?');
      expect(parseRoute(path!, query)).toEqual({ screen: 'watch', title, version, compare });
    }
  });
});

it('finds the desk, the form, and an order whose number has a slash', () => {
  expect(parseRoute('/desk')).toEqual({ screen: 'desk', room: 'orders', order: undefined, case: undefined, rated: undefined, placing: false });
  expect(parseRoute('/desk/new')).toMatchObject({ placing: true });
  const order = { authority: 'Cục Điện ảnh', number: '1551/ĐA-VP' };
  const [path, query] = orderPath(order).split('?');
  expect(parseRoute(path!, `?${query}`)).toMatchObject({ screen: 'desk', room: 'orders', order, placing: false });
  const [address, name] = casePath('bản đồ / 1').split('?');
  expect(parseRoute(address!, `?${name}`)).toMatchObject({ screen: 'desk', room: 'cases', case: 'bản đồ / 1' });
  const [rating, title] = ratingPath('đường bay').split('?');
  expect(parseRoute(rating!, title)).toMatchObject({ screen: 'desk', room: 'ratings', rated: 'đường bay' });
  expect(parseRoute('/desk/ratings')).toMatchObject({ room: 'ratings', rated: undefined });
  expect(parseRoute('/desk/cases')).toMatchObject({ room: 'cases', case: undefined });
  expect(parseRoute('/desk/webhooks')).toMatchObject({ room: 'webhooks' });
  expect(parseRoute('/desk/countries')).toMatchObject({ room: 'countries', country: undefined });
  expect(parseRoute('/desk/country', '?cc=VN')).toMatchObject({ room: 'countries', country: 'VN' });
  expect(countryPath('VN')).toBe('/desk/country?cc=VN');
  expect(parseRoute('/desk/other').screen).toBe('missing');
  expect(parseRoute('/link/a1-B_2')).toEqual({ screen: 'link', token: 'a1-B_2' });
  expect(parseRoute('/link/').screen).toBe('missing');
});
