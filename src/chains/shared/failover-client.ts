import type { z } from 'zod';
import { ChainError } from './bridged-chain.ts';
import { type Endpoint, inOrder } from './endpoints.ts';
import { gatherAnswers } from './gather-answers.ts';
import { createRpcClient, type RpcClient, refusalOf } from './json-rpc.ts';
import { isRangeRefusal } from './range-refusal.ts';

/** A client of all nodes of one chain. */
export interface FailoverClient {
  /** Asks the node that has done best lately, and the next one if it does not answer. */
  readonly rpc: RpcClient;
  /** As `rpc`, of a question whose answer is looked at more closely than by its shape. */
  each<T>(question: (rpc: RpcClient) => Promise<T>): Promise<T>;
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
 * Creates a client over some nodes.
 *
 * @param greet asked of each node before its first other call; what it throws keeps the node from being used
 */
export function createFailoverClient(
  chain: string,
  endpoints: readonly Endpoint[],
  greet: (rpc: RpcClient) => Promise<void>,
): FailoverClient {
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
    const answer = await askOne(node, method, question);
    answeredBy.set(method, node.endpoint);
    return answer;
  };
  const each = async <T>(method: string, question: (rpc: RpcClient) => Promise<T>): Promise<T> => {
    let failure: unknown;
    for (const node of inOrder(nodes)) {
      try {
        return await ask(node, method, question);
      } catch (error) {
        if (isAnswer(method, error)) throw error;
        failure ??= error;
      }
    }
    throw failure;
  };
  return {
    rpc: (method, params, schema) => each(method, (rpc) => rpc(method, params, schema)),
    each: (question) => each('', question),
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
  method: string,
  question: (rpc: RpcClient) => Promise<T>,
): Promise<T> {
  try {
    const answer = await question(rpc);
    endpoint.answered();
    return answer;
  } catch (error) {
    if (error instanceof ChainError && error.code === 'CHAIN_MISMATCH') {
      endpoint.distrust('it is of another chain');
    } else if (!isAnswer(method, error)) {
      endpoint.fault('failed');
    }
    throw error;
  }
}

/** Calls whose refusal says something of the call, whichever node it is. */
const JUDGED = new Set(['eth_call', 'eth_estimateGas', 'eth_sendRawTransaction']);
/** What a node says that has too much to do, or has not got there yet. */
const OF_THE_NODE =
  /\brate\b|too many requests|capacity|header not found|unknown block|missing trie node|pruned|not available/i;

function isAnswer(method: string, error: unknown): boolean {
  const refusal = refusalOf(error);
  if (refusal === undefined) return false;
  if (method === 'eth_getLogs') return isRangeRefusal(refusal);
  return JUDGED.has(method) && !OF_THE_NODE.test(refusal.message);
}
