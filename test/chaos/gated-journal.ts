import type { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import type { Database } from '../../src/relayer/journal/database.ts';
import { withoutValues } from '../../src/relayer/journal/statement-errors.ts';
import { type Gate, never } from './gate.ts';

/** A statement of a relayer that is no more, inside a transaction: the database rolls back, as when a connection breaks. */
class ConnectionLost extends Error {}

/** The journal as one run of a relayer reaches it: every statement goes through the gate. */
export function openGated(pglite: PGlite, gate: Gate): Database {
  const database = withoutValues(drizzle(pglite));
  gateSession(database._.session, gate, (statement) => statement);
  return database;
}

type Session = Database['_']['session'];
/** What is done with a statement of a dead relayer. */
type Ending = <T>(statement: Promise<T>) => Promise<T>;

function gateSession(session: Session, gate: Gate, ending: Ending): void {
  const { prepareQuery, transaction } = session;
  // CAST: `apply` forgets that the answer's type follows from the arguments.
  session.prepareQuery = ((...args) => {
    const statement = prepareQuery.apply(session, args);
    const { execute } = statement;
    const name = args[0].sql.split(' ', 1)[0]?.toLowerCase() ?? '';
    const call = { peer: 'journal', of: 'journal', name } as const;
    statement.execute = (...values) =>
      ending(gate.pass(call, () => execute.apply(statement, values) as Promise<unknown>));
    return statement;
  }) as typeof prepareQuery;
  session.transaction = async (run, config) => {
    const call = { peer: 'journal', of: 'journal', name: 'transaction' } as const;
    return await gate.pass(call, async () => {
      try {
        return await (transaction.call(
          session,
          (tx) => {
            gateSession(tx._.session, gate, (statement) => orLost(gate, statement));
            return run(tx);
          },
          config,
        ) as ReturnType<typeof run>);
      } catch (error) {
        return error instanceof ConnectionLost ? await never() : Promise.reject(error);
      }
    });
  };
}

/** Ends a transaction whose relayer is no more: it would hold the database for ever. */
async function orLost<T>(gate: Gate, statement: Promise<T>): Promise<T> {
  return await Promise.race([
    statement,
    gate.death.then(() => Promise.reject(new ConnectionLost())),
  ]);
}
