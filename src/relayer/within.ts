import { RelayerError } from './bridge.ts';

/**
 * What `work` gives, if that takes no longer than `ms` milliseconds. The work itself goes on: what it comes to later is
 * heard by nobody.
 *
 * @throws {RelayerError} RELAYER_LOOK_LATE
 */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new RelayerError('RELAYER_LOOK_LATE', `no answer in ${ms} ms`);
    timer = setTimeout(() => reject(error), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
