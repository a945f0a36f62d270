import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clientConfig, keyPair, wireguardAddresses } from "../../../../components/talos/wireguard";

const hex = (text: string) => Buffer.from(text, "hex").toString("base64");

describe("keyPair", () => {
  // RFC 7748, section 6.1: Alice and Bob.
  test.each([
    [
      "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
      "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
    ],
    [
      "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
      "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
    ],
  ])("gives RFC 7748's public key for %s", (privateKey, publicKey) => {
    expect(keyPair(hex(privateKey)).publicKey).toBe(hex(publicKey));
  });

  test("clamps, so that every key is one that WireGuard takes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (seed) => {
        const bytes = Buffer.from(keyPair(Buffer.from(seed).toString("base64")).privateKey, "base64");
        expect(bytes[0]! & 0b0000_0111).toBe(0);
        expect(bytes[31]! & 0b1100_0000).toBe(0b0100_0000);
      }),
    );
  });

  test("wants 32 bytes", () => {
    expect(() => keyPair(Buffer.alloc(31).toString("base64"))).toThrow("32 bytes; these are 31");
  });
});

describe("wireguardAddresses", () => {
  test("more control planes move no peer, and appended peers move nobody", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.nat({ max: 50 }), (controlPlanes, peers) => {
        const small = wireguardAddresses("10.200.0.0/24", controlPlanes, peers);
        const large = wireguardAddresses("10.200.0.0/24", 5, peers + 1);
        expect(large.peers.slice(0, peers)).toEqual(small.peers);
        expect(large.controlPlanes.slice(0, controlPlanes)).toEqual(small.controlPlanes);
      }),
    );
  });

  test("begins with .1 and .16", () => {
    expect(wireguardAddresses("10.200.0.0/24", 1, 2)).toEqual({
      controlPlanes: ["10.200.0.1"],
      peers: ["10.200.0.16", "10.200.0.17"],
    });
  });

  test("refuses a range that is too small", () => {
    expect(() => wireguardAddresses("10.200.0.0/28", 1, 1)).toThrow("mesh.wireguard.cidr 10.200.0.0/28 has no room");
  });
});

test("a client's config routes each address to one control plane only", () => {
  const config = clientConfig({
    name: "ada",
    privateKey: "client-key",
    address: "10.200.0.16",
    port: 51821,
    controlPlanes: [1, 2].map((n) => ({
      publicKey: `server-key-${n}`,
      publicIpv4: `198.51.100.${n}`,
      privateIp: `10.0.0.1${n}`,
      wireguardIp: `10.200.0.${n}`,
    })),
  });
  expect(config).toContain("PrivateKey = client-key\nAddress = 10.200.0.16/32\nMTU = 1420\n");
  expect(config).toContain("PublicKey = server-key-2\nEndpoint = 198.51.100.2:51821\n");
  const routes = [...config.matchAll(/AllowedIPs = (.*)/g)].flatMap(([, list]) => list!.split(", "));
  expect(routes).toEqual(["10.200.0.1/32", "10.0.0.11/32", "10.200.0.2/32", "10.0.0.12/32"]);
});
