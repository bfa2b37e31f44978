import type { Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  BeaconApiError,
  type RouteRequest,
  serveRoutes,
  serverUrl,
} from '../../../../devnet/ethereum/http-routes.ts';

let server: Server;
const seen: RouteRequest[] = [];

beforeAll(async () => {
  const answer = (request: RouteRequest) => {
    seen.push(request);
    return { ok: true };
  };
  server = await serveRoutes(
    [
      {
        method: 'GET',
        pattern: /^\/things\/([^/]+)$/,
        answer,
        headers: (answered) => ({ 'x-thing': JSON.stringify(answered) }),
      },
      { method: 'POST', pattern: /^\/things$/, answer },
      {
        method: 'GET',
        pattern: /^\/refused$/,
        answer() {
          throw new BeaconApiError(418, 'Not this one');
        },
      },
      {
        method: 'GET',
        pattern: /^\/broken$/,
        answer() {
          throw new TypeError('secret detail');
        },
      },
    ],
    0,
  );
});
afterAll(() => {
  server.close();
});

async function send(path: string, init: RequestInit = {}) {
  const response = await fetch(`${serverUrl(server)}${path}`, init);
  return { status: response.status, json: await response.json(), headers: response.headers };
}

describe('serveRoutes', () => {
  it('passes captures and query to the route and answers with its headers', async () => {
    const answer = await send('/things/a%20b?x=1');
    expect(answer).toMatchObject({ status: 200, json: { ok: true } });
    expect(answer.headers.get('x-thing')).toBe('{"ok":true}');
    expect(seen.at(-1)?.captures).toEqual(['a%20b']);
    expect(seen.at(-1)?.query.get('x')).toBe('1');
  });

  it('passes the JSON of a POST', async () => {
    await send('/things', { method: 'POST', body: '{"a":[1]}' });
    expect(seen.at(-1)?.body).toEqual({ a: [1] });
  });

  it.each([
    ['/nothing', {}, 404],
    ['/things', {}, 405],
    ['/things', { method: 'POST', body: '{' }, 400],
    ['/things', { method: 'POST', body: `"${'x'.repeat(5000)}"` }, 413],
    ['/refused', {}, 418],
  ])('answers %s %o with the error as JSON', async (path, init, status) => {
    expect(await send(path, init)).toMatchObject({ status, json: { code: status } });
  });

  it('does not tell the caller what broke inside', async () => {
    const { status, json } = await send('/broken');
    expect({ status, json }).toEqual({
      status: 500,
      json: { code: 500, message: 'Internal error' },
    });
  });
});
