import { describe, expect, it } from 'vitest';
import {
  MAX_HEADER_BYTES,
  MAX_JUSTIFICATION_BYTES,
} from '../../../../src/light-client/polkadot/limits.ts';
import { parseFragment } from '../../../../src/light-client/polkadot/parse-fragment.ts';
import { equalBytes } from '../../../../src/shared/bytes.ts';
import { refusal } from '../../../support/refusal.ts';

const zeros = (bytes: number) => `0x${'00'.repeat(bytes)}`;

describe('a fragment of finality', () => {
  it('is a header with its justification, each as long as it may be', () => {
    const longest = {
      header: zeros(MAX_HEADER_BYTES),
      justification: zeros(MAX_JUSTIFICATION_BYTES),
    };
    const { header, justification } = parseFragment(longest);
    // Not by `toEqual`, which takes seconds for so many bytes.
    expect(equalBytes(header, new Uint8Array(MAX_HEADER_BYTES))).toBe(true);
    expect(equalBytes(justification, new Uint8Array(MAX_JUSTIFICATION_BYTES))).toBe(true);
  });

  it.each([
    ['a header too long', { header: zeros(MAX_HEADER_BYTES + 1), justification: '0x' }, 'header'],
    [
      'a justification too long',
      { header: '0x', justification: zeros(MAX_JUSTIFICATION_BYTES + 1) },
      'justification',
    ],
    ['no justification', { header: '0x' }, 'justification'],
    ['half a byte', { header: '0x0', justification: '0x' }, 'header'],
    ['capitals', { header: '0xAB', justification: '0x' }, 'header'],
    ['a member too many', { header: '0x', justification: '0x', more: 1 }, 'fragment'],
    ['nothing', null, 'fragment'],
  ])('is refused with %s, by its place', (_, json, where) => {
    expect(refusal(() => parseFragment(json))).toMatchObject({
      code: 'FINALITY_FRAGMENT_MALFORMED',
      disposition: 'reject',
      meta: { where },
    });
  });
});
