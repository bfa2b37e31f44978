import { startCountingProxy } from './counting-proxy.ts';
import type { ProxyOrder, ProxyReport } from './start-proxy.ts';

// One proxy in a process of its own: it says where it listens, and answers each order with what it has counted so far.

const [, , target = ''] = process.argv;
const proxy = await startCountingProxy(target);
const report = () => {
  const calls = [...proxy.calls];
  process.send?.({ url: proxy.url, calls } satisfies ProxyReport);
};
process.on('message', (order: ProxyOrder) => {
  if (order !== 'count') proxy.set(order);
  report();
});
process.on('disconnect', () => process.exit());
report();
