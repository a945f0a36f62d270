import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSettings, SettingsError } from "../../../stacks/settings";
import { canonicalText, contains, isPrivate, overlaps, parseAddress, parseCidr } from "../../../stacks/settings/cidr";

const octet = fc.integer({ min: 0, max: 255 });
const ipv4 = fc.tuple(octet, octet, octet, octet).map((parts) => parts.join("."));
const cidr = fc.tuple(ipv4, fc.integer({ min: 0, max: 32 })).map(([address, prefix]) => `${address}/${prefix}`);
/** Ranges that often meet: few addresses, all lengths. */
const nearby = fc
  .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 255 }), fc.integer({ min: 8, max: 32 }))
  .map(([second, third, prefix]) => `10.${second}.${third}.0/${prefix}`);

/** Another way to the same answer: the bits as text. */
function bitsOf(text: string): { bits: string; prefix: number } {
  const [address, prefix] = text.split("/");
  const bits = address!
    .split(".")
    .map((part) => Number(part).toString(2).padStart(8, "0"))
    .join("");
  return { bits, prefix: Number(prefix) };
}

function overlapByBits(a: string, b: string): boolean {
  const [first, second] = [bitsOf(a), bitsOf(b)];
  const common = Math.min(first.prefix, second.prefix);
  return first.bits.slice(0, common) === second.bits.slice(0, common);
}

describe("parseCidr", () => {
  it.each([
    "",
    "10.0.0.0",
    "10.0.0/8",
    "10.0.0.0/33",
    "10.0.0.0/-1",
    "10.0.0.0/08",
    "10.0.0.0/8 ",
    "010.0.0.0/8",
    "256.0.0.0/8",
    "0x0a.0.0.0/8",
    "fd00::/129",
    "fd00::%eth0/64",
    "gggg::/64",
    "10.0.0.0/8/8",
  ])("refuses %j", (text) => {
    expect(parseCidr(text)).toBeUndefined();
  });

  it.each([
    ["10.0.0.0/16", true, 65536],
    ["10.0.0.1/16", false, 65536],
    ["203.0.113.7/32", true, 1],
    ["0.0.0.0/0", true, 2 ** 32],
    ["2001:db8::/120", true, 256],
    ["2001:db8::1/120", false, 256],
  ])("%s", (text, canonical, size) => {
    const range = parseCidr(text)!;
    expect(range.canonical).toBe(canonical);
    expect(Number(range.last - range.first) + 1).toBe(size);
  });

  it("holds the address it was made from, and 2^(32 - prefix) of them", () => {
    fc.assert(
      fc.property(cidr, (text) => {
        const range = parseCidr(text)!;
        const { value } = parseAddress(text.split("/")[0]!)!;
        expect(range.first <= value && value <= range.last).toBe(true);
        expect(Number(range.last - range.first) + 1).toBe(2 ** (32 - range.prefix));
      }),
    );
  });

  it("the canonical form is canonical, and the same range", () => {
    fc.assert(
      fc.property(cidr, (text) => {
        const range = parseCidr(text)!;
        const again = parseCidr(canonicalText(range))!;
        expect(again.canonical).toBe(true);
        expect([again.first, again.last]).toEqual([range.first, range.last]);
        expect(range.canonical).toBe(canonicalText(range) === text);
      }),
    );
  });
});

describe("relations between ranges", () => {
  it("overlap exactly when the shorter prefix is common", () => {
    fc.assert(
      fc.property(nearby, nearby, (a, b) => {
        expect(overlaps(parseCidr(a)!, parseCidr(b)!)).toBe(overlapByBits(a, b));
      }),
    );
  });

  it("ranges that overlap contain one another, one way or the other", () => {
    fc.assert(
      fc.property(nearby, nearby, (a, b) => {
        const [first, second] = [parseCidr(a)!, parseCidr(b)!];
        expect(contains(first, second) || contains(second, first)).toBe(overlaps(first, second));
      }),
    );
  });

  it("IPv4 and IPv6 never meet", () => {
    expect(overlaps(parseCidr("0.0.0.0/0")!, parseCidr("::/0")!)).toBe(false);
    expect(contains(parseCidr("::/0")!, parseCidr("10.0.0.0/8")!)).toBe(false);
  });

  it.each([
    ["10.0.0.0/8", true],
    ["10.255.255.0/24", true],
    ["0.0.0.0/0", false],
    ["8.0.0.0/6", false],
    ["172.15.0.0/16", false],
    ["172.16.0.0/12", true],
    ["172.32.0.0/16", false],
    ["192.168.0.0/15", false],
    ["192.168.3.0/24", true],
    ["100.64.0.0/10", false],
  ])("%s private: %s", (text, expected) => {
    expect(isPrivate(parseCidr(text)!)).toBe(expected);
  });
});

describe("the CIDR rules", () => {
  const privateCidr = fc
    .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 12, max: 24 }))
    .map(([second, prefix]) => canonicalText(parseCidr(`10.${second}.0.0/${prefix}`)!));

  function brokenRules(network: object, wireguard: string): Set<string> {
    try {
      parseSettings({
        environment: "dev",
        cluster: { name: "demo", domain: "demo.example.com" },
        access: { adminCidrs: ["203.0.113.7/32"] },
        controlPlane: { schedulable: true },
        network,
        mesh: { wireguard: { cidr: wireguard } },
      });
      return new Set();
    } catch (error) {
      if (error instanceof SettingsError) return new Set(error.problems.map(({ rule }) => rule));
      throw error;
    }
  }

  it("cidr-disjoint and wireguard-disjoint speak exactly when two ranges meet", () => {
    fc.assert(
      fc.property(privateCidr, privateCidr, privateCidr, privateCidr, (net, pods, services, tunnel) => {
        const rules = brokenRules({ cidr: net, nodeCidr: net, podCidr: pods, serviceCidr: services }, tunnel);
        const meet = overlapByBits(net, pods) || overlapByBits(net, services) || overlapByBits(pods, services);
        expect(rules.has("cidr-disjoint")).toBe(meet);
        expect(rules.has("wireguard-disjoint")).toBe(
          [net, pods, services].some((range) => overlapByBits(range, tunnel)),
        );
      }),
      { numRuns: 300 },
    );
  });

  it("accept any canonical, private, disjoint ranges of the right sizes", () => {
    const block = fc.shuffledSubarray([16, 32, 48, 64, 80, 96, 112, 128, 144], { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(block, fc.integer({ min: 12, max: 20 }), (blocks, prefix) => {
        const [net, pods, services, tunnel] = blocks.map((second) => `10.${second}.0.0/${prefix}`);
        expect(brokenRules({ cidr: net, nodeCidr: net, podCidr: pods, serviceCidr: services }, tunnel!)).toEqual(
          new Set(),
        );
      }),
    );
  });

  it("never throw anything but a SettingsError", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (net, tunnel) => {
        brokenRules({ cidr: net, nodeCidr: net, podCidr: tunnel, serviceCidr: net }, tunnel);
      }),
    );
  });
});
