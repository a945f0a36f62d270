import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ControlPlane } from "../../../../sandbox/control-plane/control-plane";
import { followMachines } from "../../../../sandbox/control-plane/follow";
import type { MachineEvent } from "../../../../sandbox/machines/events";
import type { ApiServerAt, LocalMachineHost } from "../../../../sandbox/machines/host";
import { settings } from "./support";

const about = { time: "", node: "" };

describe("the control plane of machines that lose their data", () => {
  let dir: string;
  let did: string[];
  let at: ApiServerAt | undefined;
  let emit: (key: string, event: MachineEvent) => void;
  let settled: () => Promise<void>;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "orrery-forget-"));
    writeFileSync(join(dir, "settings.json"), JSON.stringify(settings));
    did = [];
    const note = (what: string) => async () => void did.push(what);
    const controlPlane = { run: note("run"), stop: note("stop"), forget: note("forget") } as unknown as ControlPlane;
    const host = {
      list: () => ["cp-1", "cp-2"].map((key) => ({ spec: { key }, running: true })),
      setApiServer: (where: ApiServerAt | undefined) => {
        at = where;
      },
      onEvent: (listener: typeof emit) => {
        emit = listener;
      },
    } as unknown as LocalMachineHost;
    settled = followMachines(host, controlPlane, () => {}).settled;
    for (const key of ["cp-1", "cp-2"]) {
      const started = { dir, address: settings.address, bootstrapped: key === "cp-1", changed: true };
      emit(key, { ...about, event: "control-plane", ...started });
    }
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const reset = (key: string) => emit(key, { ...about, event: "reset", graceful: false, reboot: true });

  it("goes on as long as one of them has it", async () => {
    reset("cp-1");
    await settled();
    expect(did.at(-1)).toBe("run");
    expect(at?.address).toBe(settings.address);
  });

  it("is forgotten with the last one, and nobody may join it any more", async () => {
    reset("cp-1");
    await settled();
    reset("cp-2");
    expect(at).toBeUndefined();
    await settled();
    expect(did.at(-1)).toBe("forget");
  });

  it("is not forgotten for a machine that never had it", async () => {
    reset("worker-1");
    await settled();
    expect(did).not.toContain("forget");
  });
});
