import path from "node:path";
import { inferenceModules } from "./inference";
import { observabilityModules } from "./observability";

/** A Go module that builds one or more of the sandbox's tools in one command. */
export interface ToolModule {
  name: string;
  /** Folder with go.mod and go.sum (and, for our own, the sources). */
  directory: string;
  version: string;
  packages: { package: string; binary: string }[];
  ldflags: string[];
  /** Build tags: what of the program is left out or in. */
  tags?: string[];
  /** Files that a module needs to build and does not bring along, such as built pages: their text by path. */
  additions?: { module: string; files: Record<string, string> };
  /** How a binary of the user's own is asked for its version; without it we always use ours. */
  ownVersion?: { args: string[]; matches: RegExp };
  /** What the first build took on two cores with an empty module cache, in seconds, for the progress line. */
  typicalSeconds: number;
}

const kubernetesVersion = "v1.35.0";

/** What the sandbox is made of. */
export function toolModules(repository: string): ToolModule[] {
  const tools = path.join(repository, "sandbox", "tools");
  return [
    {
      name: "pulumi",
      directory: path.join(tools, "pulumi"),
      version: "v3.200.0",
      packages: [{ package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", binary: "pulumi" }],
      ldflags: ["-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=3.200.0"],
      ownVersion: { args: ["version"], matches: /^v?3\.200\.0$/ },
      typicalSeconds: 94,
    },
    {
      name: "etcd",
      directory: path.join(tools, "etcd"),
      version: "v3.6.6",
      packages: [{ package: "go.etcd.io/etcd/server/v3", binary: "etcd" }],
      ldflags: [],
      ownVersion: { args: ["--version"], matches: /etcd Version: 3\.6\.6/ },
      typicalSeconds: 39,
    },
    {
      name: "etcdutl",
      directory: path.join(tools, "etcdutl"),
      version: "v3.6.6",
      packages: [{ package: "go.etcd.io/etcd/etcdutl/v3", binary: "etcdutl" }],
      ldflags: [],
      ownVersion: { args: ["version"], matches: /etcdutl version: 3\.6\.6/ },
      typicalSeconds: 31,
    },
    {
      name: "kubernetes",
      directory: path.join(tools, "kubernetes"),
      version: kubernetesVersion,
      packages: ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"].map((binary) => ({
        package: `k8s.io/kubernetes/cmd/${binary}`,
        binary,
      })),
      ldflags: [
        `-X k8s.io/component-base/version.gitVersion=${kubernetesVersion}`,
        "-X k8s.io/component-base/version.gitMajor=1",
        "-X k8s.io/component-base/version.gitMinor=35",
      ],
      typicalSeconds: 230,
    },
    {
      name: "kwok",
      directory: path.join(tools, "kwok"),
      version: "v0.8.0",
      packages: [{ package: "sigs.k8s.io/kwok/cmd/kwok", binary: "kwok" }],
      ldflags: [],
      ownVersion: { args: ["--version"], matches: /v0\.8\.0/ },
      typicalSeconds: 63,
    },
    {
      name: "helm",
      directory: path.join(tools, "helm"),
      version: "v3.22.0",
      packages: [{ package: "helm.sh/helm/v3/cmd/helm", binary: "helm" }],
      // Without these Helm believes that it talks to Kubernetes 1.20 whenever it renders without a cluster.
      ldflags: [
        "-X helm.sh/helm/v3/internal/version.version=v3.22.0",
        "-X helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor=1",
        "-X helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor=35",
        "-X helm.sh/helm/v3/pkg/lint/rules.k8sVersionMajor=1",
        "-X helm.sh/helm/v3/pkg/lint/rules.k8sVersionMinor=35",
      ],
      ownVersion: { args: ["version", "--short"], matches: /^v3\.22\.0/ },
      typicalSeconds: 55,
    },
    {
      name: "talosctl",
      directory: path.join(tools, "talosctl"),
      version: "v1.12.1",
      packages: [{ package: "github.com/siderolabs/talos/cmd/talosctl", binary: "talosctl" }],
      ldflags: [],
      ownVersion: { args: ["version", "--client", "--short"], matches: /Talos v1\.12\.1$/m },
      typicalSeconds: 115,
    },
    {
      name: "machine-double",
      directory: path.join(repository, "sandbox", "machines", "double"),
      version: "own",
      packages: [{ package: ".", binary: "machine-double" }],
      ldflags: [],
      typicalSeconds: 60,
    },
  ];
}

/** What only the tests run: `make sandbox` does not wait for it. */
export function testToolModules(repository: string): ToolModule[] {
  return [
    {
      name: "actionlint",
      directory: path.join(repository, "sandbox", "tools", "actionlint"),
      version: "v1.7.12",
      packages: [{ package: "github.com/rhysd/actionlint/cmd/actionlint", binary: "actionlint" }],
      ldflags: [],
      ownVersion: { args: ["-version"], matches: /^v?1\.7\.12$/m },
      typicalSeconds: 20,
    },
    {
      name: "etcdctl",
      directory: path.join(repository, "sandbox", "tools", "etcdctl"),
      version: "v3.6.6",
      packages: [{ package: "go.etcd.io/etcd/etcdctl/v3", binary: "etcdctl" }],
      ldflags: [],
      ownVersion: { args: ["version"], matches: /etcdctl version: 3\.6\.6/ },
      typicalSeconds: 35,
    },
    {
      // Archived upstream, at its last commit: the fork in images.ts goes on from there, and is no Go module.
      name: "minio",
      directory: path.join(repository, "sandbox", "tools", "minio"),
      version: "v0.0.0-20260212201848-7aac2a2c5b7c",
      packages: [
        { package: "github.com/minio/minio", binary: "minio" },
        { package: "github.com/minio/mc", binary: "mc" },
      ],
      ldflags: [],
      typicalSeconds: 225,
    },
    {
      name: "nats-server",
      directory: path.join(repository, "sandbox", "tools", "nats-server"),
      version: "v2.14.2",
      packages: [{ package: "github.com/nats-io/nats-server/v2", binary: "nats-server" }],
      ldflags: [],
      ownVersion: { args: ["--version"], matches: /^nats-server: v2\.14\.2$/ },
      typicalSeconds: 30,
    },
    {
      name: "nats-exporter",
      directory: path.join(repository, "sandbox", "tools", "nats-exporter"),
      version: "v0.20.1",
      packages: [{ package: "github.com/nats-io/prometheus-nats-exporter", binary: "prometheus-nats-exporter" }],
      ldflags: [],
      typicalSeconds: 30,
    },
    {
      name: "jetstream-controller",
      directory: path.join(repository, "sandbox", "tools", "jetstream-controller"),
      version: "v0.23.0",
      packages: [{ package: "github.com/nats-io/nack/cmd/jetstream-controller", binary: "jetstream-controller" }],
      // Its metrics would be on every address of the machine, and it has no argument for them.
      ldflags: ["-X sigs.k8s.io/controller-runtime/pkg/metrics/server.DefaultBindAddress=0"],
      typicalSeconds: 100,
    },
    ...observabilityModules(repository),
    ...inferenceModules(repository),
  ];
}
