import { local } from "@pulumi/command";
import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../base";
import { diskImageUrl, type Schematic } from "../talos/schematic";
import type { ImageBuildRequestInput } from "./image/build-request";
import { schematicLabel } from "./labels";
import type { Architecture } from "./machines";

/** How the image builder reaches the Hetzner API; the hcloud provider keeps its own copy to itself. */
export interface HetznerApi {
  token: pulumi.Input<string>;
  /** @default https://api.hetzner.cloud/v1 */
  endpoint?: pulumi.Input<string>;
}

export interface TalosImageArgs {
  /** Cluster name: it owns the snapshots that are built for it. */
  cluster: string;
  /** Talos version with its v, e.g. v1.12.1. A change builds a new snapshot. */
  version: string;
  schematic: Schematic;
  architecture: Architecture;
  /** build: make the snapshot when the cluster has none; snapshot: it must be there. */
  source: "build" | "snapshot";
  /**
   * Label selector of the snapshot, for source "snapshot".
   * @default os=talos with the version and the schematic in use
   */
  selector?: string;
  /** Location of the temporary server that writes the image. */
  location: string;
  /**
   * Port of the rescue system's SSH server.
   * @default 22
   */
  sshPort?: number;
  /** Needed for source "build". */
  api?: HetznerApi;
}

const BUILD = "node --require tsx/cjs components/hetzner/image/build.ts";

/**
 * The snapshot with Talos that servers start from, for one architecture and one schematic. Hetzner offers no Talos
 * image, and no upload: a temporary server in the rescue system writes the factory's image to its disk, and a snapshot
 * is taken of it. This takes some minutes, once for each version.
 */
export class TalosImage extends Component {
  /** Id of the snapshot, in the form that servers take. */
  readonly imageId: pulumi.Output<string>;

  constructor(name: string, args: TalosImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:hetzner:TalosImage", name, opts);
    this.imageId = args.source === "build" ? this.build(name, args) : this.find(args);
    this.registerOutputs({ imageId: this.imageId, schematicId: args.schematic.id });
  }

  private build(name: string, args: TalosImageArgs): pulumi.Output<string> {
    if (!args.api) {
      throw new Error(
        'talos.image.source is "build", which needs hcloud:token. Set it with `pulumi config set --secret hcloud:token`, ' +
          'or make the snapshot yourself and set talos.image.source to "snapshot".',
      );
    }
    const command = new local.Command(
      `${name}-build`,
      {
        create: `${BUILD} create`,
        // A new token or another location: finds the snapshot that is there, and makes it if somebody removed it.
        update: `${BUILD} create`,
        delete: `${BUILD} delete`,
        stdin: buildRequest(args, args.api),
        triggers: [args.version, args.schematic.id, args.architecture],
        logging: local.Logging.Stderr,
      },
      this.child({ customTimeouts: { create: "30m", update: "30m", delete: "10m" } }),
    );
    return command.stdout.apply(imageIdOf);
  }

  private find(args: TalosImageArgs): pulumi.Output<string> {
    const image = hcloud.getImageOutput(
      {
        withSelector: args.selector ?? defaultSelector(args.version, args.schematic.id),
        withArchitecture: args.architecture,
        withStatuses: ["available"],
        mostRecent: true,
      },
      { parent: this },
    );
    return image.apply(({ id }) => String(id));
  }
}

/** Selects the snapshots that the builder labels, of any cluster in the project. */
export function defaultSelector(version: string, schematicId: string): string {
  return `os=talos,version=${version},schematic=${schematicLabel(schematicId)}`;
}

/** Secret, because of the token. */
function buildRequest(args: TalosImageArgs, api: HetznerApi): pulumi.Output<string> {
  const { cluster, version, schematic, architecture, location, sshPort } = args;
  return pulumi.all([pulumi.secret(api.token), api.endpoint]).apply(([token, endpoint]) => {
    const request: ImageBuildRequestInput = {
      cluster,
      version,
      schematic: schematic.yaml,
      schematicId: schematic.id,
      architecture,
      imageUrl: diskImageUrl({ schematicId: schematic.id, version, platform: "hcloud", architecture }),
      location,
      sshPort,
      token,
      endpoint,
    };
    return JSON.stringify(request);
  });
}

/** The builder's answer on stdout: `{"imageId": 123}`. */
function imageIdOf(stdout: string): string {
  const answer: unknown = JSON.parse(stdout);
  if (typeof answer === "object" && answer !== null && "imageId" in answer && typeof answer.imageId === "number") {
    return String(answer.imageId);
  }
  throw new Error(`The image builder answered ${JSON.stringify(stdout.slice(0, 200))} instead of an image id.`);
}
