import { describe, expect, it } from 'vitest';
import { encodeJson } from '../../../src/codec/json.ts';
import { MAX_FRAME_BYTES } from '../../../src/protocol/enclave-commands.ts';
import {
  decodeRequest,
  decodeResponse,
  decodeResult,
  encodeBody,
} from '../../../src/protocol/enclave-wire.ts';
import { utf8 } from '../../../src/shared/bytes.ts';
import { refusal } from '../../support/refusal.ts';

const request = { id: 0, command: 'status', params: {} };
const error = { code: 'A', disposition: 'retry', message: 'm', meta: { a: 'b' } };
const response = { id: 0, ok: false, error };
const withError = (change: object) => ({ ...response, error: { ...error, ...change } });

const whereOf = (decode: (body: Uint8Array) => unknown, value: unknown) => {
  const refused = refusal(() => decode(encodeBody(value)));
  expect(refused).toMatchObject({ code: 'COMMAND_MALFORMED', disposition: 'reject' });
  return (refused.meta as { where: string }).where;
};

describe('an id', () => {
  it('is any whole number from zero on', () => {
    for (const id of [0, 1, Number.MAX_SAFE_INTEGER]) {
      expect(decodeRequest(encodeBody({ ...request, id })).id).toBe(id);
      expect(decodeResponse(encodeBody({ ...response, id })).id).toBe(id);
    }
  });

  it.each([-1, 0.5, 2 ** 53, '1', null])('is not %j', (id) => {
    expect(whereOf(decodeRequest, { ...request, id })).toBe('request.id');
    expect(whereOf(decodeResponse, { ...response, id })).toBe('response.id');
  });
});

describe('a refusal on the wire', () => {
  it('is read up to the longest that an enclave writes', () => {
    const longest = withError({
      code: 'C'.repeat(64),
      message: 'm'.repeat(1024),
      meta: { ['n'.repeat(64)]: 'v'.repeat(1024) },
    });
    expect(decodeResponse(encodeBody(longest))).toEqual(longest);
  });

  it.each([
    ['a longer code', { code: 'C'.repeat(65) }, 'response.error.code'],
    ['a longer message', { message: 'm'.repeat(1025) }, 'response.error.message'],
    ['a longer fact', { meta: { a: 'v'.repeat(1025) } }, 'response.error.meta.a'],
    [
      'a longer name of a fact',
      { meta: { ['n'.repeat(65)]: 'v' } },
      `response.error.meta.${'n'.repeat(65)}`,
    ],
    ['another disposition', { disposition: 'shrug' }, 'response.error.disposition'],
    ['a stack', { stack: 'at …' }, 'response.error'],
  ])('is not taken with %s', (_, change, where) => {
    expect(whereOf(decodeResponse, withError(change))).toBe(where);
  });
});

describe('a body', () => {
  it('is read up to the bound of a frame, and not beyond it', () => {
    const text = JSON.stringify(request);
    const body = new Uint8Array(MAX_FRAME_BYTES + 1).fill(0x20);
    body.set(utf8(text));
    expect(decodeRequest(body.subarray(0, MAX_FRAME_BYTES)).command).toBe('status');
    expect(refusal(() => decodeRequest(body))).toMatchObject({
      code: 'COMMAND_MALFORMED',
      meta: { where: 'frame' },
    });
  });
});

describe('a commit in an answer', () => {
  const hash = `0x${'11'.repeat(32)}`;
  const inputs = [{ chainId: '1', count: '2' }];
  const commit = {
    ...{ number: '1', round: '5', asOf: '1800000000', prevState: hash, postState: hash, inputs },
    ...{ control: '0', paid: [], beneficiary: hash },
  };

  it('has every field', () => {
    expect(decodeResult('propose', { commit }).commit).toMatchObject({ round: 5n, paid: [] });
  });

  it.each([
    ['round', 5],
    ['asOf', `${2n ** 64n}`],
    ['control', '-1'],
    ['paid', null],
    ['beneficiary', `0x${'11'.repeat(20)}`],
  ])('is not taken with another %s', (field, value) => {
    const other = { commit: { ...commit, [field]: value } };
    expect(refusal(() => decodeResult('propose', other))).toMatchObject({
      code: 'COMMAND_MALFORMED',
      meta: { where: `propose.commit.${field}` },
    });
  });
});

describe('JSON as everything here writes it', () => {
  it('has integers beyond its own as decimal text and bytes as hex, buffers too', () => {
    const value = {
      a: 2n ** 64n,
      b: Uint8Array.of(1, 171),
      c: [Buffer.from([2])],
      d: 'x',
      e: null,
    };
    expect(encodeJson(value)).toBe(
      '{"a":"18446744073709551616","b":"0x01ab","c":["0x02"],"d":"x","e":null}',
    );
  });
});
