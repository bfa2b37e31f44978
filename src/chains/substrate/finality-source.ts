import type { LightClientStatus } from '../../protocol/enclave-commands.ts';
import { toHex } from '../../shared/bytes.ts';
import { ChainError } from '../shared/bridged-chain.ts';
import type { FinalityRule, FinalitySource, FinalityStep } from '../shared/finality-source.ts';
import type { SubstrateBlocks } from './blocks.ts';
import type { SubstrateConnection } from './connection.ts';
import { createFragmentSource, type FragmentSource } from './fragments.ts';
import type { FinalityFragment } from './prove-finality.ts';

type SubstrateStatus = Extract<LightClientStatus, { kind: 'substrate' }>;
type Following = AsyncGenerator<FinalityStep, void, LightClientStatus>;

/** Fragments in one command. */
const MAX_FRAGMENTS = 128;
/** Final blocks that a light client may stay behind while nothing has to be proven. */
const MAX_LAG_BLOCKS = 200;
/** GRANDPA is usually this many blocks behind the head. */
const USUAL_LAG_BLOCKS = 2;
/** Of a chain that does not say how long its slots are. */
const USUAL_BLOCK_MS = 6000;

/** What another relayer's look at the chain has made old by now; where the enclave stands says its status. */
const OVERTAKEN = new Set(['GRANDPA_NOT_NEWER', 'GRANDPA_SIGNATURE_INVALID']);

/** Creates the source of a GRANDPA chain's finality: justifications of the node at the other end of `connection`. */
export function createSubstrateFinality(
  connection: SubstrateConnection,
  blocks: SubstrateBlocks,
): FinalitySource {
  const { name: client, api, nodes } = connection;
  const fragments = createFragmentSource(connection, blocks);
  return {
    kind: 'substrate',
    follow: (status) => follow({ client, blocks, fragments }, statusOf(client, status)),
    isDue: async (status) => {
      const { finalizedNumber } = statusOf(client, status);
      return (await blocks.finalizedHead()).number > Number(finalizedNumber) + MAX_LAG_BLOCKS;
    },
    overtaken: OVERTAKEN,
    distrust: (why) => {
      fragments.forget();
      blocks.forget();
      return nodes.distrust(why);
    },
    endpoints: () => nodes.endpoints(),
    calls: () => nodes.calls,
    rule: async () => ruleOf(connection),
    close: () => api.disconnect(),
  };
}

/** Where fragments are to be had. */
export interface FragmentsOf {
  /** What the configuration calls the light client. */
  readonly client: string;
  readonly blocks: Pick<SubstrateBlocks, 'finalizedHead'>;
  readonly fragments: FragmentSource;
}

/** The commands that take a light client to the newest block that a justification shows to be final. */
export async function* follow(
  { client, blocks, fragments }: FragmentsOf,
  initial: SubstrateStatus,
): Following {
  let at = initial.finalizedNumber;
  const { number } = await blocks.finalizedHead();
  const all = await fragments.fragments(Number(at), number);
  for (;;) {
    const next = all.filter((one) => BigInt(one.number) > at).slice(0, MAX_FRAGMENTS);
    if (next.length === 0) return;
    const updates = next.map(encode);
    const { finalizedNumber } = statusOf(
      client,
      yield { command: 'advance', params: { client, updates } },
    );
    if (finalizedNumber <= at) return;
    at = finalizedNumber;
  }
}

function encode({ header, justification }: FinalityFragment) {
  return { header: toHex(header), justification: toHex(justification) };
}

function statusOf(client: string, status: LightClientStatus): SubstrateStatus {
  if (status.kind === 'substrate') return status;
  const what = `the enclave's light client is of kind ${status.kind}, the configured one is not`;
  throw new ChainError('CHAIN_CLIENT_MISMATCH', { chain: client, what });
}

/** Its Aura or Babe slots say how far apart its blocks are. */
function ruleOf({ api }: SubstrateConnection): FinalityRule {
  const slot = api.consts['aura']?.['slotDuration'] ?? api.consts['babe']?.['expectedBlockTime'];
  const blockMs = slot === undefined ? USUAL_BLOCK_MS : Number(slot.toString());
  return { kind: 'grandpa', blockMs, lagBlocks: USUAL_LAG_BLOCKS };
}
