import type { Json } from './ethereum-vectors.ts';

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
