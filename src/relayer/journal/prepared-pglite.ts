import {
  type messages,
  PGlite,
  parse,
  protocol,
  type QueryOptions,
  type Results,
  type Transaction,
} from '@electric-sql/pglite';

const { serialize } = protocol;

/** Statements that are kept prepared. A journal and its queue have about half as many. */
const KEPT_STATEMENTS = 200;
/** Characters of a statement that is kept: longer ones have a row for each of some values, and are another each time. */
const KEPT_CHARS = 2000;

/** What is known of a statement once it was prepared. */
interface Prepared {
  /** Its name in the session; the unnamed one lasts until the next is prepared. */
  readonly name: string;
  /** Types of its values, as Postgres numbers them. */
  readonly types: readonly number[];
  /** What says of which type its answer's columns are; undefined if it answers without rows. */
  readonly columns: messages.BackendMessage | undefined;
}

/**
 * An embedded database that prepares each statement once and then sends its values in one message. As PGlite does it by itself each
 * statement is parsed and planned anew in six messages, and three hundred parsers are copied to read the answer, which is most of what a
 * short one costs.
 *
 * Of the options of a query it takes `rowMode` and `parsers`.
 */
export class PreparedPglite extends PGlite {
  /** By text, the one that was not used for longest first. */
  readonly #prepared = new Map<string, Prepared>();
  #named = 0;

  override async query<T>(
    text: string,
    params: readonly unknown[] = [],
    options: QueryOptions = {},
  ): Promise<Results<T>> {
    await this._checkReady();
    return await this._runExclusiveTransaction(() => this.#ask<T>(text, params, options));
  }

  override async transaction<T>(run: (tx: Transaction) => Promise<T>): Promise<T> {
    return await super.transaction((tx) => {
      const query: Transaction['query'] = async (text, params = [], options = {}) => {
        if (tx.closed) throw new Error('Transaction is closed');
        return await this.#ask(text, params, options);
      };
      // Its other members, one of which is read anew each time, stay what they are.
      return run(Object.assign(Object.create(tx) as Transaction, { query }));
    });
  }

  #ask<T>(text: string, params: readonly unknown[], options: QueryOptions): Promise<Results<T>> {
    return this._runExclusiveQuery(async () => {
      const prepared = this.#prepared.get(text) ?? (await this.#prepare(text));
      const { name, columns } = prepared;
      if (name !== '') await this.#keep(text, prepared);
      try {
        const answer = await this.#exchange(
          serialize.bind({ statement: name, values: this.#valuesFor(prepared, params) }),
          serialize.execute({}),
        );
        return this.#read<T>(columns === undefined ? answer : [columns, ...answer], options);
      } catch (error) {
        // A table that was made anew meanwhile may be the reason.
        if (error instanceof protocol.messages.DatabaseError) await this.#forget(text);
        throw error;
      }
    });
  }

  async #prepare(text: string): Promise<Prepared> {
    this.#named += 1;
    const name = text.length > KEPT_CHARS ? '' : `journal_${this.#named}`;
    const answer = await this.#exchange(
      serialize.parse({ name, text }),
      serialize.describe({ type: 'S', name }),
    );
    const columns = answer.find(({ name: kind }) => kind === 'rowDescription');
    return { name, types: parse.parseDescribeStatementResults(answer), columns };
  }

  /** Notes that a statement was used, and lets go of the one that was not for longest if there are too many. */
  async #keep(text: string, prepared: Prepared): Promise<void> {
    this.#prepared.delete(text);
    this.#prepared.set(text, prepared);
    const [oldest] = this.#prepared.keys();
    if (oldest !== undefined && this.#prepared.size > KEPT_STATEMENTS) await this.#forget(oldest);
  }

  async #forget(text: string): Promise<void> {
    const name = this.#prepared.get(text)?.name;
    if (name === undefined) return;
    this.#prepared.delete(text);
    await this.#exchange(serialize.close({ type: 'S', name }));
  }

  #valuesFor({ types }: Prepared, params: readonly unknown[]): (string | null)[] {
    return params.map((value, i) => {
      if (value === null || value === undefined) return null;
      return this.serializers[types[i] ?? 0]?.(value) ?? String(value);
    });
  }

  #read<T>(answer: messages.BackendMessage[], { rowMode, parsers }: QueryOptions): Results<T> {
    const used =
      parsers === undefined ? this.parsers : Object.assign(Object.create(this.parsers), parsers);
    const [results] = parse.parseResults(answer, used, rowMode === undefined ? {} : { rowMode });
    // CAST: the caller says of what type the rows are.
    return results as Results<T>;
  }

  /** All messages at once, up to the point where the session takes the next. @throws what the database says */
  async #exchange(...sent: Uint8Array[]): Promise<messages.BackendMessage[]> {
    const all = Buffer.concat([...sent, serialize.sync()]);
    return await this.execProtocolStream(all, { syncToFs: false });
  }
}
