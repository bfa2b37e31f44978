import { GATEWAY_SLOTS } from '../../protocol/contracts.ts';
import type { EnclaveStatus, SignedBatch } from '../../protocol/enclave-commands.ts';
import type { ChainPosition } from '../../protocol/message.ts';
import { positionAfterBatch, releaseBatchDigest } from '../../protocol/release.ts';
import type { Bridge, EnclaveLine, Side } from '../bridge.ts';
import { recordBatches, type SignedReleaseBatch } from '../journal/batches.ts';
import type { Signed } from '../quorum/agree.ts';
import { gather } from '../quorum/gather.ts';
import type { SigningRules } from '../quorum/signing-rules.ts';

const DEADLINE_MS = 60_000;

/**
 * Journals what a chain's gateway has not paid yet, signed for this relayer's account there by as many enclaves as the gateway asks for.
 * Each batch is agreed on by itself: an enclave that has come less far than others still signs what it knows.
 */
export async function revealBatches(bridge: Bridge, side: Side): Promise<void> {
  const { chain, gateway } = side;
  const rules = await bridge.quorum.rulesOf({ chain, address: gateway });
  const at = await releasedAt(side);
  const standings = await bridge.board.standings();
  const knowing = standings.filter(({ status }) => producedCount(status, chain.chainId) > at.count);
  const lines = knowing.map(({ line }) => line);
  const asked = bridge.quorum.trusted(lines, ({ name }) => name, rules.threshold);
  const revealed = await gather(
    asked,
    (line) =>
      bridge.vitals.wait(`a reveal of ${line.name}`, DEADLINE_MS, () => reveal(line, side, at)),
    {
      isEnough: ({ length }) => length >= rules.threshold,
      onFailure: (line, err) => bridge.log.warn({ err, enclave: line.name }, 'no reveal'),
    },
  );
  const batches = await agreedFrom(bridge, rules, { at, revealed: revealed.flat() });
  await recordBatches(bridge.database, batches);
  const firstIndex = at.count;
  bridge.log.info({ chain: chain.name, firstIndex, batches: batches.length }, 'revealed');
}

async function reveal(
  { name, client }: EnclaveLine,
  { chain: { chainId }, signer }: Side,
  { count: firstIndex }: ChainPosition,
): Promise<Signed<SignedBatch>[]> {
  const submitter = signer.address;
  const { batches } = await client.ask('reveal', { chainId, firstIndex, submitter });
  return batches.map((said) => {
    const { batch, epoch, signature } = said;
    // Of this relayer's account, whatever the answer says: under another the signature is of no key.
    const digest = releaseBatchDigest(epoch, submitter, batch);
    return { enclave: name, said: { ...said, submitter }, epoch, digest, signature };
  });
}

interface Reveals {
  readonly at: ChainPosition;
  readonly revealed: readonly Signed<SignedBatch>[];
}

/**
 * The batches from where the gateway stands on, as far as enclaves agree on them.
 *
 * @throws {QuorumError} RELAYER_QUORUM_MISSING: not even on the first
 */
async function agreedFrom(
  { quorum }: Bridge,
  rules: SigningRules,
  { at, revealed }: Reveals,
): Promise<SignedReleaseBatch[]> {
  const byPlace = Map.groupBy(revealed, ({ said }) => placeOf(said));
  const agreed: SignedReleaseBatch[] = [];
  let next = at;
  for (;;) {
    const answers = byPlace.get(`${next.count} ${next.head}`) ?? [];
    if (agreed.length > 0 && answers.length < rules.threshold) return agreed;
    const what = `the batch at ${next.count}`;
    const { said, signatures } = await quorum.agree(what, rules, answers);
    const { batch, epoch, submitter } = said;
    agreed.push({ batch, epoch, submitter, signatures });
    next = positionAfterBatch(batch);
  }
}

function placeOf({ batch: { firstIndex, prevHead } }: SignedBatch): string {
  return `${firstIndex} ${prevHead}`;
}

/** How far a chain's gateway has paid in the newest block. */
export async function releasedAt({ chain, gateway }: Side): Promise<ChainPosition> {
  const [head, count] = await Promise.all([
    chain.word(gateway, GATEWAY_SLOTS.releasedHead),
    chain.word(gateway, GATEWAY_SLOTS.releasedCount),
  ]);
  return { head, count: BigInt.asUintN(64, BigInt(count)) };
}

/** Releases that an enclave's ledger has for a chain. */
export function producedCount({ ledger }: EnclaveStatus, chainId: bigint): bigint {
  return ledger.released.find((one) => one.chainId === chainId)?.position.count ?? 0n;
}
