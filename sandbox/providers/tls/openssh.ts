import { createPublicKey, type KeyObject, randomBytes } from "node:crypto";

/** The key formats of OpenSSH: PROTOCOL.key and RFC 4253/5656/8709. */

const SSH_CURVES: Record<string, string> = {
  prime256v1: "nistp256",
  secp384r1: "nistp384",
  secp521r1: "nistp521",
};

/** The public key as in authorized_keys, or undefined for a curve that SSH does not have (P-224). */
export function opensshPublicBlob(key: KeyObject): { type: string; blob: Buffer } | undefined {
  const curve = SSH_CURVES[key.asymmetricKeyDetails?.namedCurve ?? ""];
  if (key.asymmetricKeyType === "ec" && curve === undefined) {
    return undefined;
  }
  const jwk = createPublicKey(key).export({ format: "jwk" });
  switch (key.asymmetricKeyType) {
    case "rsa":
      return { type: "ssh-rsa", blob: strings("ssh-rsa", integer(jwk.e!), integer(jwk.n!)) };
    case "ed25519":
      return { type: "ssh-ed25519", blob: strings("ssh-ed25519", raw(jwk.x!)) };
    default: {
      const type = `ecdsa-sha2-${curve}`;
      return { type, blob: strings(type, curve!, Buffer.concat([Buffer.of(4), raw(jwk.x!), raw(jwk.y!)])) };
    }
  }
}

/** The private key as `ssh-keygen` writes it, without a passphrase; empty for a curve that SSH does not have. */
export function opensshPrivateKey(key: KeyObject): string {
  const published = opensshPublicBlob(key);
  if (published === undefined) {
    return "";
  }
  const check = randomBytes(4);
  const body = Buffer.concat([check, check, privateFields(key), strings("")]);
  const padding = Buffer.from(Array.from({ length: (8 - (body.length % 8)) % 8 }, (_, index) => index + 1));
  const file = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    strings("none", "none", ""),
    uint32(1),
    strings(published.blob, Buffer.concat([body, padding])),
  ]);
  const lines = file.toString("base64").match(/.{1,64}/g)!;
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join("\n")}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

function privateFields(key: KeyObject): Buffer {
  const jwk = key.export({ format: "jwk" });
  switch (key.asymmetricKeyType) {
    case "rsa": {
      const fields = [jwk.n, jwk.e, jwk.d, jwk.qi, jwk.p, jwk.q].map((field) => integer(field!));
      return strings("ssh-rsa", ...fields);
    }
    case "ed25519":
      return strings("ssh-ed25519", raw(jwk.x!), Buffer.concat([raw(jwk.d!), raw(jwk.x!)]));
    default: {
      const curve = SSH_CURVES[key.asymmetricKeyDetails!.namedCurve!]!;
      const point = Buffer.concat([Buffer.of(4), raw(jwk.x!), raw(jwk.y!)]);
      return strings(`ecdsa-sha2-${curve}`, curve, point, integer(jwk.d!));
    }
  }
}

function raw(base64url: string): Buffer {
  return Buffer.from(base64url, "base64url");
}

/** An mpint: no leading zeros, but one where the first bit is set. */
function integer(base64url: string): Buffer {
  const bytes = raw(base64url);
  const first = bytes.findIndex((byte) => byte !== 0);
  const trimmed = bytes.subarray(first);
  return trimmed[0]! & 0x80 ? Buffer.concat([Buffer.of(0), trimmed]) : trimmed;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function strings(...values: (string | Buffer)[]): Buffer {
  return Buffer.concat(
    values.flatMap((value) => {
      const bytes = Buffer.from(value as string);
      return [uint32(bytes.length), bytes];
    }),
  );
}
