import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { dispatch } from '../enclave/dispatch/dispatch.ts';
import { initialState } from '../enclave/initial-state.ts';
import { deriveEnclaveKeys } from '../enclave/keys/enclave-keys.ts';
import { hashMeasuredConfig, parseMeasuredConfig } from '../enclave/measured-config.ts';
import { proveAnchoredState } from '../enclave/prove-word.ts';
import type { EnclaveContext, EnclaveState } from '../enclave/state.ts';
import type { CommandResult, EnclaveStatus } from '../protocol/enclave-commands.ts';
import { decodeRequest, type Request } from '../protocol/enclave-wire.ts';
import { type Hex, toHex, utf8 } from '../shared/bytes.ts';
import { BridgeError } from '../shared/errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';

const UNMEASURED: Hex = `0x${'00'.repeat(32)}`;

/**
 * Repeats every check that an enclave made of recorded evidence. The record begins with the measured configuration;
 * `expected` is the one that the user trusts, if there is one to compare it with. The enclave's keys are not needed,
 * for nothing that they make is checked.
 */
export async function verifyEvidence(file: string, expected?: unknown): Promise<ExitCode> {
  let context: EnclaveContext | undefined;
  let state: EnclaveState | undefined;
  let steps = 0;
  for await (const line of createInterface({ input: createReadStream(file) })) {
    try {
      if (context === undefined || state === undefined) {
        const { measured } = readObject(line);
        requireSame(measured, expected);
        context = await contextOf(measured);
        state = initialState(context);
        printTrust(context, measured);
        continue;
      }
      steps++;
      const request = decodeRequest(utf8(JSON.stringify({ id: steps, ...readObject(line) })));
      state = await verifyStep(state, request, { context, number: steps });
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error;
      console.log(`${numbered(steps)} REFUSED ${error.code}: ${error.message}`);
      return EXIT.refused;
    }
  }
  if (steps === 0) {
    console.log('the file holds no evidence, so it proves nothing');
    return EXIT.refused;
  }
  console.log(`all ${steps} steps hold, on the trust stated above`);
  return EXIT.ok;
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

async function contextOf(measured: unknown): Promise<EnclaveContext> {
  const config = parseMeasuredConfig(measured);
  const secrets = { masterSecret: drawn(), signingKey: drawn() };
  const keys = await deriveEnclaveKeys(secrets, config.epoch);
  return { config, measurement: UNMEASURED, keys };
}

function drawn(): Uint8Array {
  return new Uint8Array(randomBytes(32));
}

function printTrust({ config }: EnclaveContext, measured: unknown): void {
  const { ethereum, polkadot } = config;
  const { checkpoint, topology } = polkadot.lightClient;
  console.log('trusted, because the configuration says so:');
  console.log(`  configuration  ${toHex(hashMeasuredConfig(measured))}`);
  console.log(`  ethereum       beacon block ${ethereum.lightClient.checkpointRoot}`);
  console.log(
    `  polkadot       block ${checkpoint.number} ${checkpoint.hash}, set ${checkpoint.setId}`,
  );
  if (topology !== 'solo') {
    console.log(
      `                 of the relay chain; the contracts are on parachain ${topology.paraId}`,
    );
  }
  console.log('  and that two thirds of each committee and authority set since then were honest\n');
}

async function verifyStep(
  state: EnclaveState,
  request: Request,
  { context, number }: { readonly context: EnclaveContext; readonly number: number },
): Promise<EnclaveState> {
  if (request.command === 'confirmAnchored') {
    const anchored = proveAnchoredState(state, context, request.params.proof);
    console.log(`${numbered(number)} the anchor holds state id ${anchored}`);
    return state;
  }
  const step = await dispatch(state, request, context);
  console.log(`${numbered(number)} ${describeStep(request, step.result)}`);
  return step.state;
}

function describeStep(request: Request, result: unknown): string {
  switch (request.command) {
    case 'bootstrapEthereum':
      return `the checkpoint commits to this sync committee; ${describeEthereum(result as EnclaveStatus)}`;
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

/** A record that cannot be read, or that is about another configuration. */
export class EvidenceFileError extends BridgeError<{ what: string }> {
  readonly code = 'EVIDENCE_FILE_REFUSED';
  readonly disposition = 'reject';
  constructor(what: string, options?: { cause?: unknown }) {
    super(`The evidence file proves nothing: ${what}.`, { what }, options);
  }
}
