import { type ChildProcess, spawn } from 'node:child_process';
import { stopChild } from '../ethereum/stop-child.ts';

/** A native node with its guard. */
export interface NativeProcess {
  hasEnded(): boolean;
  /** The end of what it wrote to its standard error. */
  lastWords(): string;
  /** Ends it and removes its base path. */
  stop(): Promise<void>;
}

/**
 * Runs the rest of its arguments, ends them when standard input closes, and removes their base path, the first
 * argument. The kernel closes the input when our process ends, even by SIGKILL. The folder around the base paths goes
 * with the last of them. The guard itself writes nothing: nobody may be there to read it.
 */
const GUARD = `
base=$1; shift
exec 3<&0
"$@" </dev/null 3<&- & child=$!
exec 2>/dev/null
( read -r _ <&3; kill -9 "$child" ) & watcher=$!
trap 'kill -9 "$child"' TERM
wait "$child"; status=$?
while kill -0 "$child"; do wait "$child"; done
kill "$watcher"
rm -rf "$base"; rmdir "\${base%/*}"
exit "$status"`;

const LAST_WORDS_CHARS = 400;

/** Starts `command`, which keeps its files in `basePath`. */
export function startNativeProcess(basePath: string, command: readonly string[]): NativeProcess {
  const child = spawn('/bin/sh', ['-c', GUARD, 'native-node-guard', basePath, ...command], {
    // A group of its own: an interrupt at the terminal is for us, and we close in order.
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = `${words}${text}`.slice(-LAST_WORDS_CHARS);
  });
  return {
    hasEnded: () => isOver(child),
    lastWords: () => words.trim(),
    stop: () => stopChild(child),
  };
}

function isOver({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
