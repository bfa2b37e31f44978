import { access, constants, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Redis } from 'ioredis';
import type { RelayerConfig } from '../../config/relayer.ts';
import { Vitals } from '../vitals.ts';
import { connectDesk, deskPath } from './desk-socket.ts';
import { examineChain } from './examine-chain.ts';
import { examineEnclaves } from './examine-enclaves.ts';
import {
  type Check,
  describeFailure,
  examineAll,
  type Finding,
  failure,
  good,
  warning,
} from './finding.ts';
import type { JournalStanding } from './journal-standing.ts';
import { openDesk } from './open-desk.ts';
import { readKeys } from './read-keys.ts';

/** Checks everything that a relayer with this configuration needs, and says of each what to do about it. Changes nothing. */
export async function examine(config: RelayerConfig): Promise<Finding[]> {
  const vitals = new Vitals();
  const machine = await examineAll(vitals, [...machineChecks(config), ...queueChecks(config)]);
  const journal = await examineJournal(config);
  const chains = await Promise.all(
    config.chains.map((entry) =>
      examineChain(entry, { config, vitals, nowMs: () => Date.now(), ...journal }),
    ),
  );
  const keys = await readKeys(config);
  const enclaves = examineEnclaves(keys, Math.round(Date.now() / 1000));
  return [...machine, ...journal.findings, ...chains.flat(), ...enclaves];
}

const LITTLE_BYTES = 1_000_000_000;
const TOO_LITTLE_BYTES = 100_000_000;

function machineChecks({ journal }: RelayerConfig): Check[] {
  const place = dirname(journal.folder);
  const name = 'machine: disk';
  const fix = `make ${place} a folder that this user can write to`;
  const look = async (): Promise<Finding> => {
    await access(place, constants.W_OK);
    const { bavail, bsize } = await statfs(place);
    const free = bavail * bsize;
    const says = `${Math.round(free / 1e6)} MB are free at ${place}`;
    if (free > LITTLE_BYTES) return good(name, says);
    const more = 'make room: a journal that cannot be written stops the relayer';
    return free > TOO_LITTLE_BYTES ? warning(name, says, more) : failure(name, says, more);
  };
  return [{ name, fix, look }];
}

function queueChecks({ queue }: RelayerConfig): Check[] {
  const { redisUrl } = queue;
  if (redisUrl === undefined) return [];
  const name = 'queue: Redis';
  const fix = 'start Redis, or correct queue.redisUrl';
  return [{ name, fix, look: () => lookAtRedis(name, redisUrl.reveal()) }];
}

async function lookAtRedis(name: string, url: string): Promise<Finding> {
  const redis = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    connectTimeout: REDIS_MS,
  });
  // What fails is told by the call that fails.
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    const [, policy = ''] = (await redis.config('GET', 'maxmemory-policy')) as string[];
    if (policy === 'noeviction') return good(name, 'answers, and evicts nothing');
    return warning(
      name,
      `evicts by ${policy}`,
      'set maxmemory-policy to noeviction, or jobs are lost and only found again at the next look',
    );
  } finally {
    redis.disconnect();
  }
}

const REDIS_MS = 5000;

interface JournalExamined {
  readonly isRunning: boolean;
  readonly standing: JournalStanding | undefined;
  readonly findings: readonly Finding[];
}

async function examineJournal(config: RelayerConfig): Promise<JournalExamined> {
  const check = 'journal: opens';
  const running = await connectDesk(deskPath(config.journal.folder));
  await running?.close();
  const isRunning = running !== undefined;
  try {
    const desk = await openDesk(config);
    try {
      const standing = await desk.ask('standing', {});
      const vitals = await desk.ask('vitals', {});
      const holds = await desk.ask('holds', {});
      const says = isRunning ? 'a relayer runs and answers' : 'no relayer runs; the journal opens';
      return {
        isRunning,
        standing,
        findings: [
          good(check, `${says}; last final commit ${standing.lastCommit ?? 'none'}`),
          ...holds.map(({ subject, reason }) =>
            warning('journal: holds', `${subject} is held: ${reason}`, aboutHold(subject)),
          ),
          ...(vitals?.alarms ?? []).map(({ name, code, sentence }) =>
            failure(
              `alarm: ${name}`,
              `${code}: ${sentence}`,
              `docs/errors.md#${code.toLowerCase()}`,
            ),
          ),
        ],
      };
    } finally {
      await desk.close();
    }
  } catch (error) {
    const fix = 'start the relayer once, start Postgres, or correct journal in the configuration';
    return {
      isRunning,
      standing: undefined,
      findings: [failure(check, describeFailure(error), fix)],
    };
  }
}

function aboutHold(subject: string): string {
  return subject.startsWith('lane ')
    ? `veilspan relayer resume ${subject.slice('lane '.length)}`
    : `veilspan relayer release ${subject.replace(' ', '/')}`;
}
