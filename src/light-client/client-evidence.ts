import type * as z from 'zod';
import type { ChainKind, Route } from '../protocol/chain-kind.ts';
import type { ClientState } from './client-state.ts';
import { type ClientConfig, type KindTypes, LIGHT_CLIENTS } from './kinds.ts';
import type { EvidenceWords, Known } from './light-client.ts';

// What proof bundles hold of a chain of any kind, and how it is put to people.

function wordsOf<K extends ChainKind>(kind: K): EvidenceWords<KindTypes[K]> {
  return LIGHT_CLIENTS[kind].evidence;
}

/** What a light client's configuration pins, a line each. */
export function describeCheckpoint<K extends ChainKind>(
  config: ClientConfig<K>,
): readonly string[] {
  return wordsOf(config.kind).checkpoint(config);
}

/** What a bootstrap or updates have made final; `after` has been started. */
export function describeProgress<K extends ChainKind>(
  config: ClientConfig<K>,
  before: ClientState<K>,
  after: ClientState<K>,
): string {
  if (after.store === null) return 'has no final block yet';
  return wordsOf(config.kind).progress(before.store, after.store);
}

/** How a block is written that somebody takes to be final without a proof. */
export function blockSchemaOf<K extends ChainKind>(kind: K): z.ZodType<KindTypes[K]['block']> {
  return wordsOf(kind).blockSchema;
}

/** How routes of a kind of chain are written. */
export function routeSchemaOf(kind: ChainKind): z.ZodType<Route> {
  return LIGHT_CLIENTS[kind].routeSchema;
}

/** How statements about a kind of chain's contracts are written. */
export function statementSchemaOf<K extends ChainKind>(
  kind: K,
): z.ZodType<KindTypes[K]['statement']> {
  return wordsOf(kind).statementSchema;
}

/** A statement about a contract in a final block of a chain. */
export interface StatementOf<K extends ChainKind = ChainKind> {
  readonly kind: K;
  readonly route: Route;
  /** As `statementSchemaOf` the kind reads it. */
  readonly statement: KindTypes[K]['statement'];
}

/** Checks a statement and says what it shows. @throws {BridgeError} it shows nothing */
export function proveStatement<K extends ChainKind>(
  { kind, route, statement }: StatementOf<K>,
  known: Known<KindTypes[K]>,
): string {
  return wordsOf(kind).prove(statement, route, known);
}
