import { toHex } from '../../src/shared/bytes.ts';
import { word } from '../../test/support/contract-state.ts';
import { type Json, MAINNET_CAPELLA, mainnetCapella } from '../../test/support/ethereum-vectors.ts';
import { executionHeaderRlp } from '../../test/support/execution-header.ts';
import { readVectorJson } from '../../test/support/vectors.ts';
import {
  fragmentOf,
  genesisConfig,
  readRecordedChain,
} from '../../test/vectors/polkadot/three-authorities.ts';

// Proof bundles of the recorded data, as lists of lines. `node scripts/make-evidence.mjs <folder>` writes them down.

/** Ethereum mainnet through six sync periods and a finality update. */
export function mainnetBundle(): Json[] {
  const client = 'ethereum';
  const advance = (json: Json) => ({ command: 'advance', params: { client, updates: [json] } });
  return [
    headOf([{ id: client, kind: 'ethereum', ...MAINNET_CAPELLA }], []),
    { command: 'bootstrap', params: { client, bootstrap: mainnetCapella.bootstrap() } },
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
  const final = [{ hash: block.hash }];
  return [
    headOf([], [{ name: 'ethereum', kind: 'ethereum', route: 'direct', final }]),
    prove('ethereum', { header, address, accountProof, slots }),
  ];
}

/** The chain of three native nodes through both changes of its authorities, and a contract in it. */
export function polkadotBundle(): Json[] {
  const chain = readRecordedChain();
  const { contract } = chain;
  const client = 'polkadot';
  const advance = (number: number) => {
    const { header, justification } = fragmentOf(chain, number);
    const update = { header: toHex(header), justification: toHex(justification) };
    return { command: 'advance', params: { client, updates: [update] } };
  };
  const at = { blockHash: contract.at, trieId: contract.trieId };
  const slots = contract.slots.map(({ slot }) => word(slot));
  return [
    headOf(
      [{ id: client, kind: 'substrate', ...genesisConfig(chain) }],
      [{ name: 'polkadot', kind: 'substrate', lightClient: client, route: 'direct' }],
    ),
    ...[11, 22, contract.number, 102]
      .filter((number, i, all) => all.indexOf(number) === i)
      .sort((a, b) => a - b)
      .map(advance),
    prove('polkadot', {
      blockHash: contract.at,
      address: contract.address,
      nodes: contract.accountInfoProof.nodes,
    }),
    prove('polkadot', { ...at, slots: slots.slice(0, 3), nodes: contract.childProof.nodes }),
    prove('polkadot', { ...at, slots: slots.slice(3, 4), nodes: contract.absentChildProof.nodes }),
  ];
}

function headOf(lightClients: readonly Json[], chains: readonly Json[]): Json {
  return { bundle: 2, trust: { lightClients, chains } };
}

function prove(chain: string, statement: Json): Json {
  return { command: 'prove', params: { chain, statement } };
}
