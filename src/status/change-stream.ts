import type { ServerResponse } from 'node:http';
import type { Database } from '../relayer/journal/database.ts';
import { changesAfter, lastChangeId } from '../relayer/journal/lookups.ts';
import type { JournaledChange } from '../relayer/journal/state-changes.ts';
import { type Kept, keep } from './kept.ts';
import { StatusError } from './status-error.ts';

/** How streams are paced and bounded; all of it has defaults. */
export interface StreamLimits {
  /** Streams at the same time. */
  readonly most?: number;
  /** Of these, streams of one who asks. */
  readonly mostOfOne?: number;
  /** How often the journal is looked at while somebody listens. */
  readonly lookEveryMs?: number;
  /** The longest silence on a stream. */
  readonly heartbeatMs?: number;
}

/** State changes, told to those who listen. */
export interface ChangeStreams {
  /**
   * Tells a client every change after one, and then each as it comes, until it goes away.
   *
   * @param begin starts the answer, once there is room for it
   * @param asker who listens, as `askerOf` names them
   * @param after id of the last change that the client has; undefined: those that come from now on. One that the journal has not come to
   *   is of a journal that was made anew since, which is told from its beginning
   * @throws {StatusError} STATUS_BUSY
   */
  open(
    begin: () => ServerResponse,
    listening: { readonly asker: string; readonly after: number | undefined },
  ): Promise<void>;
  /** How many listen. */
  count(): number;
  /** Ends all streams. */
  close(): void;
}

const MOST_STREAMS = 64;
const MOST_OF_ONE = 8;
const LOOK_EVERY_MS = 500;
const HEARTBEAT_MS = 15_000;
const CHANGES_AT_ONCE = 200;
/** A client that does not read is cut off rather than remembered. */
const MOST_UNREAD_BYTES = 256 * 1024;

interface Listener {
  readonly response: ServerResponse;
  readonly asker: string;
  after: number;
  saidAtMs: number;
}

/** Creates streams over a journal. Those who have heard the same are told the next from one look at it. */
export function createChangeStreams(database: Database, limits: StreamLimits = {}): ChangeStreams {
  const { most = MOST_STREAMS, mostOfOne = MOST_OF_ONE } = limits;
  const { lookEveryMs = LOOK_EVERY_MS, heartbeatMs = HEARTBEAT_MS } = limits;
  const listeners = new Set<Listener>();
  let timer: NodeJS.Timeout | undefined;

  const drop = (listener: Listener): void => {
    listeners.delete(listener);
    listener.response.end();
    if (listeners.size > 0) return;
    clearTimeout(timer);
    timer = undefined;
  };
  const look = async (): Promise<void> => {
    const pages = createPages(database, lookEveryMs);
    await Promise.all([...listeners].map((listener) => tell(listener, pages, heartbeatMs)));
    for (const each of listeners) {
      if (each.response.destroyed) drop(each);
      // Ended, it would keep what is unread, and its connection, for as long as the client likes.
      else if (each.response.writableLength > MOST_UNREAD_BYTES) each.response.destroy();
    }
  };
  const schedule = (): void => {
    timer = setTimeout(async () => {
      // A journal that does not answer is looked at again: the heartbeat says that the stream lives.
      await look().catch(() => undefined);
      if (timer !== undefined) schedule();
    }, lookEveryMs);
  };
  return {
    open: async (begin, { asker, after }) => {
      const last = await lastChangeId(database);
      requireRoom([...listeners], asker, { most, mostOfOne });
      const start = after === undefined ? last : startBehind(after, last);
      const response = begin();
      const listener = { response, asker, after: start, saidAtMs: performance.now() };
      listeners.add(listener);
      response.on('close', () => drop(listener));
      response.write(': changes from here on\n\n');
      if (timer === undefined) schedule();
    },
    count: () => listeners.size,
    close: () => {
      for (const each of listeners) drop(each);
    },
  };
}

/** One who opens all that there are would leave none for the others. @throws {StatusError} STATUS_BUSY */
function requireRoom(
  listeners: readonly Listener[],
  asker: string,
  { most, mostOfOne }: Required<Pick<StreamLimits, 'most' | 'mostOfOne'>>,
): void {
  if (listeners.length >= most) {
    throw new StatusError('STATUS_BUSY', `${most} streams are open; try again later`);
  }
  if (listeners.filter((each) => each.asker === asker).length >= mostOfOne) {
    throw new StatusError('STATUS_BUSY', `${mostOfOne} streams of this address are open; end one`);
  }
}

type Pages = (after: number) => Promise<readonly JournaledChange[]>;

/** Pages of one look, each read once. */
function createPages(database: Database, lookEveryMs: number): Pages {
  const pages = new Map<number, Kept<readonly JournaledChange[]>>();
  return (after) => {
    const fetch = () => changesAfter(database, after, CHANGES_AT_ONCE);
    const page = pages.get(after) ?? keep(lookEveryMs, fetch);
    pages.set(after, page);
    return page.get();
  };
}

async function tell(listener: Listener, pages: Pages, heartbeatMs: number): Promise<void> {
  const { response } = listener;
  const page = await pages(listener.after);
  const text = page.map(eventOf).join('');
  listener.after = page.at(-1)?.id ?? listener.after;
  const isQuiet = performance.now() - listener.saidAtMs >= heartbeatMs;
  if (text === '' && !isQuiet) return;
  response.write(text === '' ? ': still here\n\n' : text);
  listener.saidAtMs = performance.now();
}

function startBehind(after: number, last: number): number {
  return after > last ? 0 : after;
}

/**
 * A change as an event.
 *
 * SECURITY: batches are known here before their chain has them, so nothing is told of them; the id goes on all the same.
 */
function eventOf(change: JournaledChange): string {
  const { id, subject, state, reason, chainId, blockNumber, atMs } = change;
  if (subject.startsWith('batch ')) return '';
  const seenAt = new Date(atMs).toISOString();
  const told = { subject, state, reason, chainId: `${chainId}`, blockNumber, seenAt };
  return `id: ${id}\nevent: change\ndata: ${JSON.stringify(told)}\n\n`;
}
