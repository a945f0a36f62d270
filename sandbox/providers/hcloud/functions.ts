import { createHash } from "node:crypto";
import { type PropertyMap, type ProviderFunction, unwrapSecrets } from "../framework";
import { strings } from "../framework/local-resource";
import type { ApiImage, ApiLocation, ApiNetwork, ApiServerType } from "./api-types";
import type { HcloudClient } from "./client";

type Query = [string, string][];
type Read = (client: HcloudClient, args: PropertyMap, signal: AbortSignal) => Promise<PropertyMap>;

/** One by id, or the only one (or with mostRecent the first) that a list has. */
async function single<T>(
  client: HcloudClient,
  where: { path: string; key: string; listKey: string; id: unknown; query: Query; first?: boolean },
  signal: AbortSignal,
): Promise<T> {
  if (where.id !== undefined) {
    const answer = await client.get<Record<string, T>>(`${where.path}/${where.id}`, signal);
    return answer[where.key]!;
  }
  const found = await client.list<T>(where.path, where.listKey, where.query, signal);
  const described = where.query.map(([key, value]) => `${key}=${value}`).join(" ");
  if (found.length === 0) {
    throw new Error(`no ${where.key} found for ${described}`);
  }
  if (found.length > 1 && !where.first) {
    throw new Error(`more than one ${where.key} found for ${described}: be more specific, or set mostRecent`);
  }
  return found[0]!;
}

const getImage: Read = async (client, args, signal) => {
  const given = ["id", "name", "selector", "withSelector"].filter((key) => args[key] !== undefined);
  if (given.length !== 1) {
    throw new Error("getImage needs exactly one of id, name, selector and withSelector");
  }
  const selector = args["withSelector"] ?? args["selector"];
  const query: Query = [
    ["architecture", String(args["withArchitecture"] ?? "x86")],
    ...(args["includeDeprecated"] === true ? ([["include_deprecated", "true"]] as Query) : []),
    ...(selector === undefined ? [] : ([["label_selector", String(selector)]] as Query)),
    ...(args["name"] === undefined ? [] : ([["name", String(args["name"])]] as Query)),
    ...(args["mostRecent"] === true ? ([["sort", "created:desc"]] as Query) : []),
    ...strings(args["withStatuses"]).map((status): [string, string] => ["status", status]),
  ];
  const where = { path: "/images", key: "image", listKey: "images", id: args["id"], query };
  const image = await single<ApiImage>(client, { ...where, first: args["mostRecent"] === true }, signal);
  return { ...args, ...imageOutputs(image) };
};

const getImages: Read = async (client, args, signal) => {
  const query: Query = [
    ...strings(args["withArchitectures"]).map((value): [string, string] => ["architecture", value]),
    ...(args["includeDeprecated"] === true ? ([["include_deprecated", "true"]] as Query) : []),
    ...(args["withSelector"] === undefined ? [] : ([["label_selector", String(args["withSelector"])]] as Query)),
    ...(args["mostRecent"] === true ? ([["sort", "created:desc"]] as Query) : []),
    ...strings(args["withStatuses"]).map((status): [string, string] => ["status", status]),
  ];
  const images = await client.list<ApiImage>("/images", "images", query, signal);
  return { ...args, id: idOf(images.map(({ id }) => id)), images: images.map(imageOutputs) };
};

function imageOutputs(image: ApiImage): PropertyMap {
  return {
    id: image.id,
    name: image.name ?? "",
    type: image.type,
    architecture: image.architecture,
    created: image.created,
    deprecated: image.deprecated ?? "",
    description: image.description,
    labels: image.labels,
    osFlavor: image.os_flavor,
    osVersion: image.os_version ?? "",
    rapidDeploy: image.rapid_deploy ?? false,
  };
}

const getServerType: Read = async (client, args, signal) => {
  const query: Query = [["name", String(args["name"])]];
  const where = { path: "/server_types", key: "server_type", listKey: "server_types", id: args["id"], query };
  return serverTypeOutputs(await single<ApiServerType>(client, where, signal));
};

const getServerTypes: Read = async (client, _args, signal) => {
  const types = await client.list<ApiServerType>("/server_types", "server_types", [], signal);
  return {
    id: idOf(types.map(({ id }) => id)),
    names: types.map(({ name }) => name),
    descriptions: types.map(({ description }) => description),
    serverTypeIds: types.map(({ id }) => String(id)),
    serverTypes: types.map(serverTypeOutputs),
  };
};

function serverTypeOutputs(type: ApiServerType): PropertyMap {
  return {
    id: type.id,
    name: type.name,
    description: type.description,
    category: type.category ?? "",
    cores: type.cores,
    memory: type.memory,
    disk: type.disk,
    storageType: type.storage_type,
    cpuType: type.cpu_type,
    architecture: type.architecture,
    includedTraffic: 0,
    ...deprecationOutputs(type.deprecation),
    locations: (type.locations ?? []).map((location) => ({
      id: location.id,
      name: location.name,
      available: location.available ?? true,
      recommended: location.recommended ?? false,
      ...deprecationOutputs(location.deprecation),
    })),
  };
}

function deprecationOutputs(deprecation: ApiServerType["deprecation"]): PropertyMap {
  return {
    isDeprecated: Boolean(deprecation),
    deprecationAnnounced: deprecation?.announced ?? null,
    unavailableAfter: deprecation?.unavailable_after ?? null,
  };
}

const getLocations: Read = async (client, _args, signal) => {
  const locations = await client.list<ApiLocation>("/locations", "locations", [], signal);
  return {
    id: idOf(locations.map(({ id }) => id)),
    names: locations.map(({ name }) => name),
    descriptions: locations.map(({ description }) => description),
    locationIds: locations.map(({ id }) => String(id)),
    locations: locations.map(locationOutputs),
  };
};

const getLocation: Read = async (client, args, signal) => {
  const query: Query = [["name", String(args["name"])]];
  const where = { path: "/locations", key: "location", listKey: "locations", id: args["id"], query };
  return locationOutputs(await single<ApiLocation>(client, where, signal));
};

function locationOutputs({ network_zone, ...location }: ApiLocation): PropertyMap {
  const { id, name, description, city, country, latitude, longitude } = location;
  return { id, name, description, city, country, latitude, longitude, networkZone: network_zone };
}

const getNetwork: Read = async (client, args, signal) => {
  const query: Query = [
    ...(args["withSelector"] === undefined ? [] : ([["label_selector", String(args["withSelector"])]] as Query)),
    ...(args["name"] === undefined ? [] : ([["name", String(args["name"])]] as Query)),
  ];
  const where = { path: "/networks", key: "network", listKey: "networks", id: args["id"], query };
  const found = await single<ApiNetwork>(client, { ...where, first: args["mostRecent"] === true }, signal);
  return {
    ...args,
    id: found.id,
    name: found.name,
    ipRange: found.ip_range,
    labels: found.labels,
    deleteProtection: found.protection.delete,
    exposeRoutesToVswitch: found.expose_routes_to_vswitch,
  };
};

function idOf(ids: number[]): string {
  return createHash("sha1").update(ids.join("-")).digest("hex");
}

const READS: Readonly<Record<string, Read>> = {
  getImage,
  getImages,
  getLocation,
  getLocations,
  getNetwork,
  getServerType,
  getServerTypes,
};

/** @returns undefined for a function that the built-in provider does not have */
export function hcloudFunction(token: string, client: HcloudClient): ProviderFunction | undefined {
  const read = READS[token.split(":").at(-1) ?? ""];
  return read && ((args, context) => read(client, unwrapSecrets(args), context.signal));
}
