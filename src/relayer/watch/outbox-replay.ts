import { appendControl } from '../../protocol/control.ts';
import { appendMessage, type ChainPosition } from '../../protocol/message.ts';
import { fromHex, type Hex } from '../../shared/bytes.ts';
import type { Side } from '../bridge.ts';
import { controlIn } from '../journal/control-messages.ts';
import type { Database } from '../journal/database.ts';
import type { IndexSpan } from '../journal/index-span.ts';
import { messagesIn } from '../journal/messages.ts';

/** Rows that are held in memory at a time. */
const ROWS_AT_ONCE = 1000;

/** How far an outbox is replayed, by the rows that the journal has of it. */
export type UpTo = Pick<IndexSpan, 'endIndex' | 'toBlock'>;

/** Where a gateway's outbox stands after the journal's messages, as far as they follow `from` and each other without a gap. */
export async function replaySent(
  database: Database,
  { chain: { chainId }, gateway }: Pick<Side, 'chain' | 'gateway'>,
  from: ChainPosition,
  upTo: UpTo,
): Promise<ChainPosition> {
  return await replay(from, {
    read: (fromIndex) => messagesIn(database, { ...upTo, chainId, fromIndex }, ROWS_AT_ONCE),
    append: (position, row) =>
      appendMessage(position, { ...row, gateway, envelope: fromHex(row.envelope) }),
  });
}

/** An anchor, as its control messages are bound to it. */
interface ControlSource {
  readonly chainId: bigint;
  /** 20 bytes. */
  readonly address: Hex;
}

/** As {@link replaySent}, of the anchor's own outbox. */
export async function replaySaid(
  database: Database,
  source: ControlSource,
  from: ChainPosition,
  upTo: UpTo,
): Promise<ChainPosition> {
  return await replay(from, {
    read: (fromIndex) => controlIn(database, { ...upTo, fromIndex }, ROWS_AT_ONCE),
    append: (position, row) =>
      appendControl(position, source, { ...row, payload: fromHex(row.payload) }),
  });
}

interface Outbox<R> {
  read(fromIndex: bigint): Promise<readonly R[]>;
  append(position: ChainPosition, row: R): ChainPosition;
}

async function replay<R extends { readonly index: bigint }>(
  from: ChainPosition,
  { read, append }: Outbox<R>,
): Promise<ChainPosition> {
  let position = from;
  for (;;) {
    const rows = await read(position.count);
    for (const row of rows) {
      if (row.index !== position.count) return position;
      position = append(position, row);
    }
    if (rows.length < ROWS_AT_ONCE) return position;
  }
}
