import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { METRICS } from '../../../src/status/metrics.ts';

// What Prometheus and Grafana are told to look at is held to what a relayer serves and to what the operators' page says.

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly datasource: { readonly uid: string };
  readonly targets: readonly { readonly expr: string; readonly legendFormat?: string }[];
}

const root = join(import.meta.dirname, '../../..');
const textOf = (path: string) => readFileSync(join(root, path), 'utf8');
const yamlOf = (path: string) => parse(textOf(path), { merge: true });

const groups: readonly { readonly rules: readonly Alert[] }[] = yamlOf(
  'deploy/prometheus/alerts.yml',
).groups;
const alerts = groups.flatMap(({ rules }) => rules);
const panels: readonly Panel[] = JSON.parse(
  textOf('deploy/grafana/dashboards/relayer.json'),
).panels;
const labelsOf = new Map(METRICS.map(({ name, labels }) => [name, labels]));
/** What Prometheus itself puts on every series of a target. */
const TARGET_LABELS = ['instance', 'job'];

/** Metrics of ours in an expression that there are not, and labels that theirs do not have. */
function unknownIn(expr: string): string[] {
  const uses = [...expr.matchAll(/\b(veilspan_\w+)(?:\{([^}]*)\})?/g)];
  return uses.flatMap(([, name = '', selector = '']) => {
    const labels = labelsOf.get(name);
    if (labels === undefined) return [name];
    const selected = [...selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(
      ([, label]) => `${label}`,
    );
    const has = [...labels, ...TARGET_LABELS];
    return selected.filter((label) => !has.includes(label)).map((label) => `${name}{${label}}`);
  });
}

/** Labels that a text shows of the series of an expression. */
function missingLabels(expr: string, text: string): string[] {
  const names = [...expr.matchAll(/\bveilspan_\w+/g)].map(([name]) => name);
  const has = [...(labelsOf.get(names[0] ?? '') ?? []), ...TARGET_LABELS];
  const shown = [...text.matchAll(/\{\{\s*(?:\$labels\.)?(\w+)\s*\}\}/g)].map(
    ([, label]) => `${label}`,
  );
  return shown.filter((label) => !has.includes(label));
}

it('an expression is held to the metrics and to their labels', () => {
  expect(unknownIn('veilspan_lane_state{state="halted", lane=~"a.+"} == 1')).toEqual([]);
  expect(unknownIn('rate(veilspan_nothing[5m]) > veilspan_waits{chain!="a"}')).toEqual([
    'veilspan_nothing',
    'veilspan_waits{chain}',
  ]);
  expect(missingLabels('veilspan_alarm == 1', '{{ $labels.name }} {{ $labels.lane }}')).toEqual([
    'lane',
  ]);
});

