import type { PGlite } from '@electric-sql/pglite';
import { GATEWAY_ABI } from '../../src/chains/shared/abi.ts';
import { type Hex, toHex } from '../../src/shared/bytes.ts';
import type { SimulatedChain } from './chain.ts';
import { insolvent, releasedThoughHeld, unpaid } from './money-invariants.ts';
import { ACCOUNT_KEYS, type SimulatedOperator } from './simulated-operator.ts';
import { chainsOf, isStopped, SIGNING_KEYS, type World } from './world.ts';

/** Where something can be wrong. */
export interface Scene {
  readonly world: World;
  readonly operators: readonly SimulatedOperator[];
  /** Nothing that happened is a reason to submit anything twice or in vain. */
  readonly isThrifty: boolean;
}

/** The world, and what one of the operators has of it. */
interface Account {
  readonly world: World;
  readonly operator: SimulatedOperator;
}

/** Sentences about what must not be in a world that has come to rest. */
export async function findBroken({ world, operators, isThrifty }: Scene): Promise<string[]> {
  const broken = [
    ...unpaid(world),
    ...insolvent(world),
    ...releasedThoughHeld(world),
    ...holes(world),
    ...(isThrifty ? wasted(world) : []),
    ...(await unwritten({ world, operators })),
  ];
  const secrets = secretsOf(world);
  for (const operator of operators) {
    const account = { world, operator };
    broken.push(
      ...halted(operator),
      ...(await behind(account)),
      ...(await unsettled(account)),
      ...(await untold(account)),
      ...(await mistold(account)),
      ...(await unnamed(account)),
      ...(isThrifty ? await promisedTwice(operator) : []),
      ...(await secretsTold(operator, secrets)),
    );
  }
  return broken;
}

/** Nothing waits in a pool for a nonce that nobody uses. */
function holes(world: World): string[] {
  return chainsOf(world).flatMap(({ mempool, head, options }) =>
    [...mempool.values()]
      .filter(({ from, nonce }) => {
        const next = head.nonces.get(from) ?? 0;
        const pool = [...mempool.values()].map((each) => each.nonce);
        return nonce > next && !pool.includes(nonce - 1);
      })
      .map(({ nonce }) => `${options.name}: nothing has the nonce before ${nonce}`),
  );
}

/** Blocks that a watcher may be behind: it looks as often as there are blocks. */
const BEHIND_BLOCKS = 3;

async function behind({ world, operator }: Account): Promise<string[]> {
  const { rows } = await operator.pglite.query<{ chain_id: bigint | number; block_number: number }>(
    'SELECT chain_id, block_number FROM cursors',
  );
  return chainsOf(world).flatMap(({ options: { deployment, name }, final }) => {
    const row = rows.find((each) => BigInt(each.chain_id) === deployment.chainId);
    const at = row?.block_number ?? -1;
    return at + BEHIND_BLOCKS < final.number
      ? [`${name}: the cursor is at ${at}, the final head at ${final.number}`]
      : [];
  });
}

/** Blocks after which a transaction of ours is in one or given up. */
const OPEN_BLOCKS = 80;

interface Submitted {
  readonly chain_id: bigint | number;
  readonly account: Hex;
  readonly nonce: number;
  readonly hash: Hex;
  readonly signed_at: number;
}

/** No transaction of ours is open for ever, or when a final block has its nonce. */
async function unsettled({ world, operator }: Account): Promise<string[]> {
  const { rows } = await operator.pglite.query<Submitted>(
    "SELECT * FROM submissions WHERE state IN ('intent', 'broadcast', 'included')",
  );
  return chainsOf(world).flatMap((chain) => {
    const { head, final } = chain;
    const { nonces } = chain.at(Math.max(0, final.number - BEHIND_BLOCKS));
    const { deployment, name } = chain.options;
    return rows
      .filter(({ chain_id }) => BigInt(chain_id) === deployment.chainId)
      .filter(({ signed_at, account, nonce }) => {
        return signed_at + OPEN_BLOCKS < head.number || nonce < (nonces.get(account) ?? 0);
      })
      .map(({ hash }) => `${name}: transaction ${hash} is open for ever`);
  });
}

/** What is in a block was written down before, unless a journal was lost since. */
async function unwritten({ world, operators }: Omit<Scene, 'isThrifty'>): Promise<string[]> {
  if (operators.some(({ isWiped }) => isWiped)) return [];
  const known = new Set<Hex>();
  for (const { pglite } of operators) {
    const { rows } = await pglite.query<Pick<Submitted, 'hash'>>('SELECT hash FROM submissions');
    for (const { hash } of rows) known.add(hash);
  }
  return chainsOf(world).flatMap(({ blocks, options: { name } }) =>
    blocks
      .flatMap(({ included }) => included)
      .filter(({ transaction: { hash } }) => !known.has(hash))
      .map(({ transaction: { nonce } }) => `${name}: the journal lacks nonce ${nonce}`),
  );
}

