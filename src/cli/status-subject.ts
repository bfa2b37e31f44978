import { existsSync } from 'node:fs';
import type { TransferRef } from '../protocol/transfer-tags.ts';
import { fromHex, type Hex } from '../shared/bytes.ts';
import { isHex } from '../shared/hex-schema.ts';
import { CommandLineError } from './command-line-error.ts';

/** What can be asked about: what has a history on the chains, or an order that its owner has saved. */
export type Subject = HistorySubject | { readonly kind: 'order'; readonly file: string };

/** A deposit by its id or its transaction, the payouts that one secret finds, or those with one tag. */
export type HistorySubject =
  | { readonly kind: 'transfer'; readonly ref: TransferRef }
  | { readonly kind: 'deposit'; readonly transactionHash: Hex }
  | { readonly kind: 'tag'; readonly tag: Hex }
  | { readonly kind: 'tagSecret'; readonly secret: Uint8Array };

/** What the command line names. */
export interface NamedSubject {
  readonly text?: string | undefined;
  /** Transaction hash of a deposit. */
  readonly deposit?: string | undefined;
  /** Tag of a payout, as its event shows it to everybody. */
  readonly tag?: string | undefined;
}

/** The environment variable for a tag secret of which there is no file. */
const SECRET_KEY = 'VEILSPAN_TAG_SECRET';

/**
 * What is asked about: what the command line names, or else the secret in VEILSPAN_TAG_SECRET.
 *
 * SECURITY: other users of the machine can read arguments, and a shell keeps them; so no secret is taken from one, nor repeated in
 * an error. What is public and looks like one, a transaction hash or a tag, has an option of its own.
 *
 * @throws {CommandLineError}
 */
export function subjectOf(
  { text, deposit, tag }: NamedSubject,
  env: Readonly<Record<string, string | undefined>>,
): Subject {
  if ([text, deposit, tag].filter((each) => each !== undefined).length > 1) {
    throw new CommandLineError('name one thing: an id or a file, or --deposit, or --tag');
  }
  if (deposit !== undefined) {
    return { kind: 'deposit', transactionHash: publicHash(deposit, '--deposit') };
  }
  if (tag !== undefined) return { kind: 'tag', tag: publicHash(tag, '--tag') };
  return text === undefined ? secretSubject(env[SECRET_KEY]) : namedSubject(text);
}

function publicHash(text: string, option: string): Hex {
  const hash = text.toLowerCase();
  if (isHex(hash, 32)) return hash;
  throw new CommandLineError(`${option} has to be 0x and 64 hex digits`);
}

function namedSubject(text: string): Subject {
  const id = /^([0-9]{1,20})[:/]([0-9]{1,20})$/.exec(text);
  if (id) {
    const ref = { chainId: BigInt(id[1] ?? 0), index: BigInt(id[2] ?? 0) };
    return { kind: 'transfer', ref };
  }
  if (existsSync(text)) return { kind: 'order', file: text };
  if (/^(0x)?[0-9a-f]{64}$/i.test(text)) {
    throw new CommandLineError(
      `a tag secret is not taken as an argument, which others on this machine can read and your shell keeps: give the file of --save, or set ${SECRET_KEY} to it and name nothing; and remove it from the history of your shell. A transaction is named by --deposit, a tag by --tag`,
    );
  }
  throw new CommandLineError('expected <chain id>:<index>, or the file of an order');
}

function secretSubject(text: string | undefined): Subject {
  if (text === undefined) {
    throw new CommandLineError(
      `name a transfer, <chain id>:<index>, or the file of an order; or set ${SECRET_KEY} to a tag secret`,
    );
  }
  const secret = text.toLowerCase();
  if (isHex(secret, 32)) return { kind: 'tagSecret', secret: fromHex(secret, 32) };
  throw new CommandLineError(`${SECRET_KEY} has to be 0x and 64 hex digits`);
}
