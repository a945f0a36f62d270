import { type handleUnaryCall, type ServerUnaryCall, status } from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import type { IResourceProviderServer } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { decodeProperties, encodeProperties } from "./codec";
import type { Connections } from "./connection";
import { diffInputs } from "./diff";
import { toServiceError } from "./errors";
import type { ProviderDefinition, ResourceHandler } from "./handler";
import { checkResponse, diffResponse } from "./messages";

type Call<Request> = ServerUnaryCall<Request, unknown>;

/** The provider protocol as CLI 3.200 speaks it, for one provider. */
export function providerService(definition: ProviderDefinition, connections: Connections): IResourceProviderServer {
  return {
    ...lifecycle(definition, connections),
    ...configuration(definition, connections),
    ...resources(definition, connections),
    parameterize: unimplemented(),
    call: unimplemented(),
    construct: unimplemented(),
    getMapping: unary(async () => new proto.GetMappingResponse()),
    getMappings: unary(async () => new proto.GetMappingsResponse()),
    list: (call) => call.destroy(Object.assign(new Error("not implemented"), { code: status.UNIMPLEMENTED })),
  };
}

function lifecycle({ name, version }: ProviderDefinition, connections: Connections) {
  return {
    handshake: unary(async (call: Call<proto.ProviderHandshakeRequest>) => {
      connections.get(call.getPeer()).attach(call.request.getEngineAddress());
      const response = new proto.ProviderHandshakeResponse();
      response.setAcceptSecrets(true);
      response.setAcceptResources(true);
      return response;
    }),
    attach: unary(async (call: Call<{ getAddress(): string }>) => {
      connections.get(call.getPeer()).attach(call.request.getAddress());
      return new Empty();
    }),
    cancel: unary(async (call: Call<Empty>) => {
      connections.get(call.getPeer()).cancel();
      return new Empty();
    }),
    getPluginInfo: unary(async () => {
      const info = new PluginInfo();
      info.setVersion(version);
      return info;
    }),
    getSchema: unary(async () => {
      const response = new proto.GetSchemaResponse();
      // Only the name and version are needed: programs bring their SDK, and nothing is generated from this.
      response.setSchema(JSON.stringify({ name, version }));
      return response;
    }),
  };
}

function configuration(definition: ProviderDefinition, connections: Connections) {
  return {
    checkConfig: unary(async (call: Call<proto.CheckRequest>) => {
      const { request } = call;
      const args = {
        oldInputs: decodeProperties(request.getOlds()),
        newInputs: decodeProperties(request.getNews()),
        name: request.getName(),
      };
      const context = connections.get(call.getPeer()).context({ urn: request.getUrn(), type: request.getType() });
      return checkResponse((await definition.checkConfig?.(args, context)) ?? { inputs: args.newInputs });
    }),
    diffConfig: unary(async (call: Call<proto.DiffRequest>) => {
      const { request } = call;
      const args = diffArgs(request);
      const context = connections.get(call.getPeer()).context({ urn: request.getUrn(), type: request.getType() });
      const diff = await definition.diffConfig?.(args, context);
      return diffResponse(diff ?? diffInputs(args.oldInputs, args.newInputs, { replaceOn: [], ignore: ["version"] }));
    }),
    configure: unary(async (call: Call<proto.ConfigureRequest>) => {
      const connection = connections.get(call.getPeer());
      const { request } = call;
      const context = connection.context({ urn: request.getUrn() ?? "", type: request.getType() ?? "" });
      connection.instance = definition.configure(decodeProperties(request.getArgs()), context);
      connections.configured(connection);
      await connection.instance;
      const response = new proto.ConfigureResponse();
      response.setAcceptsecrets(true);
      response.setAcceptresources(true);
      response.setSupportspreview(true);
      return response;
    }),
    invoke: unary(async (call: Call<proto.InvokeRequest>) => {
      const token = call.request.getTok();
      const connection = connections.get(call.getPeer());
      const instance = await connections.instance(call.getPeer());
      const run = instance.function?.(token);
      if (run === undefined) {
        throw new Error(`the built-in ${definition.name} provider has no function ${token}`);
      }
      const result = await run(decodeProperties(call.request.getArgs()), connection.context({ urn: "", type: token }));
      await connection.flushLog();
      const response = new proto.InvokeResponse();
      response.setReturn(encodeProperties(result));
      return response;
    }),
  };
}

