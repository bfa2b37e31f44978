import { describe, expect, it } from 'vitest';
import { encodeU32, encodeU64, encodeVector, ScaleError } from '../../../../src/codec/scale.ts';
import { MAX_VOTE_ANCESTRIES } from '../../../../src/light-client/polkadot/limits.ts';
import { verifyFinality } from '../../../../src/light-client/polkadot/verify-finality.ts';
import { concatBytes, toHex } from '../../../../src/shared/bytes.ts';
import {
  chainOf,
  childBlock,
  encodeJustification,
  genesis,
  grandpaDigest,
  hashOf,
  type JustificationParts,
  justify,
  scheduledChange,
  signPrecommit,
  storeAt,
  type TestBlock,
  testAuthorities,
  testAuthority,
} from '../../../support/grandpa.ts';
import { refusal } from '../../../support/refusal.ts';

const voters = testAuthorities(6);
const store = storeAt(voters, { setId: 3n });
const ballot = { setId: 3n };
const [b1, b2, b3, b4] = chainOf(genesis, 4) as [TestBlock, TestBlock, TestBlock, TestBlock];
const sibling = childBlock(b1, { salt: 'sibling of b2' });
const orphan = childBlock(sibling);

function verify(block: TestBlock, justification: Uint8Array, from = store) {
  return verifyFinality(from, { header: block.header, justification });
}

/** Precommits of the first voters, one block each, in order. */
function votes(...blocks: readonly TestBlock[]): Uint8Array[] {
  return blocks.map((block, i) => signPrecommit(voters[i]!, block, ballot));
}

function refused(block: TestBlock, parts: JustificationParts) {
  return refusal(() => verify(block, encodeJustification(parts)));
}

describe('a justification is accepted', () => {
  it('when every authority precommits to the target', () => {
    const verified = verify(b1, justify(voters, b1, ballot));
    expect(verified.block).toEqual({ number: 1, hash: hashOf(b1), stateRoot: toHex(b1.stateRoot) });
    expect(verified.authoritySet).toBe(store.authoritySet);
  });

  it('when exactly the threshold of five of six does', () => {
    expect(verify(b2, justify(voters.slice(0, 5), b2, ballot)).block.number).toBe(2);
  });

  it('for a block several above the last final one', () => {
    expect(verify(b4, justify(voters, b4, ballot)).block.hash).toBe(hashOf(b4));
  });

  it('with votes for descendants on several forks, whose ancestries lead to the target', () => {
    const justification = encodeJustification({
      target: b1,
      precommits: votes(b1, b2, b3, b4, orphan, sibling),
      ancestries: [b4, b2, orphan, b3, sibling].map((block) => block.header),
    });
    expect(verify(b1, justification).block.number).toBe(1);
  });

  it('when the weights, not the heads, reach the threshold', () => {
    const heavy = [testAuthority(0, 5n), testAuthority(1, 1n), testAuthority(2, 1n)];
    const from = storeAt(heavy);
    expect(verify(b1, justify(heavy.slice(0, 1), b1), from).block.number).toBe(1);
    const light = refusal(() => verify(b1, justify(heavy.slice(1), b1), from));
    expect(light).toMatchObject({
      code: 'GRANDPA_BELOW_THRESHOLD',
      meta: { weight: 2n, threshold: 5n },
    });
  });
});

describe('what was verified', () => {
  it('does not change with the bytes it was read from', () => {
    const next = testAuthorities(3, 10);
    const block = childBlock(genesis, { digest: [grandpaDigest(scheduledChange(next))] });
    const header = Uint8Array.from(block.header);
    const justification = justify(voters, block, ballot);
    const verified = verifyFinality(store, { header, justification });
    const before = structuredClone(verified);
    header.fill(0xff);
    justification.fill(0xff);
    expect(structuredClone(verified)).toEqual(before);
    expect(verified.nextAuthorities?.map(({ id }) => id)).toEqual(next.map(({ id }) => id));
  });
});

