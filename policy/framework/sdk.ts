import { createRequire } from "node:module";

type Reader = (value: object, ...rest: unknown[]) => object;

/**
 * The SDK reads the properties of a resource anew for each policy, and all of the stack's for each policy over the
 * stack: with a hundred policies that is nearly all of their time. No policy changes what it reads, so once is enough.
 * The two functions are the SDK's own and exported, but not part of its types; without them nothing is gained or lost.
 */
export function readPropertiesOnce(load: (id: string) => object = createRequire(__filename)): void {
  remember(load("@pulumi/policy/deserialize"), "deserializeProperties");
  remember(load("@pulumi/policy/proxy"), "unknownCheckingProxy");
}

function remember(module: object, name: string): void {
  const functions = module as Record<string, unknown>;
  const read = functions[name] as Reader | undefined;
  if (typeof read !== "function") return;
  const known = new WeakMap<object, object>();
  functions[name] = (value: object, ...rest: unknown[]) => {
    // With further arguments that say something (secrets to be marked, say) it is another question.
    if (rest.some(Boolean) || typeof value !== "object" || value === null) return read(value, ...rest);
    const before = known.get(value);
    if (before !== undefined) return before;
    const result = read(value, ...rest);
    known.set(value, result);
    return result;
  };
}
