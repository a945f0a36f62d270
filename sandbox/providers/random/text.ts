import { randomBytes, randomInt } from "node:crypto";
import type { CheckFailure, PropertyMap } from "../framework";

const DIGITS = "0123456789";
const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = LOWER.toUpperCase();
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

/** What RandomString and RandomPassword take when an input is left out. */
export const TEXT_DEFAULTS: PropertyMap = {
  lower: true,
  upper: true,
  special: true,
  minLower: 0,
  minUpper: 0,
  minNumeric: 0,
  minSpecial: 0,
};

const MINIMA = ["minLower", "minUpper", "minNumeric", "minSpecial"] as const;

/** `number` is the deprecated name of `numeric`; both are outputs and always equal. */
function numeric(inputs: PropertyMap): boolean {
  return (inputs["numeric"] ?? inputs["number"] ?? true) === true;
}

export function validateText(inputs: PropertyMap): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const minimum = MINIMA.reduce((sum, key) => sum + Number(inputs[key] ?? 0), 0);
  const least = Math.max(1, minimum);
  if (inputs["length"] !== undefined && Number(inputs["length"]) < least) {
    failures.push({
      property: "length",
      reason: `length must be at least ${least} (the sum of ${MINIMA.join(", ")}), got: ${inputs["length"]}`,
    });
  }
  if (!numeric(inputs) && !["lower", "upper", "special"].some((key) => inputs[key] !== false)) {
    failures.push({ property: "numeric", reason: "at least one of lower, upper, numeric and special must be true" });
  }
  return failures;
}

/** The text, and what the official provider records beside it. */
export function generateText(inputs: PropertyMap): { result: string; computed: PropertyMap } {
  const digits = numeric(inputs);
  const special = String(inputs["overrideSpecial"] || SPECIAL);
  const all = [
    inputs["upper"] === true ? UPPER : "",
    inputs["lower"] === true ? LOWER : "",
    digits ? DIGITS : "",
    inputs["special"] === true ? special : "",
  ].join("");
  const required = [
    ...pick(DIGITS, Number(inputs["minNumeric"])),
    ...pick(LOWER, Number(inputs["minLower"])),
    ...pick(UPPER, Number(inputs["minUpper"])),
    ...pick(special, Number(inputs["minSpecial"])),
  ];
  const rest = pick(all, Number(inputs["length"]) - required.length);
  const result = shuffle([...required, ...rest]).join("");
  return { result, computed: { result, number: digits, numeric: digits } };
}

function pick(characters: string, count: number): string[] {
  const set = [...characters];
  return Array.from({ length: count }, () => set[randomInt(set.length)]!);
}

function shuffle(characters: string[]): string[] {
  const order = randomBytes(characters.length * 6);
  return characters
    .map((character, index) => ({ character, rank: order.readUIntBE(index * 6, 6) }))
    .sort((left, right) => left.rank - right.rank)
    .map(({ character }) => character);
}
