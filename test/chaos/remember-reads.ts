import type { PGlite, QueryOptions, Results, Transaction } from '@electric-sql/pglite';

// Most of what relayers ask their journal they have asked before, and nothing was written since. A campaign of thousands of schedules has
// the database answer that once: it is one session of this process, so that all that is written passes here.

type Query = (
  text: string,
  params?: readonly unknown[],
  options?: QueryOptions,
) => Promise<Results<unknown>>;

/** How a table stands. */
interface Table {
  /** Grows with each write. */
  version: number;
  /** Writes that are on their way. */
  writing: number;
}

interface Answer {
  /** Of the tables that it is about, as they were. */
  readonly versions: string;
  readonly results: Results<unknown>;
}

const READ = /^\s*select\b/i;
/** What writes to one table, whatever others it asks about; tables have no triggers that write to others. */
const WRITE = /^\s*(?:update|insert into|delete from) "?(\w+)"?/i;
/** What answers something else each time, or does something. */
const NOT_REMEMBERED = /clock_timestamp|pg_|\bnow\(|\bfor (share|update)\b/i;

/**
 * Has a database answer again what it has answered before, as long as nothing was written to the tables that the question names. While a
 * transaction is open, or waits to be, the session is its own: whoever else asks waits for it as ever.
 */
export async function rememberReads(pglite: PGlite): Promise<void> {
  const { rows } = await pglite.query<{ name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
  );
  const memory = new ReadMemory(rows.map(({ name }) => name));
  const { query, exec, transaction } = pglite;
  const ask: Query = (text, params = [], options = {}) =>
    query.call(pglite, text, [...params], options);
  const remembering = memory.remembering(ask, new Set());
  let transactions = 0;
  const inTransaction = async <T>(run: (tx: Transaction) => Promise<T>): Promise<T> => {
    const written = new Set<string>();
    transactions += 1;
    try {
      // CAST: `call` forgets that the answer is what `run` comes to.
      return (await transaction.call(pglite, (tx) => {
        const inside: Query = (text, params = [], options = {}) =>
          tx.query(text, [...params], options);
        const members = { query: memory.remembering(inside, written) };
        return run(Object.assign(Object.create(tx) as Transaction, members));
      })) as T;
    } finally {
      transactions -= 1;
      // If it was rolled back they are as they were before.
      memory.touch(written);
    }
  };
  Object.assign(pglite, {
    query: ((text, ...more) =>
      transactions > 0 && READ.test(text)
        ? ask(text, ...more)
        : remembering(text, ...more)) as Query,
    exec: (text: string, options?: QueryOptions) =>
      exec.call(pglite, text, options).finally(() => memory.forget()),
    transaction: inTransaction,
  });
}

class ReadMemory {
  readonly #tables: ReadonlyMap<string, Table>;
  readonly #answers = new Map<string, Answer>();
  /** Tables that statements name, by their text. */
  readonly #named = new Map<string, readonly string[]>();

  constructor(tables: readonly string[]) {
    this.#tables = new Map(tables.map((name) => [name, { version: 0, writing: 0 }]));
  }

  /** Everything may have changed. */
  forget(): void {
    this.#answers.clear();
    this.touch(this.#tables.keys());
  }

  /** These tables may have changed. */
  touch(names: Iterable<string>): void {
    for (const name of names) this.#table(name).version += 1;
  }

  /** @param written learns which tables were written to */
  remembering(query: Query, written: Set<string>): Query {
    return async (text, params = [], options = {}) => {
      const names = this.#namesIn(text);
      const ask = () => query(text, params, options);
      if (!READ.test(text)) return await this.#write(names, ask, written);
      if (NOT_REMEMBERED.test(text)) return await ask();
      return await this.#read(names, query, [text, params, options]);
    };
  }

  async #read(
    names: readonly string[],
    query: Query,
    asked: Required<Parameters<Query>>,
  ): Promise<Results<unknown>> {
    const [text, params, { rowMode = '' }] = asked;
    const key = [text, rowMode, ...params.map((param) => `${typeof param} ${param}`)].join(
      '\u0000',
    );
    const versions = this.#versions(names);
    const known = this.#answers.get(key);
    if (known !== undefined && known.versions === versions) return known.results;
    const results = await query(...asked);
    // Not if something was written meanwhile, or still is.
    if (versions !== '' && versions === this.#versions(names)) {
      this.#answers.set(key, { versions, results });
    }
    return results;
  }

  async #write(
    names: readonly string[],
    query: () => Promise<Results<unknown>>,
    written: Set<string>,
  ): Promise<Results<unknown>> {
    for (const name of names) this.#table(name).writing += 1;
    let changes = 1;
    try {
      const results = await query();
      changes = results.affectedRows ?? 1;
      return results;
    } finally {
      for (const name of names) this.#table(name).writing -= 1;
      if (changes > 0) for (const name of names) written.add(name);
      if (changes > 0) this.touch(names);
    }
  }

  /** Empty if one of them is written to now. */
  #versions(names: readonly string[]): string {
    const tables = names.map((name) => this.#table(name));
    if (tables.some(({ writing }) => writing > 0)) return '';
    return tables.map(({ version }) => version).join(' ');
  }

  /** What names no table may be about any. */
  #namesIn(text: string): readonly string[] {
    const known = this.#named.get(text);
    if (known !== undefined) return known;
    const all = [...this.#tables.keys()];
    const [, written] = WRITE.exec(text) ?? [];
    const words = new Set(written === undefined ? text.match(/\w+/g) : [written]);
    const found = all.filter((name) => words.has(name));
    const names = found.length === 0 ? all : found;
    this.#named.set(text, names);
    return names;
  }

  #table(name: string): Table {
    const table = this.#tables.get(name);
    if (table === undefined) throw new RangeError(`no table ${name}`);
    return table;
  }
}
