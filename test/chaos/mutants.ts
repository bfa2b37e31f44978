import { ChainError } from '../../src/chains/shared/bridged-chain.ts';
import { ETHEREUM } from '../support/enclave-world.ts';
import { REFERENCE } from './crash-points.ts';
import { sayOf, stall } from './draw-schedule.ts';
import type { Call, Fate } from './gate.ts';
import type { Edit } from './mutate-modules.ts';
import type { Happening, Schedule } from './run-schedule.ts';
import { chainsOf } from './world.ts';

// Relayers, and once contracts, that are broken on purpose: each has to be found, and by what it breaks. A check that finds none of them
// checks nothing.

/** One change for the worse. */
export interface Mutant {
  /** What it does. */
  readonly name: string;
  readonly edits: readonly Edit[];
  /** A day on which it shows. */
  readonly schedule: Schedule;
  /** Each is in one of the sentences that a run of it ends with. */
  readonly found: readonly string[];
}

/** Seconds that a mutant has: what never comes to rest is told as soon. */
const PATIENCE_SEC = 45;

const DAY: Schedule = {
  ...REFERENCE,
  plan: { ...REFERENCE.plan, enclaves: 1, threshold: 1 },
  patienceSec: PATIENCE_SEC,
};

/** The day, with half a minute in which something befalls all calls of a kind. */
function dayWith(isMeant: (call: Call) => boolean, fate: Fate): Schedule {
  return { ...DAY, fates: (call) => (isMeant(call) ? fate : undefined), calmAtSec: 30 };
}

/** Of a batch: commits are made on the other chain. */
const isBroadcast = ({ name, of }: Call) => name === 'broadcast' && of === 'one';
const noAnswer = () =>
  new ChainError('CHAIN_TIMEOUT', { chain: 'one', what: 'no answer in 30000 ms' });

/** A block with a deposit is replaced once it was seen. */
const REPLACED: Happening = {
  atSec: 7,
  what: 'both chains replace a block',
  happen: ({ world }) => {
    for (const chain of chainsOf(world)) chain.reorganise(2, chain.head.timeSec, () => true);
  },
};

const SUBMIT = 'src/relayer/submit';

const NOT_RECORDED: Edit = {
  file: 'src/relayer/watch/record-chain.ts',
  from: 'recordMessages(tx, unsettled(seen.messages))',
  to: 'recordMessages(tx, unsettled(seen.messages).slice(1))',
};

const SUSPENDED: readonly Happening[] = [
  { ...sayOf(ETHEREUM, 'suspend'), atSec: 1 },
  { ...sayOf(ETHEREUM, 'resume'), atSec: 12 },
];

const HELD: Schedule = {
  ...DAY,
  plan: { ...DAY.plan, held: [{ chainId: ETHEREUM, firstIndex: 0n }] },
};

/** Two processes; the one that signs the first batch for the second chain stands still until the other leads there. */
function lateWriter(): Schedule {
  let signed = 0;
  const isMeant = ({ name, of }: Call) => name === 'sign' && of === 'other' && ++signed === 3;
  return {
    ...dayWith(isMeant, { delayMs: 3000 }),
    plan: { ...DAY.plan, processes: [2] },
    happenings: [{ ...stall(0, 25), atSec: 19 }],
    calmAtSec: 50,
  };
}

