import { writeFile } from "node:fs/promises";
import path from "node:path";
import { backendUrl } from "../engine/workspace";
import type { StackPaths } from "../paths";
import type { StackExport } from "../recovery/state";
import { startApiServer } from "./api-server";
import { kubectl, tool } from "./kubectl";
import { asWritten, inOrder, type Manifest, manifestsOf, parseManifest, releasesOf } from "./objects";

export interface Floor {
  objects: number;
  definitions: number;
  /** One `kubectl apply --server-side` of all objects. */
  seconds: number;
}

const list = (items: Manifest[]) => JSON.stringify({ apiVersion: "v1", kind: "List", items });

/** Kinds that have no namespace, from the live cluster. */
async function clusterScopedKinds(kubeconfig: string): Promise<Set<string>> {
  const text = await kubectl(kubeconfig, ["api-resources", "--namespaced=false", "--no-headers"]);
  return new Set(text.split("\n").flatMap((line) => line.trim().split(/\s+/).slice(-1)));
}

async function exportState(paths: StackPaths): Promise<StackExport> {
  const stack = path.basename(paths.root);
  const env = {
    PULUMI_BACKEND_URL: backendUrl(paths.state),
    PULUMI_CONFIG_PASSPHRASE_FILE: paths.passphrase,
    PULUMI_HOME: path.join(paths.root, "pulumi-home"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
  const args = ["stack", "export", "--show-secrets", "--non-interactive", "--stack", stack];
  return JSON.parse(await tool("pulumi", args, env, paths.workspace)) as StackExport;
}

/** Everything that `up` put into the cluster: the stack's own objects and those of its releases. */
async function objectsOf(paths: StackPaths): Promise<Manifest[]> {
  const { resources = [] } = (await exportState(paths)).deployment;
  const clusterScoped = await clusterScopedKinds(paths.kubeconfig);
  const releases = await Promise.all(
    releasesOf(resources).map(async ({ name, namespace }) => {
      const args = ["get", "manifest", name, "--namespace", namespace, "--kubeconfig", paths.kubeconfig];
      return parseManifest(await tool("helm", args), namespace, clusterScoped);
    }),
  );
  return inOrder([...manifestsOf(resources), ...releases.flat()]);
}

/**
 * The time below which nothing can get: the same objects by one call of kubectl to an API server that was just started.
 * The definitions of custom resources go first and are not counted: kubectl needs them before it can read the rest.
 */
export async function measureFloor(paths: StackPaths, folder: string): Promise<Floor> {
  const objects = await objectsOf(paths);
  const live = JSON.parse(await kubectl(paths.kubeconfig, ["get", "customresourcedefinitions", "-o", "json"])) as {
    items: Manifest[];
  };
  const isDefinition = ({ kind }: Manifest) => kind === "CustomResourceDefinition";
  const counted = objects.filter((manifest) => !isDefinition(manifest));
  const server = await startApiServer(folder);
  try {
    const [definitionsFile, objectsFile] = [path.join(folder, "definitions.json"), path.join(folder, "objects.json")];
    await writeFile(definitionsFile, list(live.items.map(asWritten)), { mode: 0o600 });
    await writeFile(objectsFile, list(counted), { mode: 0o600 });
    const apply = ["apply", "--server-side", "--force-conflicts", "--filename"];
    if (live.items.length > 0) {
      await kubectl(server.kubeconfig, [...apply, definitionsFile]);
      await kubectl(server.kubeconfig, ["wait", "--for=condition=Established", "crd", "--all", "--timeout=60s"]);
    }
    const started = performance.now();
    await kubectl(server.kubeconfig, [...apply, objectsFile]);
    return {
      objects: counted.length,
      definitions: live.items.length,
      seconds: (performance.now() - started) / 1000,
    };
  } finally {
    await server.stop();
  }
}
