// Plain JavaScript, as veilspan.mjs: it runs before anything else does.

/**
 * How the C library's allocator is to behave, which it asks for once, when a process starts. With an arena for each of V8's threads, none of
 * which ever gives back what one compilation has needed, a relayer has some 40 MB resident that nothing is in. What is measured: docs/benchmarks.md.
 * SPEC: mallopt(3); where the C library is another than glibc these say nothing.
 */
const ALLOCATOR = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_TRIM_THRESHOLD_: '65536',
  MALLOC_MMAP_THRESHOLD_: '32768',
};

/**
 * Begins this process anew with an allocator that gives memory back: the same process id, arguments, environment and standard streams.
 * Returns where that has been done, or cannot be.
 */
export function startSparing() {
  const { execPath, execArgv, argv, env } = process;
  const isDone = Object.keys(ALLOCATOR).every((name) => env[name] !== undefined);
  if (isDone || process.platform !== 'linux') return;
  // What an operator has set is as it was set.
  process.execve(execPath, [execPath, ...execArgv, ...argv.slice(1)], { ...ALLOCATOR, ...env });
}
