import { describe, expect, it } from "vitest";
import {
  architecturesOf,
  checkCostCeiling,
  checkMarket,
  type Demand,
  dedicatedModels,
  estimateCost,
  locationsOfZone,
  type Market,
  marketRules,
  priceTable,
  wantedServers,
  zoneOfLocation,
} from "../../../../components/hetzner/market";

const base: Demand = {
  cluster: { name: "demo" },
  controlPlane: { count: 1, serverType: "cpx32", locations: ["fsn1"] },
  pools: [{ name: "general", count: 2, serverType: "cpx42", locations: ["fsn1", "nbg1"], publicIpv4: true }],
  dedicated: [],
  kubernetesApi: { loadBalancer: { enabled: false, type: "lb11" } },
};

function demand(changes: Partial<Demand>): Demand {
  return { ...base, ...changes };
}

function pool(changes: Partial<Demand["pools"][number]>): Demand {
  return demand({ pools: [{ ...base.pools[0]!, ...changes }] });
}

/** The table, with one server type changed. */
function market(name: string, changes: Partial<Market["serverTypes"][string]>): Market {
  const type = priceTable.serverTypes[name]!;
  return { ...priceTable, serverTypes: { ...priceTable.serverTypes, [name]: { ...type, ...changes } } };
}

describe("priceTable", () => {
  it("says where it is from, and of when", () => {
    expect(priceTable.source).toBe("table");
    expect(priceTable.asOf).toBe("2026-09-29");
  });

  it.each([
    ["cx23", "fsn1", 2, 4, 40, 5.49, 0.0088],
    ["cax41", "hel1", 16, 32, 320, 40.99, 0.0657],
    ["cpx12", "nbg1", 1, 2, 40, 11.49, 0.0184],
    ["cpx62", "nbg1", 16, 32, 640, 129.99, 0.2083],
    ["ccx63", "fsn1", 48, 192, 960, 853.49, 1.3678],
    ["cpx31", "ash", 4, 8, 160, 62.49, 0.1001],
  ])("%s in %s: the list's price less the IPv4", (name, location, cores, memoryGiB, diskGiB, monthlyEur, hourlyEur) => {
    const type = priceTable.serverTypes[name]!;
    expect(type).toMatchObject({ name, cores, memoryGiB, diskGiB });
    expect(type.prices[location]).toEqual({ monthlyEur, hourlyEur });
  });

  it("knows the architecture of every type", () => {
    const arm = Object.values(priceTable.serverTypes).filter(({ architecture }) => architecture === "arm");
    expect(arm.map(({ name }) => name)).toEqual(["cax11", "cax21", "cax31", "cax41"]);
  });

  it("names only known locations", () => {
    const types = Object.values(priceTable.serverTypes);
    const used = types.flatMap(({ prices, available }) => [...Object.keys(prices), ...Object.keys(available)]);
    expect(new Set(used)).toEqual(new Set(["fsn1", "nbg1", "hel1", "ash", "hil"]));
    for (const location of used) expect(zoneOfLocation).toHaveProperty(location);
    expect(locationsOfZone("eu-central")).toEqual(["fsn1", "nbg1", "hel1"]);
  });

  it.each([
    ["GEX44", 20, 234, 114],
    ["GEX45", 24, 214, 209],
    ["GEX63", 96, 999, 999],
    ["GEX130", 48, 839.7, undefined],
    ["GEX131", 96, 1499, 1499],
  ])("%s", (model, memoryGiB, monthlyEur, setupEur) => {
    expect(dedicatedModels[model]).toMatchObject({ model, gpu: { vendor: "nvidia", count: 1, memoryGiB }, monthlyEur });
    expect(dedicatedModels[model]!.setupEur).toBe(setupEur);
  });
});

describe("wantedServers", () => {
  it("numbers from 1 and goes round the locations", () => {
    expect(wantedServers(pool({ count: 3 })).map(({ name, location }) => `${name} ${location}`)).toEqual([
      "demo-control-plane-1 fsn1",
      "demo-general-1 fsn1",
      "demo-general-2 nbg1",
      "demo-general-3 fsn1",
    ]);
  });

  it.each([
    ["cpx42", ["x86"]],
    ["cax31", ["x86", "arm"]],
    ["unknown", ["x86"]],
  ])("architectures with a pool of %s", (serverType, architectures) => {
    expect(architecturesOf(pool({ serverType }), priceTable)).toEqual(architectures);
  });
});

