import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const DEPLOY = join(import.meta.dirname, '../../deploy');

/** All that Prometheus' alerts and Grafana's panels ask of metrics, as they write it. */
export function deployedExpressions(): string[] {
  const { groups } = parse(readFileSync(join(DEPLOY, 'prometheus/alerts.yml'), 'utf8')) as {
    groups: { rules: { expr: string }[] }[];
  };
  const { panels } = JSON.parse(
    readFileSync(join(DEPLOY, 'grafana/dashboards/relayer.json'), 'utf8'),
  ) as { panels: { targets: { expr: string }[] }[] };
  return [
    ...groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)),
    ...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
  ];
}

/** Metrics of ours in expressions, with a label if one is selected by, of which a text that was scraped has no sample; each once. */
export function unscraped(expressions: readonly string[], scraped: string): string[] {
  const has = new Set(
    [...scraped.matchAll(/^(veilspan_\w+)(?:\{(.*)\})? \S+$/gm)].flatMap(
      ([, name = '', labels = '']) => [
        name,
        ...[...labels.matchAll(/(\w+)="/g)].map(([, label]) => `${name}{${label}}`),
      ],
    ),
  );
  const asked = expressions.flatMap((expression) =>
    [...expression.matchAll(/\b(veilspan_\w+)(?:\{([^}]*)\})?/g)].flatMap(
      ([, name = '', selector = '']) => [
        name,
        ...[...selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(
          ([, label]) => `${name}{${label}}`,
        ),
      ],
    ),
  );
  return [...new Set(asked.filter((each) => !has.has(each)))];
}
