import { randomBytes } from "node:crypto";

/**
 * bcrypt ("$2a$") as RandomPassword.bcryptHash has it. Blowfish's tables are the digits of pi, so they are computed
 * rather than copied.
 */
const ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const P_WORDS = 18;
const S_WORDS = 1024;
const MAX_PASSWORD_BYTES = 72;
const DEFAULT_COST = 10;

let piWords: Uint32Array | undefined;

/** Hashes the first 72 bytes of a password. */
export function bcryptHash(password: string, cost = DEFAULT_COST, salt: Buffer = randomBytes(16)): string {
  const key = Buffer.concat([Buffer.from(password).subarray(0, MAX_PASSWORD_BYTES), Buffer.of(0)]);
  const cipher = new Blowfish();
  cipher.expand(key, salt);
  for (let round = 0; round < 2 ** cost; round++) {
    cipher.expand(key);
    cipher.expand(salt);
  }
  const text = wordsOf(Buffer.from("OrpheanBeholderScryDoubt"));
  for (let round = 0; round < 64; round++) {
    for (let block = 0; block < 6; block += 2) {
      cipher.encrypt(text, block);
    }
  }
  const digest = Buffer.alloc(24);
  for (const [index, word] of text.entries()) {
    digest.writeUInt32BE(word, index * 4);
  }
  // The last byte of the digest is dropped, by tradition.
  return `$2a$${String(cost).padStart(2, "0")}$${encode(salt)}${encode(digest.subarray(0, 23))}`;
}

class Blowfish {
  private readonly p: Uint32Array;
  private readonly s: Uint32Array;

  constructor() {
    piWords ??= piFraction(P_WORDS + S_WORDS);
    this.p = piWords.slice(0, P_WORDS);
    this.s = piWords.slice(P_WORDS);
  }

  /** Mixes the key into the tables, and the salt into the blocks that they are rewritten with. */
  expand(key: Buffer, salt?: Buffer): void {
    const { p, s } = this;
    for (let index = 0, position = 0; index < P_WORDS; index++) {
      let word = 0;
      for (let byte = 0; byte < 4; byte++) {
        word = (word << 8) | key[position]!;
        position = (position + 1) % key.length;
      }
      p[index] = p[index]! ^ word;
    }
    const saltWords = salt === undefined ? undefined : wordsOf(salt);
    const block = new Uint32Array(2);
    let offset = 0;
    for (const table of [p, s]) {
      for (let index = 0; index < table.length; index += 2) {
        if (saltWords !== undefined) {
          block[0] = block[0]! ^ saltWords[offset]!;
          block[1] = block[1]! ^ saltWords[offset + 1]!;
          offset = (offset + 2) % 4;
        }
        this.encrypt(block, 0);
        table[index] = block[0]!;
        table[index + 1] = block[1]!;
      }
    }
  }

  encrypt(block: Uint32Array, at: number): void {
    const { p, s } = this;
    let left = block[at]! ^ p[0]!;
    let right = block[at + 1]!;
    for (let round = 1; round <= 16; round += 2) {
      right ^= this.mix(s, left) ^ p[round]!;
      left ^= this.mix(s, right) ^ p[round + 1]!;
    }
    block[at] = right ^ p[17]!;
    block[at + 1] = left;
  }

  private mix(s: Uint32Array, word: number): number {
    const sum = (s[(word >>> 24) & 0xff]! + s[256 + ((word >>> 16) & 0xff)]!) ^ s[512 + ((word >>> 8) & 0xff)]!;
    return (sum + s[768 + (word & 0xff)]!) | 0;
  }
}

function wordsOf(bytes: Buffer): Uint32Array {
  return Uint32Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readUInt32BE(index * 4));
}

/** The first 32-bit words of pi's fraction, by Machin's formula with integers. */
export function piFraction(words: number): Uint32Array {
  const guardBits = 64n;
  const bits = BigInt(words * 32) + guardBits;
  const one = 1n << bits;
  const arctanOfInverse = (divisor: bigint): bigint => {
    const square = divisor * divisor;
    let power = one / divisor;
    let sum = power;
    for (let term = 3n, sign = -1n; power !== 0n; term += 2n, sign = -sign) {
      power /= square;
      sum += (sign * power) / term;
    }
    return sum;
  };
  const pi = 4n * (4n * arctanOfInverse(5n) - arctanOfInverse(239n));
  const fraction = (pi & (one - 1n)) >> guardBits;
  const digits = fraction.toString(16).padStart(words * 8, "0");
  return Uint32Array.from({ length: words }, (_, index) => Number.parseInt(digits.slice(index * 8, index * 8 + 8), 16));
}

/** bcrypt's own base64: another alphabet, no padding. */
function encode(bytes: Buffer): string {
  let text = "";
  for (let index = 0; index < bytes.length; index += 3) {
    const group = [bytes[index]!, bytes[index + 1], bytes[index + 2]];
    const bits = (group[0]! << 16) | ((group[1] ?? 0) << 8) | (group[2] ?? 0);
    const characters = group.filter((byte) => byte !== undefined).length + 1;
    for (let position = 0; position < characters; position++) {
      text += ALPHABET[(bits >>> (18 - position * 6)) & 0x3f];
    }
  }
  return text;
}
