import { access, constants, readFile, stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { RelayerConfig } from '../../config/relayer.ts';
import { type Check, type Finding, failure, good, warning } from './finding.ts';

/** What a relayer is started with beside its configuration. */
export interface StartedWith {
  /** The file of the configuration. */
  readonly configFile: string;
  /** Files that hold one secret each. */
  readonly secretFiles: readonly string[];
}

/** What is checked of the machine that a relayer runs on: disk, memory, open files, clock, and who can read its secrets. */
export function machineChecks(
  config: RelayerConfig,
  { configFile, secretFiles }: StartedWith,
): Check[] {
  const place = dirname(config.journal.folder);
  const writable = `make ${place} a folder that this user can write to`;
  const readable = 'correct the paths of configuration and secrets';
  return [
    { name: 'machine: disk', fix: writable, look: () => lookAtDisk(place) },
    { name: 'machine: memory', fix: 'see what uses it', look: async () => lookAtMemory() },
    { name: 'machine: open files', fix: 'see `ulimit -n`', look: async () => lookAtOpenFiles() },
    {
      name: 'machine: clock',
      fix: 'see whether this machine reaches anything by HTTP',
      look: () => lookAtClock(httpUrlsOf(config), () => Date.now()),
    },
    {
      name: 'machine: secrets',
      fix: readable,
      look: async () => {
        const text = await readFile(configFile, 'utf8');
        const isSecret = secretsIn(config).some((secret) => text.includes(secret));
        return await lookAtSecrets([...(isSecret ? [configFile] : []), ...secretFiles]);
      },
    },
  ];
}

const LITTLE_BYTES = 1_000_000_000;
const TOO_LITTLE_BYTES = 100_000_000;

async function lookAtDisk(place: string): Promise<Finding> {
  const check = 'machine: disk';
  await access(place, constants.W_OK);
  const { bavail, bsize } = await statfs(place);
  const free = bavail * bsize;
  const says = `${megabytes(free)} are free at ${place}`;
  if (free > LITTLE_BYTES) return good(check, says);
  const more = 'make room: a journal that cannot be written stops the relayer';
  return free > TOO_LITTLE_BYTES ? warning(check, says, more) : failure(check, says, more);
}

/** What a relayer with a long line of transfers holds. */
const ENOUGH_BYTES = 512_000_000;

/** @param availableBytes of the machine, or of the container where that has less */
export function lookAtMemory(availableBytes: number = process.availableMemory()): Finding {
  const check = 'machine: memory';
  const says = `${megabytes(availableBytes)} are available`;
  return availableBytes >= ENOUGH_BYTES
    ? good(check, says)
    : warning(check, says, `give it ${megabytes(ENOUGH_BYTES)}, or stop what else runs here`);
}

/** Sockets to nodes, enclaves, stores and clients of the status API, and the files of an embedded journal. */
const ENOUGH_FILES = 1024;

/** @param limit how many this process may have open; undefined where the system does not say */
export function lookAtOpenFiles(limit: number | undefined = openFilesLimit()): Finding {
  const check = 'machine: open files';
  if (limit === undefined) return good(check, 'without a limit that is told');
  const says = `${limit} may be open at the same time`;
  return limit >= ENOUGH_FILES
    ? good(check, says)
    : warning(
        check,
        says,
        `raise the limit to ${ENOUGH_FILES} (\`ulimit -n\`, LimitNOFILE, --ulimit)`,
      );
}

function openFilesLimit(): number | undefined {
  if (process.report === undefined) return undefined;
  // Otherwise it looks up the names of all that this process is connected to.
  Object.assign(process.report, { excludeNetwork: true });
  const report = process.report.getReport() as {
    userLimits?: { open_files?: { soft?: number | string } };
  };
  const soft = Number(report.userLimits?.open_files?.soft);
  return Number.isFinite(soft) ? soft : undefined;
}

const CLOCK_MS = 5000;
const OFF_MS = 5000;
const FAR_OFF_MS = 30_000;

/**
 * Holds this machine's clock to what servers say of the time when they answer anything at all; the one in the middle counts.
 *
 * @param nowMs the clock, in milliseconds of Unix time
 */
export async function lookAtClock(urls: readonly string[], nowMs: () => number): Promise<Finding> {
  const check = 'machine: clock';
  const asked = await Promise.all(urls.map((url) => offsetMs(url, nowMs).catch(() => undefined)));
  const offsets = asked.filter((offset) => offset !== undefined).sort((a, b) => a - b);
  const middle = offsets[Math.floor(offsets.length / 2)];
  if (middle === undefined) return good(check, 'no node says what time it is by HTTP');
  const says = `${Math.abs(Math.round(middle / 1000))} s ${middle < 0 ? 'ahead of' : 'behind'} what ${offsets.length} nodes say`;
  if (Math.abs(middle) <= OFF_MS) return good(check, says);
  const fix =
    'set the clock of this machine (`timedatectl set-ntp true`): rounds and estimates go by it';
  return Math.abs(middle) <= FAR_OFF_MS ? warning(check, says, fix) : failure(check, says, fix);
}

/** How far a server's clock is ahead of ours. */
async function offsetMs(url: string, nowMs: () => number): Promise<number | undefined> {
  const askedMs = nowMs();
  const response = await fetch(url, { signal: AbortSignal.timeout(CLOCK_MS) });
  await response.body?.cancel();
  const toldMs = Date.parse(response.headers.get('date') ?? '');
  // It tells whole seconds: on average half of one has gone by.
  return Number.isNaN(toldMs) ? undefined : toldMs + 500 - (askedMs + nowMs()) / 2;
}

function httpUrlsOf({ chains, lightClients }: RelayerConfig): string[] {
  const all = [...chains, ...lightClients].flatMap(({ url, urls = [] }) => [url, ...urls]);
  return [...new Set(all)].filter((url) => url.startsWith('http'));
}

/** What of a configuration is worth hiding: keys but those that everybody knows, and URLs with a password. */
function secretsIn({ chains, journal, queue }: RelayerConfig): string[] {
  const keys = chains.flatMap(({ signer, commitSigner }) => [signer, commitSigner]);
  const urls = [journal.postgresUrl, queue.redisUrl].map((url) => url?.reveal() ?? '');
  return [
    ...keys.map((key) => key?.reveal() ?? '').filter((key) => key !== '' && !key.startsWith('//')),
    ...urls.filter((url) => URL.canParse(url) && new URL(url).password !== ''),
  ];
}

/** What of a file or a folder says who can read it, and where it is kept. */
type StatOf = (path: string) => Promise<{ readonly mode: number; readonly dev: number }>;

/** @param files each may hold a secret @param statOf asks the system unless given */
export async function lookAtSecrets(
  files: readonly string[],
  statOf: StatOf = stat,
): Promise<Finding> {
  const check = 'machine: secrets';
  const open: string[] = [];
  const mounted: string[] = [];
  for (const file of files) {
    if (!(await isOpenToOthers(resolve(file), statOf))) continue;
    ((await isMounted(resolve(file), statOf)) ? mounted : open).push(file);
  }
  if (open.length > 0) {
    const says = `every user of this machine can read ${open.join(', ')}`;
    return warning(check, says, `chmod 600 ${open.join(' ')}, or close a folder above to others`);
  }
  if (mounted.length === 0) return good(check, 'no other user can read them');
  const says = `no other user can read them, if a closed folder holds on its host what is mounted here as ${mounted.join(', ')}`;
  return good(check, says);
}

const OTHERS_READ = 0o004;
const OTHERS_ENTER = 0o001;

/** Whether every user can read a file: the file itself, and every folder on the way to it. */
async function isOpenToOthers(file: string, statOf: StatOf): Promise<boolean> {
  if (((await statOf(file)).mode & OTHERS_READ) === 0) return false;
  for (let at = dirname(file); ; at = dirname(at)) {
    if (((await statOf(at)).mode & OTHERS_ENTER) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/** Whether a file is mounted by itself, as a secret of a container is: nobody but the container's user is there, and its rights are the host's. */
async function isMounted(file: string, statOf: StatOf): Promise<boolean> {
  const [own, folder] = await Promise.all([statOf(file), statOf(dirname(file))]);
  return own.dev !== folder.dev;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
