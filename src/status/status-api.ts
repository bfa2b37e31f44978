import type { FastifyInstance } from 'fastify';
import { type ChangeStreams, createChangeStreams, type StreamLimits } from './change-stream.ts';
import { createEnclaves } from './enclaves.ts';
import { createHeads } from './heads.ts';
import { createHistory } from './history.ts';
import { addStatusRoutes } from './routes.ts';
import type { StatusSources } from './sources.ts';

/** Adds the status API to a server; its streams end when that closes. */
export async function addStatusApi(
  app: FastifyInstance,
  sources: StatusSources,
  limits: StreamLimits = {},
): Promise<ChangeStreams> {
  const streams = createChangeStreams(sources.database, limits);
  app.addHook('preClose', (done) => {
    streams.close();
    done();
  });
  await addStatusRoutes(app, {
    sources,
    heads: createHeads(sources.places),
    history: createHistory(sources),
    enclaves: createEnclaves(sources.places),
    streams,
  });
  return streams;
}
