import type { StackRule } from "../../framework/rule";
import { cisKubernetes } from "../../kubernetes/frameworks";
import { containers } from "../../kubernetes/objects";
import { modelOf } from "../model/model";

const digest = /@sha256:[0-9a-f]{64}$/;
const shown = 8;

export const imageDigest: StackRule = {
  name: "image-digest",
  description: "Images are pinned by digest: a tag can be moved. All that are not stand in one line.",
  severity: "high",
  level: "advisory",
  remediation:
    "Append the digest: registry/name:version@sha256:...; for one policy that insists, see image-pinned's `digests`.",
  framework: cisKubernetes("5.5.1"),
  check: (stack) => {
    const images = new Set(
      modelOf(stack).pods.flatMap(({ thing, spec }) =>
        (
          stack.read(thing.subject, () =>
            containers(spec()).flatMap(({ container }) =>
              container.image === undefined ? [] : [String(container.image)],
            ),
          ) ?? []
        ).filter((image) => !digest.test(image)),
      ),
    );
    if (images.size === 0) return [];
    const list = [...images].sort();
    const more = list.length > shown ? ` and ${list.length - shown} more` : "";
    return [{ message: `${list.length} images have no digest: ${list.slice(0, shown).join(", ")}${more}` }];
  },
};
