import type { ConsumerSettings } from "../../schema/data/common";
import { type Rule, rule } from "../rule";

const appName = /^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/;

interface Found {
  readonly path: string;
  readonly consumer: NonNullable<ConsumerSettings>;
}

/** Every `consumer` in the settings of the services, wherever it stands. */
function consumers(value: unknown, path: string): Found[] {
  if (Array.isArray(value)) return value.flatMap((each, index) => consumers(each, `${path}[${index}]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inside]) =>
    key === "consumer" && inside !== undefined
      ? [{ path: `${path}.consumer`, consumer: inside as Found["consumer"] }]
      : consumers(inside, `${path}.${key}`),
  );
}

export const consumerRules: Rule[] = [
  rule("consumer-app", ({ services, objects: { buckets } }) =>
    [...consumers(services, "services"), ...consumers(buckets, "objects.buckets")]
      .filter(({ consumer }) => !appName.test(consumer.app))
      .map(({ path, consumer }) => ({
        path: `${path}.app`,
        value: consumer.app,
        message: "Pods are found by this value of a label, and policies and users are named after it.",
        allowed: "a lower-case letter, then lower-case letters, digits and hyphens, at most 40",
        fix: `Write the value of the label app.kubernetes.io/name of the application's pods in orrery:${path}.app.`,
      })),
  ),
];