describe("checkMarket", () => {
  const lb = (type: string) => demand({ kubernetesApi: { loadBalancer: { enabled: true, type } } });
  const lbTypes = (changes: object): Market => ({
    ...priceTable,
    loadBalancerTypes: {
      ...priceTable.loadBalancerTypes,
      lb11: { ...priceTable.loadBalancerTypes["lb11"]!, ...changes },
    },
  });
  const withControlPlane = (serverType: string, count = 1) =>
    demand({ controlPlane: { count, serverType, locations: ["fsn1"] } });

  const cases: [string, Demand, Market, string[]][] = [
    ["what is in stock", base, priceTable, []],
    ["an unknown type", pool({ serverType: "cpx99" }), priceTable, ["server-type-unknown pools[0].serverType"]],
    [
      "a type of another continent",
      pool({ serverType: "cpx31" }),
      priceTable,
      ["server-type-location pools[0].serverType", "server-type-location pools[0].serverType"],
    ],
    [
      "sold out in one of two locations",
      base,
      market("cpx42", { available: { fsn1: true, nbg1: false } }),
      ["server-type-sold-out pools[0].serverType"],
    ],
    [
      "sold out where no server goes",
      pool({ count: 1 }),
      market("cpx42", { available: { fsn1: true, nbg1: false } }),
      [],
    ],
    ["no word about stock", base, market("cpx42", { available: {} }), []],
    [
      "deprecated in one location",
      base,
      market("cpx42", { deprecated: { nbg1: "2026-12-01" } }),
      ["server-type-deprecated pools[0].serverType"],
    ],
    ["a small disk", base, market("cpx42", { diskGiB: 20 }), ["server-type-disk pools[0].serverType"]],
    ["an empty pool of an unknown type", pool({ count: 0, serverType: "cpx99" }), priceTable, []],
    [
      "a small control plane",
      withControlPlane("cpx12"),
      priceTable,
      ["control-plane-too-small controlPlane.serverType"],
    ],
    ["the smallest control plane", withControlPlane("cpx22"), priceTable, []],
    ["a known load balancer", lb("lb11"), priceTable, []],
    ["an unknown load balancer", lb("lb99"), priceTable, ["load-balancer-unknown kubernetesApi.loadBalancer.type"]],
    [
      "an unknown load balancer of the gateway",
      demand({ gateway: { enabled: true, loadBalancer: { type: "lb99" } } }),
      priceTable,
      ["load-balancer-unknown gateway.loadBalancer.type"],
    ],
    ["a gateway that is off", demand({ gateway: { enabled: false, loadBalancer: { type: "lb99" } } }), priceTable, []],
    [
      "more servers than the gateway's load balancer takes",
      {
        ...demand({ gateway: { enabled: true, loadBalancer: { type: "lb11" } } }),
        pools: [{ ...base.pools[0]!, count: 25 }],
      },
      priceTable,
      ["load-balancer-targets gateway.loadBalancer.type"],
    ],
    [
      "a load balancer that is off",
      demand({ kubernetesApi: { loadBalancer: { enabled: false, type: "x" } } }),
      priceTable,
      [],
    ],
    [
      "a deprecated load balancer",
      lb("lb11"),
      lbTypes({ deprecated: true }),
      ["load-balancer-deprecated kubernetesApi.loadBalancer.type"],
    ],
    [
      "too many targets",
      { ...lb("lb11"), ...{ controlPlane: { count: 3, serverType: "cpx32", locations: ["fsn1"] } } },
      lbTypes({ maxTargets: 2 }),
      ["load-balancer-targets kubernetesApi.loadBalancer.type"],
    ],
    [
      "exactly as many targets",
      { ...lb("lb11"), ...{ controlPlane: { count: 3, serverType: "cpx32", locations: ["fsn1"] } } },
      lbTypes({ maxTargets: 3 }),
      [],
    ],
  ];

  it.each(cases)("%s", (_what, wanted, offered, problems) => {
    const found = checkMarket(wanted, offered);
    expect(found.map(({ rule, path }) => `${rule} ${path}`)).toEqual(problems);
    for (const { rule, message, allowed, fix } of found) {
      expect(marketRules).toContain(rule);
      for (const text of [message, allowed, fix]) expect(text).toMatch(/\S{3}/);
    }
  });

  it("every rule is shown by a case", () => {
    const shown = new Set(cases.flatMap(([, , , problems]) => problems.map((problem) => problem.split(" ")[0]!)));
    expect([...shown].sort()).toEqual([...marketRules].sort());
  });

  it("needs stock only for servers that are to be made", () => {
    const soldOut = market("cpx42", { available: { fsn1: false, nbg1: false }, deprecated: { fsn1: "2026-12-01" } });
    const both = new Map([
      ["demo-general-1", "cpx42"],
      ["demo-general-2", "cpx42"],
    ]);
    expect(checkMarket(base, soldOut, { existing: both })).toEqual([]);
    const rules = (existing: Map<string, string>) => checkMarket(base, soldOut, { existing }).map(({ rule }) => rule);
    expect(rules(new Map([["demo-general-1", "cpx42"]]))).toEqual(["server-type-sold-out"]);
    // A change of type is a new order.
    expect(rules(new Map([...both, ["demo-general-1", "cpx32"]]))).toEqual(["server-type-deprecated"]);
  });

  it("offers what can be ordered instead, the cheapest first, of the same architecture", () => {
    const [problem] = checkMarket(pool({ count: 1, serverType: "cx43" }), priceTable);
    expect(problem).toMatchObject({ rule: "server-type-sold-out", allowed: "cpx42, cpx52, cpx62, ccx33 in fsn1" });
    expect(checkMarket(pool({ count: 1, serverType: "cax11" }), priceTable)[0]!.allowed).toBe(
      "nothing of that size in fsn1",
    );
  });

  it("says whether stock is of now or of the table", () => {
    expect(checkMarket(pool({ serverType: "x" }), priceTable)[0]!.message).toContain("price table of 2026-09-29");
    expect(checkMarket(pool({ serverType: "x" }), { ...priceTable, source: "api" })[0]!.message).toContain(
      "Hetzner's API",
    );
  });

  it("compares disks with the image that is used", () => {
    expect(checkMarket(base, priceTable, { imageDiskGiB: 320 }).map(({ path }) => path)).toEqual([
      "controlPlane.serverType",
    ]);
  });
});

