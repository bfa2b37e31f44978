import { METRICS } from '../../src/status/metrics.ts';

const HEAD = `# Metrics

A relayer serves them at \`/metrics\` of \`status.listen\`, for Prometheus; all are gauges. None names a user, a tag or a transaction; an \`account\` is one of the relayer's own. Beside them, \`/live\` says that the process answers, and \`/ready\` that it does its work: a row is written, a job goes through the
queue, heads go on, enclaves answer, no lane has halted, no alarm is raised; it names what fails, with status 503, and what is awaited.

| name | labels | what it says |
|---|---|---|
`;

/** docs/metrics.md, of the table in the source. */
export function metricsPage(): string {
  const rows = METRICS.map(({ name, help, labels }) => {
    return `| \`${name}\` | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`;
  });
  return `${HEAD}${rows.join('\n')}\n`;
}
