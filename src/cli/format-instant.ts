/** Milliseconds of Unix time as people read them, to the second. */
export function formatInstant(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace(/\..*/, ' UTC');
}
