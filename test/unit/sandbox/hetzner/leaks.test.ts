import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Cloud, type Json, makeNetwork, serverBody, startCloud } from "./support";

/**
 * Random lives of an account: whatever is created, attached, detached and deleted in whatever order, no two resources
 * hold the same address or name, and once all is deleted nothing is held any more.
 */

const kinds = ["servers", "primary_ips", "volumes", "load_balancers", "placement_groups", "firewalls"] as const;
type Kind = (typeof kinds)[number];

type Step =
  | { do: "create"; kind: Kind; name: number; network: boolean; publicIpv4: boolean; group: boolean }
  | { do: "delete"; kind: Kind; pick: number }
  | { do: "attach" | "detach" | "poweroff" | "poweron"; pick: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("create" as const),
      kind: fc.constantFrom(...kinds),
      name: fc.nat(5),
      network: fc.boolean(),
      publicIpv4: fc.boolean(),
      group: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("delete" as const), kind: fc.constantFrom(...kinds), pick: fc.nat(9) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom("attach" as const, "detach" as const, "poweroff" as const, "poweron" as const),
      pick: fc.nat(9),
    }),
  },
);

async function list(cloud: Cloud, kind: string): Promise<Json[]> {
  return (await cloud.ok("GET", `/${kind}?per_page=50`))[kind];
}

/** Refusals are part of life; only what went through is waited for. */
async function attempt(cloud: Cloud, method: string, path: string, body?: unknown): Promise<void> {
  const answer = await cloud.call(method, path, body);
  expect(answer.status).toBeLessThan(500);
  const { action, next_actions } = answer.body ?? {};
  for (const begun of [action, ...(next_actions ?? [])].filter(Boolean)) {
    await cloud.action(begun.id);
  }
}

async function apply(cloud: Cloud, network: number, step: Step): Promise<void> {
  if (step.do === "create") {
    const [group] = step.group ? await list(cloud, "placement_groups") : [];
    const free = (await list(cloud, "primary_ips")).find((ip) => ip.type === "ipv4" && ip.assignee_id === null);
    const name = `n-${step.name}`;
    const networks = step.network || !step.publicIpv4 ? [network] : [];
    const net = { enable_ipv4: step.publicIpv4, ...(step.publicIpv4 && free ? { ipv4: free.id } : {}) };
    const bodies: Record<Kind, unknown> = {
      servers: serverBody(name, { networks, placement_group: group?.id, public_net: net }),
      primary_ips: { name, type: "ipv4", location: "fsn1" },
      volumes: { name, size: 10, location: "fsn1" },
      load_balancers: { name, load_balancer_type: "lb11", location: "fsn1", ...(step.network ? { network } : {}) },
      placement_groups: { name, type: "spread" },
      firewalls: { name, apply_to: [{ type: "label_selector", label_selector: { selector: "a" } }] },
    };
    await attempt(cloud, "POST", `/${step.kind}`, bodies[step.kind]);
    return;
  }
  const kind = step.do === "delete" ? step.kind : "servers";
  const all = await list(cloud, kind);
  const chosen = all[step.pick % Math.max(1, all.length)];
  if (!chosen) {
    return;
  }
  const action = `/servers/${chosen.id}/actions`;
  if (step.do === "delete") {
    await attempt(cloud, "DELETE", `/${kind}/${chosen.id}`);
  } else if (step.do === "attach" || step.do === "detach") {
    const call = step.do === "attach" ? "attach_to_network" : "detach_from_network";
    await attempt(cloud, "POST", `${action}/${call}`, { network });
  } else {
    await attempt(cloud, "POST", `${action}/${step.do}`);
  }
}

function duplicates(values: string[]): string[] {
  return values.filter((value, index) => values.indexOf(value) !== index);
}

async function held(cloud: Cloud): Promise<string[]> {
  const machines = cloud.machines.list().map(({ spec }) => spec.address);
  const balancers = await list(cloud, "load_balancers");
  const ips = await list(cloud, "primary_ips");
  const servers = await list(cloud, "servers");
  const unassigned = ips.filter((ip) => ip.assignee_id === null).map((ip) => ip.ip);
  return [
    ...machines,
    ...unassigned,
    ...cloud.machines.aliases.values(),
    ...balancers.map((lb) => lb.public_net.ipv4.ip),
    ...[...servers, ...balancers].flatMap((each) => each.private_net.map((net: Json) => net.ip)),
  ];
}

async function deleteAll(cloud: Cloud): Promise<void> {
  for (const kind of ["load_balancers", "servers", "volumes", "primary_ips", "placement_groups"]) {
    for (const each of await list(cloud, kind)) {
      // Addresses that a server brought along went with it.
      if ((await cloud.call("GET", `/${kind}/${each.id}`)).status === 200) {
        await cloud.ok("DELETE", `/${kind}/${each.id}`);
      }
    }
  }
  for (const firewall of await list(cloud, "firewalls")) {
    const selector = { type: "label_selector", label_selector: { selector: "a" } };
    await cloud.ok("POST", `/firewalls/${firewall.id}/actions/remove_from_resources`, { remove_from: [selector] });
    await cloud.ok("DELETE", `/firewalls/${firewall.id}`);
  }
}

describe("names and addresses", () => {
  it("are never held twice and never leak", async () => {
    const cloud = await startCloud();
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
          const network = await makeNetwork(cloud);
          for (const each of steps) {
            await apply(cloud, network, each);
          }
          expect(duplicates(await held(cloud))).toEqual([]);
          for (const kind of kinds) {
            expect(duplicates((await list(cloud, kind)).map(({ name }) => name))).toEqual([]);
          }
          await deleteAll(cloud);
          await cloud.ok("DELETE", `/networks/${network}`);
          expect(cloud.hetzner.remaining()).toEqual([]);
          expect(await held(cloud)).toEqual([]);
        }),
        { numRuns: 25 },
      );
    } finally {
      await cloud.close();
    }
  }, 120_000);
});