describe('a commit target that the votes do not support is refused', () => {
  it('when the target is overwritten by another block of the same number', () => {
    const precommits = votes(b2, b2, b2, b2, b2, b2);
    expect(refused(sibling, { target: sibling, precommits })).toMatchObject({
      code: 'GRANDPA_PRECOMMIT_NOT_DESCENDANT',
      meta: { block: hashOf(b2) },
    });
  });

  it('when the overwritten target brings its own header and those of the votes along', () => {
    const precommits = votes(b2, b2, b2, b2, b2, b2);
    const ancestries = [b2.header, b1.header, sibling.header];
    expect(refused(sibling, { target: sibling, precommits, ancestries }).code).toBe(
      'GRANDPA_PRECOMMIT_NOT_DESCENDANT',
    );
  });

  it('when the commit names another block than the header', () => {
    expect(refusal(() => verify(sibling, justify(voters, b2, ballot)))).toMatchObject({
      code: 'GRANDPA_TARGET_MISMATCH',
      meta: { number: 2, block: hashOf(sibling) },
    });
  });

  it('when the commit names the right hash with another number', () => {
    const target = { hash: b2.hash, number: 3 };
    expect(refused(b2, { target, precommits: votes(b2, b2, b2, b2, b2) }).code).toBe(
      'GRANDPA_TARGET_MISMATCH',
    );
  });

  it('when one vote is for a sibling', () => {
    const precommits = votes(b2, b2, b2, b2, b2, sibling);
    expect(refused(b2, { target: b2, precommits })).toMatchObject({
      code: 'GRANDPA_PRECOMMIT_NOT_DESCENDANT',
      meta: { block: hashOf(sibling) },
    });
  });

  it('when one vote is for a sibling whose header is given', () => {
    const parts = { target: b2, precommits: votes(b2, b2, b2, b2, b2, sibling) };
    expect(refused(b2, { ...parts, ancestries: [sibling.header] }).code).toBe(
      'GRANDPA_PRECOMMIT_NOT_DESCENDANT',
    );
  });

  it('when one vote is below the target', () => {
    const parts = { target: b2, precommits: votes(b2, b2, b2, b2, b2, b1) };
    expect(refused(b2, parts)).toMatchObject({
      code: 'GRANDPA_PRECOMMIT_BELOW_TARGET',
      meta: { block: hashOf(b1) },
    });
  });

  it('when a vote names another number than the header it votes for', () => {
    const wrong = signPrecommit(voters[5]!, { hash: b3.hash, number: 9 }, ballot);
    const precommits = [...votes(b2, b2, b2, b2, b2), wrong];
    expect(refused(b2, { target: b2, precommits, ancestries: [b3.header] })).toMatchObject({
      code: 'GRANDPA_PRECOMMIT_NUMBER_MISMATCH',
      meta: { block: hashOf(b3) },
    });
  });
});

describe('the last final block', () => {
  const from = storeAt(voters, { setId: 3n, block: b2 });

  it('is no progress when it is proven again', () => {
    expect(refusal(() => verify(b2, justify(voters, b2, ballot), from))).toMatchObject({
      code: 'GRANDPA_NOT_NEWER',
      meta: { number: 2 },
    });
  });

  it('cannot be replaced by a sibling or followed by a lower block', () => {
    for (const block of [sibling, b1]) {
      const justification = justify(voters, block, ballot);
      expect(refusal(() => verify(block, justification, from)).code).toBe('GRANDPA_NOT_NEWER');
    }
  });
});

describe('votes are refused', () => {
  it('when they are one below the threshold', () => {
    expect(refusal(() => verify(b2, justify(voters.slice(0, 4), b2, ballot)))).toMatchObject({
      code: 'GRANDPA_BELOW_THRESHOLD',
      meta: { setId: 3n, weight: 4n, threshold: 5n },
    });
  });

  it('when there are none', () => {
    expect(refused(b2, { target: b2, precommits: [] }).code).toBe('GRANDPA_BELOW_THRESHOLD');
  });

  it.each([2n, 4n])('when they are signed for set %i instead of set 3', (setId) => {
    expect(refusal(() => verify(b2, justify(voters, b2, { setId })))).toMatchObject({
      code: 'GRANDPA_SIGNATURE_INVALID',
      meta: { setId: 3n, authority: voters[0]?.id },
    });
  });

  it('when the justification names another round than they sign', () => {
    const precommits = votes(b2, b2, b2, b2, b2);
    const parts = { round: 2n, target: b2, precommits };
    expect(refused(b2, parts).code).toBe('GRANDPA_SIGNATURE_INVALID');
  });

  it('when one signature beyond the threshold is wrong', () => {
    const precommits = votes(b2, b2, b2, b2, b2, b2);
    const last = precommits[5]!;
    last[40] = (last[40] ?? 0) ^ 1;
    expect(refused(b2, { target: b2, precommits })).toMatchObject({
      code: 'GRANDPA_SIGNATURE_INVALID',
      meta: { authority: voters[5]?.id },
    });
  });

  it('when one is given twice', () => {
    const five = votes(b2, b2, b2, b2, b2);
    expect(refused(b2, { target: b2, precommits: [...five, five[0]!] })).toMatchObject({
      code: 'GRANDPA_AUTHORITY_REPEATED',
      meta: { authority: voters[0]?.id },
    });
  });

  it('when duplicates would lift four votes above the threshold', () => {
    const four = votes(b2, b2, b2, b2);
    const precommits = [...four, four[0]!, four[1]!];
    expect(refused(b2, { target: b2, precommits }).code).toBe('GRANDPA_AUTHORITY_REPEATED');
  });

  it('when an authority equivocates', () => {
    const second = signPrecommit(voters[0]!, b3, ballot);
    const precommits = [...votes(b2, b2, b2, b2, b2), second];
    expect(refused(b2, { target: b2, precommits, ancestries: [b3.header] })).toMatchObject({
      code: 'GRANDPA_AUTHORITY_REPEATED',
      meta: { authority: voters[0]?.id },
    });
  });

  it('when a stranger is among them', () => {
    const stranger = testAuthority(99);
    const precommits = [...votes(b2, b2, b2, b2, b2), signPrecommit(stranger, b2, ballot)];
    expect(refused(b2, { target: b2, precommits })).toMatchObject({
      code: 'GRANDPA_AUTHORITY_UNKNOWN',
      meta: { authority: stranger.id },
    });
  });

  it('when they outnumber the set, before any is looked at', () => {
    const precommits = Array.from({ length: 7 }, () => new Uint8Array(132));
    expect(refused(b2, { target: b2, precommits })).toMatchObject({
      code: 'GRANDPA_TOO_MANY_PRECOMMITS',
      meta: { setId: 3n },
    });
  });

  it('when they are prevotes', () => {
    const justification = justify(voters, b2, { ...ballot, message: 0 });
    expect(refusal(() => verify(b2, justification)).code).toBe('GRANDPA_SIGNATURE_INVALID');
  });
});

