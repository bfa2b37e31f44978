type Envelopes = typeof import('../../src/protocol/envelope.ts');

/** How often an envelope was opened, since somebody set it to 0. */
export const opened = { count: 0 };

/** For `vi.mock` of `src/protocol/envelope.ts`: as it is, and counts in {@link opened}. */
export async function countOpenings(importActual: <T>() => Promise<T>): Promise<Envelopes> {
  const actual = await importActual<Envelopes>();
  const openEnvelope: Envelopes['openEnvelope'] = (...parameters) => {
    opened.count += 1;
    return actual.openEnvelope(...parameters);
  };
  return { ...actual, openEnvelope };
}
