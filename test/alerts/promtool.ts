import { stringify } from "yaml";
import type { Signals } from "../../components/kit/signals";
import { ruleGroup } from "../../components/observability/rules/groups";
import {
  type AlertCase,
  type AreaCases,
  quietOnes,
  type RecordingCase,
  type ResultLabels,
  type Series,
  type Situation,
} from "./case";

export const RUNBOOKS = "https://runbooks.test";

/** The two files of an area: rules as Prometheus reads them, and promtool's test of them. */
export interface PromtoolFiles {
  readonly rules: string;
  readonly tests: string;
}

export function promtoolFiles(signals: Signals, cases: AreaCases): PromtoolFiles {
  const { area } = signals;
  return {
    rules: stringify({ groups: [ruleGroup(signals, { runbookUrl: RUNBOOKS })] }, { lineWidth: 0 }),
    tests: stringify(
      {
        rule_files: [`${area}.rules.yaml`],
        evaluation_interval: "1m",
        tests: [
          ...cases.alerts.flatMap((each) => alertTests(each, signals)),
          ...(cases.recordings ?? []).map(recordingTest),
        ],
      },
      { lineWidth: 0 },
    ),
  };
}

function alertTests(each: AlertCase, signals: Signals) {
  const { alert, fires } = each;
  const firing = { alertname: alert, alertstate: "firing" };
  const labels = Array.isArray(fires.labels) ? fires.labels : [fires.labels];
  const expected = labels.map((own: ResultLabels) => ({
    labels: selector("ALERTS", { ...firing, ...addedLabels(alert, signals), ...own }),
    value: 1,
  }));
  return [
    test(`${alert} fires`, fires, selector("ALERTS", firing), expected),
    ...quietOnes(each).map((quiet) => test(`${alert} is quiet`, quiet, selector("ALERTS", firing), [])),
  ];
}

function recordingTest({ record, samples, ...situation }: RecordingCase) {
  const expected = samples.map(({ labels, value }) => ({ labels: selector(record, labels), value }));
  return test(`${record} is recorded`, situation, record, expected);
}

function test(name: string, { series, minute }: Situation, expr: string, samples: readonly object[]) {
  return {
    name,
    interval: "1m",
    input_series: inputSeries(series),
    promql_expr_test: [{ expr, eval_time: `${minute}m`, exp_samples: samples }],
  };
}

function inputSeries(series: Series) {
  return Object.entries(series).map(([name, values]) => ({ series: name, values }));
}

/** The labels that the rule itself gives its alert. */
function addedLabels(alert: string, { area, namesService = false, signals }: Signals): ResultLabels {
  const severity = signals.find(({ name }) => name === alert)?.severity ?? "unknown";
  return { severity, area, ...(namesService ? {} : { service: area }) };
}

function selector(name: string, labels: ResultLabels): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return `${name}{${pairs.join(",")}}`;
}