/** All of them. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'a deposit that was read is not recorded',
    edits: [NOT_RECORDED],
    schedule: DAY,
    found: ['is paid 0 times'],
  },
  {
    name: 'a deposit that was read is not recorded, and its chain is suspended',
    edits: [NOT_RECORDED],
    schedule: { ...DAY, happenings: SUSPENDED },
    found: ['are neither paid nor in accounts'],
  },
  {
    name: 'a batch that operators hold goes all the same',
    edits: [
      {
        file: `${SUBMIT}/release-batches.ts`,
        from: 'if (held === -1) return next;',
        to: 'return next;',
      },
      {
        file: 'src/relayer/plan.ts',
        from: 'isBatchHeld(await holdsOn(bridge.database), next.batch)',
        to: 'isBatchHeld([], next.batch)',
      },
    ],
    schedule: HELD,
    found: ['is held and was released'],
  },
  {
    name: 'a batch that operators hold waits, and nothing says why',
    edits: [
      {
        file: `${SUBMIT}/note-held.ts`,
        from: 'steps.map(',
        to: 'steps.slice(1).map(',
      },
    ],
    schedule: HELD,
    found: ['does not tell why'],
  },
  {
    name: 'who no longer leads writes down what it was about to',
    edits: [
      {
        file: 'src/relayer/journal/leases.ts',
        from: 'if (held?.token !== token) throw',
        to: 'if (held === undefined) throw',
      },
    ],
    schedule: lateWriter(),
    found: ['is promised to'],
  },
  {
    name: 'a chain is not followed for ever',
    edits: [
      {
        file: 'src/relayer/watch/watch-heads.ts',
        from: 'await recordFinal(bridge, side, final);',
        to: 'if (final.number < 15) await recordFinal(bridge, side, final);',
      },
    ],
    schedule: DAY,
    found: ['the cursor is at'],
  },
  {
    name: 'a cursor moves past logs that nothing is held to, and never back',
    edits: [
      {
        file: 'src/relayer/watch/read-again.ts',
        from: '...stand, blockNumber: last, readTo: last }',
        to: '...stand }',
      },
      {
        file: 'src/relayer/watch/settle.ts',
        from: "  requireSame(settling, 'messages', [at, counts.sent]);\n",
        to: '',
      },
    ],
    schedule: dayWith(({ name, of }) => name === 'logs' && of === 'one', { lie: () => [] }),
    found: ['is paid 0 times'],
  },
  {
    name: 'what a fork has dropped stays in the journal',
    edits: [
      {
        file: 'src/relayer/watch/record-chain.ts',
        from: 'of await takeBackChanges(tx, unsettled, changes)',
        to: 'of (await takeBackChanges(tx, { ...unsettled, toBlock: -1 }, changes))',
      },
    ],
    schedule: { ...DAY, happenings: [REPLACED] },
    found: ['and no block does'],
  },
  {
    name: 'a payout is never told to be final',
    edits: [
      {
        file: 'src/relayer/watch/state-changes-of.ts',
        from: 'isFinal: () => isFinal,',
        to: 'isFinal: () => false,',
      },
    ],
    schedule: DAY,
    found: ['the journal does not tell: release'],
  },
  {
    name: 'a transaction is handed over before it is written down',
    edits: [
      {
        file: `${SUBMIT}/hand-over.ts`,
        from: 'const intended = await intend(',
        to: 'for (const one of signed) await account.chain.broadcast(one);\n  const intended = await intend(',
      },
    ],
    schedule: dayWith(isBroadcast, { silentMs: 30_000, failsAfter: noAnswer }),
    found: ['the journal lacks nonce'],
  },
  {
    name: 'what is under way already is submitted again',
    edits: [
      {
        file: `${SUBMIT}/hand-over.ts`,
        from: 'if (handed !== undefined) return [{ subject: first.subject, nonce: handed }];',
        to: '',
      },
    ],
    schedule: {
      ...dayWith(isBroadcast, { failsBefore: noAnswer }),
      // Longer than a job whose worker is gone waits for another.
      calmAtSec: 60,
      stopAt: { isAt: isBroadcast, isCarriedOut: false },
    },
    found: ['is refused'],
  },
  {
    name: 'a nonce is reserved and not used',
    edits: [
      {
        file: `${SUBMIT}/hand-over.ts`,
        from: 'await reserve(bridge, account));',
        to: '1 + (await reserve(bridge, account)));',
      },
    ],
    schedule: { ...DAY, patienceSec: 2 * PATIENCE_SEC },
    found: ['does nothing'],
  },
  {
    name: 'a nonce is reserved and not used, and nothing stands in for it',
    edits: [
      {
        file: `${SUBMIT}/hand-over.ts`,
        from: 'await reserve(bridge, account));',
        to: '1 + (await reserve(bridge, account)));',
      },
      {
        file: `${SUBMIT}/holes.ts`,
        from: 'return missing.filter((nonce) => !final.has(nonce));',
        to: 'return missing.filter((nonce) => final.has(nonce));',
      },
    ],
    schedule: DAY,
    found: ['nothing has the nonce before'],
  },
  {
    name: 'a transaction that is in a block stays open',
    edits: [
      {
        file: `${SUBMIT}/settle-open.ts`,
        from: 'groups: inBlocks });',
        to: 'groups: [] });',
      },
    ],
    schedule: DAY,
    found: ['is open for ever'],
  },
  {
    name: 'a lane halts at what passes by itself',
    edits: [
      {
        file: 'src/relayer/vitals.ts',
        from: "error.disposition === 'halt'",
        to: "error.disposition === 'retry'",
      },
    ],
    schedule: dayWith(({ name }) => name === 'head', { failsBefore: noAnswer }),
    found: ['is halted by'],
  },
  {
    name: 'the key of the account is in the log, the journal and the queue',
    edits: [
      {
        file: 'src/relayer/carry.ts',
        from: 'bridge.log.debug({ job, tookMs }',
        to: 'bridge.log.debug({ job, tookMs, account: bridge.sides[0].signer }',
      },
      {
        file: `${SUBMIT}/lead.ts`,
        from: 'claimLease(database, { lease, holder,',
        to: 'claimLease(database, { lease, holder: JSON.stringify(account.signer),',
      },
      {
        file: 'src/relayer/plan.ts',
        from: "return [{ kind: 'release', id }];",
        to: "return [{ kind: 'release', id, ...side.signer }];",
      },
    ],
    schedule: DAY,
    found: ['the log tells a secret', 'the journal tells a secret', 'the queue tells a secret'],
  },
  {
    name: 'a gateway pays double, and twice',
    edits: [
      {
        file: 'test/chaos/contracts.ts',
        from: 'logs: [...logs, last]',
        to: 'logs: [...logs, ...logs, last]',
      },
      {
        file: 'test/chaos/contracts.ts',
        from: 'one.recipient, one.amount]',
        to: 'one.recipient, 2n * one.amount]',
      },
    ],
    schedule: DAY,
    found: ['is paid 2 times', 'was paid than deposited'],
  },
  {
    name: 'a chain has deposits that nobody made',
    edits: [
      {
        file: 'test/chaos/chain.ts',
        from: '({ ...body, sentAtSec: timeSec }));',
        to: '({ ...body, sentAtSec: timeSec, amount: 7n * body.amount }));',
      },
    ],
    schedule: DAY,
    found: ["is nobody's"],
  },
];
