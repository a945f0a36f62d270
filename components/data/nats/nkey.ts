import { createHash, createPrivateKey, createPublicKey } from "node:crypto";

/** A key by which a NATS client says who it is. The server knows its public half only. */
export interface UserKey {
  /** What the client signs with, as nkeys write it: `SU...`. */
  readonly seed: string;
  /** `U...`. */
  readonly publicKey: string;
}

const SEED = 18 << 3;
const USER = 20 << 3;
/** What stands before the 32 bytes of an Ed25519 key in PKCS #8. */
const PKCS8_HEAD = Buffer.from("302e020100300506032b657004220420", "hex");

/** The user key that follows from a made-up text: the same text, the same key. */
export function userKey(madeUp: string): UserKey {
  const secret = createHash("sha256").update(madeUp).digest();
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, secret]), format: "der", type: "pkcs8" });
  const { x = "" } = createPublicKey(key).export({ format: "jwk" });
  return {
    seed: encode([SEED | (USER >> 5), (USER & 31) << 3], secret),
    publicKey: encode([USER], Buffer.from(x, "base64url")),
  };
}

/** Prefix, key and checksum in base 32. */
function encode(prefix: readonly number[], key: Buffer): string {
  const bytes = Buffer.concat([Buffer.from(prefix), key]);
  const checksum = Buffer.alloc(2);
  checksum.writeUInt16LE(crc16(bytes));
  return base32(Buffer.concat([bytes, checksum]));
}

/** CRC-16/XMODEM. */
function crc16(bytes: Buffer): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) {
      crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
    }
  }
  return crc;
}

function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const groups = bits.match(/.{1,5}/g) ?? [];
  return groups.map((group) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[Number.parseInt(group.padEnd(5, "0"), 2)]).join("");
}
