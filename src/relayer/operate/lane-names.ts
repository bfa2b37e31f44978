import type { RelayerConfig } from '../../config/relayer.ts';

/** What of a configuration its lanes are named after. */
export type NamedLanes = {
  readonly chains: readonly Pick<RelayerConfig['chains'][number], 'name'>[];
  readonly lightClients: readonly Pick<RelayerConfig['lightClients'][number], 'id'>[];
  readonly enclaves: readonly unknown[];
};

/**
 * The lanes of a relayer with this configuration that an operator can hold, under the names that `relayer lanes` shows: without an enclave for
 * every one, and with it.
 */
export function heldLanesOf({ chains, lightClients, enclaves }: NamedLanes): string[] {
  const names = chains.map(({ name }) => name);
  const perEnclave = [
    ...lightClients.map(({ id }) => `follow ${id}`),
    ...names.map((name) => `prove ${name}`),
    'confirm',
  ];
  return [
    ...names.map((name) => `watch ${name}`),
    ...perEnclave.flatMap((work) => [
      work,
      ...enclaves.map((_, i) => `${work} @ enclave-${i + 1}`),
    ]),
    'commit',
    ...names.flatMap((name) => [`reveal ${name}`, `release ${name}`]),
    'snapshot',
  ];
}

/** All lanes: those that can be held, and those that only look and settle, which go on in a pause. */
export function allLanesOf(config: NamedLanes): string[] {
  return [
    ...heldLanesOf(config),
    ...config.chains.map(({ name }) => `settle ${name}`),
    ...config.enclaves.map((_, i) => `ask enclave-${i + 1}`),
  ];
}
