import type { PropertyMap } from "../framework";
import type { Action, ApiImage, ApiVolume } from "./api-types";
import { DELETE_PROTECTION, LABELS, NAME, protectChange, protectNew, putChanges } from "./common";
import { hasCode, isNotFound } from "./errors";
import { body, type CloudResource, find, order, type Session, text } from "./resource";

export const volume: CloudResource = {
  autoname: true,
  inputs: {
    automount: { type: "boolean", writeOnly: true },
    deleteProtection: DELETE_PROTECTION,
    format: { type: "string", writeOnly: true },
    labels: LABELS,
    location: { type: "string", computed: true, replaces: true },
    name: NAME,
    serverId: { type: "number", computed: true },
    size: { type: "number", required: true },
  },
  outputs: ["linuxDevice"],
  async create(session, inputs, created) {
    const answer = await order<{ volume: ApiVolume; action: Action; next_actions: Action[] }>(
      session,
      "/volumes",
      "volume",
      body({
        name: inputs["name"],
        size: inputs["size"],
        server: inputs["serverId"],
        location: inputs["location"],
        labels: inputs["labels"],
        automount: inputs["automount"],
        format: inputs["format"],
      }),
    );
    const id = String(answer.volume.id);
    created(id);
    await session.client.wait([answer.action, ...answer.next_actions], session.signal);
    await protectNew(session, `/volumes/${id}`, inputs);
    return id;
  },
  async read(session, id) {
    const found = await getVolume(session, id);
    return (
      found && {
        name: found.name,
        size: found.size,
        location: found.location.name,
        labels: found.labels,
        linuxDevice: found.linux_device,
        deleteProtection: found.protection.delete,
        serverId: found.server ?? 0,
      }
    );
  },
  async update(session, state) {
    const path = `/volumes/${state.id}`;
    await putChanges(session, path, state, { name: "name" });
    if (state.changed("serverId")) {
      const found = await getVolume(session, state.id);
      if (found?.server) {
        await detachVolume(session, state.id);
      }
      if (Number(state.after["serverId"] ?? 0) !== 0) {
        await attachVolume(session, state.id, state.after);
      }
    }
    if (state.changed("size")) {
      await session.client.act(`${path}/actions/resize`, { size: state.after["size"] }, session.signal);
    }
    await putChanges(session, path, state, { labels: "labels" });
    await protectChange(session, path, state);
  },
  async delete(session, id) {
    const found = await getVolume(session, id);
    if (found?.server) {
      await detachVolume(session, id);
    }
    await session.client.delete(`/volumes/${id}`, session.signal);
  },
};

export const volumeAttachment: CloudResource = {
  inputs: {
    automount: { type: "boolean", computed: true, replaces: true, writeOnly: true },
    serverId: { type: "number", required: true, replaces: true },
    volumeId: { type: "number", required: true, replaces: true },
  },
  outputs: [],
  async create(session, inputs) {
    const id = text(inputs["volumeId"]);
    await attachVolume(session, id, inputs);
    return id;
  },
  async read(session, id) {
    const found = await getVolume(session, id);
    return found?.server ? { volumeId: found.id, serverId: found.server } : undefined;
  },
  delete: (session, id) => detachVolume(session, id),
};

function getVolume(session: Session, id: string): Promise<ApiVolume | undefined> {
  return find<ApiVolume>(session, `/volumes/${id}`, "volume");
}

async function attachVolume(session: Session, id: string, inputs: PropertyMap): Promise<void> {
  const fields = body({ server: inputs["serverId"], automount: inputs["automount"] });
  await session.client.act(`/volumes/${id}/actions/attach`, fields, session.signal);
}

async function detachVolume(session: Session, id: string): Promise<void> {
  try {
    await session.client.act(`/volumes/${id}/actions/detach`, {}, session.signal);
  } catch (error) {
    if (!isNotFound(error) && !hasCode(error, "volume_not_attached")) {
      throw error;
    }
  }
}

export const snapshot: CloudResource = {
  inputs: {
    description: { type: "string" },
    labels: LABELS,
    serverId: { type: "number", required: true, replaces: true, writeOnly: true },
  },
  outputs: [],
  async create(session, inputs, created) {
    const answer = await session.client.post<{ image: ApiImage; action: Action }>(
      `/servers/${text(inputs["serverId"])}/actions/create_image`,
      body({ type: "snapshot", description: inputs["description"], labels: inputs["labels"] }),
      session.signal,
    );
    const id = String(answer.image.id);
    created(id);
    await session.client.wait([answer.action], session.signal);
    return id;
  },
  async read(session, id) {
    const found = await find<ApiImage>(session, `/images/${id}`, "image");
    return found && { description: found.description, labels: found.labels };
  },
  update: (session, state) =>
    putChanges(session, `/images/${state.id}`, state, { description: "description", labels: "labels" }),
  async delete(session, id) {
    await session.client.delete(`/images/${id}`, session.signal);
  },
};
