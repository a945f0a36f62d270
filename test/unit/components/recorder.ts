import * as pulumi from "@pulumi/pulumi";
import type { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import { getMonitor } from "@pulumi/pulumi/runtime/settings";
import * as state from "@pulumi/pulumi/runtime/state";

const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";
const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";

/** Plain data, as it went over the wire. */
export interface Data {
  [key: string]: Data | undefined;
}

export interface Recorded {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  /** URN of the parent; empty without one. */
  readonly parent: string;
  readonly custom: boolean;
  readonly inputs: Data;
  /** Paths of the inputs that are secret. */
  readonly secrets: readonly string[];
  readonly dependencies: readonly string[];
  /** It stays when the program lets it go. */
  readonly retainOnDelete: boolean;
  readonly ignoreChanges: readonly string[];
  /** Names of the hooks that are asked before it is changed. */
  readonly beforeUpdate: readonly string[];
  outputs?: Data;
}

/** Runs `program` against mocks and returns everything that it registered. */
export async function record(program: () => unknown): Promise<Recorder> {
  const recorder = new Recorder();
  await pulumi.runtime.setMocks(
    {
      newResource: ({ inputs, name, type }) => ({ id: `${name}-id`, state: { ...inputs, ...madeUp(type, name) } }),
      call: ({ inputs }) => inputs,
    },
    "orrery",
    "test",
  );
  recorder.attach(getMonitor() as unknown as MockMonitor);
  try {
    await program();
  } finally {
    // Also when it throws: what it began must not run into the next test's mocks.
    await settled(recorder);
  }
  return recorder;
}

/** What providers make up: texts that tell what they are of. */
function madeUp(type: string, name: string): Record<string, string> {
  switch (type) {
    case "random:index/randomPassword:RandomPassword":
      return { result: `made-up-${name}` };
    case "tls:index/privateKey:PrivateKey":
      return { privateKeyPem: `key of ${name}` };
    case "tls:index/selfSignedCert:SelfSignedCert":
      return { certPem: `certificate of ${name}` };
    default:
      return {};
  }
}

/** Registrations follow each other through promises: done when a while passes without another one. */
async function settled(recorder: Recorder): Promise<void> {
  let before = -1;
  while (before !== recorder.activity) {
    before = recorder.activity;
    for (let turn = 0; turn < 50; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

export class Recorder {
  readonly resources: Recorded[] = [];
  /** By name; mocks never call them. */
  readonly hooks = new Map<string, pulumi.ResourceHook>();
  activity = 0;

  attach(monitor: MockMonitor): void {
    const register = monitor.registerResource.bind(monitor);
    monitor.registerResource = (request, callback) => {
      const secrets: string[] = [];
      const inputs = plain(request.getObject()?.toJavaScript() ?? {}, "", secrets) as Data;
      return register(request, (error, response) => {
        this.activity += 1;
        this.resources.push({
          type: request.getType(),
          name: request.getName(),
          urn: response?.getUrn() ?? "",
          parent: request.getParent(),
          custom: request.getCustom(),
          dependencies: request.getDependenciesList(),
          retainOnDelete: request.getRetainondelete(),
          ignoreChanges: request.getIgnorechangesList(),
          beforeUpdate: request.getHooks()?.getBeforeUpdateList() ?? [],
          inputs,
          secrets,
        });
        callback(error, response);
      });
    };
    // The engine would call hooks back through a server of the program's own; mocks have none.
    const registerResourceHook = async (hook: pulumi.ResourceHook) => {
      this.hooks.set(hook.name, hook);
    };
    runtimeStore().callbacks = { registerResourceHook, awaitStackRegistrations: async () => undefined };
    const outputs = monitor.registerResourceOutputs.bind(monitor);
    monitor.registerResourceOutputs = (request, callback) => {
      this.activity += 1;
      const resource = this.resources.find(({ urn }) => urn === request.getUrn());
      if (resource !== undefined) {
        resource.outputs = plain(request.getOutputs()?.toJavaScript() ?? {}, "", []) as Data;
      }
      return outputs(request, callback);
    };
  }

  /** Kubernetes objects, or all of one kind. */
  kind(kind: string): Recorded[] {
    return this.objects().filter((resource) => kindOf(resource) === kind);
  }

  /** Patches are not among them: they are parts of objects that another resource makes. */
  objects(): Recorded[] {
    return this.resources.filter(
      ({ type, custom }) =>
        custom &&
        type.startsWith("kubernetes:") &&
        !type.startsWith("kubernetes:helm") &&
        !type.includes("pulumi:") &&
        !type.endsWith("Patch"),
    );
  }

  releases(): Recorded[] {
    return this.resources.filter(({ type }) => type === "kubernetes:helm.sh/v3:Release");
  }

  one(kind: string, name: string): Recorded {
    const found = this.kind(kind).filter(({ inputs }) => inputs["metadata"]?.["name"] === (name as unknown as Data));
    if (found.length !== 1) {
      const known = this.kind(kind).map(({ inputs }) => String(inputs["metadata"]?.["name"]));
      throw new Error(`${found.length} objects ${kind} "${name}"; there are: ${known.join(", ")}`);
    }
    return found[0]!;
  }

  component(type: string, name: string): Recorded {
    const found = this.resources.find((resource) => resource.type === type && resource.name === name);
    if (found === undefined) {
      throw new Error(`no ${type} "${name}"`);
    }
    return found;
  }
}

export function kindOf({ type, inputs }: Recorded): string {
  return String(inputs["kind"] ?? type.split(":").at(-1));
}

/** Where the SDK keeps its connection to the engine; it is not in the SDK's types. */
function runtimeStore(): { callbacks: object } {
  return (state as unknown as { getStore: typeof runtimeStore }).getStore();
}

/** Objects as they would be sent to the API server. */
export function manifest(resource: Recorded): Data {
  return resource.inputs;
}

/** Any value inside data, by keys; undefined where the path ends early. */
export function at(data: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<string | number, unknown> | undefined)?.[key], data);
}

function plain(value: unknown, path: string, secrets: string[]): unknown {
  if (Array.isArray(value)) {
    return value.map((each, index) => plain(each, `${path}[${index}]`, secrets));
  }
  if (value === null || typeof value !== "object") {
    return value;
  }
  const record = value as Record<string, unknown>;
  if (record[SIGNATURE_KEY] === SECRET_SIGNATURE) {
    secrets.push(path);
    return plain(record["value"], path, secrets);
  }
  return Object.fromEntries(
    Object.entries(record).map(([key, each]) => [key, plain(each, path === "" ? key : `${path}.${key}`, secrets)]),
  );
}
