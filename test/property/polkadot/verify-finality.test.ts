import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PolkadotStore } from '../../../src/light-client/polkadot/store.ts';
import { verifyFinality } from '../../../src/light-client/polkadot/verify-finality.ts';
import { BridgeError } from '../../../src/shared/errors.ts';
import { naiveIsFinal } from '../../reference/polkadot/naive-finality.ts';
import {
  childBlock,
  encodeJustification,
  genesis,
  signPrecommit,
  storeAt,
  type TestAuthority,
  type TestBlock,
  testAuthority,
} from '../../support/grandpa.ts';

/** True if accepted, false if refused on purpose; any other error is a failure of the test. */
function isFinal(store: PolkadotStore, header: Uint8Array, justification: Uint8Array): boolean {
  try {
    verifyFinality(store, { header, justification });
    return true;
  } catch (error) {
    if (error instanceof BridgeError) return false;
    throw error;
  }
}

function naive(store: PolkadotStore, header: Uint8Array, justification: Uint8Array): boolean {
  const { finalized, authoritySet } = store;
  const weights = authoritySet.authorities.map(({ id, weight }) => [id.slice(2), weight] as const);
  return naiveIsFinal(
    { lastNumber: finalized.number, setId: authoritySet.setId, weights: new Map(weights) },
    Buffer.from(header).toString('hex'),
    Buffer.from(justification).toString('hex'),
  );
}

/** A tree of blocks: each one the child of an earlier one. */
const tree = fc.array(fc.nat(), { minLength: 2, maxLength: 8 }).map((parents) => {
  const blocks = [genesis];
  for (const [i, pick] of parents.entries()) {
    blocks.push(childBlock(blocks[pick % blocks.length]!, { salt: `${i}` }));
  }
  return blocks;
});

const scenario = fc.record({
  blocks: tree,
  weights: fc.array(fc.bigInt({ min: 1n, max: 4n }), { minLength: 1, maxLength: 7 }),
  target: fc.nat(),
  lastNumber: fc.integer({ min: 0, max: 2 }),
  // Most voters vote for the target, or for a descendant of it.
  votes: fc.array(fc.record({ pick: fc.nat(), kind: fc.nat({ max: 19 }) }), {
    minLength: 7,
    maxLength: 7,
  }),
  fault: fc.nat({ max: 11 }),
  setId: fc.bigInt({ min: 0n, max: 2n }),
});

type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

function isAbove(block: TestBlock, base: TestBlock, blocks: readonly TestBlock[]): boolean {
  if (block === base) return true;
  const parent = parentOf(block, blocks);
  return parent !== undefined && isAbove(parent, base, blocks);
}

function parentOf(block: TestBlock, blocks: readonly TestBlock[]): TestBlock | undefined {
  const parent = Buffer.from(block.header.subarray(0, 32));
  return blocks.find(({ hash }) => parent.equals(hash));
}

function play({ blocks, weights, target: pick, lastNumber, votes, fault, setId }: Scenario) {
  const voters = weights.map((weight, i): TestAuthority => ({ ...testAuthority(i), weight }));
  const last = { ...genesis, number: lastNumber };
  const store = storeAt(voters, { block: last, setId });
  const target = blocks[1 + (pick % (blocks.length - 1))]!;
  const above = blocks.filter((block) => isAbove(block, target, blocks));
  const needed = new Set<TestBlock>();
  const precommits = voters.flatMap((voter, i) => {
    const { pick: choice, kind } = votes[i]!;
    if (kind === 0) return [];
    const pool = kind === 1 ? blocks : above;
    const block = pool[choice % pool.length]!;
    for (let b: TestBlock | undefined = block; b && b !== target; b = parentOf(b, blocks)) {
      if (b !== genesis) needed.add(b);
    }
    const vote = signPrecommit(voter, block, { setId: kind === 2 ? setId + 1n : setId });
    return kind === 3 ? [vote, vote] : [vote];
  });
  const ancestries = [...needed].map(({ header }) => header);
  if (fault === 0) ancestries.pop();
  if (fault === 1) ancestries.push(blocks.at(-1)!.header);
  if (fault === 2) ancestries.reverse();
  return { store, target, justification: encodeJustification({ target, precommits, ancestries }) };
}

describe('the verifier and its slow twin', () => {
  it('accept and refuse the same justifications over random block trees', () => {
    const outcomes = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(scenario, (played) => {
        const { store, target, justification } = play(played);
        const accepted = isFinal(store, target.header, justification);
        expect(accepted).toBe(naive(store, target.header, justification));
        outcomes[accepted ? 'accepted' : 'refused']++;
      }),
      { numRuns: 300, seed: 20_260_101 },
    );
    // Both kinds must have come by, or the comparison says little.
    expect(Math.min(outcomes.accepted, outcomes.refused)).toBeGreaterThan(30);
  });

  it('agree on every mutation of the bytes', () => {
    const mutation = fc.record({
      played: scenario,
      at: fc.nat(),
      flip: fc.integer({ min: 1, max: 255 }),
      kind: fc.constantFrom('flip', 'truncate', 'extend', 'duplicate', 'header'),
    });
    fc.assert(
      fc.property(mutation, ({ played, at, flip, kind }) => {
        const { store, target, justification } = play({ ...played, fault: 11 });
        const [header, proof] = [
          Uint8Array.from(target.header),
          mutate(justification, kind, at, flip),
        ];
        if (kind === 'header') header[at % header.length]! ^= flip;
        const accepted = isFinal(store, header, proof);
        expect(accepted).toBe(naive(store, header, proof));
        const same = Buffer.from(proof).equals(justification) && kind !== 'header';
        if (!same) expect(accepted).toBe(false);
      }),
      { numRuns: 300, seed: 20_260_102 },
    );
  });
});

function mutate(bytes: Uint8Array, kind: string, at: number, flip: number): Uint8Array {
  const place = at % bytes.length;
  if (kind === 'truncate') return bytes.slice(0, place);
  if (kind === 'extend') return Uint8Array.from([...bytes, flip]);
  if (kind === 'duplicate') return Uint8Array.from([...bytes, ...bytes.subarray(place)]);
  const copy = Uint8Array.from(bytes);
  if (kind === 'flip') copy[place]! ^= flip;
  return copy;
}
