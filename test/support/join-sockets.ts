import { WebSocket } from 'ws';

/**
 * Joins a client's connection and a node's until one of them ends: that ends the other.
 *
 * @returns what sends text to the node, as soon as it is there
 */
export function joinSockets(client: WebSocket, node: WebSocket): (text: string) => void {
  const waiting: string[] = [];
  node.on('open', () => {
    for (const text of waiting.splice(0)) node.send(text);
  });
  for (const [one, other] of [
    [client, node],
    [node, client],
  ] as const) {
    one.on('error', () => undefined);
    one.on('close', () => other.terminate());
  }
  return (text) => {
    if (node.readyState === WebSocket.OPEN) node.send(text);
    else waiting.push(text);
  };
}
