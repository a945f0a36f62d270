import type { Signals } from "../../components/kit/signals";
import { WATCHDOG } from "../../components/observability/alertmanager/config";
import { type AreaCases, quietOnes } from "./case";

/** What has no case, what has two, and cases of what is not there; one line each. */
export function missingCases(signals: readonly Signals[], cases: readonly AreaCases[]): string[] {
  const tried = cases.flatMap(({ area, alerts, recordings = [] }) => [
    ...alerts.map(({ alert }) => `${area}: ${alert}`),
    ...recordings.map(({ record }) => `${area}: ${record}`),
  ]);
  const there = signals.flatMap(({ area, signals: alerts, recordings = [] }) =>
    [...alerts, ...recordings].map(({ name }) => `${area}: ${name}`),
  );
  return [
    ...there.filter((name) => !tried.includes(name)).map((name) => `${name} has no case`),
    ...tried.filter((name) => !there.includes(name)).map((name) => `${name} is tried, and is not there`),
    ...tried.filter((name, index) => tried.indexOf(name) !== index).map((name) => `${name} is tried twice`),
    ...cases.flatMap(emptySituations),
  ];
}

/** A case without any series shows nothing: whatever the expression is, it stays quiet. So does one without a case. */
function emptySituations({ area, alerts }: AreaCases): string[] {
  return alerts
    .filter((each) => {
      const situations = quietOnes(each);
      return situations.length === 0
        ? each.alert !== WATCHDOG
        : situations.some(({ series }) => Object.keys(series).length === 0);
    })
    .map(({ alert }) => `${area}: ${alert} is quiet only because nothing is measured`);
}
