import type { z } from 'zod';
import { ChainError } from './bridged-chain.ts';
import { type Endpoint, inOrder } from './endpoints.ts';
import { firstToTake, weightiest } from './first-to-take.ts';
import { gatherAnswers } from './gather-answers.ts';
import { createRpcClient, type RpcClient, type RpcRefusal, refusalOf } from './json-rpc.ts';

/** A client of all nodes of one chain. */
export interface FailoverClient {
  /** Asks the node that has done best lately, and the next one if it does not answer. */
  readonly rpc: RpcClient;
  /** As `rpc`, of a question whose answer is looked at more closely than by its shape. */
  each<T>(question: (rpc: RpcClient) => Promise<T>): Promise<T>;
  /** Hands something to every node, and waits for the first that takes it. @throws what one thinks of it if none does, or the first failure */
  readonly toAll: RpcClient;
  /** What every node answers that does so, within a moment after the first. @throws the first failure if none does */
  askAll<S extends z.ZodType>(
    method: string,
    params: readonly unknown[],
    schema: S,
  ): Promise<{ readonly endpoint: Endpoint; readonly answer: z.output<S> }[]>;
  /** The node that has answered the last call of a method; undefined before the first. */
  lastToAnswer(method: string): Endpoint | undefined;
  /** Calls that were sent, by method. */
  readonly calls: ReadonlyMap<string, number>;
}

interface Node {
  readonly endpoint: Endpoint;
  readonly rpc: RpcClient;
}

/**
 * What a refusal says: `answer`, what any node would; `opinion`, that this one does not want to, and another may; `fault`, something
 * about the node, which is asked after the others for a while.
 */
export type RefusalWeight = 'answer' | 'opinion' | 'fault';

/** What a client has to know of a chain's nodes. */
export interface NodeManners {
  /** Asked of each node before its first other call; what it throws keeps the node from being used. */
  greet(rpc: RpcClient): Promise<void>;
  weigh(method: string, refusal: RpcRefusal): RefusalWeight;
}

/** Creates a client over some nodes. */
export function createFailoverClient(
  chain: string,
  endpoints: readonly Endpoint[],
  { greet, weigh }: NodeManners,
): FailoverClient {
  const weightOf = (method: string, error: unknown): RefusalWeight => {
    const refusal = refusalOf(error);
    return refusal === undefined ? 'fault' : weigh(method, refusal);
  };
  const calls = new Map<string, number>();
  const answeredBy = new Map<string, Endpoint>();
  const nodes = endpoints.map((endpoint): Node => {
    const rpc: RpcClient = async (method, params, schema) => {
      calls.set(method, (calls.get(method) ?? 0) + 1);
      return await client(method, params, schema);
    };
    const client = createRpcClient(chain, endpoint.url);
    return { endpoint, rpc: greetFirst(rpc, greet) };
  });
  const ask = async <T>(node: Node, method: string, question: (rpc: RpcClient) => Promise<T>) => {
    const answer = await askOne(node, question, (error) => weightOf(method, error));
    answeredBy.set(method, node.endpoint);
    return answer;
  };
  const each = async <T>(method: string, question: (rpc: RpcClient) => Promise<T>): Promise<T> => {
    const failures: unknown[] = [];
    for (const node of inOrder(nodes)) {
      try {
        return await ask(node, method, question);
      } catch (error) {
        if (weightOf(method, error) === 'answer') throw error;
        failures.push(error);
      }
    }
    throw weightiest(failures, (failure) => weightOf(method, failure) === 'opinion');
  };
  return {
    rpc: (method, params, schema) => each(method, (rpc) => rpc(method, params, schema)),
    each: (question) => each('', question),
    toAll: async (method, params, schema) => {
      const given = inOrder(nodes).map((node) =>
        ask(node, method, (rpc) => rpc(method, params, schema)),
      );
      return await firstToTake(given, (failure) => weightOf(method, failure) !== 'fault');
    },
    askAll: async (method, params, schema) => {
      const asked = inOrder(nodes).map(async (node) => ({
        endpoint: node.endpoint,
        answer: await ask(node, method, (rpc) => rpc(method, params, schema)),
      }));
      return await gatherAnswers(asked);
    },
    lastToAnswer: (method) => answeredBy.get(method),
    calls,
  };
}

function greetFirst(rpc: RpcClient, greet: (rpc: RpcClient) => Promise<void>): RpcClient {
  let greeting: Promise<void> | undefined;
  return async (method, params, schema) => {
    greeting ??= greet(rpc);
    try {
      await greeting;
    } catch (error) {
      greeting = undefined;
      throw error;
    }
    return await rpc(method, params, schema);
  };
}

async function askOne<T>(
  { endpoint, rpc }: Node,
  question: (rpc: RpcClient) => Promise<T>,
  weightOf: (error: unknown) => RefusalWeight,
): Promise<T> {
  try {
    const answer = await question(rpc);
    endpoint.answered();
    return answer;
  } catch (error) {
    if (error instanceof ChainError && error.code === 'CHAIN_MISMATCH') {
      endpoint.distrust('it is of another chain');
    } else if (weightOf(error) === 'fault') {
      endpoint.fault('failed');
    }
    throw error;
  }
}
