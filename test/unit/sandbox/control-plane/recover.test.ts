import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { recoverEtcd, restoreArgs } from "../../../../sandbox/control-plane/recover";
import { settings } from "./support";

describe("etcd's recovery", () => {
  let dir: string;
  const material = () => ({ dir, settings, file: (name: string) => join(dir, name) });

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "orrery-recover-"));
    mkdirSync(join(dir, "data"));
    writeFileSync(join(dir, "data", "old"), "");
    // Instead of etcdutl: it makes the directory that it is told to make, and notes how.
    const fake = '#!/bin/sh\nfor arg; do case "$arg" in --data-dir=*) mkdir "${arg#--data-dir=}";; esac; done\n';
    writeFileSync(join(dir, "etcdutl"), fake, { mode: 0o755 });
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it("leaves the data alone without a snapshot", async () => {
    expect(await recoverEtcd(material(), dir, join(dir, "data"))).toBe(false);
    expect(readdirSync(join(dir, "data"))).toEqual(["old"]);
  });

  it("makes the data anew from a snapshot, once", async () => {
    writeFileSync(join(dir, "etcd-recovery.snapshot"), "");
    writeFileSync(join(dir, "recovery.json"), '{"skipHashCheck":false}');
    expect(await recoverEtcd(material(), dir, join(dir, "data"))).toBe(true);
    expect(readdirSync(join(dir, "data"))).toEqual([]);
    expect(existsSync(join(dir, "etcd-recovery.snapshot"))).toBe(false);
    expect(await recoverEtcd(material(), dir, join(dir, "data"))).toBe(false);
  });

  it("makes one member, with the name and address that etcd is started with", () => {
    const args = restoreArgs(material(), "/data", true);
    const peer = `https://${settings.address}:2380`;
    expect(args.slice(0, 3)).toEqual(["snapshot", "restore", join(dir, "etcd-recovery.snapshot")]);
    expect(args).toContain(`--initial-cluster=${settings.hostname}=${peer}`);
    expect(args).toContain(`--initial-advertise-peer-urls=${peer}`);
    expect(args).toContain("--skip-hash-check=true");
  });
});
