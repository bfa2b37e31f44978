import { REGISTERED_ABI, REGISTRY_ABI } from '../chains/shared/abi.ts';
import { decodeEvent, hexArg, integerArg } from '../chains/shared/decode-event.ts';
import { readContract } from '../chains/shared/read-contract.ts';
import type { Hex } from '../shared/bytes.ts';
import type { EnclavesAnswer } from './bridge-answers.ts';
import { type Kept, keep, within } from './kept.ts';
import type { ChainPlace } from './sources.ts';

type RegistryAnswer = EnclavesAnswer['registries'][number];

const KEPT_MS = 30_000;
const DEADLINE_MS = 8000;

/** Asks every registry who may sign, at most twice a minute; their logs are read once. */
export function createEnclaves(places: readonly ChainPlace[]): Kept<EnclavesAnswer> {
  const readers = places.map(createReader);
  return keep(KEPT_MS, async () => ({
    registries: await Promise.all(readers.map((read) => read())),
  }));
}

function createReader(place: ChainPlace): () => Promise<RegistryAnswer> {
  let { registry } = place;
  const admitted = new Map<string, Admitted>();
  const revoked = new Set<string>();
  let nextBlock = place.fromBlock;
  const read = async (): Promise<RegistryAnswer> => {
    registry ??= await registryOf(place);
    const final = await place.chain.finalizedHead();
    if (final.number >= nextBlock) {
      const range = { addresses: [registry], fromBlock: nextBlock, toBlock: final.number };
      for (const log of await place.chain.logs(range)) take(log, { admitted, revoked });
      nextBlock = final.number + 1;
    }
    return await describe(place, registry, { admitted, revoked });
  };
  return async () => (await within(DEADLINE_MS, read)) ?? unreachable(place, registry);
}

interface Admitted {
  readonly address: Hex;
  readonly epoch: bigint;
  readonly expiresAt: bigint;
  readonly measurement: Hex;
}

interface Known {
  readonly admitted: Map<string, Admitted>;
  readonly revoked: Set<string>;
}

function take(log: { topics: readonly Hex[]; data: Hex }, { admitted, revoked }: Known): void {
  const event = decodeEvent(REGISTRY_ABI, log);
  if (event?.name === 'EnclaveRevoked') revoked.add(hexArg(event, 'enclave'));
  if (event?.name !== 'EnclaveAdmitted') return;
  const address = hexArg(event, 'enclave');
  const epoch = integerArg(event, 'epoch');
  const expiresAt = integerArg(event, 'expiresAt');
  const measurement = hexArg(event, 'measurement');
  admitted.set(`${epoch} ${address}`, { address, epoch, expiresAt, measurement });
}

async function describe(
  { chainId, chain }: ChainPlace,
  registry: Hex,
  { admitted, revoked }: Known,
): Promise<RegistryAnswer> {
  const contract = { chain, address: registry, abi: REGISTRY_ABI };
  const [[epoch], [threshold], current] = await Promise.all([
    readContract(contract, 'epoch'),
    readContract(contract, 'threshold'),
    readContract(contract, 'currentKey'),
  ]);
  const running = [...admitted.values()].filter((each) => each.epoch === epoch);
  return {
    chainId: `${chainId}`,
    registry,
    isReachable: true,
    epoch: `${epoch}`,
    threshold: Number(threshold),
    keyEpoch: `${current['keyEpoch']}`,
    key: lower(current['key']),
    enclaves: running.map(({ address, expiresAt, measurement }) => ({
      address,
      expiresAt: new Date(Number(expiresAt) * 1000).toISOString(),
      measurement,
      isRevoked: revoked.has(address),
    })),
  };
}

/** The registry that the gateway holds signatures to. */
async function registryOf({ chain, gateway }: ChainPlace): Promise<Hex> {
  const [registry] = await readContract(
    { chain, address: gateway, abi: REGISTERED_ABI },
    'registry',
  );
  return lower(registry);
}

function unreachable({ chainId }: ChainPlace, registry: Hex | undefined): RegistryAnswer {
  const unknown = { epoch: null, threshold: null, keyEpoch: null, key: null, enclaves: [] };
  return { chainId: `${chainId}`, registry: registry ?? null, isReachable: false, ...unknown };
}

function lower(text: string): Hex {
  return text.toLowerCase() as Hex;
}
