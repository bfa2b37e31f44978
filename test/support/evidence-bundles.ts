import { toHex } from '../../src/shared/bytes.ts';
import {
  fragmentOf,
  genesisConfig,
  readRecordedChain,
} from '../vectors/polkadot/three-authorities.ts';
import { word } from './contract-state.ts';
import { type Json, MAINNET_CAPELLA, mainnetCapella } from './ethereum-vectors.ts';
import { executionHeaderRlp } from './execution-header.ts';
import { readVectorJson } from './vectors.ts';

// Proof bundles of the recorded data, as lists of lines. `node scripts/make-evidence.mjs <folder>` writes them down.

/** Ethereum mainnet through six sync periods and a finality update. */
export function mainnetBundle(): Json[] {
  const advance = (json: Json) => ({ command: 'advanceEthereum', params: { updates: [json] } });
  return [
    { bundle: 1, trust: { ethereum: MAINNET_CAPELLA } },
    { command: 'bootstrapEthereum', params: { bootstrap: mainnetCapella.bootstrap() } },
    ...mainnetCapella.updates().map(advance),
    advance(mainnetCapella.finality()),
  ];
}

/** The deposit contract of Ethereum in block 21925176 with its slot 1, that block being known. */
export function executionBundle(): Json[] {
  const block = readVectorJson<Json>('ethereum/execution/block.json');
  const { address, accountProof, storageProof } = readVectorJson<Json>(
    'ethereum/execution/proof.json',
  );
  const slots = storageProof.map(({ key, proof }: Json) => ({ slot: key, proof }));
  const header = toHex(executionHeaderRlp(block));
  return [
    { bundle: 1, trust: { ethereumBlock: block.hash } },
    { command: 'proveEthereumState', params: { header, address, accountProof, slots } },
  ];
}

/** The chain of three native nodes through both changes of its authorities, and a contract in it. */
export function polkadotBundle(): Json[] {
  const chain = readRecordedChain();
  const { contract } = chain;
  const advance = (number: number) => {
    const { header, justification } = fragmentOf(chain, number);
    const fragment = { header: toHex(header), justification: toHex(justification) };
    return { command: 'advancePolkadot', params: { fragments: [fragment] } };
  };
  const at = { blockHash: contract.at, trieId: contract.trieId };
  const slots = contract.slots.map(({ slot }) => word(slot));
  return [
    { bundle: 1, trust: { polkadot: genesisConfig(chain) } },
    ...[11, 22, contract.number, 102]
      .filter((number, i, all) => all.indexOf(number) === i)
      .sort((a, b) => a - b)
      .map(advance),
    {
      command: 'provePolkadotContract',
      params: {
        blockHash: contract.at,
        address: contract.address,
        nodes: contract.accountInfoProof.nodes,
      },
    },
    {
      command: 'provePolkadotSlots',
      params: { ...at, slots: slots.slice(0, 3), nodes: contract.childProof.nodes },
    },
    {
      command: 'provePolkadotSlots',
      params: { ...at, slots: slots.slice(3, 4), nodes: contract.absentChildProof.nodes },
    },
  ];
}
