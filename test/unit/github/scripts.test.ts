import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { jobs, steps } from "./workflows";

describe("every script", () => {
  it("is one that bash can read", () => {
    const scripts = steps.filter(({ step }) => step.run !== undefined);
    expect(scripts.length).toBeGreaterThan(10);
    const broken = scripts.filter(
      ({ step }) => spawnSync("bash", ["--noprofile", "--norc", "-n"], { input: step.run }).status !== 0,
    );
    expect(broken.map(({ label, step }) => `${label}: ${step.name}`)).toEqual([]);
  });
});

describe("the comment on a pull request", () => {
  const script = jobs
    .find(({ label }) => label === "pull-request.yaml: comment")!
    .job.steps!.find(({ run }) => run !== undefined)!.run!;
  let directory: string;

  /** Runs the script against a `gh` that answers the first call with `found` and writes down what it was asked. */
  function comment(parts: Record<string, string>, found = "") {
    for (const [name, text] of Object.entries(parts)) writeFileSync(path.join(directory, "parts", name), text);
    writeFileSync(path.join(directory, "found"), found);
    const { status, stderr } = spawnSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", script], {
      cwd: directory,
      encoding: "utf8",
      env: {
        PATH: `${directory}${path.delimiter}${process.env.PATH}`,
        COMMENTS: "repos/o/r/issues/7/comments",
        COMMENT: "repos/o/r/issues/comments",
        RUN: "https://example.com/run/1",
      },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const calls = readFileSync(path.join(directory, "calls"), "utf8").trim().split("\n");
    return { call: calls.at(-1), body: readFileSync(path.join(directory, "comment.md"), "utf8") };
  }

  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), "orrery-comment-"));
    mkdirSync(path.join(directory, "parts"));
    writeFileSync(
      path.join(directory, "gh"),
      '#!/bin/sh\necho "$@" | head -n 1 >> calls\ncase "$*" in *--jq*) cat found ;; esac\n',
    );
    chmodSync(path.join(directory, "gh"), 0o755);
  });

  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it("has the stacks first, then the charts", () => {
    const { call, body } = comment({
      "charts-dev.md": "## Charts\n",
      "stack-prod.md": "## prod\n",
      "stack-dev.md": "## dev\n",
    });
    expect(body.match(/^## .*$/gm)).toEqual(["## dev", "## prod", "## Charts"]);
    expect(call).toBe("api --silent --method POST repos/o/r/issues/7/comments --field body=@comment.md");
  });

  it("is written anew, and not added to, by the next run", () => {
    const { call } = comment({ "charts-dev.md": "## Charts\n" }, "4711\n4712\n");
    expect(call).toBe("api --silent --method PATCH repos/o/r/issues/comments/4711 --field body=@comment.md");
  });

  it("does without a part that was not made", () => {
    expect(comment({ "stack-dev.md": "## dev\n" }).body).toContain("## dev");
  });

  it("points to the run where GitHub would refuse its length", () => {
    const { body } = comment({ "stack-dev.md": "x".repeat(60_000), "charts-dev.md": "y".repeat(10_000) });
    expect(body.length).toBeLessThan(65_536);
    expect(body).toContain("x".repeat(60_000));
    expect(body).not.toContain("yy");
    expect(body).toMatch(/\*\*charts-dev\*\* is too long .*https:\/\/example\.com\/run\/1/);
  });
});