describe.each(alerts.map((alert) => [alert.alert, alert] as const))(
  'the alert %s',
  (name, rule) => {
    it('looks at metrics that a relayer serves, or at whether it answers', () => {
      expect(rule.expr).toMatch(/\bveilspan_|\bup\{/);
      expect(unknownIn(rule.expr)).toEqual([]);
    });

    it('says how grave it is and what is wrong, with labels that it has', () => {
      expect(['critical', 'warning']).toContain(rule.labels.severity);
      expect(rule.annotations.summary).toMatch(/^.{15,}\.$/);
      expect(missingLabels(rule.expr, rule.annotations.summary)).toEqual([]);
    });

    it('leads to a section that says what to do', () => {
      expect(rule.annotations.runbook).toBe(`docs/operations.md#${name.toLowerCase()}`);
      const [, section = ''] = textOf('docs/operations.md').split(`\n### ${name}\n`);
      expect(section.split('\n#')[0]?.trim()).toMatch(/`veilspan relayer |docker compose/);
    });

    it('is tried by promtool, where it fires and where it does not', () => {
      const tried = (yamlOf('deploy/prometheus/alerts.test.yml').tests as readonly Trial[])
        .flatMap(({ alert_rule_test }) => alert_rule_test)
        .filter(({ alertname }) => alertname === name)
        .map(({ exp_alerts = [] }) => exp_alerts.length > 0);
      expect(new Set(tried)).toEqual(new Set([false, true]));
    });
  },
);

interface Trial {
  readonly alert_rule_test: readonly {
    readonly alertname: string;
    readonly exp_alerts?: readonly unknown[];
  }[];
}

describe('the alerts', () => {
  it('are called each by a name of its own', () => {
    expect(alerts.length).toBeGreaterThan(10);
    expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
  });

  it('are all that the operators’ page has sections for', () => {
    const [, page = ''] = textOf('docs/operations.md').split('\n## When an alert fires\n');
    const sections = [...(page.split('\n## ')[0] ?? '').matchAll(/^### (.+)$/gm)];
    expect(sections.map(([, name]) => name)).toEqual(alerts.map(({ alert }) => alert));
  });
});

describe('what Prometheus asks', () => {
  const compose = yamlOf('docker-compose.yml');
  const { scrape_configs: scraped, rule_files: files } = yamlOf('deploy/prometheus/prometheus.yml');

  it('is the address at which the relayer of either profile serves its metrics', () => {
    const job = scraped.find(({ job_name }: { job_name: string }) => job_name === 'relayer');
    const [host, port] = job.static_configs[0].targets[0].split(':');
    expect(compose.services).toHaveProperty(host);
    for (const name of [host, `${host}-testnet`]) {
      const { environment, networks, ports } = compose.services[name];
      expect(environment.VEILSPAN_RELAYER__STATUS__LISTEN).toBe(`0.0.0.0:${port}`);
      expect([name, ...(networks?.default.aliases ?? [])]).toContain(host);
      // It is reached from inside the network alone.
      expect(ports).toBeUndefined();
    }
  });

  it('is read against the alerts that are there', () => {
    for (const file of files) expect(existsSync(join(root, 'deploy/prometheus', file))).toBe(true);
  });

  it('is what Grafana shows', () => {
    const { datasources } = yamlOf('deploy/grafana/provisioning/datasources/prometheus.yml');
    const { hostname, port } = new URL(datasources[0].url);
    expect(compose.services[hostname].ports).toEqual([`127.0.0.1:${port}:${port}`]);
    for (const { datasource } of panels) expect(datasource.uid).toBe(datasources[0].uid);
  });

  it('and its dashboards are where Grafana is told to find them', () => {
    const { providers } = yamlOf('deploy/grafana/provisioning/dashboards/veilspan.yml');
    const { volumes, environment } = compose.services.grafana;
    const folder = providers[0].options.path;
    expect(volumes).toContain(`./deploy/grafana/dashboards:${folder}:ro`);
    const home = environment.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH.replace(folder, '');
    expect(existsSync(join(root, 'deploy/grafana/dashboards', home))).toBe(true);
  });
});

describe('the dashboard', () => {
  it.each(panels.map((panel) => [panel.title, panel] as const))(
    'shows "%s" of metrics that a relayer serves',
    (_, { targets }) => {
      for (const { expr, legendFormat = '' } of targets) {
        expect(expr).toMatch(/\bveilspan_|\bALERTS\{/);
        expect(unknownIn(expr)).toEqual([]);
        expect(missingLabels(expr, legendFormat)).toEqual([]);
      }
    },
  );

  it('has panels that are told apart', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });
});

const promtool = (...words: readonly string[]) =>
  spawnSync('promtool', words, { cwd: join(root, 'deploy/prometheus'), encoding: 'utf8' });
const why = promtool('--version').status === 0 ? '' : ' (skipped: no promtool on the PATH)';

describe.skipIf(why !== '')(`promtool${why}`, () => {
  it('takes what Prometheus is told', () => {
    expect(promtool('check', 'config', 'prometheus.yml')).toMatchObject({ status: 0 });
  });

  it('sees each alert fire when it is to, and not before', () => {
    expect(promtool('test', 'rules', 'alerts.test.yml')).toMatchObject({ status: 0 });
  });
});
