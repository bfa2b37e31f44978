import type { ControlSeen } from '../chains/shared/decode-logs.ts';
import type { AssetId } from '../protocol/asset.ts';
import { type ControlContent, decodeControl } from '../protocol/control.ts';
import type { RungTerms } from '../protocol/rungs.ts';
import { fromHex } from '../shared/bytes.ts';

/** On what terms the ledger holds and pays an asset, in its smallest unit; as governance has said on the anchor. */
export interface AssetTerms extends RungTerms {
  /** What opening an account by a credit in this asset costs. */
  readonly entryFee: bigint;
  /** What a balance keeps at least. */
  readonly leastBalance: bigint;
  /** What a payout costs, by the chain that pays; it cannot be paid on others. */
  readonly rates: ReadonlyMap<bigint, bigint>;
  /** What posting an order earns whoever posts it. */
  readonly reward: bigint;
}

/**
 * The terms of an asset by the newest control messages; undefined if the ledger does not know it.
 *
 * @param controls of the anchor, in its order; those that hold only from a later round on count already
 */
export function readTerms(
  controls: readonly ControlSeen[],
  asset: AssetId,
): AssetTerms | undefined {
  const said = contents(controls);
  const about = said.filter((content) => 'asset' in content && content.asset === asset);
  const registered = about.findLast((content) => content.kind === 'registerAsset');
  if (registered?.kind !== 'registerAsset') return undefined;
  const { poolUnit, rungs, entryFee, leastBalance } = registered;
  const rates = new Map(
    about.flatMap((content) =>
      content.kind === 'setRate' ? [[content.chainId, content.rate] as const] : [],
    ),
  );
  const rewards = about.flatMap((content) =>
    content.kind === 'setReward' ? [content.reward] : [],
  );
  return { poolUnit, rungs, entryFee, leastBalance, rates, reward: rewards.at(-1) ?? 0n };
}

/** Chains to which nothing is paid now. */
export function readSuspended(controls: readonly ControlSeen[]): ReadonlySet<bigint> {
  const suspended = new Set<bigint>();
  for (const content of contents(controls)) {
    if (content.kind === 'suspend') suspended.add(content.chainId);
    if (content.kind === 'resume') suspended.delete(content.chainId);
  }
  return suspended;
}

function contents(controls: readonly ControlSeen[]): ControlContent[] {
  return controls.flatMap(({ kind, payload }) => decodeControl(kind, fromHex(payload)) ?? []);
}
