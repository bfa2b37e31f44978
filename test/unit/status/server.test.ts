import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createServer } from '../../../src/status/server.ts';

const ORIGIN = 'https://page.example';
let app: Awaited<ReturnType<typeof createServer>>;

beforeAll(async () => {
  const limits = { requestsPerMinute: 100, trustedProxies: 0, allowOrigins: [ORIGIN] };
  app = await createServer(limits);
  app.get('/v1/transfers/:index', () => ({}));
});
afterAll(() => app.close());

it.each([
  ['has a part that is far too long', `/v1/transfers/${'9'.repeat(5000)}`, 400],
  ['is no path', '/v1/%zz', 400],
  ['leads nowhere', '/v1/nothing', 404],
])('answers a path that %s as everything else, and repeats none of it', async (_, url, status) => {
  const answer = await app.inject({ url, headers: { origin: ORIGIN } });
  expect(answer.statusCode).toBe(status);
  expect(answer.json()).toEqual({
    code: expect.stringMatching(/^STATUS_/),
    message: expect.stringMatching(/^Status: .{5,80}$/),
  });
  expect(answer.headers).toMatchObject({
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'access-control-allow-origin': ORIGIN,
  });
});

describe('who has asked too often', () => {
  const RATE = { requestsPerMinute: 1, allowOrigins: [] };
  const HERE = '192.0.2.1';

  it.each([
    ['one address', 0, [HERE, HERE], undefined, [200, 429]],
    ['another address', 0, [HERE, '192.0.2.2'], undefined, [200, 200]],
    ['one IPv6 subnet', 0, ['2001:db8:1:2::1', '2001:db8:1:2:ffff::2'], undefined, [200, 429]],
    ['another IPv6 subnet', 0, ['2001:db8:1:2::1', '2001:db8:1:3::1'], undefined, [200, 200]],
    ['an IPv4 address written as IPv6', 0, [HERE, `::ffff:${HERE}`], undefined, [200, 429]],
    ['an address that says it is others', 0, [HERE, HERE], ['192.0.2.8', '192.0.2.9'], [200, 429]],
    ['one proxy for others', 1, [HERE, HERE], ['192.0.2.8', '192.0.2.9'], [200, 200]],
    [
      'what others put before it',
      1,
      [HERE, HERE],
      ['192.0.2.8, ::9', '192.0.2.7, ::9'],
      [200, 429],
    ],
  ])('is %s, behind %d proxies', async (_, trustedProxies, addresses, forwarded, expected) => {
    const limited = await createServer({ ...RATE, trustedProxies });
    limited.get('/', () => ({}));
    const statuses: number[] = [];
    for (const [i, remoteAddress] of addresses.entries()) {
      const said = forwarded?.[i];
      const headers = said === undefined ? {} : { 'x-forwarded-for': said };
      statuses.push((await limited.inject({ url: '/', remoteAddress, headers })).statusCode);
    }
    await limited.close();
    expect(statuses).toEqual(expected);
  });
});
