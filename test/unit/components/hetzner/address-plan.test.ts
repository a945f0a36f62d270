import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, test } from "vitest";
import {
  type AddressPlanInput,
  addressAt,
  planAddresses,
  preferredSlice,
} from "../../../../components/hetzner/address-plan";

const nodeCidr = "10.0.0.0/20";
const plan = (pools: AddressPlanInput["pools"], controlPlaneCount = 3, cidr = nodeCidr) =>
  planAddresses({ nodeCidr: cidr, controlPlaneCount, pools });

const pool = fc.record({
  name: fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/),
  count: fc.integer({ min: 0, max: 100 }),
});
const pools = fc.uniqueArray(pool, { selector: ({ name }) => name, maxLength: 12 });

describe("planAddresses", () => {
  test("gives control planes and load balancer the start of the network", () => {
    const { controlPlane, loadBalancer } = plan([]);
    expect(loadBalancer).toBe("10.0.0.5");
    expect(controlPlane).toEqual(["10.0.0.10", "10.0.0.11", "10.0.0.12"]);
  });

  test("gives a pool a slice of its own", () => {
    const first = plan([{ name: "general", count: 2 }]).pools.get("general")!;
    expect(first).toEqual(["10.0.7.0", "10.0.7.1"]);
  });

  test("no address is given twice, the gateway's or the broadcast address never", () => {
    fc.assert(
      fc.property(pools, fc.integer({ min: 1, max: 5 }), (list, count) => {
        const { controlPlane, loadBalancer, pools: byPool } = plan(list, count);
        const all = [loadBalancer, ...controlPlane, ...[...byPool.values()].flat()];
        expect(new Set(all).size).toBe(all.length);
        const network = ipaddr.IPv4.parseCIDR(nodeCidr);
        for (const address of all) expect(ipaddr.IPv4.parse(address).match(network)).toBe(true);
        expect(all).not.toContain("10.0.0.0");
        expect(all).not.toContain("10.0.0.1");
        expect(all).not.toContain("10.0.15.255");
      }),
    );
  });

  test("a pool that grows or shrinks moves no server", () => {
    fc.assert(
      fc.property(pools, fc.nat({ max: 11 }), fc.integer({ min: 0, max: 100 }), (list, index, count) => {
        fc.pre(index < list.length);
        const before = plan(list);
        const after = plan(list.map((entry, i) => (i === index ? { ...entry, count } : entry)));
        for (const [name, addresses] of before.pools) {
          const common = Math.min(addresses.length, after.pools.get(name)!.length);
          expect(after.pools.get(name)!.slice(0, common)).toEqual(addresses.slice(0, common));
        }
        expect(after.controlPlane).toEqual(before.controlPlane);
      }),
    );
  });

  test("a pool that is appended moves no server", () => {
    fc.assert(
      fc.property(pools, pool, (list, added) => {
        fc.pre(list.every(({ name }) => name !== added.name));
        const before = plan(list);
        const after = plan([...list, added]);
        for (const [name, addresses] of before.pools) expect(after.pools.get(name)).toEqual(addresses);
      }),
    );
  });

  test("a pool that is removed moves only those that had to give way", () => {
    fc.assert(
      fc.property(pools, fc.nat({ max: 11 }), (list, index) => {
        fc.pre(index < list.length);
        const slices = list.map(({ name }) => preferredSlice(name, 32));
        fc.pre(new Set(slices).size === slices.length);
        const before = plan(list);
        const after = plan(list.filter((_, i) => i !== index));
        for (const [name, addresses] of after.pools) expect(before.pools.get(name)).toEqual(addresses);
      }),
    );
  });

  test("more control planes move nobody", () => {
    const list = [{ name: "general", count: 3 }];
    expect(plan(list, 5).pools).toEqual(plan(list, 1).pools);
    expect(plan(list, 5).controlPlane.slice(0, 1)).toEqual(plan(list, 1).controlPlane);
  });

  test("works when the CIDR is not written with its network address", () => {
    expect(plan([], 1, "10.0.3.7/20").controlPlane).toEqual(["10.0.0.10"]);
  });

  test.each([
    ["a pool larger than its slice", [{ name: "general", count: 128 }], 3, nodeCidr, 'Pool "general" has 128 servers'],
    [
      "more pools than slices",
      Array.from({ length: 32 }, (_, i) => ({ name: `p${i}`, count: 1 })),
      3,
      nodeCidr,
      "32 pools do not fit",
    ],
    ["a network without slices", [], 1, "10.0.0.0/28", "At least 32 are needed (a /27)"],
    ["more control planes than fit", [], 7, "10.0.0.0/24", "has room for 6 control planes"],
  ])("refuses %s", (_case, list, controlPlanes, cidr, message) => {
    expect(() => plan(list, controlPlanes, cidr)).toThrow(message);
  });
});

test("addressAt counts from the network address", () => {
  expect(addressAt("10.200.0.0/24", 16)).toBe("10.200.0.16");
  expect(addressAt("10.0.0.0/16", 256)).toBe("10.0.1.0");
});
