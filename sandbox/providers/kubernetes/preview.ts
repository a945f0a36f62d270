import { type PropertyValue, UNKNOWN } from "../framework";
import { type KubeObject, pluck, without, withValue } from "./objects";

/** What a dry run makes up anew each time: the real object will have others. */
const MADE_UP = [
  ["metadata", "uid"],
  ["metadata", "resourceVersion"],
  ["metadata", "creationTimestamp"],
  ["spec", "clusterIP"],
  ["spec", "clusterIPs"],
];

/** A dry run's answer as a preview's outputs: no status, and what cannot be known yet is unknown. */
export function previewOutputs(inputs: KubeObject, answer: KubeObject): KubeObject {
  return MADE_UP.reduce(
    (object: KubeObject, path) => {
      const value: PropertyValue | undefined = pluck(answer, ...path);
      const isAsked = pluck(inputs, ...path) !== undefined || value === "None";
      return value === undefined || isAsked ? object : withValue(object, path, UNKNOWN);
    },
    without(answer, "status"),
  );
}