describe("estimateCost", () => {
  it.each([
    ["where the first control plane is", {}, 7.49, []],
    ["where it is asked for", { location: "ash" }, 0, ["lb11 in ash"]],
  ])("adds the gateway's load balancer, %s", (_, place, eur, unpriced) => {
    const estimate = estimateCost(
      demand({ gateway: { enabled: true, loadBalancer: { type: "lb11", ...place } } }),
      priceTable,
    );
    expect(estimate.loadBalancersEur).toBe(eur);
    expect(estimate.unpriced).toEqual(unpriced);
  });

  it("adds up servers, addresses, volumes, load balancer and dedicated machines", () => {
    const estimate = estimateCost(
      demand({
        controlPlane: { count: 3, serverType: "cpx32", locations: ["fsn1", "nbg1", "hel1"] },
        pools: [
          base.pools[0]!,
          { name: "hidden", count: 1, serverType: "cax11", locations: ["hel1"], publicIpv4: false },
        ],
        dedicated: [
          { name: "a", model: "GEX45", pool: "gpu" },
          { name: "b", model: "GEX131", pool: "gpu" },
        ],
        kubernetesApi: { loadBalancer: { enabled: true, type: "lb11" } },
      }),
      priceTable,
      { volumesGiB: 400 },
    );
    expect(estimate).toEqual({
      pools: [
        { name: "control-plane", nodes: 3, monthlyEur: 106.47 },
        { name: "general", nodes: 2, monthlyEur: 138.98 },
        { name: "hidden", nodes: 1, monthlyEur: 5.99 },
        { name: "gpu", nodes: 2, monthlyEur: 1713 },
      ],
      loadBalancersEur: 7.49,
      addressesEur: 2.5,
      volumesEur: 22.88,
      snapshotsEur: 0.03,
      totalMonthlyEur: 1997.34,
      setupEur: 1708,
      source: "table",
      asOf: "2026-09-29",
      unpriced: [],
    });
  });

  it("costs the volumes that it is told of", () => {
    expect(estimateCost(base, priceTable).volumesEur).toBe(0);
    expect(estimateCost(base, priceTable, { volumesGiB: 1000 }).volumesEur).toBe(57.2);
  });

  it("names what has no price instead of counting it as free", () => {
    const wanted = demand({
      pools: [{ ...base.pools[0]!, serverType: "cpx99", count: 1 }],
      dedicated: [{ name: "a", model: "AX42", pool: "metal" }],
      kubernetesApi: { loadBalancer: { enabled: true, type: "lb31" } },
    });
    const { unpriced, pools } = estimateCost(wanted, priceTable);
    expect(unpriced).toEqual(["AX42", "AX42, setup", "cpx99 in fsn1", "lb31 in fsn1"]);
    expect(pools.map(({ name, nodes }) => `${name} ${nodes}`)).toEqual(["control-plane 1", "general 1", "metal 1"]);
  });

  it("counts one's own machines at what they are said to cost, and names those that say nothing", () => {
    const hardware = { cores: 16, memoryGiB: 64, diskGB: 1000 };
    const { pools, setupEur, unpriced } = estimateCost(
      demand({
        dedicated: [
          { name: "a", model: "own", pool: "amd", hardware: { ...hardware, monthlyEur: 80 } },
          { name: "b", model: "own", pool: "intel", hardware },
        ],
      }),
      priceTable,
    );
    expect(pools).toContainEqual({ name: "amd", nodes: 1, monthlyEur: 80 });
    expect(pools).toContainEqual({ name: "intel", nodes: 1, monthlyEur: 0 });
    expect([setupEur, unpriced]).toEqual([0, ["your own b"]]);
  });

  it.each([
    [undefined, 0],
    [176, 0],
    [175.99, 1],
  ])("a ceiling of %s", (ceiling, problems) => {
    const estimate = { ...estimateCost(base, priceTable), totalMonthlyEur: 176 };
    const found = checkCostCeiling(ceiling, estimate);
    expect(found).toHaveLength(problems);
    if (problems > 0) expect(found[0]!.message).toContain("176.00 EUR a month (control-plane 35.49, general 138.98;");
  });
});
