import { describe, expect, it } from "vitest";
import { workloadEmptyDirLimit } from "../../../../policy/kubernetes/workload-empty-dir-limit";
import { workloadNoHostAccess } from "../../../../policy/kubernetes/workload-no-host-access";
import { packWith, reportRule, reportStack } from "../run";
import { deployment, resource, stackRule, template } from "./objects";

/** A chart of six Deployments, as helm prints it. */
const objects = ["a", "b", "c", "d", "e", "f"].map((name) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name },
  spec: {
    replicas: 2,
    template: template(name, {
      spec: { volumes: [{ name: "tmp", emptyDir: {} }], hostNetwork: name < "c" },
    }),
  },
}));
const pack = () =>
  packWith(undefined, {
    helm: {
      identity: async () => "helm",
      run: async () => ({ kind: "output", text: objects.map((each) => JSON.stringify(each)).join("\n---\n") }),
    },
  });
const chart = resource("kubernetes:helm.sh/v3:Release", "chart", { chart: "c", version: "1", namespace: "apps" });

describe("advice about a chart", () => {
  it("is one line for each release and rule", async () => {
    const messages = await reportRule(workloadEmptyDirLimit, chart, pack());
    expect(messages).toEqual([
      "Deployment apps/a: volume tmp has no sizeLimit; the like of Deployment apps/b, Deployment apps/c, Deployment apps/d, " +
        `Deployment apps/e and 1 more. ${workloadEmptyDirLimit.remediation}`,
    ]);
  });

  it("is not what a mandatory rule gives: each of its findings needs its own exception", async () => {
    expect(await reportRule(workloadNoHostAccess, chart, pack())).toHaveLength(2);
  });

  it("of a rule over the stack leaves the stack's own objects their own lines", async () => {
    const rule = stackRule("workload-budget");
    const own = [deployment("x", { replicas: 2 }), deployment("y", { replicas: 2 })];
    const messages = await reportStack(rule, [...own, chart], {}, pack());
    expect(messages).toHaveLength(3);
    expect(messages[2]).toContain("the like of Deployment apps/b");
  });
});