interface ResourceRequest {
  getUrn(): string;
  getType(): string;
  getTimeout?(): number;
  getPreview?(): boolean;
}

function resources(definition: ProviderDefinition, connections: Connections) {
  /** Finds the handler and runs one operation on it. */
  const operation = <Request extends ResourceRequest, Response>(
    run: (
      handler: ResourceHandler,
      request: Request,
      context: ReturnType<ReturnType<Connections["get"]>["context"]>,
    ) => Promise<Response>,
  ) =>
    unary(async (call: Call<Request>) => {
      const { request } = call;
      const connection = connections.get(call.getPeer());
      const type = request.getType() || typeOf(request.getUrn());
      const handler = (await connections.instance(call.getPeer())).resource(type);
      if (handler === undefined) {
        throw new Error(`the built-in ${definition.name} provider has no resource type ${type}`);
      }
      const context = connection.context({
        urn: request.getUrn(),
        type,
        preview: request.getPreview?.(),
        timeoutSeconds: request.getTimeout?.(),
      });
      try {
        return await run(handler, request, context);
      } finally {
        await connection.flushLog();
      }
    });

  return {
    check: operation(async (handler, request: proto.CheckRequest, context) => {
      const newInputs = decodeProperties(request.getNews());
      const args = { oldInputs: decodeProperties(request.getOlds()), newInputs, name: nameOf(request.getUrn()) };
      return checkResponse((await handler.check?.(args, context)) ?? { inputs: newInputs });
    }),
    diff: operation(async (handler, request: proto.DiffRequest, context) =>
      diffResponse(await handler.diff(diffArgs(request), context)),
    ),
    create: operation(async (handler, request: proto.CreateRequest, context) => {
      const state = await handler.create(decodeProperties(request.getProperties()), context);
      const response = new proto.CreateResponse();
      response.setId(state.id);
      response.setProperties(encodeProperties(state.outputs));
      return response;
    }),
    read: operation(async (handler, request: proto.ReadRequest, context) => {
      const args = {
        id: request.getId(),
        inputs: decodeProperties(request.getInputs()),
        outputs: decodeProperties(request.getProperties()),
      };
      const state = await handler.read(args, context);
      const response = new proto.ReadResponse();
      // An empty id tells the engine that the resource is gone.
      if (state !== undefined) {
        response.setId(state.id);
        response.setProperties(encodeProperties(state.outputs));
        response.setInputs(encodeProperties(state.inputs));
      }
      return response;
    }),
    update: operation(async (handler, request: proto.UpdateRequest, context) => {
      if (handler.update === undefined) {
        throw new Error(`${context.type} cannot be updated in place`);
      }
      const outputs = await handler.update(diffArgs(request), context);
      const response = new proto.UpdateResponse();
      response.setProperties(encodeProperties(outputs));
      return response;
    }),
    delete: operation(async (handler, request: proto.DeleteRequest, context) => {
      const inputs = decodeProperties(request.getOldInputs());
      await handler.delete(
        { id: request.getId(), inputs, outputs: decodeProperties(request.getProperties()) },
        context,
      );
      return new Empty();
    }),
  };
}

function diffArgs(request: proto.DiffRequest | proto.UpdateRequest) {
  return {
    id: request.getId(),
    oldInputs: decodeProperties(request.getOldInputs()),
    oldOutputs: decodeProperties(request.getOlds()),
    newInputs: decodeProperties(request.getNews()),
    ignoreChanges: request.getIgnorechangesList(),
  };
}

function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

function unary<Request, Response>(
  run: (call: ServerUnaryCall<Request, Response>) => Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    run(call).then(
      (response) => callback(null, response),
      (error: unknown) => callback(toServiceError(error)),
    );
  };
}

function unimplemented<Request, Response>(): handleUnaryCall<Request, Response> {
  return (_call, callback) => callback({ code: status.UNIMPLEMENTED, details: "not implemented" });
}
