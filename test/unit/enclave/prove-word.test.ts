import { beforeEach, describe, expect, it } from 'vitest';
import { encodeByteVector } from '../../../src/codec/scale.ts';
import { parseMeasuredConfig } from '../../../src/enclave/measured-config.ts';
import {
  type ProvenHead,
  proveAnchoredState,
  proveSentHead,
} from '../../../src/enclave/prove-word.ts';
import { MAX_PARENT_HEADERS } from '../../../src/light-client/polkadot/limits.ts';
import { parachainHeadKey } from '../../../src/light-client/polkadot/storage-keys.ts';
import { anchorIdSlot, GATEWAY_SLOTS } from '../../../src/protocol/contracts.ts';
import { decodeRequest, encodeBody } from '../../../src/protocol/enclave-wire.ts';
import type { StateProof, StateProofOf } from '../../../src/protocol/state-proof.ts';
import { fromHex, type Hex } from '../../../src/shared/bytes.ts';
import {
  type ContractState,
  contractState,
  plain,
  timestampNow,
  word,
} from '../../support/contract-state.ts';
import {
  ANCHOR_TRIE,
  EnclaveWorld,
  GATEWAY_TRIE,
  POLKADOT,
  testContext,
  withChain,
} from '../../support/enclave-world.ts';
import { chainOf, childBlock, genesis, hashOf, type TestBlock } from '../../support/grandpa.ts';
import { refusal } from '../../support/refusal.ts';

type HopProof = StateProofOf<'substrate'>;

const PARA_ID = 1000;
const OTHER_PARA_ID = 1001;
/** Of the transition whose state id the anchor keeps. */
const NUMBER = 3n;
const RELAY_BLOCK: Hex = word(0xb10c);

const solo = testContext();
const context = {
  ...solo,
  config: parseMeasuredConfig(withChain(POLKADOT, { route: { paraId: PARA_ID } })),
};

/** A state in which gateway and anchor keep `n` and `n` + 1. */
function stateOf(n: number, beside: ReadonlyMap<string, Uint8Array> = new Map()): ContractState {
  const contracts = new Map([
    [GATEWAY_TRIE, new Map([[GATEWAY_SLOTS.sentHead, fromHex(word(n))]])],
    [ANCHOR_TRIE, new Map([[anchorIdSlot(NUMBER), fromHex(word(n + 1))]])],
  ]);
  return contractState(contracts, new Map([...timestampNow(BigInt(n) * 1000n), ...beside]));
}

const olderState = stateOf(10);
const headState = stateOf(20);
const otherState = stateOf(30);
const older = childBlock(genesis, { stateRoot: fromHex(olderState.stateRoot) });
const [middle] = chainOf(older, 1) as [TestBlock];
const head = childBlock(middle, { stateRoot: fromHex(headState.stateRoot) });
const otherHead = childBlock(genesis, { stateRoot: fromHex(otherState.stateRoot) });
// The relay chain runs the same pallets: it has contracts of its own under the same trie ids.
const relayState = stateOf(
  40,
  new Map([
    [plain(parachainHeadKey(PARA_ID)), encodeByteVector(head.header)],
    [plain(parachainHeadKey(OTHER_PARA_ID)), encodeByteVector(otherHead.header)],
  ]),
);

function proofOf(
  state: ContractState,
  { parents = [], paraId = PARA_ID }: { parents?: Uint8Array[]; paraId?: number } = {},
): HopProof {
  return {
    kind: 'substrate',
    blockHash: RELAY_BLOCK,
    hop: { headNodes: relayState.proveBeside(plain(parachainHeadKey(paraId))), parents },
    nodes: state.proveTimed(GATEWAY_TRIE, [GATEWAY_SLOTS.sentHead]),
  };
}

let world: EnclaveWorld;

beforeEach(() => {
  world = new EnclaveWorld(context);
  world.finalizePolkadot(RELAY_BLOCK, relayState.stateRoot);
});

function sentHead(proof: StateProof): ProvenHead {
  return proveSentHead(world.state, context, { chainId: POLKADOT, proof });
}

function codeOf(proof: StateProof): string {
  return refusal(() => sentHead(proof)).code;
}

