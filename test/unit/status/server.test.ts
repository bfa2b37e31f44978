import { afterAll, beforeAll, expect, it } from 'vitest';
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
