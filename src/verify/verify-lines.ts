import { dispatch } from '../enclave/dispatch/dispatch.ts';
import { initialState } from '../enclave/initial-state.ts';
import { deriveEnclaveKeys } from '../enclave/keys/enclave-keys.ts';
import {
  hashMeasuredConfig,
  type MeasuredConfigJson,
  parseMeasuredConfig,
} from '../enclave/measured-config.ts';
import { proveAnchoredState } from '../enclave/prove-word.ts';
import type { EnclaveContext, EnclaveState } from '../enclave/state.ts';
import type { CommandResult, EnclaveStatus } from '../protocol/enclave-commands.ts';
import { decodeRequest, type Request } from '../protocol/enclave-wire.ts';
import { type Hex, toHex, utf8 } from '../shared/bytes.ts';
import { BridgeError } from '../shared/errors.ts';
import { openBundle } from './verify-bundle.ts';
import {
  describeEthereumAge,
  describePolkadotAge,
  EvidenceFileError,
  type OpenedEvidence,
  type VerifyOptions,
} from './verify-step.ts';

const UNMEASURED: Hex = `0x${'00'.repeat(32)}`;
/** The verifier's own enclave needs keys to run; nothing that they make is checked, so anybody may know them. */
const NO_SECRET = new Uint8Array(32).fill(1);

/**
 * Repeats every check of recorded evidence: of the record that an enclave's host keeps, which begins with the measured
 * configuration, or of a proof bundle, which begins with what it rests on. Ends at the first line that proves nothing.
 *
 * @param lines the file's, one JSON object each
 * @yields what is trusted and what each line proves, or why it does not, as lines of text
 * @returns whether all lines hold, and there was one besides the first
 */
export async function* verifyLines(
  lines: AsyncIterable<string> | Iterable<string>,
  options: VerifyOptions,
): AsyncGenerator<string, boolean> {
  let opened: OpenedEvidence | undefined;
  let steps = 0;
  for await (const line of lines) {
    try {
      if (opened === undefined) {
        opened = await openEvidence(readObject(line), options);
        yield* opened.trust;
        continue;
      }
      steps++;
      yield `${numbered(steps)} ${await opened.verify(readObject(line), steps)}`;
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error;
      yield `${numbered(steps)} REFUSED ${error.code}: ${error.message}`;
      return false;
    }
  }
  yield steps === 0
    ? 'the file holds no evidence, so it proves nothing'
    : `all ${steps} steps hold, on the trust stated above`;
  return steps > 0;
}

async function openEvidence(
  head: Record<string, unknown>,
  options: VerifyOptions,
): Promise<OpenedEvidence> {
  if ('bundle' in head) {
    requireSameTrust(head['trust'], options.expected);
    return openBundle(head, options);
  }
  const { measured } = head;
  requireSame(measured, options.expected);
  return openRecord(measured, options);
}

/** Checks the commands that an enclave accepted, on a state of its own. */
async function openRecord(measured: unknown, options: VerifyOptions): Promise<OpenedEvidence> {
  const context = await contextOf(measured);
  let state = initialState(context);
  const verify = async (line: Record<string, unknown>, id: number) => {
    const request = decodeRequest(utf8(JSON.stringify({ id, ...line })));
    if (request.command === 'confirmAnchored') {
      return `the anchor holds state id ${proveAnchoredState(state, context, request.params.proof)}`;
    }
    const step = await dispatch(state, request, context);
    state = step.state;
    if (request.command !== 'bootstrapEthereum') return describeStep(request, step.result);
    return `the checkpoint, ${ageOf(state, options)}, commits to this sync committee; ${describeEthereum(step.result as EnclaveStatus)}`;
  };
  return { trust: describeTrust(context, measured, options), verify };
}

function ageOf({ durable }: EnclaveState, options: VerifyOptions): string {
  const header = durable.ethereum?.store.finalizedHeader;
  return header ? describeEthereumAge(header, options) : 'of no known age';
}

function readObject(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch (cause) {
    throw new EvidenceFileError('a line is not JSON', { cause });
  }
  throw new EvidenceFileError('a line is not a JSON object');
}

function requireSame(measured: unknown, expected: unknown): void {
  if (expected === undefined) return;
  const [got, wanted] = [measured, expected].map((config) => toHex(hashMeasuredConfig(config)));
  if (got === wanted) return;
  throw new EvidenceFileError(`its configuration is ${got}, yours is ${wanted}`);
}

/** A bundle may leave a chain out; what it rests on must be what the user's configuration says. */
function requireSameTrust(trust: unknown, expected: unknown): void {
  if (expected === undefined) return;
  const { ethereum, polkadot } = expected as MeasuredConfigJson;
  const known = { ethereum: ethereum.lightClient, polkadot: polkadot.lightClient };
  for (const [name, claimed] of Object.entries(trust ?? {})) {
    if (name !== 'ethereum' && name !== 'polkadot') {
      throw new EvidenceFileError(`it rests on ${name}, which your configuration does not know`);
    }
    requireSame(claimed, known[name]);
  }
}

async function contextOf(measured: unknown): Promise<EnclaveContext> {
  const config = parseMeasuredConfig(measured);
  const secrets = { masterSecret: NO_SECRET, signingKey: NO_SECRET };
  const keys = await deriveEnclaveKeys(secrets, config.epoch);
  return { config, measurement: UNMEASURED, keys };
}

function describeTrust(
  { config }: EnclaveContext,
  measured: unknown,
  options: VerifyOptions,
): string[] {
  const { ethereum, polkadot } = config;
  const { checkpoint, topology } = polkadot.lightClient;
  return [
    'trusted, because the configuration says so:',
    `  configuration  ${toHex(hashMeasuredConfig(measured))}`,
    `  ethereum       beacon block ${ethereum.lightClient.checkpointRoot}`,
    `  polkadot       block ${checkpoint.number} ${checkpoint.hash}, set ${checkpoint.setId}`,
    ...(topology === 'solo'
      ? []
      : [`                 of the relay chain; the contracts are on parachain ${topology.paraId}`]),
    `                 ${describePolkadotAge(checkpoint, options)}`,
    '  and that two thirds of each committee and authority set since then were honest\n',
  ];
}

function describeStep(request: Request, result: unknown): string {
  switch (request.command) {
    case 'advanceEthereum':
      return `${describeEthereum(result as EnclaveStatus)}`;
    case 'advancePolkadot': {
      const { finalizedNumber, blockHash, setId } = (result as EnclaveStatus).polkadot;
      return `polkadot block ${finalizedNumber} ${blockHash} is final, next set ${setId}`;
    }
    case 'ingest': {
      const { chainId, position } = result as CommandResult<'ingest'>;
      const count = request.params.messages.length;
      return `chain ${chainId}: ${count} message(s) replay to the proven sent head ${position.head}, ${position.count} in all`;
    }
    default:
      return `${request.command} holds`;
  }
}

function describeEthereum({ ethereum }: EnclaveStatus): string {
  if (!ethereum) return 'nothing of Ethereum is final yet';
  const { blockNumber, blockHash, period } = ethereum;
  return `ethereum block ${blockNumber} ${blockHash} is final (sync period ${period})`;
}

function numbered(step: number): string {
  return String(step).padStart(4);
}
