import type { Panel as GrafanaPanel, RowPanel } from "@grafana/grafana-foundation-sdk/dashboard";
import { RowBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import type { Panel, Row } from "./panel";

const COLUMNS = 24;

/** Where each panel goes: from left to right, the next line where it would not fit. */
export function layout(rows: readonly Row[]): (GrafanaPanel | RowPanel)[] {
  let nextId = 1;
  let y = 0;
  return rows.flatMap(({ title, panels, collapsed = false }): (GrafanaPanel | RowPanel)[] => {
    const heading = title === undefined ? undefined : headingOf(title, collapsed, nextId++, y);
    if (heading !== undefined) y += 1;
    const placed = place(panels, y).map(({ panel, x, top }) => ({
      ...panel.build().build(),
      id: nextId++,
      gridPos: { x, y: top, w: panel.width, h: panel.height },
    }));
    const bottom = Math.max(y, ...placed.map(({ gridPos }) => gridPos.y + gridPos.h));
    y = collapsed ? y : bottom;
    if (heading === undefined) return placed;
    return collapsed ? [{ ...heading, panels: placed }] : [heading, ...placed];
  });
}

function headingOf(title: string, collapsed: boolean, id: number, y: number): RowPanel {
  return new RowBuilder(title).collapsed(collapsed).id(id).gridPos({ x: 0, y, w: COLUMNS, h: 1 }).build();
}

function place(panels: readonly Panel[], from: number) {
  let x = 0;
  let top = from;
  let lineHeight = 0;
  return panels.map((panel) => {
    if (x + panel.width > COLUMNS) {
      x = 0;
      top += lineHeight;
      lineHeight = 0;
    }
    const placed = { panel, x, top };
    x += panel.width;
    lineHeight = Math.max(lineHeight, panel.height);
    return placed;
  });
}
