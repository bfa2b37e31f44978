import type { FinalitySource, FinalityStep } from '../../chains/shared/finality-source.ts';
import { encodeJson } from '../../codec/json.ts';
import { refusalCode } from '../../enclave-client/enclave-client.ts';
import type { EnclaveStatus, LightClientStatus } from '../../protocol/enclave-commands.ts';
import { type Bridge, type EnclaveLine, RelayerError } from '../bridge.ts';
import { REFUSED, refusesData } from './ask-with-proof.ts';

/** What an enclave has to say of one of its light clients. @throws {RelayerError} RELAYER_CLIENT_UNKNOWN */
export function lightClientOf({ lightClients }: EnclaveStatus, id: string): LightClientStatus {
  const found = lightClients.find(({ client }) => client === id);
  if (found !== undefined) return found;
  throw new RelayerError('RELAYER_CLIENT_UNKNOWN', `the enclave has no light client "${id}"`);
}

/** Where a light client's finality comes from. @throws {RelayerError} RELAYER_CLIENT_UNKNOWN */
export function finalityOf({ finality }: Pick<Bridge, 'finality'>, id: string): FinalitySource {
  const found = finality.get(id);
  if (found !== undefined) return found;
  throw new RelayerError('RELAYER_CLIENT_UNKNOWN', `no light client "${id}" is configured`);
}

/**
 * Takes a light client of an enclave to the newest finality that its source shows. The enclave keeps what each step
 * brought, so that after a stop the next call goes on from there.
 *
 * @param signal once it says stop, nothing more is sent
 * @returns what the enclave says of itself after the last step
 * @throws {ChainError} as `FinalitySource.follow`
 */
export async function advance(
  bridge: Pick<Bridge, 'finality' | 'log' | 'signal'>,
  line: EnclaveLine,
  id: string,
  signal: AbortSignal = bridge.signal,
): Promise<EnclaveStatus> {
  const source = finalityOf(bridge, id);
  let status = await line.client.ask('status', {});
  const steps = source.follow(lightClientOf(status, id));
  for (
    let step = await steps.next(lightClientOf(status, id));
    !step.done;
    step = await steps.next(lightClientOf(status, id))
  ) {
    signal.throwIfAborted();
    if (step.value.command === 'bootstrap') {
      bridge.log.info({ lightClient: id, enclave: line.name }, 'starting a light client');
    }
    status = await take(bridge, line, { step: step.value, source, status });
  }
  return status;
}

interface Standing {
  readonly step: FinalityStep;
  readonly source: FinalitySource;
  readonly status: EnclaveStatus;
}

async function take(
  { log }: Pick<Bridge, 'log'>,
  { client }: EnclaveLine,
  { step: { command, params }, source, status }: Standing,
): Promise<EnclaveStatus> {
  const { client: lightClient } = params;
  try {
    return await client.ask(command, params);
  } catch (error) {
    if (source.overtaken.has(refusalCode(error) ?? '')) {
      const now = await client.ask('status', {});
      // Where it stands where it stood the updates were bad, not late.
      if (!isSame(lightClientOf(now, lightClient), lightClientOf(status, lightClient))) return now;
    }
    if (refusesData(error)) {
      const host = source.distrust(REFUSED);
      log.warn({ err: error, lightClient, host }, 'finality was refused; it is asked for again');
    }
    throw error;
  }
}

function isSame(a: LightClientStatus, b: LightClientStatus): boolean {
  return encodeJson(a) === encodeJson(b);
}
