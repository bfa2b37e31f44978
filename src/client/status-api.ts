import * as z from 'zod';
import { REASONS, type StateReason, stepFor } from '../protocol/transfer-state.ts';
import type { TransferRef } from '../protocol/transfer-tags.ts';
import type { Hex } from '../shared/bytes.ts';
import { BridgeError, type Disposition } from '../shared/errors.ts';
import { hexOf } from '../shared/hex-schema.ts';
import type { StateChange } from './transfer-history.ts';

// What a relayer's status API says of a transfer, in the form that the views are made of. It is one witness, and learns what is asked for:
// nothing is asked of it that is not public, and never which tags belong together.

const decimal = z
  .string()
  .regex(/^[0-9]{1,39}$/)
  .transform((text) => BigInt(text));
const hash = hexOf(32);
const reason = z.enum(Object.keys(REASONS) as [StateReason, ...StateReason[]]);

const step = z.object({
  reason,
  chainId: decimal,
  blockNumber: z.int(),
  transactionHash: hash.nullable(),
});
const eta = z.object({ p50Sec: z.int().nullable() }).nullable();
const payout = z.object({
  chainId: decimal,
  index: decimal,
  tag: hash,
  isRefund: z.boolean(),
  asset: hash.nullable(),
  paid: decimal,
  deferred: decimal,
  blockNumber: z.int(),
  timeSec: z.int().nullable(),
  eta,
  steps: z.array(step).max(256),
});
const transfer = z.object({
  chainId: decimal,
  index: decimal,
  blockNumber: z.int(),
  sentAtSec: z.int(),
  asset: hash,
  amount: decimal,
  destination: decimal.nullable(),
  eta,
  steps: z.array(step).max(256),
  payouts: z.array(payout).max(256),
});
const transfers = z.object({ transfers: z.array(transfer).max(256) });
const payouts = z.object({ payouts: z.array(payout).max(256) });

/** What an API says of one transfer, or of the payouts under one tag. */
export interface ApiStatus {
  readonly ref: TransferRef | undefined;
  readonly history: readonly StateChange[];
  /** When blocks of the history were made, as far as it says so, in seconds of Unix time, by `<chain id>/<number>`. */
  readonly times: ReadonlyMap<string, bigint>;
  /** Whether only the sealed order says where it goes. */
  readonly isSealed: boolean;
  /** Seconds until its public end, for half of those before it; undefined where nobody can tell. */
  readonly etaSec: number | undefined;
}

/** What is asked of an API. */
export type ApiSubject =
  | { readonly kind: 'transfer'; readonly ref: TransferRef }
  | { readonly kind: 'deposit'; readonly transactionHash: Hex }
  | { readonly kind: 'tag'; readonly tag: Hex };

/** All that an API knows under a public name; empty if it knows nothing. @param url of the API @throws {StatusApiError} */
export async function fetchApiStatus(url: string, subject: ApiSubject): Promise<ApiStatus[]> {
  const base = url.replace(/\/+$/, '');
  switch (subject.kind) {
    case 'transfer': {
      const { chainId, index } = subject.ref;
      const found = await ask(`${base}/v1/transfers/${chainId}/${index}`, transfer);
      return found === undefined ? [] : [ofTransfer(found)];
    }
    case 'deposit': {
      const path = `${base}/v1/transactions/${subject.transactionHash}/transfers`;
      return ((await ask(path, transfers))?.transfers ?? []).map(ofTransfer);
    }
    case 'tag': {
      const body = JSON.stringify({ tag: subject.tag });
      const found = (await ask(`${base}/v1/payouts/find`, payouts, { method: 'POST', body }))
        ?.payouts;
      return found === undefined || found.length === 0 ? [] : [ofPayouts(found)];
    }
  }
}

function ofTransfer(found: z.output<typeof transfer>): ApiStatus {
  const { chainId, index, asset, amount, destination, steps, blockNumber, sentAtSec } = found;
  const own = steps.map((each) =>
    changeOf(each, REASONS[each.reason][0] === 'observed' ? { asset, amount } : {}),
  );
  const paid = ofPayouts(found.payouts);
  return {
    ref: { chainId, index },
    history: [...own, ...paid.history],
    times: new Map([...paid.times, [`${chainId}/${blockNumber}`, BigInt(sentAtSec)]]),
    isSealed: destination === null,
    etaSec: found.eta?.p50Sec ?? undefined,
  };
}

function ofPayouts(found: readonly z.output<typeof payout>[]): ApiStatus {
  const history = found.flatMap(({ index, tag, isRefund, asset, paid, deferred, steps }) =>
    steps.map((each) => {
      const amount = REASONS[each.reason][0] === 'claimable' ? deferred : paid;
      const what = asset === null ? {} : { asset, amount };
      return changeOf(each, {
        releaseIndex: index,
        tag,
        ...what,
        ...(isRefund && { isRefund: true }),
      });
    }),
  );
  const times = found.flatMap(({ chainId, blockNumber, timeSec }) =>
    timeSec === null ? [] : [[`${chainId}/${blockNumber}`, BigInt(timeSec)] as const],
  );
  return {
    ref: undefined,
    history,
    times: new Map(times),
    isSealed: false,
    etaSec: found[0]?.eta?.p50Sec ?? undefined,
  };
}

function changeOf(
  { reason: why, chainId, blockNumber, transactionHash }: z.output<typeof step>,
  more: Partial<StateChange>,
): StateChange {
  const at = { ...stepFor(why), chainId, blockNumber };
  return { ...at, ...(transactionHash !== null && { transactionHash }), ...more };
}

const TIMEOUT_MS = 15_000;

async function ask<T>(
  url: string,
  schema: z.ZodType<T>,
  request: RequestInit = {},
): Promise<T | undefined> {
  const answer = await fetchAnswer(url, request);
  if (answer.status === 404) return undefined;
  if (!answer.ok)
    throw new StatusApiError('STATUS_API_UNREACHABLE', {
      url,
      what: `it answers ${answer.status}`,
    });
  const parsed = schema.safeParse(await answer.json().catch(() => undefined));
  if (parsed.success) return parsed.data;
  throw new StatusApiError('STATUS_API_MALFORMED', { url, what: z.prettifyError(parsed.error) });
}

async function fetchAnswer(url: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, {
      ...request,
      headers: { 'content-type': 'application/json' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : 'no answer';
    throw new StatusApiError('STATUS_API_UNREACHABLE', { url, what }, { cause });
  }
}

const DISPOSITIONS = {
  STATUS_API_UNREACHABLE: 'retry',
  STATUS_API_MALFORMED: 'reject',
} as const satisfies Record<string, Disposition>;

/** A status API that does not answer, or not as one does. */
export class StatusApiError extends BridgeError<{ url: string; what: string }> {
  readonly code: keyof typeof DISPOSITIONS;
  readonly disposition: Disposition;
  constructor(
    code: keyof typeof DISPOSITIONS,
    meta: { url: string; what: string },
    options?: { cause?: unknown },
  ) {
    super(`The status API at ${meta.url}: ${meta.what}.`, meta, options);
    this.code = code;
    this.disposition = DISPOSITIONS[code];
  }
}