describe('a word on a parachain', () => {
  it('is proven from the final relay block by the head that it holds', () => {
    // The time is that of the parachain's block, not the relay chain's.
    expect(sentHead(proofOf(headState))).toEqual({ head: word(20), blockTimeSec: 20n });
    const nodes = headState.proveTimed(ANCHOR_TRIE, [anchorIdSlot(NUMBER)]);
    const proof = { ...proofOf(headState), nodes };
    expect(proveAnchoredState(world.state, context, { number: NUMBER, proof })).toBe(word(21));
  });

  it('is proven in an older block through the parents of the head', () => {
    const parents = [middle.header, older.header];
    const proven = { head: word(10), blockTimeSec: 10n };
    expect(sentHead(proofOf(olderState, { parents }))).toEqual(proven);
  });

  it('is the same after the proof has gone over the pipe', () => {
    const proof = proofOf(olderState, { parents: [middle.header, older.header] });
    const body = encodeBody({
      id: 1,
      command: 'confirmAnchored',
      params: { number: NUMBER, proof },
    });
    const request = decodeRequest(body);
    expect(request).toMatchObject({ params: { number: NUMBER, proof } });
  });
});

describe('a word on a parachain is refused', () => {
  it('when the relay block was not shown to be final', () => {
    const unknown = { ...proofOf(headState), blockHash: hashOf(head) };
    expect(codeOf(unknown)).toBe('STATE_PROOF_BLOCK_UNKNOWN');
  });

  it('when the head is that of another parachain', () => {
    const proof = proofOf(otherState, { paraId: OTHER_PARA_ID });
    expect(codeOf(proof)).toMatch(/^READ_PROOF_/);
  });

  it('when the relay block holds no head of the parachain', () => {
    const bare = stateOf(50, new Map([['00', Uint8Array.of(1)]]));
    world.finalizePolkadot(word(0xba7e), bare.stateRoot);
    const headNodes = bare.proveBeside(plain(parachainHeadKey(PARA_ID)));
    const proof = {
      ...proofOf(headState),
      blockHash: word(0xba7e),
      hop: { headNodes, parents: [] },
    };
    expect(codeOf(proof)).toBe('PARACHAIN_HEAD_ABSENT');
  });

  it('when the chain of parents is broken', () => {
    const sibling = childBlock(older, { salt: 'sibling of the middle' });
    for (const parents of [[older], [sibling, older], [middle, middle], [middle, otherHead]]) {
      const headers = parents.map(({ header }) => header);
      expect(codeOf(proofOf(olderState, { parents: headers }))).toBe('PARACHAIN_PARENT_MISMATCH');
    }
  });

  it('when the chain of parents is too long, by the verifier and on the pipe', () => {
    const parents = new Array(MAX_PARENT_HEADERS + 1).fill(middle.header);
    const proof = proofOf(olderState, { parents });
    expect(codeOf(proof)).toBe('PARACHAIN_PARENTS_TOO_MANY');
    const body = encodeBody({
      id: 1,
      command: 'confirmAnchored',
      params: { number: NUMBER, proof },
    });
    expect(refusal(() => decodeRequest(body))).toMatchObject({
      code: 'COMMAND_MALFORMED',
      meta: { where: 'confirmAnchored.proof.hop.parents' },
    });
  });

  it('when the slot is proven in another block than the one that the hop ends at', () => {
    expect(codeOf(proofOf(olderState))).toMatch(/^READ_PROOF_/);
    expect(codeOf(proofOf(headState, { parents: [middle.header] }))).toMatch(/^READ_PROOF_/);
  });

  it("when the slot is proven under the relay block's own state root", () => {
    expect(codeOf(proofOf(relayState))).toMatch(/^READ_PROOF_/);
    const { hop: _, ...withoutHop } = proofOf(relayState);
    expect(refusal(() => sentHead(withoutHop))).toMatchObject({
      code: 'STATE_PROOF_OTHER_ROUTE',
      disposition: 'reject',
      meta: { expected: 'a hop to parachain 1000' },
    });
  });

  it('when the contracts are measured to be on the chain that finalizes', () => {
    const params = { chainId: POLKADOT, proof: proofOf(headState) };
    expect(refusal(() => proveSentHead(world.state, solo, params))).toMatchObject({
      code: 'STATE_PROOF_OTHER_ROUTE',
      meta: { expected: 'no hop' },
    });
  });
});
