import { createScaleCursor, encodeVector, readByteVector } from '../../src/codec/scale.ts';
import { applyFinality } from '../../src/light-client/polkadot/apply-finality.ts';
import { findAuthorityChange } from '../../src/light-client/polkadot/authority-change.ts';
import { decodeFinalityProof } from '../../src/light-client/polkadot/decode-finality-proof.ts';
import { followWarpSync } from '../../src/light-client/polkadot/follow-warp-sync.ts';
import { decodeHeader } from '../../src/light-client/polkadot/header.ts';
import { decodeJustification } from '../../src/light-client/polkadot/justification.ts';
import type { PolkadotStore } from '../../src/light-client/polkadot/store.ts';
import {
  decodePolkadotStore,
  encodePolkadotStore,
} from '../../src/light-client/polkadot/store-codec.ts';
import { decodeTrieNode } from '../../src/light-client/polkadot/trie-node.ts';
import { verifyAccountInfo } from '../../src/light-client/polkadot/verify-account-info.ts';
import { verifyContractSlots } from '../../src/light-client/polkadot/verify-contract-slot.ts';
import { verifyFinality } from '../../src/light-client/polkadot/verify-finality.ts';
import {
  verifyParachainHead,
  verifyParents,
} from '../../src/light-client/polkadot/verify-parachain-head.ts';
import { verifyReadProof } from '../../src/light-client/polkadot/verify-read-proof.ts';
import { concatBytes, fromHex, type Hex, toHex } from '../../src/shared/bytes.ts';
import { word } from '../support/contract-state.ts';
import {
  chainOf,
  encodeJustification,
  genesis,
  signPrecommit,
  storeAt,
  type TestBlock,
  testAuthorities,
} from '../support/grandpa.ts';
import { readVectorJson } from '../support/vectors.ts';
import {
  bytesOf,
  fragmentOf,
  genesisStore,
  type RecordedChain,
  readRecordedChain,
} from '../vectors/polkadot/three-authorities.ts';
import {
  codecSeed,
  decoderSeed,
  type Input,
  only,
  type Seed,
  type Target,
  verifierSeed,
} from './target.ts';

/** Everything of Polkadot that reads what a host or a node hands over. */
export async function polkadotTargets(): Promise<Target[]> {
  const chain = readRecordedChain();
  const stores = storesOf(chain);
  const { justification, header } = fragmentOf(chain, 11);
  return [
    { name: 'polkadot/finality', form: 'bytes', seeds: await finalitySeeds(chain, stores) },
    {
      name: 'polkadot/justification',
      form: 'bytes',
      seeds: [decoderSeed(justification, decodeJustification)],
    },
    { name: 'polkadot/header', form: 'bytes', seeds: headerSeeds(header) },
    { name: 'polkadot/finality-proof', form: 'bytes', seeds: finalityProofSeeds(chain) },
    { name: 'polkadot/warp-sync', form: 'bytes', seeds: [warpSyncSeed(chain, stores)] },
    { name: 'polkadot/read-proof', form: 'nodes', seeds: await readProofSeeds() },
    { name: 'polkadot/contract-slots', form: 'nodes', seeds: await contractSeeds(chain) },
    { name: 'polkadot/parachain-head', form: 'nodes', seeds: [await parachainHeadSeed()] },
    { name: 'polkadot/parents', form: 'nodes', seeds: [parentsSeed()] },
    { name: 'polkadot/trie-node', form: 'bytes', seeds: trieNodeSeeds(chain) },
    { name: 'polkadot/store', form: 'bytes', seeds: stores.map(storeSeed) },
  ];
}

function step(store: PolkadotStore, input: Input): PolkadotStore {
  const [header = new Uint8Array(), justification = new Uint8Array()] = input;
  return applyFinality(store, verifyFinality(store, { header, justification }));
}

const stated = (store: PolkadotStore) => encodePolkadotStore(store).toHex();

/** Genesis, and after each of the two set changes. */
function storesOf(chain: RecordedChain): [PolkadotStore, PolkadotStore, PolkadotStore] {
  const first = genesisStore(chain);
  const second = step(first, partsOf(chain, 11));
  return [first, second, step(second, partsOf(chain, 22))];
}

function partsOf(chain: RecordedChain, number: number): Input {
  const { header, justification } = fragmentOf(chain, number);
  return [header, justification];
}

function finalitySeeds(chain: RecordedChain, stores: readonly PolkadotStore[]): Promise<Seed[]> {
  const recorded = [5, 11, 12, 22, 23, 102].flatMap((number) => {
    const store = stores[number > 22 ? 2 : Number(number > 11)];
    return store ? [verifierSeed(partsOf(chain, number), provesFrom(store))] : [];
  });
  return Promise.all([...recorded, ancestriesSeed()]);
}

const provesFrom = (store: PolkadotStore) => (input: Input) => stated(step(store, input));

