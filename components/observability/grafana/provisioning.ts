import { type DashboardFolder, dashboardFolders } from "../../kit/dashboard";
import type { ConfigMapFiles } from "../../kit/volumes";

/** A dashboard as the file that Grafana reads. */
export interface DashboardFile {
  readonly uid: string;
  readonly folder: DashboardFolder;
  readonly json: string;
}

/** Grafana's own directories: it reads every file in them at its start. */
export const DATA_SOURCES_PATH = "/etc/grafana/provisioning/datasources";
export const PROVIDERS_PATH = "/etc/grafana/provisioning/dashboards";
const DASHBOARDS_PATH = "/etc/orrery/dashboards";

/** What a ConfigMap may hold: 1 MiB with its names. */
const MOST_BYTES = 1_000_000;

/** Folders that have a dashboard, in the order of the table. */
export function foldersOf(dashboards: readonly DashboardFile[]): DashboardFolder[] {
  const used = new Set(dashboards.map(({ folder }) => folder));
  return (Object.keys(dashboardFolders) as DashboardFolder[]).filter((folder) => used.has(folder));
}

/** The data of a folder's ConfigMap: a file for each dashboard. */
export function folderFiles(folder: DashboardFolder, dashboards: readonly DashboardFile[]): Record<string, string> {
  const files = Object.fromEntries(
    dashboards.filter((each) => each.folder === folder).map(({ uid, json }) => [`${uid}.json`, json]),
  );
  const bytes = Object.entries(files).reduce((sum, [name, json]) => sum + name.length + Buffer.byteLength(json), 0);
  if (bytes > MOST_BYTES) {
    throw new Error(
      `The dashboards of the folder "${dashboardFolders[folder]}" have ${bytes} bytes, and a ConfigMap holds ` +
        `${MOST_BYTES}: move some of them to another folder (components/kit/dashboard.ts).`,
    );
  }
  return files;
}

/** Where a dashboard's file is in the pods. */
export const dashboardPath = ({ folder, uid }: Pick<DashboardFile, "folder" | "uid">) =>
  `${DASHBOARDS_PATH}/${folder}/${uid}.json`;

export const folderConfigMap = (name: string, folder: DashboardFolder) => `${name}-dashboards-${folder}`;
export const providersConfigMap = (name: string) => `${name}-dashboard-providers`;

/** The folders' files, and the file that says which folder of Grafana each directory is. */
export function dashboardVolumes(name: string, folders: readonly DashboardFolder[]): ConfigMapFiles[] {
  return [
    { name: "dashboard-providers", path: PROVIDERS_PATH, configMap: providersConfigMap(name) },
    ...folders.map((folder) => ({
      name: `dashboards-${folder}`,
      path: `${DASHBOARDS_PATH}/${folder}`,
      configMap: folderConfigMap(name, folder),
    })),
  ];
}

/**
 * Read at the start only: a folder more is a volume more, so that the pods are new anyway. What is in the directories
 * is looked at again by Grafana itself: a changed dashboard is there within two minutes, without a restart.
 */
export function providersFile(folders: readonly DashboardFolder[]): string {
  const providers = folders.map((folder) => ({
    name: folder,
    type: "file",
    folder: dashboardFolders[folder],
    folderUid: folder,
    allowUiUpdates: false,
    disableDeletion: false,
    updateIntervalSeconds: 30,
    options: { path: `${DASHBOARDS_PATH}/${folder}` },
  }));
  return JSON.stringify({ apiVersion: 1, providers }, undefined, 2);
}
