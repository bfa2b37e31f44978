import { expect, it } from 'vitest';
import { createJobQueue } from '../../src/relayer/queue/job-queue.ts';
import { openEmbeddedStore } from '../../src/relayer/queue/job-store.ts';
import { insideOf, leaksInto, marksIn } from '../support/canary.ts';
import { libraryError, loggedOf, ROW_MARKS } from '../support/marked-rows.ts';

it('a job that fails by what a library throws leaves nothing of it in the queue, nor with whoever hears of it', async () => {
  expect(marksIn(insideOf(libraryError()), ROW_MARKS)).not.toEqual([]);
  const store = await openEmbeddedStore();
  const heard: Error[] = [];
  const queue = await createJobQueue({
    store,
    run: () => Promise.reject(libraryError()),
    onFailure: (_, error) => heard.push(error),
  });
  const reader = store.createQueue();
  await queue.add({ kind: 'release', id: '1' });
  let kept = '';
  const read = async () => {
    const jobs = await reader.getJobs();
    kept += JSON.stringify(jobs.map((job) => [job.asJSON(), job.failedReason, job.stacktrace]));
    return kept;
  };
  await expect.poll(read, { timeout: 60_000 }).toContain('CALL_EXCEPTION');
  await reader.close();
  await queue.close();
  await store.close();
  expect(leaksInto('queue', kept, ROW_MARKS)).toEqual([]);
  expect(heard).not.toEqual([]);
  for (const error of heard) {
    expect(leaksInto('relayer output', loggedOf(error), ROW_MARKS)).toEqual([]);
  }
});
