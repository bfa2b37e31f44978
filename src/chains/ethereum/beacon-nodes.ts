import { ChainError } from '../shared/bridged-chain.ts';
import {
  createEndpoints,
  type Endpoint,
  type EndpointHealth,
  inOrder,
} from '../shared/endpoints.ts';
import { gatherAnswers } from '../shared/gather-answers.ts';
import { fetchJson, HttpStatusError } from '../shared/json-rpc.ts';

/** What one beacon node has answered. */
export interface BeaconAnswer<T> {
  readonly endpoint: Endpoint;
  readonly answer: T;
}

/** Something that is asked of a beacon node. */
export interface BeaconQuestion<T> {
  /** What it is counted as. */
  readonly name: string;
  /** Under `/eth/v1/`. */
  readonly path: string;
  /** Reads the answer. @throws {ChainError} CHAIN_ANSWER_MALFORMED */
  read(json: unknown): T;
}

/** All beacon nodes of one network. */
export interface BeaconNodes {
  /** Asks the node that has done best lately, and the next one if it does not answer, or has not got it. */
  first<T>(question: BeaconQuestion<T>): Promise<BeaconAnswer<T>>;
  /** What every node answers that does so, within a moment after the first. @throws the first failure if none does */
  all<T>(question: BeaconQuestion<T>): Promise<BeaconAnswer<T>[]>;
  endpoints(): readonly EndpointHealth[];
  /** Questions that were asked so far, by name. */
  readonly calls: ReadonlyMap<string, number>;
}

/**
 * Creates a client of beacon nodes.
 *
 * @param client what the configuration calls the light client; stands in errors
 * @param baseUrls at least one
 */
export function createBeaconNodes(client: string, baseUrls: readonly string[]): BeaconNodes {
  const nodes = createEndpoints(baseUrls).map((endpoint) => ({ endpoint }));
  const calls = new Map<string, number>();
  const ask = async <T>(endpoint: Endpoint, question: BeaconQuestion<T>) => {
    const { name, path, read } = question;
    calls.set(name, (calls.get(name) ?? 0) + 1);
    try {
      const base = endpoint.url.replace(/\/+$/, '');
      const headers = { accept: 'application/json' };
      const answer = read(await fetchJson(client, `${base}/eth/v1/${path}`, { headers }));
      endpoint.answered();
      return { endpoint, answer };
    } catch (error) {
      if (!isMissing(error)) endpoint.fault('failed');
      throw error;
    }
  };
  return {
    first: async (question) => {
      let failure: unknown;
      for (const { endpoint } of inOrder(nodes)) {
        try {
          return await ask(endpoint, question);
        } catch (error) {
          failure ??= error;
        }
      }
      throw failure;
    },
    all: async (question) =>
      await gatherAnswers(inOrder(nodes).map(({ endpoint }) => ask(endpoint, question))),
    endpoints: () => nodes.map(({ endpoint }) => endpoint.health()),
    calls,
  };
}

/** Whether a node has answered that there is no such thing. */
export function isMissing(error: unknown): boolean {
  const cause = error instanceof ChainError ? error.cause : undefined;
  return cause instanceof HttpStatusError && cause.status === 404;
}
