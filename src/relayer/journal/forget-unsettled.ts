import { and, eq, exists, gte, lte, not, or, type SQL, sql } from 'drizzle-orm';
import type { Database } from './database.ts';
import { makeOnce, type Places } from './made-statement.ts';
import { claims, commits, controlMessages, messages, releases, stateChanges } from './schema.ts';
import type { BlocksRead } from './state-changes.ts';

/** Which contracts of a chain: its gateway, or also the anchor that stands beside it. */
export type ReadContracts = 'the gateway' | 'all contracts';

/** Whether the journal has anything that blocks of a closed range have shown: most have shown nothing. */
export async function isAnythingOf(
  database: Database,
  { chainId, fromBlock, toBlock }: BlocksRead,
  of: ReadContracts,
): Promise<boolean> {
  const [row] = await ANYTHING[of](database, { chainId, fromBlock, toBlock });
  return row?.isAny ?? false;
}

/** Whether anything that blocks of a closed range have shown is not settled. */
export async function isAnyUnsettled(
  database: Database,
  { chainId, fromBlock, toBlock }: BlocksRead,
  of: ReadContracts,
): Promise<boolean> {
  const [row] = await UNSETTLED[of](database, { chainId, fromBlock, toBlock });
  return row?.isAny ?? false;
}

/** Forgets what blocks of a closed range have shown and nothing has settled yet: they are read again. */
export async function forgetUnsettled(
  database: Database,
  { chainId, fromBlock, toBlock }: BlocksRead,
  of: ReadContracts,
): Promise<void> {
  for (const forget of of === 'the gateway' ? FORGETTING : [...FORGETTING, ...FORGETTING_ANCHOR]) {
    await forget(database, { chainId, fromBlock, toBlock });
  }
}

const BLOCKS = ['chainId', 'fromBlock', 'toBlock'] as const;
type Blocks = Places<(typeof BLOCKS)[number]>;

const GATEWAY_TABLES = [messages, releases, claims] as const;
const ANCHOR_TABLES = [commits, controlMessages] as const;
type GatewayTable = (typeof GATEWAY_TABLES)[number];
type AnchorTable = (typeof ANCHOR_TABLES)[number];

function isOfGateway(table: GatewayTable, { chainId, ...blocks }: Blocks): SQL | undefined {
  return and(eq(table.chainId, chainId), isUnsettled(table, blocks));
}

/** The condition is written as the indexes have it, which are of such rows alone. */
function isUnsettled(
  { blockNumber, isFinal }: GatewayTable | AnchorTable,
  { fromBlock, toBlock }: Omit<Blocks, 'chainId'>,
): SQL | undefined {
  return and(not(isFinal), gte(blockNumber, fromBlock), lte(blockNumber, toBlock));
}

const FORGETTING = GATEWAY_TABLES.map((table) =>
  makeOnce(BLOCKS, (database, blocks) => database.delete(table).where(isOfGateway(table, blocks))),
);
const FORGETTING_ANCHOR = ANCHOR_TABLES.map((table) =>
  makeOnce(BLOCKS, (database, blocks) => database.delete(table).where(isUnsettled(table, blocks))),
);

/** That there are unsettled rows of blocks, by table: what is asked at every block is answered by indexes. */
export function unsettledIn(database: Database, blocks: Blocks, of: ReadContracts): SQL[] {
  const one = () => database.select({ one: sql`1` });
  const anchorTables = of === 'the gateway' ? [] : ANCHOR_TABLES;
  return [
    ...GATEWAY_TABLES.map((table) => exists(one().from(table).where(isOfGateway(table, blocks)))),
    ...anchorTables.map((table) => exists(one().from(table).where(isUnsettled(table, blocks)))),
  ];
}

/** That blocks have shown a state change. */
export function changesIn(database: Database, { chainId, fromBlock, toBlock }: Blocks): SQL {
  const { blockNumber } = stateChanges;
  const isOfBlocks = and(gte(blockNumber, fromBlock), lte(blockNumber, toBlock));
  const rows = database.select({ one: sql`1` }).from(stateChanges);
  return exists(rows.where(and(eq(stateChanges.chainId, chainId), isOfBlocks)));
}

function whether(database: Database, some: readonly SQL[]) {
  return database.select({ isAny: sql<boolean>`${or(...some)}` }).from(sql`(VALUES (1)) AS asked`);
}

function anythingOf(of: ReadContracts) {
  return makeOnce(BLOCKS, (database, blocks) =>
    whether(database, [changesIn(database, blocks), ...unsettledIn(database, blocks, of)]),
  );
}

function unsettledOf(of: ReadContracts) {
  return makeOnce(BLOCKS, (database, blocks) =>
    whether(database, unsettledIn(database, blocks, of)),
  );
}

const ANYTHING = {
  'the gateway': anythingOf('the gateway'),
  'all contracts': anythingOf('all contracts'),
};
const UNSETTLED = {
  'the gateway': unsettledOf('the gateway'),
  'all contracts': unsettledOf('all contracts'),
};
