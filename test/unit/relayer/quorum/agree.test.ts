import { describe, expect, it } from 'vitest';
import { recoverAddress } from '../../../../src/crypto/secp256k1.ts';
import { agree, type Signed } from '../../../../src/relayer/quorum/agree.ts';
import type { SigningRules } from '../../../../src/relayer/quorum/signing-rules.ts';
import { fromHex } from '../../../../src/shared/bytes.ts';
import { type TestKey, testKey } from '../../../support/quorum.ts';

const keys = [1, 2, 3, 4, 5].map(testKey) as [TestKey, TestKey, TestKey, TestKey, TestKey];
const digestOf = (said: string) => new Uint8Array(32).fill(said.charCodeAt(0));

function rules(threshold: number): SigningRules {
  const admitted = keys.slice(0, 4).map(({ address }) => address);
  return { epoch: 1n, threshold, isAdmitted: async (signer) => admitted.includes(signer) };
}

let names = 0;

function answer(key: TestKey, said: string, change: Partial<Signed<string>> = {}): Signed<string> {
  names += 1;
  const digest = digestOf(said);
  const signed = { enclave: `e${names}`, said, epoch: 1n, digest, signature: key.sign(digest) };
  return { ...signed, ...change };
}

describe('what enclaves agree on', () => {
  it('is what most keys have signed, with as many signatures as are asked for, by ascending signer', async () => {
    const answers = [keys[3], keys[0], keys[2]].map((key) => answer(key, 'a'));
    const { agreed, dissents } = await agree(rules(2), [...answers, answer(keys[1], 'b')]);
    expect(agreed?.said).toBe('a');
    const signers = agreed?.signatures.map((one) => recoverAddress(digestOf('a'), fromHex(one)));
    const all = [keys[0], keys[2], keys[3]].map(({ address }) => address);
    expect(signers).toEqual(all.sort().slice(0, 2));
    expect(dissents.map(({ what }) => what)).toEqual(['it says something else than the others']);
  });

  it('is nothing while too few have signed the same, or as many something else', async () => {
    expect((await agree(rules(2), [answer(keys[0], 'a')])).agreed).toBeUndefined();
    const split = [answer(keys[0], 'a'), answer(keys[1], 'b')];
    expect((await agree(rules(1), split)).agreed).toBeUndefined();
    expect((await agree(rules(1), [])).agreed).toBeUndefined();
  });

  it('counts a key once, however many enclaves show its signature', async () => {
    const copied = [answer(keys[0], 'a'), answer(keys[0], 'a'), answer(keys[0], 'a')];
    expect((await agree(rules(2), copied)).agreed).toBeUndefined();
  });

  it.each([
    ['of a key that is not admitted', answer(keys[4], 'a'), 'does not admit'],
    ['of another epoch', answer(keys[1], 'a', { epoch: 2n }), 'signs in epoch 2, and 1 runs'],
    ['of no key', answer(keys[1], 'a', { signature: '0x1234' }), 'of no key'],
    // What recovers to some key is not admitted.
    ['over something else', answer(keys[1], 'a', { digest: digestOf('c') }), 'does not admit'],
  ])('does not count a signature %s', async (_, bad, why) => {
    const { agreed, dissents } = await agree(rules(2), [bad, answer(keys[0], 'a')]);
    expect(agreed).toBeUndefined();
    expect(dissents).toEqual([{ enclave: bad.enclave, what: expect.stringContaining(why) }]);
    const good = await agree(rules(1), [bad, answer(keys[0], 'a')]);
    expect(good.agreed?.signatures).toHaveLength(1);
  });
});
