import { type Threshold, ThresholdsConfigBuilder, ThresholdsMode } from "@grafana/grafana-foundation-sdk/dashboard";

/** From which value on something is green, orange or red. */
export type Thresholds = readonly Threshold[];

const GOOD = "green";
const WARNING = "orange";
const CRITICAL = "red";

interface Limits {
  readonly warning?: number;
  readonly critical?: number;
}

/** More is worse: orange from `warning` on, red from `critical` on. */
export function above({ warning, critical }: Limits): Thresholds {
  return [
    { value: null, color: GOOD },
    ...(warning === undefined ? [] : [{ value: warning, color: WARNING }]),
    ...(critical === undefined ? [] : [{ value: critical, color: CRITICAL }]),
  ];
}

/** Less is worse: red below `critical`, orange below `warning`. */
export function below({ warning, critical }: Limits): Thresholds {
  return [
    { value: null, color: critical === undefined ? WARNING : CRITICAL },
    ...(critical === undefined ? [] : [{ value: critical, color: warning === undefined ? GOOD : WARNING }]),
    ...(warning === undefined ? [] : [{ value: warning, color: GOOD }]),
  ];
}

/** What says 1 while all is well. */
export const healthy: Thresholds = below({ critical: 1 });

/** What says 0 while all is well. */
export const none: Thresholds = above({ critical: 1 });

export const thresholdsOf = (steps: Thresholds) =>
  new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([...steps]);
