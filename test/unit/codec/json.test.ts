import { expect, it } from 'vitest';
import { encodeJson } from '../../../src/codec/json.ts';
import { Secret } from '../../../src/config/secret.ts';

it('has integers as text, bytes as hex whatever array they come in, and of a secret what stands for it', () => {
  const value = { count: 2n ** 64n, bytes: Buffer.from([1]), more: [new Uint8Array([2])] };
  const secret = new Secret('correct horse');
  expect(encodeJson({ ...value, secret, listed: [secret] })).toBe(
    '{"count":"18446744073709551616","bytes":"0x01","more":["0x02"],"secret":"[redacted]","listed":["[redacted]"]}',
  );
});