/** Votes for descendants of the target, which the recorded justifications have none of. */
function ancestriesSeed(): Promise<Seed> {
  const voters = testAuthorities(6);
  const [target, one, two] = chainOf(genesis, 3) as [TestBlock, TestBlock, TestBlock];
  const precommits = voters.map((voter, i) =>
    signPrecommit(voter, [target, one, two][i % 3] ?? two),
  );
  const ancestries = [one.header, two.header];
  const justification = encodeJustification({ target, precommits, ancestries });
  return verifierSeed([target.header, justification], provesFrom(storeAt(voters)));
}

function headerSeeds(header: Uint8Array): Seed[] {
  const { scale } = readVectorJson<{ scale: Hex }>('grandpa/header-polkadot-512271.json');
  const read = (bytes: Uint8Array) => {
    const decoded = decodeHeader(bytes);
    findAuthorityChange(decoded);
    return decoded.encoded;
  };
  return [header, fromHex(scale)].map((bytes) => codecSeed(bytes, read));
}

function finalityProofSeeds(chain: RecordedChain): Seed[] {
  return chain.blocks.flatMap(({ proveFinality }) =>
    proveFinality === null
      ? []
      : [
          decoderSeed(
            readByteVector(createScaleCursor(fromHex(proveFinality))),
            decodeFinalityProof,
          ),
        ],
  );
}

/** A proof that is cut to fewer whole fragments proves what they prove. */
function warpSyncSeed(
  chain: RecordedChain,
  [first]: readonly [PolkadotStore, ...PolkadotStore[]],
): Seed {
  const fragments = [11, 22, 102].map((number) => concatBytes(...partsOf(chain, number)));
  const proofOf = (count: number) =>
    concatBytes(encodeVector(fragments.slice(0, count)), Uint8Array.of(1));
  const follow = (bytes: Uint8Array) => stated(followWarpSync(first, bytes));
  const allowed = [0, 1, 2, 3].map((count) => follow(proofOf(count)));
  return { input: [proofOf(3)], proves: (input) => follow(only(input)), mayProve: () => allowed };
}

function readProofSeeds(): Promise<Seed[]> {
  const names = ['parachain-head-1000', 'timestamp-now', 'polkadot-genesis-claims'];
  return Promise.all(
    names.map((name) => {
      const recorded = readRecordedRead(name);
      return verifierSeed(recorded.nodes, (input) => {
        const value = verifyReadProof(recorded.root, recorded.key, input);
        return value === undefined ? 'absent' : toHex(value);
      });
    }),
  );
}

function readRecordedRead(name: string): { root: Hex; key: Uint8Array; nodes: Uint8Array[] } {
  const { stateRoot, relayStateRoot, storageKey, proof } = readVectorJson<{
    readonly stateRoot: Hex;
    readonly relayStateRoot?: Hex;
    readonly storageKey: Hex;
    readonly proof: readonly Hex[];
  }>(`trie/${name}.json`);
  return { root: relayStateRoot ?? stateRoot, key: fromHex(storageKey), nodes: bytesOf(proof) };
}

function contractSeeds({ contract }: RecordedChain): Promise<Seed[]> {
  const { stateRoot, trieId } = contract;
  const present = contract.slots.slice(0, 3).map(({ slot }) => word(slot));
  const absent = [word(contract.slots[3]?.slot ?? -1)];
  const read = (slots: readonly Hex[]) => (input: Input) =>
    verifyContractSlots(stateRoot, { trieId }, slots, input).join();
  return Promise.all([
    verifierSeed(bytesOf(contract.childProof.nodes), read(present)),
    verifierSeed(bytesOf(contract.absentChildProof.nodes), read(absent)),
    verifierSeed(bytesOf(contract.accountInfoProof.nodes), (input) =>
      Object.values(verifyAccountInfo(stateRoot, contract.address, input)).join(),
    ),
  ]);
}

function parachainHeadSeed(): Promise<Seed> {
  const { root, nodes } = readRecordedRead('parachain-head-1000');
  return verifierSeed(nodes, (input) => toHex(verifyParachainHead(root, 1000, input).encoded));
}

/** A shorter chain of parents leads to a younger block. */
function parentsSeed(): Seed {
  const blocks = chainOf(genesis, 8).toReversed();
  const [head, ...parents] = blocks.map(({ header }) => header);
  const top = decodeHeader(head ?? genesis.header);
  const prove = (input: Input) => verifyParents(top, input).hash;
  const allowed = [...parents.keys(), parents.length].map((count) =>
    prove(parents.slice(0, count)),
  );
  return { input: parents, proves: prove, mayProve: () => allowed };
}

function trieNodeSeeds({ contract }: RecordedChain): Seed[] {
  const nodes = [
    ...bytesOf(contract.childProof.nodes),
    ...readRecordedRead('parachain-head-1000').nodes,
  ];
  return nodes.map((node) => decoderSeed(node, decodeTrieNode));
}

function storeSeed(store: PolkadotStore): Seed {
  return codecSeed(encodePolkadotStore(store), (bytes) =>
    encodePolkadotStore(decodePolkadotStore(bytes)),
  );
}
