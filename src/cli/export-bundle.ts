import { writeFileSync } from 'node:fs';
import { makeCheckpoint } from '../chains/make-checkpoint.ts';
import { openChains } from '../chains/open-chains.ts';
import type { BridgedChain } from '../chains/shared/bridged-chain.ts';
import type { FinalitySource } from '../chains/shared/finality-source.ts';
import { stateStatement } from '../chains/state-statement.ts';
import { unstartedStatus } from '../chains/unstarted-client.ts';
import { encodeJson } from '../codec/json.ts';
import type { RelayerChain, RelayerConfig } from '../config/relayer.ts';
import { proveStatement, statementSchemaOf } from '../light-client/client-evidence.ts';
import { bootstrapClient, type ClientState, initialClient } from '../light-client/client-state.ts';
import { type ClientConfig, lightClientSchema } from '../light-client/kinds.ts';
import { CHAIN_KINDS } from '../protocol/chain-kind.ts';
import { ANCHOR_SLOTS, anchorIdSlot, GATEWAY_SLOTS } from '../protocol/contracts.ts';
import type { StateProof } from '../protocol/state-proof.ts';
import { parseSubjectId } from '../relayer/operate/subject-id.ts';
import type { Hex } from '../shared/bytes.ts';
import { BridgeError } from '../shared/errors.ts';
import { type OperatorOptions, printAnswer, relayerConfigOf } from './ask-relayer.ts';
import { CommandLineError } from './command-line-error.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { SubjectUnknown } from './subject-unknown.ts';

/** What a bundle shows of a contract. */
interface Shown {
  readonly entry: RelayerChain;
  readonly contract: Hex;
  /** The last of them counts. */
  readonly slots: readonly [Hex, Hex];
  /** What that counts has to be for there to be anything to show. */
  readonly least: bigint;
  /** What they hold, for whoever reads the proof. */
  readonly about: string;
}

/**
 * Writes a proof bundle for `veilspan verify`: from a checkpoint of the newest final block, what the gateway or the anchor holds there
 * of a transfer, a release, a batch or a commit.
 *
 * @throws {CommandLineError} @throws {SubjectIdError} @throws {SubjectUnknown} no final block has it @throws {ChainError}
 */
export async function exportBundle(
  id: string,
  options: OperatorOptions & { readonly out: string },
): Promise<ExitCode> {
  const config = relayerConfigOf(options);
  const shown = shownOf(config, id);
  const lines = await proveShown(config, shown);
  writeFileSync(options.out, lines.map((line) => `${encodeJson(line)}\n`).join(''), { flag: 'wx' });
  printAnswer(options, { file: options.out, shows: shown.about, slots: shown.slots }, () => [
    `${options.out} shows ${shown.about}`,
    ...shown.slots.map((slot) => `  slot ${slot}`),
    `check it with: veilspan verify ${options.out}`,
  ]);
  return EXIT.ok;
}

function shownOf(config: RelayerConfig, text: string): Shown {
  const id = parseSubjectId(text);
  if (id.kind === 'hash')
    throw new CommandLineError('name a transfer, a release, a batch or a commit');
  const [kind, place = ''] = id.subject.split(' ');
  const [chainId, index] =
    kind === 'commit' ? [`${config.anchor.chainId}`, place] : place.split('/');
  const entry = config.chains.find((chain) => `${chain.chainId}` === chainId);
  if (entry === undefined) throw new CommandLineError(`the relayer has no chain ${chainId}`);
  if (kind === 'commit') {
    return {
      entry,
      contract: config.anchor.address,
      slots: [anchorIdSlot(BigInt(place)), ANCHOR_SLOTS.number],
      least: BigInt(place),
      about: `the state id that the anchor keeps of commit ${place}, and how many commits it has`,
    };
  }
  const isSent = kind === 'message';
  return {
    entry,
    contract: entry.gateway,
    slots: isSent
      ? [GATEWAY_SLOTS.sentHead, GATEWAY_SLOTS.sentCount]
      : [GATEWAY_SLOTS.releasedHead, GATEWAY_SLOTS.releasedCount],
    least: BigInt(index ?? 0) + 1n,
    about: isSent
      ? `the head and the count of the messages that the gateway has taken: more than ${index} if it has taken this one`
      : `the head and the count of the releases that the gateway has made: more than ${index} if it has made this one`,
  };
}

