import { parse } from "yaml";

/** What Longhorn's settings decide about the pods that it makes. */
export interface LonghornSettings {
  priorityClass: string | undefined;
  /** Share of a node's allocatable CPU that its instance manager asks for. */
  instanceManagerCpuPercent: number;
  /** By container: csi-attacher, longhorn-csi-plugin, ... */
  sidecarResources: Record<string, object>;
}

const defaultCpuPercent = 12;

/** Settings from the chart's ConfigMap `longhorn-default-setting`; what it does not say has Longhorn's own default. */
export function settingsFrom(text: string | undefined): LonghornSettings {
  const given = (text === undefined ? undefined : parse(text)) as Record<string, unknown> | null | undefined;
  const value = (name: string): string | undefined => {
    const found = given?.[name];
    return found === undefined || found === null || found === "" ? undefined : String(found);
  };
  const resources = value("system-managed-csi-components-resource-limits");
  return {
    priorityClass: value("priority-class"),
    instanceManagerCpuPercent: percent(value("guaranteed-instance-manager-cpu")),
    sidecarResources: resources === undefined ? {} : (JSON.parse(resources) as Record<string, object>),
  };
}

/** Either a number for both data engines, or one for each: `{"v1":"12"}`. */
function percent(value: string | undefined): number {
  if (value === undefined) return defaultCpuPercent;
  if (!value.startsWith("{")) return Number(value);
  const { v1 } = JSON.parse(value) as { v1?: string };
  return v1 === undefined ? defaultCpuPercent : Number(v1);
}
