import type { LegState } from '../client/leg-states.ts';
import { explainReason } from '../client/next-step.ts';
import type { StateChange } from '../client/transfer-history.ts';
import type { TransferReport } from '../client/transfer-report.ts';
import type { ClientConfig } from '../config/client.ts';
import { CAUSES } from '../protocol/explain.ts';
import { isFinalState } from '../protocol/next-step.ts';
import { formatAmount } from '../shared/units.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { StatusView } from './status-view.ts';
import { terminalTable } from './terminal-table.ts';

type Client = Pick<ClientConfig, 'chains' | 'tokens'>;

/** Of what there is no transfer. */
const ABSENT: ReadonlySet<TransferReport['standing']> = new Set([
  'unknown',
  'wrong contract',
  'failed',
]);

/** What `veilspan status` ends with. */
export function exitCodeOf({ report, order }: StatusView): ExitCode {
  if (report !== undefined && ABSENT.has(report.standing)) return EXIT.notFound;
  return order !== undefined || report !== undefined ? EXIT.ok : EXIT.notFound;
}

/** Whether nothing of it changes any more by itself: it is over, or somebody has to claim what was put aside. */
export function isSettled({ report, order }: StatusView): boolean {
  const legs = order?.legs.filter(({ state }) => state !== 'inside') ?? [];
  if (report?.isOver === true && report.standing === 'refunded') return true;
  if (legs.length > 0) return legs.every(({ state }) => isLegSettled(state));
  return report !== undefined && (report.isOver || report.standing === 'claimable');
}

function isLegSettled(state: LegState['state']): boolean {
  if (state === 'not seen' || state === 'inside') return false;
  return state === 'claimable' || isFinalState(state);
}

/** What a view shows, as lines of text. */
export function formatView(client: Client, view: StatusView): string[] {
  const { report, order } = view;
  return [
    ...(report ? formatReport(client, view, report) : []),
    ...(report && order ? [''] : []),
    ...(order ? formatOrder(client, view, order) : []),
  ];
}

function formatReport(client: Client, view: StatusView, report: TransferReport): string[] {
  const { standing, cause, who, next, command, history } = report;
  const rows = history.map((change) => [
    change.state,
    nameOf(client, change.chainId),
    `${change.blockNumber}`,
    formatTime(timeOf(view, change)),
    amountOf(client, change),
    change.transactionHash ?? '',
    explainReason(change.reason),
  ]);
  const header = ['state', 'chain', 'block', 'time', 'amount', 'transaction', 'reason'];
  const eta = view.etaSec === undefined ? '' : ` (in about ${view.etaSec} s)`;
  return [
    ...(rows.length === 0 ? [] : [terminalTable(header, rows, [2])]),
    `${standing}: ${cause}`,
    `next: ${next}${eta}`,
    ...(report.isOver ? [] : [`who: ${who}`]),
    ...(command === undefined ? [] : [`command: ${command}`]),
  ];
}

type Order = NonNullable<StatusView['order']>;

function formatOrder(client: Client, view: StatusView, { record, legs }: Order): string[] {
  const rows = legs.map((each) => [
    formatIn(client, record.asset, each.leg.amount),
    each.leg.mode,
    nameOf(client, each.leg.chainId),
    each.state,
    each.blockNumber === undefined ? '' : `${each.blockNumber}`,
    formatTime(legTimeOf(view, each)),
    releaseOf(each) ?? '',
    each.transactionHash ?? '',
    [explainReason(each.reason), each.claim ?? ''].filter((text) => text !== '').join('; '),
  ]);
  if (rows.length === 0) return ['the order pays nobody: all of it is credited to the account'];
  const header = ['payout', 'mode', 'chain', 'state', 'block', 'time', 'release', 'transaction'];
  return [terminalTable([...header, 'reason'], rows, [0, 4])];
}

function releaseOf({ leg, releaseIndex }: LegState): string | undefined {
  return releaseIndex === undefined ? undefined : `${leg.chainId}/${releaseIndex}`;
}

function legTimeOf(view: StatusView, { leg, blockNumber }: LegState): bigint | undefined {
  return blockNumber === undefined
    ? undefined
    : timeOf(view, { chainId: leg.chainId, blockNumber });
}

/** What `veilspan status --json` prints: version 1. Amounts are decimal texts in the asset's smallest unit. */
export function viewAsJson(client: Client, view: StatusView): unknown {
  const { report, ref, etaSec, order } = view;
  return {
    version: 1,
    transfer: ref === undefined ? null : `${ref.chainId}:${ref.index}`,
    standing: report?.standing ?? null,
    state: report?.state ?? null,
    cause: report?.cause ?? null,
    who: report?.who ?? null,
    next: report?.next ?? null,
    command: report?.command ?? null,
    etaSec: etaSec ?? null,
    isOver: isSettled(view),
    history: (report?.history ?? []).map((change) => changeAsJson(client, view, change)),
    payouts: order?.legs.map((each) => payoutAsJson(client, view, each)),
  };
}

function payoutAsJson(client: Client, view: StatusView, each: LegState): unknown {
  const { leg, state, blockNumber, reason, claim, transactionHash, releaseIndex } = each;
  const timeSec = legTimeOf(view, each);
  return {
    amount: `${leg.amount}`,
    asset: view.order?.record.asset,
    mode: leg.mode,
    chain: nameOf(client, leg.chainId),
    chainId: `${leg.chainId}`,
    state,
    block: blockNumber ?? null,
    timeSec: timeSec === undefined ? null : Number(timeSec),
    transaction: transactionHash ?? null,
    releaseIndex: releaseIndex === undefined ? null : `${releaseIndex}`,
    cause: reason === undefined ? null : CAUSES[reason],
    command: claim ?? null,
  };
}

function changeAsJson(client: Client, view: StatusView, change: StateChange): unknown {
  const { state, reason, chainId, blockNumber, transactionHash, amount, asset } = change;
  const timeSec = timeOf(view, change);
  return {
    state,
    reason,
    cause: CAUSES[reason],
    chain: nameOf(client, chainId),
    chainId: `${chainId}`,
    block: blockNumber,
    timeSec: timeSec === undefined ? null : Number(timeSec),
    transaction: transactionHash ?? null,
    amount: amount === undefined ? null : `${amount}`,
    asset: asset ?? null,
    tag: change.tag ?? null,
    releaseIndex: change.releaseIndex === undefined ? null : `${change.releaseIndex}`,
  };
}

function timeOf(
  { times }: StatusView,
  { chainId, blockNumber }: Pick<StateChange, 'chainId' | 'blockNumber'>,
): bigint | undefined {
  return times.get(`${chainId}/${blockNumber}`);
}

function formatTime(timeSec: bigint | undefined): string {
  if (timeSec === undefined) return '';
  return new Date(Number(timeSec) * 1000).toISOString().replace('T', ' ').replace(/\..*/, ' UTC');
}

function amountOf(client: Client, { amount, asset }: StateChange): string {
  return amount === undefined || asset === undefined ? '' : formatIn(client, asset, amount);
}

function formatIn({ tokens }: Client, asset: string, amount: bigint): string {
  const token = tokens.find((each) => each.asset === asset);
  return token ? formatAmount(token, amount) : `${amount}`;
}

function nameOf({ chains }: Pick<Client, 'chains'>, id: bigint): string {
  if (id === 0n) return 'the ledger';
  return chains.find(({ chainId }) => chainId === id)?.name ?? `${id}`;
}
