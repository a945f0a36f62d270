import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import type { Panel as GrafanaPanel } from "@grafana/grafana-foundation-sdk/dashboard";
import type { DataSource } from "./data-sources";

/** A panel: its size, whom it asks, and how it is made. A dashboard leaves out those whose source is not there. */
export interface Panel {
  /** In columns; a row of the dashboard has 24. */
  readonly width: number;
  /** In lines of 30 pixels. */
  readonly height: number;
  /** @default - nobody: text */
  readonly source?: DataSource;
  /** Made anew each time: builders are not to be shared. */
  readonly build: () => Builder<GrafanaPanel>;
}

/** What every panel may say. */
export interface PanelOptions {
  readonly title: string;
  /** For whoever does not know what they see. @default - none */
  readonly description?: string;
  /** In columns of 24. */
  readonly width?: number;
  /** In lines of 30 pixels. */
  readonly height?: number;
}

/** A line across the dashboard, and the panels under it. */
export interface Row {
  /** @default - panels without a line above them */
  readonly title?: string;
  readonly panels: readonly Panel[];
  /** Closed until somebody opens it; its queries are not asked before. @default false */
  readonly collapsed?: boolean;
}

export function row(title: string, panels: readonly Panel[], options: Pick<Row, "collapsed"> = {}): Row {
  return { title, panels, ...options };
}

/** The first row of a dashboard, which needs no title. */
export const top = (panels: readonly Panel[]): Row => ({ panels });