describe('ancestry headers are refused', () => {
  const precommits = votes(b2, b2, b2, b2, b2, b4);

  it('when one that a vote needs is missing', () => {
    expect(refused(b2, { target: b2, precommits, ancestries: [b4.header] })).toMatchObject({
      code: 'GRANDPA_PRECOMMIT_NOT_DESCENDANT',
      meta: { block: hashOf(b4) },
    });
  });

  it('when no vote needs one', () => {
    const ancestries = [b4, b3, orphan].map((block) => block.header);
    expect(refused(b2, { target: b2, precommits, ancestries })).toMatchObject({
      code: 'GRANDPA_ANCESTRY_UNUSED',
      meta: { block: hashOf(orphan) },
    });
  });

  it('when the target is among them', () => {
    const ancestries = [b4, b3, b2].map((block) => block.header);
    expect(refused(b2, { target: b2, precommits, ancestries })).toMatchObject({
      code: 'GRANDPA_ANCESTRY_UNUSED',
      meta: { block: hashOf(b2) },
    });
  });

  it('when one is given twice', () => {
    const ancestries = [b4, b3, b3].map((block) => block.header);
    expect(refused(b2, { target: b2, precommits, ancestries })).toMatchObject({
      code: 'GRANDPA_ANCESTRY_REPEATED',
      meta: { block: hashOf(b3) },
    });
  });
});

describe('the walk through ancestry headers', () => {
  const chain = chainOf(b2, MAX_VOTE_ANCESTRIES + 1);
  const proof = (top: number) =>
    encodeJustification({
      target: b2,
      precommits: voters.map((voter) => signPrecommit(voter, chain[top - 1]!, ballot)),
      ancestries: chain.slice(0, top).map(({ header }) => header),
    });

  it('goes over each of the most headers that are taken once, whatever the number of votes', () => {
    expect(verify(b2, proof(MAX_VOTE_ANCESTRIES)).block.number).toBe(2);
  });

  it('does not begin when there are more', () => {
    expect(refusal(() => verify(b2, proof(MAX_VOTE_ANCESTRIES + 1))).code).toBe(
      'SCALE_COUNT_EXCEEDED',
    );
  });
});

describe('bytes are refused', () => {
  const good = justify(voters, b2, ballot);

  it('when anything follows the justification or the header', () => {
    const extended = concatBytes(good, Uint8Array.of(0));
    expect(refusal(() => verify(b2, extended)).code).toBe('SCALE_TRAILING_BYTES');
    const header = concatBytes(b2.header, Uint8Array.of(0));
    expect(refusal(() => verifyFinality(store, { header, justification: good })).code).toBe(
      'SCALE_TRAILING_BYTES',
    );
  });

  it('when the gossip form of a commit is given, which names the set id and keeps votes and signatures apart', () => {
    const full = votes(b2, b2, b2, b2, b2);
    const compact = concatBytes(
      encodeU64(1n),
      encodeU64(3n),
      b2.hash,
      encodeU32(2),
      encodeVector(full.map((vote) => vote.subarray(0, 36))),
      encodeVector(full.map((vote) => vote.subarray(36))),
    );
    expect(refusal(() => verify(b2, compact))).toBeInstanceOf(ScaleError);
  });
});
