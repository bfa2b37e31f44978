import type * as z from 'zod';
import {
  changeAnswer,
  pageAnswer,
  payoutAnswer,
  payoutsAnswer,
  transferAnswer,
  transfersAnswer,
} from './answers.ts';
import {
  chainsAnswer,
  enclavesAnswer,
  payoutsPerHourAnswer,
  roundsAnswer,
  timesAnswer,
} from './bridge-answers.ts';

/** Something that the status API is asked. */
export interface Question {
  readonly method: 'GET' | 'POST';
  /** With `:name` for what is filled in. */
  readonly path: string;
  /** What may follow the path, for people. */
  readonly query?: string;
  /** A sentence. */
  readonly what: string;
  /** What else its asker has to know, in sentences. */
  readonly more?: string;
  readonly answer: z.ZodType;
}

/** All that the status API is asked, for its routes, its OpenAPI document and its page. */
export const QUESTIONS = {
  transfer: {
    method: 'GET',
    path: '/v1/transfers/:chainId/:index',
    what: 'A transfer by its id.',
    answer: transferAnswer,
  },
  transfersOf: {
    method: 'GET',
    path: '/v1/transactions/:hash/transfers',
    what: 'The transfers that a transaction began.',
    answer: transfersAnswer,
  },
  payout: {
    method: 'GET',
    path: '/v1/payouts/:chainId/:index',
    what: 'A payout by its id, which a claim names too.',
    answer: payoutAnswer,
  },
  payoutsUnder: {
    method: 'POST',
    path: '/v1/payouts/find',
    what: 'The payouts under a tag: `{"tag": "0x…"}`.',
    // SECURITY: which tags belong together, their owner alone knows.
    more: 'The tag is in the body, so that nothing on the way that logs paths keeps it; one at a time, so that nobody is told which belong together.',
    answer: payoutsAnswer,
  },
  transfers: {
    method: 'GET',
    path: '/v1/transfers',
    query: '?state=<state>&chainId=<id>&limit=<1…100>&before=<next>',
    what: 'Transfers that are in a state now, the newest first.',
    answer: pageAnswer,
  },
  payouts: {
    method: 'GET',
    path: '/v1/payouts',
    query: '?state=<state>&…',
    what: 'Payouts that are in a state now, in the same way.',
    answer: pageAnswer,
  },
  chains: {
    method: 'GET',
    path: '/v1/chains',
    what: 'The chains, and how far they are read.',
    answer: chainsAnswer,
  },
  rounds: {
    method: 'GET',
    path: '/v1/rounds',
    what: 'The round that runs, and the last commit.',
    answer: roundsAnswer,
  },
  payoutsPerHour: {
    method: 'GET',
    path: '/v1/payouts-per-hour',
    query: '?hours=<1…168>',
    what: 'Final payouts by hour and amount.',
    answer: payoutsPerHourAnswer,
  },
  times: {
    method: 'GET',
    path: '/v1/times',
    what: 'How long each step took lately.',
    answer: timesAnswer,
  },
  enclaves: {
    method: 'GET',
    path: '/v1/enclaves',
    what: 'Who may sign, as each chain’s registry says.',
    answer: enclavesAnswer,
  },
  changes: {
    method: 'GET',
    path: '/v1/changes',
    query: '?after=<id>',
    what: 'State changes as they are seen, as server-sent events.',
    more:
      'Each `change` has the id of the last change that it tells of: give it as `Last-Event-ID`, or as `after`, to go on behind it; one that the journal ' +
      'has not come to is of a journal that was made anew since, which is told from its beginning. What a block shows can be taken back until it is final; that is not told here, so ask for the transfer before you rely on it.',
    answer: changeAnswer,
  },
} as const satisfies Record<string, Question>;
