import path from "node:path";
import type { ToolModule } from "./catalog";

/** Programs around models and GPUs that the tests run, or whose parsers they ask. */
export function inferenceModules(repository: string): ToolModule[] {
  const directory = (name: string) => path.join(repository, "sandbox", "tools", name);
  return [
    {
      // The newest whose packages the module proxy has; the chart runs 1.15.1.
      name: "volcano",
      directory: directory("volcano"),
      version: "v1.14.1",
      packages: [
        { package: "volcano.sh/volcano/cmd/scheduler", binary: "vc-scheduler" },
        { package: "volcano.sh/volcano/cmd/controller-manager", binary: "vc-controller-manager" },
      ],
      ldflags: [],
      typicalSeconds: 240,
    },
    {
      // Sources of our own around the plugin's package that reads its configuration; its templates come along.
      name: "nvidia-config",
      directory: directory("nvidia-config"),
      version: "own",
      packages: [{ package: ".", binary: "nvidia-config" }],
      ldflags: [],
      typicalSeconds: 10,
    },
    {
      // Sources of our own around the operator's packages for GPUs; its definitions come along.
      name: "intel-device-plugins",
      directory: directory("intel-device-plugins"),
      version: "own",
      packages: [{ package: ".", binary: "intel-device-plugins" }],
      ldflags: [],
      typicalSeconds: 80,
    },
  ];
}
