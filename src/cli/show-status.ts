import { setTimeout as delay } from 'node:timers/promises';
import { type ClientConfig, clientConfigSchema } from '../config/client.ts';
import { loadConfig } from '../config/load.ts';
import { BridgeError } from '../shared/errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { namingFile } from './name-config.ts';
import { exitCodeOf, formatView, isSettled, viewAsJson } from './print-status.ts';
import { openApiView } from './status-api-view.ts';
import type { Subject } from './status-subject.ts';
import { openStatusView, type StatusView } from './status-view.ts';
import { stopSignal } from './until-stopped.ts';

/** How a status is shown. */
export interface StatusOptions {
  /** Path of the client configuration. */
  readonly config: string;
  readonly json?: boolean;
  /** URL of a status API to ask instead of the chains. */
  readonly api?: string;
  /** Go on until nothing changes any more. */
  readonly watch?: boolean;
}

const WATCH_EVERY_MS = 3000;

/** Prints where a transfer is and what comes next, once or until nothing follows. */
export async function showStatus(subject: Subject, options: StatusOptions): Promise<ExitCode> {
  const client = loadConfig(clientConfigSchema, options.config, process.env, 'VEILSPAN_CLIENT');
  const { api } = options;
  const viewer =
    api === undefined ? await openStatusView(client, subject) : openApiView(api, subject);
  const print = createPrinter(client, options);
  try {
    if (options.watch !== true) {
      const view = await viewer.look();
      print(view);
      return exitCodeOf(view);
    }
    return await watch(viewer.look, { view: print, trouble: sayTrouble }, stopSignal());
  } finally {
    await viewer.close();
  }
}

/** What is told while one watches, and how often one looks. */
export interface Watching {
  /** What a look has shown. */
  view(view: StatusView): void;
  /** A look has failed in a way that passes; told once until one succeeds. */
  trouble(error: BridgeError): void;
  readonly everyMs?: number;
}

/**
 * Looks until nothing follows by itself, and tells what has changed. Once a look has succeeded, one that fails in a way that passes ends
 * nothing: a node may be away for a while.
 *
 * @returns as one look would; what was stopped before its end has not failed
 */
export async function watch(
  look: () => Promise<StatusView>,
  told: Watching,
  signal: AbortSignal,
): Promise<ExitCode> {
  let last: 'nothing' | 'view' | 'trouble' = 'nothing';
  while (!signal.aborted) {
    try {
      const view = await look();
      last = 'view';
      told.view(view);
      if (isSettled(view)) return exitCodeOf(view);
    } catch (error) {
      if (last === 'nothing' || !(error instanceof BridgeError) || error.disposition !== 'retry') {
        throw error;
      }
      if (last === 'view') told.trouble(error);
      last = 'trouble';
    }
    await delay(told.everyMs ?? WATCH_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  return EXIT.ok;
}

/** A view whose commands name the configuration that this one was given. */
export function withFile({ report, order, ...rest }: StatusView, file: string): StatusView {
  const naming = (command: string | undefined) => command && namingFile(command, file);
  const legs = order?.legs.map((each) => ({ ...each, claim: naming(each.claim) }));
  return {
    ...rest,
    report: report && { ...report, command: naming(report.command) },
    ...(order && legs && { order: { ...order, legs } }),
  };
}

function sayTrouble({ code, message }: BridgeError): void {
  console.error(`${code}: ${message} It is looked at again.`);
}

/** Prints a view unless it says what the last one said. An estimate that has become shorter is no news. */
function createPrinter(
  client: ClientConfig,
  { json = false, config }: StatusOptions,
): (view: StatusView) => void {
  let last = '';
  return (seen) => {
    const view = withFile(seen, config);
    const said = JSON.stringify(viewAsJson(client, { ...view, etaSec: undefined }));
    if (said === last) return;
    const isFirst = last === '';
    last = said;
    if (json) return console.log(JSON.stringify(viewAsJson(client, view)));
    if (!isFirst) console.log(`\n${new Date().toISOString()}`);
    for (const line of formatView(client, view)) console.log(line);
  };
}