/** The journal tells of every message that it is anchored, and of every release that it is final. */
async function untold({ world, operator }: Account): Promise<string[]> {
  const { rows } = await operator.pglite.query<{ subject: string; state: string }>(
    'SELECT subject, state FROM state_changes',
  );
  const told = new Set(rows.map(({ subject, state }) => `${subject} ${state}`));
  return chainsOf(world).flatMap(({ options: { deployment }, final: { contracts } }) => {
    const { chainId } = deployment;
    const places = (count: bigint) => Array.from({ length: Number(count) }, (_, i) => i);
    return [
      ...places(contracts.sent.count).map((i) => [`message ${chainId}/${i} anchored`]),
      ...places(contracts.released.count).map((i) => [
        `release ${chainId}/${i} confirmed`,
        `release ${chainId}/${i} refunded`,
        `release ${chainId}/${i} claimable`,
      ]),
    ]
      .filter((ways) => !ways.some((way) => told.has(way)))
      .map(([way]) => `the journal does not tell: ${way}`);
  });
}

/** Of deposits and payouts the journal tells the blocks that show them, and tells of none that no block shows. */
async function mistold({ world, operator }: Account): Promise<string[]> {
  const { rows } = await operator.pglite.query<{ subject: string; block_number: number }>(
    "SELECT subject, block_number FROM state_changes WHERE reason IN ('deposit-included', 'payout-included', 'refund-included')",
  );
  const shown = new Set(
    chainsOf(world).flatMap(({ blocks, options: { deployment } }) =>
      blocks.flatMap(({ number, logs }) =>
        logs.flatMap(({ topics, data }) => {
          const event = GATEWAY_ABI.parseLog({ topics: [...topics], data });
          const kind = KINDS_OF_EVENTS[event?.name ?? ''];
          return kind ? [`${kind} ${deployment.chainId}/${event?.args['index']} at ${number}`] : [];
        }),
      ),
    ),
  );
  return rows
    .map(({ subject, block_number }) => `${subject} at ${block_number}`)
    .filter((told) => !shown.has(told))
    .map((told) => `the journal tells of ${told}, and no block does`);
}

/** Of a batch that a gateway waits for and operators hold the journal says why it does not go. */
async function unnamed({ world, operator }: Account): Promise<string[]> {
  const { rows } = await operator.pglite.query<{ subject: string }>(
    "SELECT DISTINCT subject FROM state_changes WHERE reason = 'held-by-operator'",
  );
  const told = new Set(rows.map(({ subject }) => subject));
  return chainsOf(world)
    .filter((chain) => isStopped(world, chain) && isMore(world, chain))
    .map(({ options, final }) => {
      return `batch ${options.deployment.chainId}/${final.contracts.released.count}`;
    })
    .filter((subject) => !told.has(subject))
    .map((subject) => `the journal does not tell why ${subject} waits`);
}

/** Whether enclaves have made releases that a gateway has not. */
function isMore({ enclaves }: World, { options, final }: SimulatedChain): boolean {
  const { chainId } = options.deployment;
  return enclaves.some(({ ledger }) =>
    ledger.state.chains.some(
      (each) => each.chainId === chainId && each.released.count > final.contracts.released.count,
    ),
  );
}

/** One nonce is for one thing: whoever no longer leads has written nothing down. */
async function promisedTwice({ pglite }: SimulatedOperator): Promise<string[]> {
  const { rows } = await pglite.query<{ nonce: number; subjects: string }>(
    `SELECT nonce, string_agg(DISTINCT subject, ' and ') AS subjects FROM submissions
      GROUP BY chain_id, account, nonce HAVING count(DISTINCT subject) > 1`,
  );
  return rows.map(({ nonce, subjects }) => `nonce ${nonce} is promised to ${subjects}`);
}

const KINDS_OF_EVENTS: Readonly<Record<string, string>> = {
  Deposited: 'message',
  Released: 'release',
};

/** No call of ours is refused by the contract in its block, or made for nothing but its nonce. */
function wasted(world: World): string[] {
  return chainsOf(world).flatMap(({ blocks, options }) =>
    blocks
      .flatMap(({ included }) => included)
      .flatMap(({ transaction: { nonce, to, from }, revertData }) => {
        if (revertData !== undefined) return [`${options.name}: nonce ${nonce} is refused`];
        return to === from ? [`${options.name}: nonce ${nonce} does nothing`] : [];
      }),
  );
}

function halted({ running }: SimulatedOperator): string[] {
  return running
    .flatMap(({ vitals }) => vitals.lanes())
    .filter(({ state }) => state === 'halted')
    .map(({ name, failedWith }) => `lane ${name} is halted by ${failedWith}`);
}

function secretsOf(world: World): string[] {
  return [...SIGNING_KEYS, ...ACCOUNT_KEYS, ...world.secrets].map((key) => toHex(key).slice(2));
}

/** What only enclaves, users and whoever signs transactions know stands in no log, no job and no row. */
async function secretsTold(
  { log, queue, pglite }: SimulatedOperator,
  secrets: readonly string[],
): Promise<string[]> {
  const sinks = [
    ['the log', log.join('\n')],
    ['the queue', queue.contents()],
    ['the journal', await journalText(pglite)],
  ] as const;
  return sinks.flatMap(([name, text]) => {
    const lower = text.toLowerCase();
    return secrets.some((secret) => lower.includes(secret)) ? [`${name} tells a secret`] : [];
  });
}

async function journalText(pglite: PGlite): Promise<string> {
  const tables = await pglite.query<{ tablename: string }>(
    "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
  );
  const texts = [];
  for (const { tablename } of tables.rows) {
    const { rows } = await pglite.query<{ row: string }>(
      `SELECT t::text AS row FROM "${tablename}" t`,
    );
    texts.push(...rows.map(({ row }) => row));
  }
  return texts.join('\n');
}
