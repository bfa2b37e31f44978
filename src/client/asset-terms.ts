import type { ControlSeen } from '../chains/shared/decode-logs.ts';
import type { AssetId } from '../protocol/asset.ts';
import { type ControlContent, decodeControl } from '../protocol/control.ts';
import { isExtension, type RungTerms } from '../protocol/rungs.ts';
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
 * The terms of an asset by the newest control messages that the ledger heeds; undefined if it does not know the asset.
 *
 * @param controls of the anchor, in its order; those that hold only from a later round on count already
 */
export function readTerms(
  controls: readonly ControlSeen[],
  asset: AssetId,
): AssetTerms | undefined {
  const said = contents(controls);
  const about = said.filter((content) => 'asset' in content && content.asset === asset);
  const registered = lastRegistration(about);
  if (registered === undefined) return undefined;
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

type Registration = Extract<ControlContent, { kind: 'registerAsset' }>;

/** The first, and after it what changes no amount that may wait in a pool: the rest the ledger ignores. */
function lastRegistration(about: readonly ControlContent[]): Registration | undefined {
  let last: Registration | undefined;
  for (const content of about) {
    if (content.kind !== 'registerAsset') continue;
    if (last === undefined || isExtension(last, content)) last = content;
  }
  return last;
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
