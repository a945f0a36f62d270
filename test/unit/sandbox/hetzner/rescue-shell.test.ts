import { describe, expect, it } from "vitest";
import { Shell } from "../../../../sandbox/hetzner/rescue-shell";
import type { DiskImage, noText, RescueMachine } from "../../../../sandbox/hetzner/rescue-stream";

const id = "a".repeat(64);

function machine() {
  const disk: (DiskImage | undefined)[] = [];
  const halted: string[] = [];
  const rescue: RescueMachine = {
    architecture: "x86",
    knowsSchematic: (schematic) => schematic === id,
    addSchematic: () => id,
    writeDisk: (image) => disk.push(image),
    halt: (how) => halted.push(how),
  };
  return { rescue, disk, halted };
}

const run = (script: string, stdin = "", on = machine()) =>
  new Shell(on.rescue).run(script, async () => ({ text: stdin }));

describe("the rescue system's shell", () => {
  it.each<[string, string, number, string]>([
    ["a list", "echo a; echo b", 0, "a\nb\n"],
    ["and", "true && echo yes", 0, "yes\n"],
    ["and after a failure", "false && echo yes", 1, ""],
    ["or", "false || echo no", 0, "no\n"],
    ["or after success", "true || echo no", 0, ""],
    ["negation", "! false && echo yes", 0, "yes\n"],
    ["a comment", "# nothing\necho a # b", 0, "a\n"],
    ["a continued line", "echo a \\\n  b", 0, "a b\n"],
    ["a line that ends in &&", "true &&\n  echo a", 0, "a\n"],
    ["single quotes", "echo '$X  \"'", 0, '$X  "\n'],
    ["double quotes", 'X=1; echo "v: $X \\$X ${X}2"', 0, "v: 1 $X 12\n"],
    ["a default", "echo ${NO:-default}", 0, "default\n"],
    ["a substitution", 'A="$(echo one)"; echo "[$A]"', 0, "[one]\n"],
    ["a pipe", "echo piped | cat", 0, "piped\n"],
    ["the status of a pipe", "false | true", 0, ""],
    ["pipefail", "set -o pipefail; false | true", 1, ""],
    ["errexit", "set -e\nfalse\necho not reached", 1, ""],
    ["errexit spares what is tested", "set -e; false || true; echo reached", 0, "reached\n"],
    ["errexit in a script's options", "set -euo pipefail\nfalse | true\necho not reached", 1, ""],
    ["an exit code", "exit 3; echo no", 3, ""],
    ["an unknown command", "lynx x", 127, ""],
    ["loops are unknown, too", "for x in 1; do echo $x; done", 127, ""],
    ["a script in sh -c", "sh -c 'echo in; exit 4'", 4, "in\n"],
    ["options of sh -c", "bash -euc 'false; echo no'", 1, ""],
    ["a file", "echo x > /tmp/f; cat /tmp/f", 0, "x\n"],
    ["appending", "echo x > /tmp/f; echo y >> /tmp/f; cat < /tmp/f", 0, "x\ny\n"],
    ["nowhere", "echo x > /dev/null", 0, ""],
    ["stderr to stdout", "lynx 2>&1 || true", 0, "bash: lynx: command not found\n"],
    ["a here-document", "X=1\ncat <<EOF\na $X\nEOF\necho end", 0, "a 1\nend\n"],
    ["a quoted here-document", "cat <<'EOF'\na $X\nEOF", 0, "a $X\n"],
    ["a test", "[ -b /dev/sda ] && echo disk", 0, "disk\n"],
    ["a syntax error", "echo 'a", 2, ""],
  ])("understands %s", async (_name, script, code, stdout) => {
    expect(await run(script)).toMatchObject({ code, stdout });
  });

  it("reads a script from standard input", async () => {
    expect(await run("bash -s", "set -e\necho from stdin\n")).toMatchObject({ code: 0, stdout: "from stdin\n" });
  });

  it.each<[string, string, DiskImage | undefined]>([
    [
      "writes a decompressed image",
      `curl -fsSL https://factory.talos.dev/image/${id}/v1.12.1/hcloud-amd64.raw.zst | zstd -dc | dd of=/dev/sda`,
      { schematicId: id, version: "v1.12.1", architecture: "x86", compression: undefined },
    ],
    [
      "makes a disk unbootable that gets a compressed image",
      `wget -qO - https://factory.talos.dev/image/${id}/v1.12.1/hcloud-amd64.raw.xz | dd of=/dev/sda`,
      undefined,
    ],
    ["wipes", "blkdiscard -f /dev/sda", undefined],
  ])("%s", async (_name, script, image) => {
    const on = machine();
    expect((await run(script, "", on)).code).toBe(0);
    expect(on.disk).toEqual([image]);
  });

  it("leaves the disk alone when a download without pipefail fails", async () => {
    const on = machine();
    const url = `https://factory.talos.dev/image/${"b".repeat(64)}/v1.12.1/hcloud-amd64.raw.xz`;
    expect((await run(`curl -fsSL ${url} | xz -dc | dd of=/dev/sda && sync`, "", on)).code).toBe(0);
    expect(on.disk).toEqual([]);
  });

  it("knows only the server's disk", async () => {
    expect((await run("blkdiscard /dev/nvme0n1")).stderr).toContain("/dev/sda");
  });

  it("posts a schematic from a file and from a here-document", async () => {
    const url = "https://factory.talos.dev/schematics";
    const answer = `{"id":"${id}"}\n`;
    expect((await run(`echo a > /tmp/s; curl -s --data-binary @/tmp/s ${url}`)).stdout).toBe(answer);
    expect((await run(`curl -s -X POST --data-binary @- ${url} <<EOF\na\nEOF`)).stdout).toBe(answer);
  });

  it("halts once", async () => {
    const on = machine();
    await run("poweroff", "", on);
    await run("shutdown -r now", "", on);
    expect(on.halted).toEqual(["poweroff", "reboot"]);
  });

  it("does not wait for standard input that nobody reads", async () => {
    const never = () => new Promise<typeof noText>(() => undefined);
    expect((await new Shell(machine().rescue).run("echo now", never)).stdout).toBe("now\n");
  });
});
