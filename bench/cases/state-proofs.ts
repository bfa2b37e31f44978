import { keccak256 } from '../../src/crypto/hashes.ts';
import { verifyAccountProof } from '../../src/light-client/ethereum/verify-account-proof.ts';
import { verifyStorageProof } from '../../src/light-client/ethereum/verify-storage-proof.ts';
import { verifyContractSlot } from '../../src/light-client/polkadot/verify-contract-slot.ts';
import { fromHex, type Hex } from '../../src/shared/bytes.ts';
import { contractState, word } from '../../test/support/contract-state.ts';
import {
  ETHEREUM_GATEWAY,
  ethereumState,
  GATEWAY_TRIE,
  wordOf,
} from '../../test/support/enclave-world.ts';
import { nodes } from '../../test/support/ethereum-vectors.ts';
import { readVectorJson, vectorsMissing } from '../../test/support/vectors.ts';
import { createSequence } from './sequence.ts';

/** One slot of one contract on Ethereum, with its proofs. */
export interface EthereumProofCase {
  readonly name: string;
  readonly stateRoot: Hex;
  readonly address: Hex;
  readonly accountProof: readonly Uint8Array[];
  readonly storageRoot: Hex;
  readonly slot: Hex;
  readonly storageProof: readonly Uint8Array[];
}

interface RecordedProof {
  readonly address: Hex;
  readonly accountProof: readonly string[];
  readonly storageHash: Hex;
  readonly storageProof: readonly [{ readonly key: Hex; readonly proof: readonly string[] }];
}

/** The recorded one of mainnet, or a made-up state of some thousand entries. */
export function ethereumProofCase(seed: number): EthereumProofCase {
  return vectorsMissing ? madeUpCase(seed) : recordedCase();
}

function recordedCase(): EthereumProofCase {
  const { stateRoot } = readVectorJson<{ stateRoot: Hex }>('ethereum/execution/block.json');
  const proof = readVectorJson<RecordedProof>('ethereum/execution/proof.json');
  const [{ key, proof: storageProof }] = proof.storageProof;
  return {
    name: 'mainnet block 21925176',
    stateRoot,
    address: proof.address,
    accountProof: nodes(proof.accountProof),
    storageRoot: proof.storageHash,
    slot: key,
    storageProof: nodes(storageProof),
  };
}

const MADE_UP_ENTRIES = 2000;

function madeUpCase(seed: number): EthereumProofCase {
  const next = createSequence(seed);
  const slots = new Map(
    Array.from({ length: MADE_UP_ENTRIES }, (_, i) => [word(i), wordOf(next())]),
  );
  const others = Array.from({ length: MADE_UP_ENTRIES }, () => {
    const address: Hex = `0x${wordOf(next()).slice(-40)}`;
    return [address, new Map<Hex, Hex>()] as const;
  });
  const { stateRoot, prove } = ethereumState(new Map([[ETHEREUM_GATEWAY, slots], ...others]));
  const { accountProof, storageProof } = prove(ETHEREUM_GATEWAY, word(1));
  const account = verifyAccountProof(stateRoot, ETHEREUM_GATEWAY, accountProof);
  return {
    name: `a made-up state of ${MADE_UP_ENTRIES} accounts`,
    stateRoot,
    address: ETHEREUM_GATEWAY,
    accountProof,
    storageRoot: account?.storageRoot ?? '0x',
    slot: word(1),
    storageProof,
  };
}

/** Account, then slot. */
export function verifyEthereumProofs(proof: EthereumProofCase): Hex {
  const account = verifyAccountProof(proof.stateRoot, proof.address, proof.accountProof);
  if (account?.storageRoot !== proof.storageRoot) throw new Error('the account is another');
  return verifyStorageProof(proof.storageRoot, proof.slot, proof.storageProof);
}

/** The keys of both tries, as a library that knows no addresses wants them. */
export function trieKeys({ address, slot }: EthereumProofCase): [Uint8Array, Uint8Array] {
  return [keccak256(fromHex(address)), keccak256(fromHex(slot))];
}

/** One slot of one contract on the Polkadot side, with its proof. */
export interface ReadProofCase {
  readonly name: string;
  readonly stateRoot: Hex;
  readonly slot: Hex;
  readonly nodes: readonly Uint8Array[];
}

/** A made-up state of version 1: entries beside, and a contract's child trie. */
export function readProofCase(seed: number): ReadProofCase {
  const next = createSequence(seed);
  const slots = new Map(
    Array.from({ length: MADE_UP_ENTRIES }, (_, i) => [word(i), fromHex(wordOf(next()))]),
  );
  const beside = new Map(
    Array.from({ length: MADE_UP_ENTRIES }, () => [
      wordOf(next()).slice(2),
      fromHex(wordOf(next())),
    ]),
  );
  const state = contractState(new Map([[GATEWAY_TRIE, slots]]), beside);
  const slot = word(1);
  return {
    name: `a made-up state of ${MADE_UP_ENTRIES} entries and ${MADE_UP_ENTRIES} slots`,
    stateRoot: state.stateRoot,
    slot,
    nodes: state.prove(GATEWAY_TRIE, [slot]),
  };
}

/** From the state root through the child root to the slot. */
export function verifyReadProofCase({ stateRoot, slot, nodes: proof }: ReadProofCase): Hex {
  return verifyContractSlot(stateRoot, { trieId: GATEWAY_TRIE }, slot, proof);
}
