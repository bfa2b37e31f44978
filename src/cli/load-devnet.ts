import { BridgeError } from '../shared/errors.ts';

/**
 * Loads a part of the local world, which is a package of its own: who bridges or relays does not need it.
 *
 * @throws {DevnetMissingError} it, or a package that it needs, is not installed
 */
export async function loadDevnet<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new DevnetMissingError(error);
  }
}

export class DevnetMissingError extends BridgeError<Record<string, never>> {
  readonly code = 'DEVNET_NOT_INSTALLED';
  readonly disposition = 'halt';
  constructor(cause: unknown) {
    super(
      'The local world is not installed: run `npm install` in the whole repository, or `npm install --workspace devnet`.',
      {},
      { cause },
    );
  }
}
