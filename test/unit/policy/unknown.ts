import { createRequire } from "node:module";

interface SdkProxy {
  unknownCheckingProxy(value: unknown): unknown;
  unknownStringValue: string;
  unknownObjectValue: string;
}

// The SDK's own proxy, through which policies see a preview; it is exported, but not part of the types.
const sdk = createRequire(__filename)("@pulumi/policy/proxy") as SdkProxy;

/** In a case's properties: a value that is known only after `up`. */
export const unknown = sdk.unknownStringValue;

export const asPolicySees = (props: unknown) => sdk.unknownCheckingProxy(props) as Record<string, unknown>;
