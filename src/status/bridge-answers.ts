import * as z from 'zod';
import { decimal, hex, instant, shown, unixSec, whole } from './shown.ts';

// What the status API answers about the bridge as a whole, and where each field of it can be read by everyone.

const chain = z.strictObject({
  chainId: shown(decimal, 'measured', 'EVM chain id'),
  name: shown(z.string(), 'words', 'what this relayer calls it'),
  gateway: shown(hex, 'measured', 'its gateway'),
  isAnchor: shown(z.boolean(), 'measured', 'whether the state id and the log of commits are there'),
  isReachable: shown(z.boolean(), 'seen', 'whether a node of it answered'),
  head: shown(whole.nullable(), 'block', 'newest block; null while no node answers'),
  finalHead: shown(whole.nullable(), 'block', 'newest final block; null while no node tells of it'),
  finalityLagBlocks: shown(whole.nullable(), 'block', 'blocks from the one to the other'),
  read: shown(whole.nullable(), 'seen', 'newest final block that is in the journal'),
  readLagBlocks: shown(whole.nullable(), 'seen', 'final blocks that are not'),
  sent: shown(decimal, 'deposit', 'final messages'),
  consumed: shown(decimal, 'commit', 'messages that the last commit has consumed'),
  released: shown(decimal, 'payout', 'final releases'),
  lagSec: shown(whole, 'measured', 'seconds that messages have to become final before their round'),
});
/** See {@link chainsAnswer}. */
export type ChainAnswer = z.output<typeof chain>;

/** The chains, and how far this relayer has read them. */
export const chainsAnswer = z.strictObject({ chains: z.array(chain) });

/** Where the rounds are. */
export const roundsAnswer = z.strictObject({
  roundSec: shown(whole, 'measured', 'length of a round'),
  current: shown(decimal, 'measured', 'the round that the clock is in'),
  currentEndSec: shown(unixSec, 'measured', 'when it ends'),
  commit: z
    .strictObject({
      number: shown(decimal, 'commit', 'number of the last commit'),
      round: shown(decimal, 'commit', 'the last round that it consumed'),
      asOf: shown(unixSec, 'commit', 'its time'),
      stateId: shown(hex, 'commit', 'the ledger’s state id after it'),
      blockNumber: shown(whole, 'commit', 'block that shows it'),
      isFinal: shown(z.boolean(), 'block', 'whether that block is final'),
      transactionHash: shown(hex.nullable(), 'commit', 'its transaction'),
    })
    .nullable(),
  nextCommitDueSec: shown(
    unixSec.nullable(),
    'commit',
    'when the next commit is due, by the distance that this relayer keeps; null before the first',
  ),
});
/** See {@link roundsAnswer}. */
export type RoundsAnswer = z.output<typeof roundsAnswer>;

/** Payouts of the last hours. A rung is an amount: what left in the open with the same amount counts too. */
export const payoutsPerHourAnswer = z.strictObject({
  sinceSec: shown(unixSec, 'words', 'the first hour that is in it'),
  isCut: shown(z.boolean(), 'words', 'whether there were more rows than one answer has'),
  hours: z.array(
    z.strictObject({
      hourSec: shown(unixSec, 'block', 'start of the hour'),
      chainId: shown(decimal, 'payout', 'the chain that paid'),
      asset: shown(hex, 'payout', 'asset id'),
      amount: shown(decimal, 'payout', 'what each was paid, in the asset’s smallest unit'),
      count: shown(whole, 'payout', 'how many'),
    }),
  ),
});
/** See {@link payoutsPerHourAnswer}. */
export type PayoutsPerHourAnswer = z.output<typeof payoutsPerHourAnswer>;

/** Who may sign, as each chain's registry says. */
export const enclavesAnswer = z.strictObject({
  registries: z.array(
    z.strictObject({
      chainId: shown(decimal, 'measured', 'the chain'),
      registry: shown(
        hex.nullable(),
        'measured',
        'its registry of enclaves; null until a node has said which the gateway has',
      ),
      isReachable: shown(z.boolean(), 'seen', 'whether a node of it answered'),
      epoch: shown(decimal.nullable(), 'registry', 'the signing epoch that runs'),
      threshold: shown(whole.nullable(), 'registry', 'signatures that it asks for'),
      keyEpoch: shown(decimal.nullable(), 'registry', 'the key epoch that was published last'),
      key: shown(hex.nullable(), 'registry', 'what users seal to'),
      enclaves: z.array(
        z.strictObject({
          address: shown(hex, 'registry', 'of the signing key'),
          expiresAt: shown(instant, 'registry', 'when it ends'),
          measurement: shown(hex, 'registry', 'of its code and configuration'),
          isRevoked: shown(z.boolean(), 'registry', 'whether it may never sign again'),
        }),
      ),
    }),
  ),
});
/** See {@link enclavesAnswer}. */
export type EnclavesAnswer = z.output<typeof enclavesAnswer>;

const percentiles = {
  samples: shown(whole, 'seen', 'how many were measured'),
  p50Sec: shown(whole.nullable(), 'seen', 'half took less; null below 20 samples'),
  p90Sec: shown(whole.nullable(), 'seen', 'nine of ten took less; null below 20 samples'),
  p99Sec: shown(whole.nullable(), 'seen', 'all but one of 100 took less; null below 100 samples'),
};

/** How long each step has taken lately. */
export const timesAnswer = z.strictObject({
  times: z.array(
    z.strictObject({
      source: shown(decimal.nullable(), 'deposit', 'chain of the deposit; null of payouts alone'),
      destination: shown(
        decimal.nullable(),
        'deposit',
        'chain that pays; null of sealed orders, which do not say',
      ),
      from: shown(z.string(), 'words', 'state at the start'),
      to: shown(z.string(), 'words', 'state at the end'),
      ...percentiles,
    }),
  ),
});
/** See {@link timesAnswer}. */
export type TimesAnswer = z.output<typeof timesAnswer>;
