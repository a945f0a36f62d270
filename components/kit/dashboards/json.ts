import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";

/** What Grafana takes for granted where it is not said: written out, it would be a third of every dashboard. */
const USUAL: Readonly<Record<string, unknown>> = {
  transparent: false,
  repeatDirection: "h",
  skipUrlSync: false,
  allowCustomValue: true,
  auto: false,
  auto_min: "10s",
  auto_count: 30,
  justifyMode: "auto",
  textMode: "auto",
  wideLayout: true,
  showPercentChange: false,
  percentChangeColorMode: "standard",
  orientation: "auto",
  icon: "",
  tooltip: "",
  asDropdown: false,
  targetBlank: false,
  fiscalYearStartMonth: 0,
  // The builder says so of every link; without it, links are where everybody sees them.
  placement: "inControlsMenu",
};

/** The dashboard as the file that Grafana reads, as short as may be: all of them together are part of the state. */
export function dashboardJson(dashboard: Dashboard): string {
  return JSON.stringify(dashboard, (key, value: unknown) => (key in USUAL && USUAL[key] === value ? undefined : value));
}
