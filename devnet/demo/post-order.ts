import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makePost } from '../../src/client/make-post.ts';
import { formatPostFile } from '../../src/client/order-record.ts';
import { latestExpiry, nextNonce } from '../../src/client/order-times.ts';
import type { AccountAnswer } from '../../src/protocol/query-answer.ts';
import { ledgerAccounts } from '../accounts.ts';
import type { Stage } from './stage.ts';
import { legsOf, type Transfer } from './transfers.ts';

const PROGRAM = join(import.meta.dirname, '../../src/cli/veilspan.mjs');

/** Where the posted order goes in: the anchor's chain, whose rounds are complete soonest. */
export const POST_VIA = 'polkadot';

/**
 * Has the owner of an account sign an order for its payouts, and the relayer post it, by the command that a relayer's operator
 * would use. Only the sealed order leaves the owner's hands.
 */
export async function postFor(
  stage: Stage,
  transfer: Transfer,
  { answer, folder }: { readonly answer: AccountAnswer; readonly folder: string },
): Promise<void> {
  const { plan, account, terms, tagSecret, request } = transfer;
  const { rounds } = stage.world.client;
  const draft = {
    asset: request.asset,
    legs: legsOf(stage, plan),
    notBefore: 0n,
    patience: 0n,
    afterPatience: 'return',
    nonce: nextNonce(answer),
    // Of a round that has been consumed: a little less than the most that the ledger takes.
    expiry: latestExpiry(rounds, answer.round),
    maxFee: terms.reward,
    posterAccount: ledgerAccounts(stage.world.secretOf).relayer,
    tagSecret,
  } as const;
  const { envelope } = await makePost(account, draft, await stage.place(), stage.rng);
  const file = join(folder, 'order.json');
  writeFileSync(file, formatPostFile(envelope));
  await runCommand([
    'relayer',
    'post',
    file,
    '--via',
    POST_VIA,
    '--config',
    join(folder, 'relayer.json'),
  ]);
}

async function runCommand(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const code = await new Promise((ended) => child.once('exit', ended));
  if (code !== 0) throw new Error(`veilspan ${args.join(' ')} ended with ${String(code)}`);
}
