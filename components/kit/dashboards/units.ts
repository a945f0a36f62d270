import * as units from "@grafana/grafana-foundation-sdk/units";

/** What a value is measured in, as Grafana calls it. */
export const unit = {
  /** A plain number, shortened: 1.2 K. */
  count: units.Short,
  /** A plain number as it is. */
  none: units.NoUnit,
  bytes: units.BytesIEC,
  bytesPerSecond: units.BytesPerSecondIEC,
  /** 0 to 100. */
  percent: units.Percent,
  /** 0 to 1. */
  ratio: units.PercentUnit,
  seconds: units.Seconds,
  milliseconds: units.Milliseconds,
  requestsPerSecond: units.RequestsPerSecond,
  perSecond: units.CountsPerSecond,
  messagesPerSecond: units.MessagesPerSecond,
  packetsPerSecond: units.PacketsPerSecond,
  readsPerSecond: units.ReadsPerSecond,
  writesPerSecond: units.WritesPerSecond,
  celsius: units.Celsius,
  watt: units.Watt,
  hertz: units.Hertz,
  eur: units.Euro,
  /** A time, given in milliseconds since 1970: `3 days ago`. */
  ago: units.DateTimeFromNow,
  yesNo: units.BoolYesNo,
} as const;

export type Unit = (typeof unit)[keyof typeof unit];
