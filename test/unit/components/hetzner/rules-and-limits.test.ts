import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type FirewallRulesInput, firewallRules } from "../../../../components/hetzner/firewall-rules";
import { hcloudLabels, schematicLabel } from "../../../../components/hetzner/labels";
import { placementGroupName, spreadGroups } from "../../../../components/hetzner/placement";
import { checkedUserData } from "../../../../components/hetzner/user-data-limit";

describe("firewallRules", () => {
  const rules = (change: Partial<FirewallRulesInput> = {}) =>
    firewallRules({ role: "control-plane", adminCidrs: ["203.0.113.7/32"], kubespan: true, ...change });
  const open = (list: ReturnType<typeof rules>) =>
    list
      .filter(({ sourceIps }) => sourceIps.includes("0.0.0.0/0"))
      .map(({ protocol, port }) => `${protocol}${port === undefined ? "" : `/${port}`}`);

  test("opens nothing but the mesh and ICMP to everybody", () => {
    expect(open(rules())).toEqual(["icmp", "udp/51820"]);
    expect(open(rules({ role: "worker" }))).toEqual(["icmp", "udp/51820"]);
  });

  test("opens the Talos and the Kubernetes API to administrators, on control planes only", () => {
    const admin = rules().filter(({ sourceIps }) => sourceIps.includes("203.0.113.7/32"));
    expect(admin.map(({ protocol, port }) => `${protocol}/${port}`)).toEqual(["tcp/50000", "tcp/6443"]);
    expect(admin.every(({ sourceIps }) => sourceIps.length === 1)).toBe(true);
    expect(rules({ role: "worker" }).some(({ protocol }) => protocol === "tcp")).toBe(false);
  });

  test("opens no API when there are no administrators", () => {
    expect(rules({ adminCidrs: [] }).some(({ protocol }) => protocol === "tcp")).toBe(false);
  });

  test("opens WireGuard where it is, and the mesh only when there is one", () => {
    expect(open(rules({ wireguardPort: 51821 }))).toEqual(["icmp", "udp/51820", "udp/51821"]);
    expect(open(rules({ role: "worker", wireguardPort: 51821 }))).toEqual(["icmp", "udp/51820"]);
    expect(open(rules({ kubespan: false }))).toEqual(["icmp"]);
  });

  test("refuses more sources than a rule takes", () => {
    const adminCidrs = Array.from({ length: 101 }, (_, i) => `203.0.113.${i}/32`);
    expect(() => rules({ adminCidrs })).toThrow("access.adminCidrs has 101 entries");
  });
});

describe("spreadGroups", () => {
  test("needs one group for each ten servers, and growth moves nobody", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 200 }), (a, b) => {
        const groups = spreadGroups(a);
        expect(new Set(groups).size).toBe(Math.ceil(a / 10));
        for (const group of groups) expect(groups.filter((other) => other === group).length).toBeLessThanOrEqual(10);
        const common = Math.min(a, b);
        expect(spreadGroups(b).slice(0, common)).toEqual(groups.slice(0, common));
      }),
    );
  });

  test("names groups from 1, as servers are", () => {
    expect([0, 1].map((group) => placementGroupName("demo", "general", group))).toEqual([
      "demo-general-1",
      "demo-general-2",
    ]);
  });
});

describe("hcloudLabels", () => {
  test("say whose it is", () => {
    expect(hcloudLabels("demo", { "orrery.dev/pool": "general" })).toEqual({
      "managed-by": "orrery",
      "orrery.dev/cluster": "demo",
      "orrery.dev/pool": "general",
    });
  });

  test("refuse what Hetzner refuses", () => {
    expect(() => hcloudLabels("c".repeat(64))).toThrow("64 characters");
    expect(schematicLabel("a".repeat(64))).toHaveLength(32);
  });
});

describe("checkedUserData", () => {
  test("takes 32 KiB, not a byte more, and does not show the data", () => {
    expect(checkedUserData("demo-general-1", "x".repeat(32_768))).toHaveLength(32_768);
    expect(() => checkedUserData("demo-general-1", "x".repeat(32_769))).toThrow(
      /"demo-general-1" is 32769 bytes; Hetzner takes at most 32768 \(1 too many\)/,
    );
    expect(() => checkedUserData("demo-general-1", "x".repeat(32_769))).not.toThrow("xxx");
    expect(() => checkedUserData("demo-general-1", "é".repeat(20_000))).toThrow("40000 bytes");
  });
});
