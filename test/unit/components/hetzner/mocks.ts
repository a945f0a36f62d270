import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";

/** A registered resource, as the engine would see it. Secrets in the inputs are shown plain; `secrets` names them. */
export interface Registered {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
  urn: string;
  parent: string;
  dependencies: string[];
  ignoreChanges: string[];
  deleteBeforeReplace: boolean;
  protect: boolean;
  /** Top-level inputs with a secret in them. */
  secrets: string[];
  additionalSecretOutputs: string[];
  provider: string;
}

export interface Recording {
  resources: Registered[];
  /** By component's name: what it registered as its outputs. */
  outputs: Map<string, Record<string, unknown>>;
  calls: { token: string; inputs: Record<string, unknown> }[];
  /** The one resource of this type and name. */
  one(type: string, name: string): Registered;
  ofType(type: string): Registered[];
}

/** What a mocked resource has beyond its inputs. */
export type Outputs = (resource: { type: string; name: string }, index: number) => Record<string, unknown> | undefined;

type Request = Parameters<MockMonitor["registerResource"]>[0];
type Callback = Parameters<MockMonitor["registerResource"]>[1];

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Installs mocks and records what is registered. Ids are numbers in text, as hcloud gives them. */
export async function mock(outputsOf: Outputs = () => undefined): Promise<Recording> {
  const resources: Registered[] = [];
  const recording: Recording = {
    resources,
    outputs: new Map(),
    calls: [],
    one(type, name) {
      const found = resources.filter((resource) => resource.type === type && resource.name === name);
      if (found.length !== 1) {
        const all = resources.map((resource) => `${resource.type} ${resource.name}`).join("\n");
        throw new Error(`${found.length} resources are ${type} ${name}. There are:\n${all}`);
      }
      return found[0]!;
    },
    ofType: (type) => resources.filter((resource) => resource.type === type),
  };
  let count = 0;
  current = recording;
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        count += 1;
        return { id: String(1000 + count), state: { ...inputs, ...outputsOf({ type, name }, count) } };
      },
      call: ({ token, inputs }) => {
        recording.calls.push({ token, inputs });
        return { ...inputs, id: 4711 };
      },
    },
    "orrery",
    "test",
  );
  return recording;
}

/** Mocks see neither options nor registered outputs, so the monitor behind them is listened to. */
let current: Recording;
const { registerResource, registerResourceOutputs } = MockMonitor.prototype;

MockMonitor.prototype.registerResource = async function (request: Request, callback: Callback): Promise<void> {
  const raw = request.getObject().toJavaScript() as Record<string, unknown>;
  const registered: Registered = {
    type: request.getType(),
    name: request.getName(),
    inputs: plain(raw) as Record<string, unknown>,
    urn: "",
    parent: request.getParent(),
    dependencies: request.getDependenciesList(),
    ignoreChanges: request.getIgnorechangesList(),
    deleteBeforeReplace: request.getDeletebeforereplace(),
    protect: request.getProtect(),
    secrets: Object.keys(raw).filter((key) => hasSecret(raw[key])),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    provider: request.getProvider(),
  };
  current.resources.push(registered);
  await registerResource.call(this, request, (error: unknown, response: { getUrn(): string } | undefined) => {
    registered.urn = response?.getUrn() ?? "";
    callback(error, response);
  });
};

MockMonitor.prototype.registerResourceOutputs = function (...args: Parameters<typeof registerResourceOutputs>): void {
  const [request] = args;
  const { name } = current.resources.find(({ urn }) => urn === request.getUrn())!;
  current.outputs.set(name, request.getOutputs().toJavaScript() as Record<string, unknown>);
  registerResourceOutputs.call(this, ...args);
};

export function isMarked(value: unknown): value is { value: unknown } {
  return typeof value === "object" && value !== null && (value as Record<string, unknown>)[SIGNATURE] === SECRET;
}

function hasSecret(value: unknown): boolean {
  if (isMarked(value)) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(hasSecret);
}

function plain(value: unknown): unknown {
  if (isMarked(value)) return plain(value.value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

/** The value of an output, and whether it is a secret. */
export async function resolve<T>(output: pulumi.Output<T>): Promise<{ value: T; secret: boolean }> {
  const value = await new Promise<T>((done) => output.apply((resolved) => done(resolved as T)));
  return { value, secret: await pulumi.isSecret(output) };
}
