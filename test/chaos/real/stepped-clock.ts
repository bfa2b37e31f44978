import { readFileSync } from 'node:fs';

// Loaded before a program (`--import`): its wall clock is ahead of the machine's by as many milliseconds as the file named by CHAOS_CLOCK says,
// from the moment on that it says so. Clocks of durations and timers are left alone, as they are when a machine's clock is set.

const LOOK_MS = 100;

const file = process.env['CHAOS_CLOCK'];
if (file !== undefined) {
  const RealDate = Date;
  const realNow = Date.now;
  let aheadMs = 0;
  const look = () => {
    try {
      aheadMs = Number(readFileSync(file, 'utf8'));
    } catch {
      // Nobody has set it yet.
    }
  };
  look();
  setInterval(look, LOOK_MS).unref();
  const now = () => realNow() + aheadMs;
  // `new Date()` reads the clock too; with arguments, and as a function, it is what it was.
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as Date,
    apply: () => new RealDate(now()).toString(),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  });
}
