import type { StackRule, StackView } from "../../framework/rule";
import { SERVER, VOLUME } from "../../hcloud/objects";
import { ofType, reference } from "./resources";

const ATTACHMENT = "hcloud:index/volumeAttachment:VolumeAttachment";

/** Locations by what may refer to a resource: its URN, or its id. */
function locations(stack: StackView, type: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const subject of ofType(stack, type)) {
    const location = stack.read(subject, (props) => props.location as string | undefined);
    if (location === undefined) continue;
    found.set(subject.urn, location);
    const id = stack.read(subject, (props) => props.id as string | number | undefined);
    if (id !== undefined) found.set(String(id), location);
  }
  return found;
}

export const volumeBesideServer: StackRule = {
  name: "volume-beside-server",
  description: "A volume is in the location of the server that it is attached to: it cannot be anywhere else.",
  severity: "high",
  level: "mandatory",
  remediation: "Give both the same location. A volume does not move: a new one and a copy are needed.",
  check: (stack) => {
    const servers = locations(stack, SERVER);
    const volumes = locations(stack, VOLUME);
    return ofType(stack, ATTACHMENT).flatMap((subject) => {
      const server = servers.get(reference(stack, subject, "serverId", (props) => props.serverId) ?? "");
      const volume = volumes.get(reference(stack, subject, "volumeId", (props) => props.volumeId) ?? "");
      return server === undefined || volume === undefined || server === volume
        ? []
        : [{ subject, message: `the volume is in ${volume}, the server in ${server}` }];
    });
  },
};
