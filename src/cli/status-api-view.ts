import { type ApiStatus, type ApiSubject, fetchApiStatus } from '../client/status-api.ts';
import { reportHistory, reportUnknown } from '../client/transfer-report.ts';
import { withPublicEnd } from '../protocol/explain.ts';
import { CommandLineError } from './command-line-error.ts';
import type { Subject } from './status-subject.ts';
import type { StatusView, StatusViewer } from './status-view.ts';

/**
 * Looks at what a status API says instead of at the chains.
 *
 * SECURITY: it learns what it is asked for. So only public names are given to it: neither a tag secret nor an order, whose tags together
 * tell which payouts are of one owner.
 *
 * @throws {CommandLineError}
 */
export function openApiView(url: string, subject: Subject): StatusViewer {
  const asked = publicSubject(subject);
  return {
    look: async () => viewOf(await fetchApiStatus(url, asked)),
    close: async () => undefined,
  };
}

function publicSubject(subject: Subject): ApiSubject {
  if (subject.kind !== 'tagSecret' && subject.kind !== 'order') return subject;
  throw new CommandLineError(
    'a status API is not asked for an order or by its secret: it would learn which payouts belong together; leave out --api, and the chains are read',
  );
}

function viewOf([found, ...more]: readonly ApiStatus[]): StatusView {
  if (found !== undefined && more.length > 0) {
    const ids = [found, ...more].flatMap(({ ref }) => ref ?? []);
    const names = ids.map(({ chainId, index }) => `${chainId}:${index}`).join(', ');
    throw new CommandLineError(`the transaction has sent several messages; name one: ${names}`);
  }
  const told = found && reportHistory(found.history, found.ref);
  if (found === undefined || told === undefined) {
    const report = reportUnknown('the status API knows nothing by that name');
    return { report, ref: found?.ref, etaSec: undefined, times: new Map() };
  }
  const { ref, times, isSealed, etaSec } = found;
  const report = withPublicEnd(told, isSealed);
  return { report, ref, etaSec: report.isOver ? undefined : etaSec, times };
}
