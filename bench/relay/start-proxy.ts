import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** What a proxy's process is told: to say what it has counted, or how it is to be from now on. */
export type ProxyOrder = 'count' | 'there' | 'away';

/** What it says. */
export interface ProxyReport {
  readonly url: string;
  /** Calls so far, by method. */
  readonly calls: readonly (readonly [method: string, times: number])[];
}

/** A counting proxy in a process of its own: one that shares its event loop with a chain is as slow as that is. */
export interface RemoteProxy {
  /** As the node's own, of the same protocol. */
  readonly url: string;
  /** Calls so far, by method. */
  calls(): Promise<ReadonlyMap<string, number>>;
  /** From now on nobody answers, and what is open breaks; or it is as before. */
  set(state: 'there' | 'away'): Promise<void>;
  close(): void;
}

const ENTRY = join(import.meta.dirname, 'proxy-process.ts');

/** Starts one in front of a node's HTTP or WebSocket address; it ends with this process. */
export async function startProxy(target: string): Promise<RemoteProxy> {
  const child = fork(ENTRY, [target], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const { url } = await reportOf(child);
  const tell = async (order: ProxyOrder) => {
    const reported = reportOf(child);
    child.send(order);
    return await reported;
  };
  return {
    url,
    calls: async () => new Map((await tell('count')).calls),
    set: async (state) => {
      await tell(state);
    },
    close: () => child.disconnect(),
  };
}

async function reportOf(child: ChildProcess): Promise<ProxyReport> {
  const [report] = (await once(child, 'message')) as [ProxyReport];
  return report;
}