async function proveShown(config: RelayerConfig, shown: Shown): Promise<unknown[]> {
  const { entry } = shown;
  const source = config.lightClients.find(({ id }) => id === entry.lightClient);
  const kind = CHAIN_KINDS.find((each) => each === entry.kind);
  if (source === undefined || kind === undefined) {
    throw new CommandLineError(`the relayer has no light client ${entry.lightClient}`);
  }
  const { chains, finality, close } = await openChains(
    { lightClients: [source], chains: [entry] },
    config.pollMs,
  );
  try {
    const [chain, follow] = [chains.get(entry.chainId), finality.get(source.id)];
    if (chain === undefined || follow === undefined) throw new RangeError('both are open');
    const { lightClient } = await makeCheckpoint(kind, source.url);
    const client = lightClientSchema.parse({ id: source.id, ...lightClient });
    const started = await startClient(client, follow);
    await requireThere(chain, { ...shown, held: started.held });
    return [
      { bundle: 2, trust: { lightClients: [client], chains: [chainOf(entry)] } },
      ...started.steps,
      await proveSlots(chain, { ...shown, client, started }),
    ];
  } finally {
    await close();
  }
}

/** @throws {SubjectUnknown} */
async function requireThere(
  chain: BridgedChain,
  { contract, slots: [, counted], least, held }: Shown & { readonly held: Hex },
): Promise<void> {
  // A count is in the low 8 bytes of its slot.
  const count = BigInt.asUintN(64, BigInt(await chain.word(contract, counted, held)));
  if (count >= least) return;
  throw new SubjectUnknown({
    what: `No final block of ${chain.name} has it: its contract counts ${count} so far`,
  });
}

function chainOf({ name, kind, lightClient, route }: RelayerChain): unknown {
  return { name, kind, lightClient, route, final: [] };
}

interface Started {
  readonly steps: readonly unknown[];
  readonly state: ClientState;
  /** Hash of the block that the client takes to be final. */
  readonly held: Hex;
}

async function startClient(client: ClientConfig, source: FinalitySource): Promise<Started> {
  const initial = initialClient(client);
  if (initial.store !== null) return { steps: [], state: initial, held: heldBy(initial) };
  const unstarted = unstartedStatus(client);
  if (unstarted === undefined)
    throw new RangeError('a client of its kind begins with its configuration');
  const following = source.follow(unstarted);
  const { value: step } = await following.next();
  await following.return();
  if (step?.command !== 'bootstrap') throw new RangeError('a client that has not begun is started');
  const started = bootstrapClient(client, initial, step.params.bootstrap);
  if (started === undefined) throw new RangeError('a bootstrap starts the client');
  return { steps: [step], state: started, held: heldBy(started) };
}

function heldBy({ recent }: ClientState): Hex {
  const block = recent.at(-1);
  if (block === undefined) throw new RangeError('a client that has begun knows a final block');
  return block.hash;
}

interface Proving extends Shown {
  readonly client: ClientConfig;
  readonly started: Started;
}

async function proveSlots(chain: BridgedChain, proving: Proving): Promise<unknown> {
  const { entry, contract: address, slots, started } = proving;
  const { held } = started;
  const trieId = await chain.contractTrieId(address);
  const contract = { address, ...(trieId && { trieId }) };
  const proofs: StateProof[] = [];
  for (const slot of slots) proofs.push(await chain.stateProof(contract, slot, held));
  const words = { address, slots, held, trieId };
  const statement = stateStatement(words, proofs, (json) => showsSomething(proving, json));
  return { command: 'prove', params: { chain: entry.name, statement } };
}

/** Whether a statement shows what it says, with nodes that show more or without. */
function showsSomething({ entry, client, started }: Proving, json: unknown): boolean {
  const { kind } = client;
  const statement = statementSchemaOf(kind).parse(json);
  const known = { client: entry.name, config: client, recent: started.state.recent };
  try {
    proveStatement({ kind, route: entry.route, statement }, known);
    return true;
  } catch (error) {
    return error instanceof BridgeError && error.code === 'READ_PROOF_NODE_UNUSED';
  }
}
