import { credentials, type ServiceError } from "@grpc/grpc-js";
import type { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { afterEach, describe, expect, it } from "vitest";
import {
  type DiffResult,
  PartialFailure,
  type ProviderDefinition,
  type ResourceHandler,
  Secret,
  type ServedProvider,
  serveProvider,
  sleep,
  UNKNOWN,
} from "../../../../../sandbox/providers/framework";

const URN = "urn:pulumi:dev::test::test:index:Thing::name::with::colons";
const TYPE = "test:index:Thing";

const NO_DIFFERENCE: DiffResult["detailedDiff"] = {};

const handler: ResourceHandler = {
  check: async ({ newInputs, name }) => ({
    inputs: { ...newInputs, name },
    failures: newInputs["bad"] ? [{ property: "bad", reason: "no" }] : [],
  }),
  diff: async ({ oldInputs, newInputs }): Promise<DiffResult> => ({
    detailedDiff:
      oldInputs["a"] === newInputs["a"] ? NO_DIFFERENCE : { "a.b": { kind: "update-replace", inputDiff: true } },
    stables: ["id"],
    deleteBeforeReplace: true,
  }),
  create: async (inputs, context) => {
    if (inputs["wait"]) {
      await sleep(60_000, context.signal);
    }
    if (inputs["half"]) {
      throw new PartialFailure("half made", "id-1", { made: new Secret("yes") });
    }
    return { id: "id-1", outputs: { preview: context.preview, token: new Secret("t"), later: UNKNOWN } };
  },
  read: async ({ id, inputs, outputs }) =>
    id === "gone" ? undefined : { id, inputs, outputs: { ...outputs, read: true } },
  delete: async () => undefined,
};

const definition: ProviderDefinition = {
  name: "test",
  version: "1.2.3",
  configure: async (config) => ({
    resource: (type) => (type === TYPE ? handler : undefined),
    function: (token) => (token === "test:index:who" ? async () => ({ who: config["who"] ?? "nobody" }) : undefined),
  }),
};

/** Request and response of each call that the tests make. */
interface Calls {
  cancel: [Empty, Empty];
  check: [proto.CheckRequest, proto.CheckResponse];
  configure: [proto.ConfigureRequest, proto.ConfigureResponse];
  create: [proto.CreateRequest, proto.CreateResponse];
  diff: [proto.DiffRequest, proto.DiffResponse];
  getPluginInfo: [Empty, PluginInfo];
  getSchema: [proto.GetSchemaRequest, proto.GetSchemaResponse];
  handshake: [proto.ProviderHandshakeRequest, proto.ProviderHandshakeResponse];
  invoke: [proto.InvokeRequest, proto.InvokeResponse];
  read: [proto.ReadRequest, proto.ReadResponse];
  update: [proto.UpdateRequest, proto.UpdateResponse];
}

type Unary<Request, Response> = (
  request: Request,
  done: (error: ServiceError | null, response: Response) => void,
) => unknown;

function call<Name extends keyof Calls>(client: ResourceProviderClient, name: Name, request: Calls[Name][0]) {
  const method = client[name] as unknown as Unary<Calls[Name][0], Calls[Name][1]>;
  return new Promise<Calls[Name][1]>((resolve, reject) => {
    method.call(client, request, (error, response) => (error ? reject(error) : resolve(response)));
  });
}

describe("a served provider", () => {
  const clients: ResourceProviderClient[] = [];
  let served: ServedProvider | undefined;

  afterEach(async () => {
    for (const client of clients.splice(0)) {
      client.close();
    }
    await served?.close();
    served = undefined;
  });

  /** A connection of its own, as the engine makes one for each provider resource. */
  async function connect(who?: string): Promise<ResourceProviderClient> {
    served ??= await serveProvider(definition);
    const client = new ResourceProviderClient(`127.0.0.1:${served.port}`, credentials.createInsecure(), {
      "grpc.use_local_subchannel_pool": 1,
    });
    clients.push(client);
    if (who !== undefined) {
      const request = new proto.ConfigureRequest();
      request.setArgs(Struct.fromJavaScript({ who }));
      const response = await call(client, "configure", request);
      expect(response.toObject()).toMatchObject({ acceptsecrets: true, acceptresources: true, supportspreview: true });
    }
    return client;
  }

  function creation(properties: Record<string, string | boolean>, preview = false): proto.CreateRequest {
    const request = new proto.CreateRequest();
    request.setUrn(URN);
    request.setType(TYPE);
    request.setPreview(preview);
    request.setProperties(Struct.fromJavaScript(properties));
    return request;
  }

  async function invoke(client: ResourceProviderClient): Promise<unknown> {
    const request = new proto.InvokeRequest();
    request.setTok("test:index:who");
    return (await call(client, "invoke", request)).getReturn()?.toJavaScript();
  }

  it("keeps the configurations of its connections apart", async () => {
    const first = await connect("first");
    const second = await connect("second");
    expect(await invoke(first)).toEqual({ who: "first" });
    expect(await invoke(second)).toEqual({ who: "second" });
    expect(await invoke(await connect())).toEqual({ who: "second" });
  });

  it("refuses what was not configured, and what it does not have", async () => {
    const client = await connect();
    await expect(call(client, "create", creation({}))).rejects.toThrow("has not been configured");
    const configured = await connect("x");
    const request = creation({});
    request.setType("test:index:Other");
    await expect(call(configured, "create", request)).rejects.toThrow(
      "the built-in test provider has no resource type test:index:Other",
    );
  });

  it("says it handles secrets in the handshake, and what it is", async () => {
    const client = await connect();
    const handshake = await call(client, "handshake", new proto.ProviderHandshakeRequest());
    expect(handshake.getAcceptSecrets()).toBe(true);
    expect((await call(client, "getPluginInfo", new Empty())).getVersion()).toBe("1.2.3");
    const schema = await call(client, "getSchema", new proto.GetSchemaRequest());
    expect(JSON.parse(schema.getSchema())).toEqual({ name: "test", version: "1.2.3" });
  });

  it("checks, with the resource's name from its URN", async () => {
    const client = await connect("x");
    const request = new proto.CheckRequest();
    request.setUrn(URN);
    request.setNews(Struct.fromJavaScript({ bad: true }));
    const response = await call(client, "check", request);
    expect(response.getInputs()?.toJavaScript()).toEqual({ bad: true, name: "name::with::colons" });
    expect(response.getFailuresList().map((failure) => failure.toObject())).toEqual([
      { property: "bad", reason: "no" },
    ]);
  });

  it("tells differences as the engine reads them", async () => {
    const client = await connect("x");
    const request = new proto.DiffRequest();
    request.setUrn(URN);
    request.setOldInputs(Struct.fromJavaScript({ a: 1 }));
    request.setNews(Struct.fromJavaScript({ a: 1 }));
    const none = await call(client, "diff", request);
    expect(none.getChanges()).toBe(proto.DiffResponse.DiffChanges.DIFF_NONE);
    request.setNews(Struct.fromJavaScript({ a: 2 }));
    const some = (await call(client, "diff", request)).toObject();
    expect(some).toMatchObject({
      changes: proto.DiffResponse.DiffChanges.DIFF_SOME,
      diffsList: ["a"],
      replacesList: ["a"],
      stablesList: ["id"],
      deletebeforereplace: true,
      hasdetaileddiff: true,
      detaileddiffMap: [["a.b", { kind: proto.PropertyDiff.Kind.UPDATE_REPLACE, inputdiff: true }]],
    });
  });

  it("creates with the preview's flag, and keeps secrets and unknowns wrapped", async () => {
    const client = await connect("x");
    const response = await call(client, "create", creation({}, true));
    expect(response.getId()).toBe("id-1");
    expect(response.getProperties()?.toJavaScript()).toEqual({
      preview: true,
      token: { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value: "t" },
      later: "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    });
  });

  it("hands over what a half-made resource has", async () => {
    const client = await connect("x");
    const error = await call(client, "create", creation({ half: true })).catch((caught: ServiceError) => caught);
    const { details, metadata } = error as ServiceError;
    expect(details).toBe("half made");
    const status = Status.deserializeBinary(metadata.get("grpc-status-details-bin")[0] as Buffer);
    const [any] = status.getDetailsList();
    const detail = any!.unpack(proto.ErrorResourceInitFailed.deserializeBinary, "pulumirpc.ErrorResourceInitFailed")!;
    expect(detail.getId()).toBe("id-1");
    expect(detail.getReasonsList()).toEqual(["half made"]);
    expect(Object.keys(detail.getProperties()!.toJavaScript())).toEqual(["made"]);
  });

  it("answers an empty id for what is gone", async () => {
    const client = await connect("x");
    const request = new proto.ReadRequest();
    request.setUrn(URN);
    request.setId("gone");
    expect((await call(client, "read", request)).getId()).toBe("");
    request.setId("there");
    const response = await call(client, "read", request);
    expect([response.getId(), response.getProperties()?.toJavaScript()]).toEqual(["there", { read: true }]);
  });

  it("stops waiting when the user cancels, and when the resource's time is over", async () => {
    const client = await connect("x");
    const waiting = expect(call(client, "create", creation({ wait: true }))).rejects.toThrow("cancelled");
    const limited = creation({ wait: true });
    limited.setTimeout(0.05);
    await expect(call(client, "create", limited)).rejects.toThrow("timed out after 0.05 s");
    await call(client, "cancel", new Empty());
    await waiting;
  });

  it("refuses an update that the handler does not have", async () => {
    const client = await connect("x");
    const request = new proto.UpdateRequest();
    request.setUrn(URN);
    request.setId("id-1");
    await expect(call(client, "update", request)).rejects.toThrow("cannot be updated in place");
  });
});
