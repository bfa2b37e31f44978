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

const OLD_NAMES: Json = {
  bootstrap: { ethereum: 'bootstrapEthereum' },
  advance: { ethereum: 'advanceEthereum', polkadot: 'advancePolkadot' },
};

/** The same bundle as version 1 wrote it. */
export function asVersion1([{ trust }, ...steps]: Json[]): Json[] {
  const clientOf = (id: string) => {
    const {
      id: _,
      kind,
      ...config
    } = trust.lightClients.find((each: Json) => each.id === id) ?? {};
    return kind && config;
  };
  const [ethereum, polkadot] = [clientOf('ethereum'), clientOf('polkadot')];
  const block = trust.chains[0]?.final?.[0]?.hash;
  return [
    {
      bundle: 1,
      trust: {
        ...(ethereum && { ethereum }),
        ...(block && { ethereumBlock: block }),
        ...(polkadot && { polkadot: { ...polkadot, topology: topologyOf(trust.chains) } }),
      },
    },
    ...steps.map(oldStep),
  ];
}

function topologyOf(chains: readonly Json[]): Json {
  const route = chains.find(({ name }) => name === 'polkadot')?.route;
  return route === 'direct' ? 'solo' : route;
}

function oldStep({ command, params }: Json): Json {
  if (command !== 'prove') {
    const { client, updates, ...rest } = params;
    const list = client === 'polkadot' ? { fragments: updates } : { updates };
    return {
      command: OLD_NAMES[command][client],
      params: { ...rest, ...(updates && list) },
    };
  }
  const { chain, statement } = params;
  if (chain === 'ethereum') return { command: 'proveEthereumState', params: statement };
  const what = statement.address ? 'provePolkadotContract' : 'provePolkadotSlots';
  return { command: what, params: statement };
}
