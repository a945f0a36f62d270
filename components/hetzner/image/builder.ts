import { randomBytes } from "node:crypto";
import { hcloudLabels, schematicLabel } from "../labels";
import { HetznerClient, HetznerError } from "./api";
import type { ImageBuildRequest } from "./build-request";
import { connect, REGISTER_SCHEMATIC, run, sshKeyPair, writeImage } from "./rescue";
import { buildCandidates, type ServerType } from "./server-type";

/** Any Linux: it is never booted, the server starts into the rescue system. */
const BASE_IMAGE = "debian-13";
const TEMPORARY_LABEL = "orrery.dev/temporary";
/** Codes with which Hetzner says that this type cannot be had now; the next one may. */
const SOLD_OUT = ["resource_unavailable", "placement_error"];

interface Labelled {
  id: number;
  labels: Record<string, string>;
}
interface Server extends Labelled {
  public_net: { ipv4: { ip: string } };
}
interface Image extends Labelled {
  status: "available" | "creating" | "unavailable";
  architecture: string;
}
type Action = Parameters<HetznerClient["wait"]>[0];

/** Finds or makes the snapshot of one Talos version, schematic and architecture, and removes it. */
export class ImageBuilder {
  private readonly api: HetznerClient;

  constructor(
    private readonly request: ImageBuildRequest,
    private readonly report: (line: string) => void,
    private readonly signal: AbortSignal,
  ) {
    this.api = this.client(signal);
  }

  /** Id of the snapshot; builds it when the cluster has none. */
  async findOrBuild(): Promise<number> {
    await this.removeLeftovers();
    const snapshots = await this.snapshots();
    const existing = snapshots.find(({ status }) => status === "available");
    if (existing) {
      this.report(`using snapshot ${existing.id}`);
      return existing.id;
    }
    // What failed is in the way of nothing, but is paid for. One that is still being made cannot be removed.
    for (const { id, status } of snapshots) if (status === "unavailable") await this.api.delete(`/images/${id}`);
    try {
      return await this.build();
    } finally {
      await this.removeLeftovers();
    }
  }

  /** Removes the cluster's snapshots of this version, schematic and architecture. */
  async remove(): Promise<void> {
    for (const image of await this.snapshots()) await this.api.delete(`/images/${image.id}`);
    await this.removeLeftovers();
  }

  private async build(): Promise<number> {
    const keys = sshKeyPair("orrery image build");
    const name = `${this.request.cluster}-image-${randomBytes(3).toString("hex")}`;
    const labels = this.temporaryLabels();
    const { ssh_key } = await this.api.post<{ ssh_key: { id: number } }>("/ssh_keys", {
      name,
      public_key: keys.publicKey,
      labels,
    });
    const server = await this.createServer(name, ssh_key.id, labels);
    await this.act(server, "enable_rescue", { type: "linux64", ssh_keys: [ssh_key.id] });
    await this.act(server, "poweron");
    await this.write(server.public_net.ipv4.ip, keys.privateKey);
    await this.act(server, "poweroff");
    return this.snapshot(server);
  }

  private async createServer(name: string, sshKeyId: number, labels: Record<string, string>): Promise<Server> {
    const { architecture, location } = this.request;
    const types = await this.api.list<"server_types", ServerType>("server_types", "/server_types");
    const candidates = buildCandidates(types, architecture, location);
    for (const serverType of candidates) {
      this.report(`creating temporary server ${name} (${serverType}, ${location})`);
      try {
        const answer = await this.api.post<{ server: Server; action: Action; next_actions: Action[] }>("/servers", {
          name,
          server_type: serverType,
          image: BASE_IMAGE,
          location,
          labels,
          ssh_keys: [sshKeyId],
          start_after_create: false,
        });
        for (const action of [answer.action, ...answer.next_actions]) await this.api.wait(action);
        return answer.server;
      } catch (error) {
        if (!(error instanceof HetznerError && SOLD_OUT.includes(error.code))) throw error;
        this.report(`${serverType} cannot be had: ${error.message}`);
        await this.removeServers();
      }
    }
    throw new Error(
      `No server type with at most 40 GB of disk can be had in ${location} for building the ${architecture} image ` +
        `(tried: ${candidates.join(", ") || "none offered"}). Try again later, or use another first location.`,
    );
  }

  private async write(address: string, privateKey: string): Promise<void> {
    const { imageUrl, schematic, schematicId, sshPort } = this.request;
    this.report(`waiting for the rescue system at ${address}`);
    const ssh = await connect({ host: address, port: sshPort }, privateKey, this.signal);
    const abort = () => ssh.destroy();
    this.signal.addEventListener("abort", abort);
    try {
      const answer = JSON.parse(await run(ssh, REGISTER_SCHEMATIC, schematic)) as { id?: string };
      if (answer.id !== schematicId) {
        throw new Error(
          `The image factory knows the schematic as ${answer.id}, expected was ${schematicId}: its canonical form has ` +
            "changed. Please report this.",
        );
      }
      this.report(`writing ${imageUrl}`);
      await run(ssh, writeImage(imageUrl));
    } finally {
      this.signal.removeEventListener("abort", abort);
      ssh.end();
    }
  }

  private async snapshot(server: Server): Promise<number> {
    const { version, architecture } = this.request;
    this.report("taking the snapshot");
    const answer = await this.api.post<{ image: Image; action: Action }>(`/servers/${server.id}/actions/create_image`, {
      type: "snapshot",
      description: `Talos ${version} ${architecture}`,
      labels: this.snapshotLabels(),
    });
    await this.api.wait(answer.action);
    this.report(`snapshot ${answer.image.id} is ready`);
    return answer.image.id;
  }

  private async act(server: Labelled, action: string, body: unknown = {}): Promise<void> {
    const answer = await this.api.post<{ action: Action }>(`/servers/${server.id}/actions/${action}`, body);
    await this.api.wait(answer.action);
  }

  private async snapshots(): Promise<Image[]> {
    const images = await this.api.list<"images", Image>(
      "images",
      `/images?type=snapshot&label_selector=${selector(this.snapshotLabels())}`,
    );
    return images.filter((image) => image.architecture === this.request.architecture);
  }

  /** Servers and keys of this build, and of an earlier one that was interrupted. Works after an abort too. */
  private async removeLeftovers(): Promise<void> {
    await this.removeServers();
    const api = this.client();
    const keys = await api.list<"ssh_keys", Labelled>("ssh_keys", `/ssh_keys?label_selector=${this.temporary()}`);
    for (const key of keys) await api.delete(`/ssh_keys/${key.id}`);
  }

  private async removeServers(): Promise<void> {
    const api = this.client();
    const servers = await api.list<"servers", Labelled>("servers", `/servers?label_selector=${this.temporary()}`);
    for (const server of servers) await api.delete(`/servers/${server.id}`);
  }

  private client(signal?: AbortSignal): HetznerClient {
    return new HetznerClient({ endpoint: this.request.endpoint, token: this.request.token, signal });
  }

  private temporary(): string {
    return selector(this.temporaryLabels());
  }

  private snapshotLabels(): Record<string, string> {
    const { cluster, version, schematicId } = this.request;
    return hcloudLabels(cluster, { os: "talos", version, schematic: schematicLabel(schematicId) });
  }

  private temporaryLabels(): Record<string, string> {
    return {
      ...this.snapshotLabels(),
      [TEMPORARY_LABEL]: "image-build",
      "orrery.dev/architecture": this.request.architecture,
    };
  }
}

function selector(labels: Record<string, string>): string {
  return encodeURIComponent(
    Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(","),
  );
}
