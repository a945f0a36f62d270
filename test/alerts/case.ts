/** Time series as promtool reads them: `metric{label="value"}` -> its values, e.g. `0x10`, `0+60x30`, `1 2 _ 4`. */
export type Series = Readonly<Record<string, string>>;

/** What is measured, and when it is looked at. */
export interface Situation {
  /** One value each minute, from minute 0 on. */
  readonly series: Series;
  /** The minute in which the rules are looked at: the alert's `forMinutes` must have passed where it shall fire. */
  readonly minute: number;
}

/** Labels of a result, without `alertname`, `severity`, `area` and the area's own `service`: those are added. */
export type ResultLabels = Readonly<Record<string, string>>;

/** An alert, once where it fires and once where it does not. */
export interface AlertCase {
  readonly alert: string;
  /** Exactly these alerts fire: `labels` of the one, or of all where there are several. */
  readonly fires: Situation & { readonly labels: ResultLabels | readonly ResultLabels[] };
  /**
   * It does not fire: as near to the threshold as the case can be made, once for each reason to be quiet. Only the
   * Watchdog, which always fires, has none.
   */
  readonly quiet: Situation | readonly Situation[] | null;
}

/** A recording rule, and what comes out of it. */
export interface RecordingCase extends Situation {
  readonly record: string;
  readonly samples: readonly { readonly labels: ResultLabels; readonly value: number }[];
}

/** Everything that is tried of one area. */
export interface AreaCases {
  /** The `area` of its Signals. */
  readonly area: string;
  readonly alerts: readonly AlertCase[];
  /** @default - the area records nothing */
  readonly recordings?: readonly RecordingCase[];
}

/** All situations in which an alert is quiet. */
export function quietOnes({ quiet }: Pick<AlertCase, "quiet">): readonly Situation[] {
  if (quiet === null) return [];
  return "series" in quiet ? [quiet] : quiet;
}
