import type { z } from "zod";

/** What the settings' documentation says of a key beyond its type and default. */
export interface Doc {
  description: string;
  /** What is accepted, where type and range do not say it. */
  allowed?: string;
  /** What a change makes anew; without it a change is made in place. */
  replaces?: string;
  /** The default in words, where it depends on other settings. */
  defaultText?: string;
}

/** Puts the documentation on a schema: Pulumi.yaml and docs/settings.md are made from it. */
export function doc<T extends z.ZodType>(schema: T, description: string, more: Omit<Doc, "description"> = {}): T {
  return schema.meta({ description, ...more }) as T;
}
