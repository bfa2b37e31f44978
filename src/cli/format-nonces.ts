import type { DeskAnswers } from '../relayer/operate/desk.ts';
import { terminalTable } from './terminal-table.ts';

/** How the nonces of an account stand. */
export type AccountNonces = NonNullable<DeskAnswers['nonces']>[number];
type OpenIntent = AccountNonces['open'][number];
type DueStep = NonNullable<OpenIntent['due']>;

/** How the nonces of accounts stand, in lines. */
export function formatNonces(accounts: readonly AccountNonces[]): string[] {
  return accounts.flatMap((each, i) => [...(i === 0 ? [] : ['']), ...formatAccount(each)]);
}

function formatAccount(one: AccountNonces): string[] {
  const { chain, account, onChain, failure, journalNonce, includedCount, open } = one;
  const counts =
    onChain === null
      ? [`  the chain could not be asked: ${failure}`]
      : [
          `  nonce by the chain ${onChain.chainNonce}, noted in the journal ${journalNonce}, next to be signed ${onChain.nextNonce}; head ${onChain.head}`,
          `  drift ${onChain.drift}: ${aboutDrift(onChain)}`,
          ...onChain.holes.map((hole) => `  hole: nothing stands on ${rangeOf(hole)}`),
        ];
  return [
    `${chain} ${account}`,
    ...counts,
    `  ${aboutLease(one)}`,
    `  ${open.length} open, ${includedCount} in blocks that are not final`,
    ...(open.length === 0 ? [] : [formatOpen(open)]),
  ];
}

function formatOpen(open: readonly OpenIntent[]): string {
  const rows = open.map(({ nonce, state, ageBlocks, subject, due, hash }) => [
    `${nonce}`,
    state,
    ageBlocks === null ? '' : `${ageBlocks}`,
    subject,
    due ?? '',
    hash,
  ]);
  return terminalTable(['nonce', 'state', 'blocks old', 'for', 'due', 'hash'], rows, [0, 2]);
}

function aboutDrift({ drift, foreign }: NonNullable<AccountNonces['onChain']>): string {
  if (drift === 0) return 'chain and journal say the same';
  if (drift < 0) {
    return 'the chain shows less than the journal has noted: its node is behind, or a fork has dropped what was in blocks';
  }
  return foreign === 0
    ? 'blocks have taken what is still to be noted'
    : `the journal knows nothing of ${foreign} that blocks have taken: another uses the account, or used it before`;
}

function aboutLease({ lease }: AccountNonces): string {
  if (lease === null) return 'no process has used the account yet';
  return lease.isHeld
    ? `process ${lease.holder} uses the account`
    : `no process uses the account now; the last was ${lease.holder}`;
}

function rangeOf({ from, to }: { readonly from: number; readonly to: number }): string {
  return from === to ? `nonce ${from}` : `nonces ${from} to ${to}`;
}

const STEPS: Readonly<Record<DueStep, string | undefined>> = {
  note: 'noted as blocks have it, or as lost',
  repeat: 'handed to a node again',
  renew:
    'priced anew where the market asks for more and the ceilings allow it, and handed to a node',
  wait: undefined,
  replaced: undefined,
};

/** What a repair would do for accounts, a line for each step; none if there is nothing to do. */
export function planRepair(accounts: readonly AccountNonces[]): string[] {
  return accounts.flatMap(({ chain, account, open, onChain }) => {
    const place = `${chain} ${account}`;
    const fills = (onChain?.holes ?? []).map((hole) => {
      return `${place}: ${rangeOf(hole)}: filled, with nothing sent to oneself`;
    });
    const steps = open.flatMap(({ nonce, subject, hash, due }) => {
      const step = due === null ? undefined : STEPS[due];
      return step === undefined ? [] : [`${place}: nonce ${nonce}: ${subject} (${hash}): ${step}`];
    });
    return [...fills, ...steps];
  });
}
