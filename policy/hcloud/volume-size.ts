import type { Rule } from "../framework/rule";
import { isSet, VOLUME } from "./objects";

export const volumeSize: Rule = {
  name: "volume-size",
  description: "A volume has a size that Hetzner makes, and a place: a location or the server that it is for.",
  severity: "high",
  level: "mandatory",
  remediation: "Set size to 10 to 10240 (GB), and location or serverId, not both.",
  appliesTo: (type) => type === VOLUME,
  check: ({ props }) => {
    const places = ["location", "serverId"].filter((key) => isSet(props, key));
    return [
      ...(props.size >= 10 && props.size <= 10_240 ? [] : [`size is ${props.size} GB`]),
      ...(places.length === 1 ? [] : [places.length === 0 ? "it has no place" : "it has both location and serverId"]),
    ];
  },
};
