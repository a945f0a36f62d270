import { createHash, createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import type { PropertyMap } from "../framework";
import { opensshPrivateKey, opensshPublicBlob } from "./openssh";

export const ALGORITHMS = ["RSA", "ECDSA", "ED25519"] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** The provider's names of the curves, and OpenSSL's. */
export const CURVES = { P224: "secp224r1", P256: "prime256v1", P384: "secp384r1", P521: "secp521r1" } as const;
export type Curve = keyof typeof CURVES;

const generate = promisify(generateKeyPair);

/** Makes a key off the main thread: RSA 4096 takes seconds. */
export async function generateKey(
  algorithm: Algorithm,
  options: { rsaBits: number; curve: Curve },
): Promise<KeyObject> {
  switch (algorithm) {
    case "RSA":
      return (await generate("rsa", { modulusLength: options.rsaBits })).privateKey;
    case "ECDSA":
      return (await generate("ec", { namedCurve: CURVES[options.curve] })).privateKey;
    case "ED25519":
      return (await generate("ed25519")).privateKey;
  }
}

/** Reads a PEM private key. The error never repeats the text, which is secret. */
export function parsePrivateKey(pem: string, property: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new Error(
      `${property} is no private key in PEM: allowed are "RSA PRIVATE KEY", "EC PRIVATE KEY" and "PRIVATE KEY" (PKCS#8) ` +
        "blocks without a passphrase",
    );
  }
}

export function algorithmOf(key: KeyObject): Algorithm {
  switch (key.asymmetricKeyType) {
    case "rsa":
      return "RSA";
    case "ec":
      return "ECDSA";
    case "ed25519":
      return "ED25519";
    default:
      throw new Error(`a key of type ${key.asymmetricKeyType} is not supported: use one of ${ALGORITHMS.join(", ")}`);
  }
}

/** The formats in which PrivateKey offers the private key. */
export function privateKeyOutputs(key: KeyObject): PropertyMap {
  const pkcs8 = pem(key, "pkcs8");
  const traditional = { RSA: () => pem(key, "pkcs1"), ECDSA: () => pem(key, "sec1"), ED25519: () => pkcs8 };
  return {
    privateKeyPem: traditional[algorithmOf(key)](),
    privateKeyPemPkcs8: pkcs8,
    privateKeyOpenssh: opensshPrivateKey(key),
  };
}

function pem(key: KeyObject, type: "pkcs1" | "sec1" | "pkcs8"): string {
  return key.export({ format: "pem", type } as { format: "pem"; type: "pkcs8" }).toString();
}

/** The public outputs, and the id: the SHA-1 of the public key. */
export function publicKeyOutputs(key: KeyObject): { id: string; outputs: PropertyMap } {
  const publicKey = createPublicKey(key);
  const der = publicKey.export({ format: "der", type: "spki" });
  // SSH has no P-224: the three outputs are empty then.
  const ssh = opensshPublicBlob(key);
  return {
    id: createHash("sha1").update(trimSpace(der)).digest("hex"),
    outputs: {
      publicKeyPem: publicKey.export({ format: "pem", type: "spki" }).toString(),
      publicKeyOpenssh: ssh === undefined ? "" : `${ssh.type} ${ssh.blob.toString("base64")}\n`,
      publicKeyFingerprintMd5: ssh === undefined ? "" : fingerprintMd5(ssh.blob),
      publicKeyFingerprintSha256: ssh === undefined ? "" : fingerprintSha256(ssh.blob),
    },
  };
}

/** The official provider trims white space of what it hashes, even of binary data. */
export function trimSpace(bytes: Buffer): Buffer {
  const isSpace = (byte: number | undefined): boolean =>
    byte === 0x20 || (byte !== undefined && byte >= 9 && byte <= 13);
  let start = 0;
  let end = bytes.length;
  while (start < end && isSpace(bytes[start])) {
    start++;
  }
  while (end > start && isSpace(bytes[end - 1])) {
    end--;
  }
  return bytes.subarray(start, end);
}

function fingerprintMd5(blob: Buffer): string {
  return createHash("md5").update(blob).digest("hex").match(/../g)!.join(":");
}

function fingerprintSha256(blob: Buffer): string {
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}
