import type { FinalitySource } from '../../chains/shared/finality-source.ts';
import type { RelayerChain, RelayerConfig } from '../../config/relayer.ts';
import { createEnclaveClient } from '../../enclave-client/enclave-client.ts';
import type { EnclaveStatus, LightClientStatus } from '../../protocol/enclave-commands.ts';
import type { Vitals } from '../vitals.ts';
import { openOne } from './examine-chain.ts';
import { type Check, examineAll, type Finding, good } from './finding.ts';

const OPEN_MS = 20_000;
const STATUS_MS = 10_000;

/**
 * Whether the nodes have what takes each enclave's light clients on from where they stand: they throw it away after a while. What does
 * not answer at all is told of elsewhere.
 */
export async function examineLightClients(
  config: RelayerConfig,
  vitals: Vitals,
): Promise<Finding[]> {
  const asked = await Promise.all(
    config.enclaves.map(async (address) => ({ address, status: await statusOf(address) })),
  );
  const found = await Promise.all(
    config.lightClients.map(async ({ id }) => {
      const entry = config.chains.find(({ lightClient }) => lightClient === id);
      return entry === undefined ? [] : await examineOne(asked, { config, vitals, entry, id });
    }),
  );
  return found.flat();
}

async function statusOf(address: string): Promise<EnclaveStatus | undefined> {
  const client = createEnclaveClient({ address, timeoutMs: STATUS_MS });
  try {
    return await client.ask('status', {});
  } catch {
    return undefined;
  } finally {
    client.close();
  }
}

interface Examined {
  readonly config: RelayerConfig;
  readonly vitals: Vitals;
  readonly entry: RelayerChain;
  /** Of the light client. */
  readonly id: string;
}

type Asked = { readonly address: string; readonly status: EnclaveStatus | undefined };

async function examineOne(
  asked: readonly Asked[],
  { config, vitals, entry, id }: Examined,
): Promise<Finding[]> {
  const opening = openOne(config, entry);
  const opened = await vitals.wait(`nodes of ${id}`, OPEN_MS, () => opening).catch(() => undefined);
  if (opened === undefined) {
    void opening.then(({ close }) => close()).catch(() => undefined);
    return [];
  }
  try {
    const source = opened.finality.get(id);
    const checks = asked.flatMap(({ address, status }) => {
      const standing = status?.lightClients.find(({ client }) => client === id);
      return source && standing
        ? [checkOf(`enclave ${address}: light client ${id}`, source, standing)]
        : [];
    });
    return await examineAll(vitals, checks);
  } finally {
    await opened.close();
  }
}

/** Asks for the first step only, and tells the enclave nothing of it. */
export function checkOf(
  name: string,
  source: Pick<FinalitySource, 'follow'>,
  standing: LightClientStatus,
): Check {
  const period = `committee ${standing.committee}`;
  const fix = `start the node of ${standing.client} if it does not answer; else name a node that still has what proves what follows on ${period}; without one the enclave has to be started from a newer checkpoint`;
  const look = async (): Promise<Finding> => {
    const steps = source.follow(standing);
    const { done } = await steps.next();
    await steps.return();
    return good(
      name,
      done ? `${period}: it has all there is` : `${period}: the node has what follows`,
    );
  };
  return { name, fix, look };
}
