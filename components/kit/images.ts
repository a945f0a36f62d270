/** A pinned container image. */
export interface ImagePin {
  /** Registry and repository. */
  readonly name: string;
  readonly tag: string;
  /** `sha256:...`; wins over the tag where it is known. @default - the tag alone */
  readonly digest?: string;
}

/** Every image that the program names itself (charts bring their own), in one table that Renovate reads. */
export const images = {
  /** Standard flavour: PostgreSQL with pgvector, pgAudit and all locales. */
  postgres: {
    name: "ghcr.io/cloudnative-pg/postgresql",
    // renovate: datasource=docker depName=ghcr.io/cloudnative-pg/postgresql versioning=docker
    tag: "18.4-standard-trixie",
  },
  /** CloudNativePG's own image of PgBouncer. */
  pgbouncer: {
    name: "ghcr.io/cloudnative-pg/pgbouncer",
    // renovate: datasource=docker depName=ghcr.io/cloudnative-pg/pgbouncer versioning=docker
    tag: "1.25.1",
  },
  /** Server, Sentinel and client. */
  valkey: {
    name: "docker.io/valkey/valkey",
    // renovate: datasource=docker depName=valkey/valkey versioning=docker
    tag: "9.1.1",
  },
  /** Metrics of Valkey: it has none of its own for Prometheus. */
  redisExporter: {
    name: "docker.io/oliver006/redis_exporter",
    // renovate: datasource=docker depName=oliver006/redis_exporter versioning=docker
    tag: "v1.79.0",
  },
  /** Unprivileged flavour: its files belong to user 1000. */
  qdrant: {
    name: "docker.io/qdrant/qdrant",
    // renovate: datasource=docker depName=qdrant/qdrant versioning=docker
    tag: "v1.19.0-unprivileged",
  },
  /**
   * Silo, the maintained fork of MinIO: same API, variables and disk format. MinIO's own images are gone from Docker
   * Hub, and those on quay.io get no security fixes any more. The image has the client `mcli` as well.
   */
  minio: {
    name: "docker.io/pgsty/silo",
    // renovate: datasource=docker depName=pgsty/silo versioning=regex:^RELEASE\.(?<major>\d{4})-(?<minor>\d{2})-(?<patch>\d{2})T\d{2}-\d{2}-\d{2}Z$
    tag: "RELEASE.2026-09-16T00-00-00Z",
  },
  /** NATS's own command-line tools: backups of streams. The chart's version of it. */
  natsBox: {
    name: "docker.io/natsio/nats-box",
    // renovate: datasource=docker depName=natsio/nats-box versioning=docker
    tag: "0.19.7",
  },
  /** 5.26 is the line with long-term support, until the middle of 2028; others get no fixes once the next one is out. */
  neo4j: {
    name: "docker.io/library/neo4j",
    // renovate: datasource=docker depName=neo4j versioning=regex:^(?<major>5)\.(?<minor>26)\.(?<patch>\d+)-community$
    tag: "5.26.30-community",
  },
  neo4jEnterprise: {
    name: "docker.io/library/neo4j",
    // renovate: datasource=docker depName=neo4j versioning=regex:^(?<major>5)\.(?<minor>26)\.(?<patch>\d+)-enterprise$
    tag: "5.26.30-enterprise",
  },
  /** The server, and its command-line client for what the program sets up in it. */
  keycloak: {
    name: "quay.io/keycloak/keycloak",
    // renovate: datasource=docker depName=quay.io/keycloak/keycloak versioning=docker
    tag: "26.5.6",
  },
  authentik: {
    name: "ghcr.io/goauthentik/server",
    // renovate: datasource=docker depName=ghcr.io/goauthentik/server versioning=docker
    tag: "2026.8.0",
  },
  /** Velero's way to S3; goes with the Velero of the chart. */
  veleroPluginAws: {
    name: "docker.io/velero/velero-plugin-for-aws",
    // renovate: datasource=docker depName=velero/velero-plugin-for-aws versioning=docker
    tag: "v1.14.3",
  },
  /** Takes etcd's snapshots over the Talos API. Its releases lag behind: a build of the main branch. */
  talosBackup: {
    name: "ghcr.io/siderolabs/talos-backup",
    // renovate: datasource=docker depName=ghcr.io/siderolabs/talos-backup versioning=loose
    tag: "v0.1.0-beta.3-3-g38dad7c",
  },
  localPathProvisioner: {
    name: "docker.io/rancher/local-path-provisioner",
    // renovate: datasource=docker depName=rancher/local-path-provisioner versioning=docker
    tag: "v0.0.36",
  },
  /** Makes and removes the directories of local volumes. */
  busybox: {
    name: "docker.io/library/busybox",
    // renovate: datasource=docker depName=busybox versioning=docker
    tag: "1.37.0",
  },
  n8n: {
    name: "docker.io/n8nio/n8n",
    // renovate: datasource=docker depName=n8nio/n8n versioning=docker
    tag: "2.35.7",
  },
  /** Solver of DNS-01 challenges in zones of the Hetzner Cloud, by Hetzner. */
  certManagerWebhookHetzner: {
    name: "docker.io/hetzner/cert-manager-webhook-hetzner",
    // renovate: datasource=docker depName=hetzner/cert-manager-webhook-hetzner versioning=docker
    tag: "v0.9.0",
  },
  /** Provider of external-dns for zones of the Hetzner Cloud, by Hetzner. */
  externalDnsHetzner: {
    name: "docker.io/hetzner/external-dns-hetzner-webhook",
    // renovate: datasource=docker depName=hetzner/external-dns-hetzner-webhook versioning=docker
    tag: "v0.4.0",
  },
  cloudflared: {
    name: "docker.io/cloudflare/cloudflared",
    // renovate: datasource=docker depName=cloudflare/cloudflared versioning=docker
    tag: "2026.8.2",
  },
  /** Signs people in for gateways that cannot do it themselves. */
  oauth2Proxy: {
    name: "quay.io/oauth2-proxy/oauth2-proxy",
    // renovate: datasource=docker depName=quay.io/oauth2-proxy/oauth2-proxy versioning=docker
    tag: "v7.15.3",
  },
  milvus: {
    name: "docker.io/milvusdb/milvus",
    // renovate: datasource=docker depName=milvusdb/milvus versioning=docker
    tag: "v2.6.15",
  },
  /** Server and its tools, without a shell. Milvus keeps its metadata in one of its own. */
  etcd: {
    name: "quay.io/coreos/etcd",
    // renovate: datasource=docker depName=quay.io/coreos/etcd versioning=docker
    tag: "v3.6.6",
  },
  /** For Jobs that are programs of ours; standard library only. */
  python: {
    name: "docker.io/library/python",
    // renovate: datasource=docker depName=python versioning=docker
    tag: "3.14.6-slim-bookworm",
  },
  /** For Jobs that talk to an HTTP API. */
  curl: {
    name: "docker.io/curlimages/curl",
    // renovate: datasource=docker depName=curlimages/curl versioning=docker
    tag: "8.16.0",
  },
  elasticsearch: {
    name: "docker.elastic.co/elasticsearch/elasticsearch",
    // renovate: datasource=docker depName=docker.elastic.co/elasticsearch/elasticsearch versioning=docker
    tag: "9.5.3",
  },
  /** Its version is that of Elasticsearch. */
  kibana: {
    name: "docker.elastic.co/kibana/kibana",
    // renovate: datasource=docker depName=docker.elastic.co/kibana/kibana versioning=docker
    tag: "9.5.3",
  },
  elasticsearchExporter: {
    name: "quay.io/prometheuscommunity/elasticsearch-exporter",
    // renovate: datasource=docker depName=quay.io/prometheuscommunity/elasticsearch-exporter versioning=docker
    tag: "v1.11.0",
  },
  kafkaUi: {
    name: "ghcr.io/kafbat/kafka-ui",
    // renovate: datasource=docker depName=ghcr.io/kafbat/kafka-ui versioning=docker
    tag: "v1.5.0",
  },
  /** Long-term support; it has its client as well. */
  clickhouse: {
    name: "docker.io/clickhouse/clickhouse-server",
    // renovate: datasource=docker depName=clickhouse/clickhouse-server versioning=docker
    tag: "26.8.19.9",
  },
  /** Its version is that of the server. */
  clickhouseKeeper: {
    name: "docker.io/clickhouse/clickhouse-keeper",
    // renovate: datasource=docker depName=clickhouse/clickhouse-keeper versioning=docker
    tag: "26.8.19.9",
  },
  coredns: {
    name: "docker.io/coredns/coredns",
    // renovate: datasource=docker depName=coredns/coredns versioning=docker
    tag: "1.14.7",
  },
  /** 2.10 is the last line whose servers share one program each without Kafka; 3 has no such way to grow. */
  tempo: {
    name: "docker.io/grafana/tempo",
    // renovate: datasource=docker depName=grafana/tempo versioning=regex:^(?<major>2)\.(?<minor>10)\.(?<patch>\d+)$
    tag: "2.10.8",
  },
  /** Its version is that of Tempo. */
  tempoQuery: {
    name: "docker.io/grafana/tempo-query",
    // renovate: datasource=docker depName=grafana/tempo-query versioning=regex:^(?<major>2)\.(?<minor>10)\.(?<patch>\d+)$
    tag: "2.10.8",
  },
  /** The last Jaeger that asks a store as tempo-query answers. */
  jaegerQuery: {
    name: "docker.io/jaegertracing/jaeger-query",
    // renovate: datasource=docker depName=jaegertracing/jaeger-query versioning=regex:^(?<major>1)\.(?<minor>\d+)\.(?<patch>\d+)$
    tag: "1.76.0",
  },
  /** With all components: the distribution for Kubernetes writes no metrics to Prometheus. */
  otelCollector: {
    name: "docker.io/otel/opentelemetry-collector-contrib",
    // renovate: datasource=docker depName=otel/opentelemetry-collector-contrib versioning=docker
    tag: "0.158.0",
  },
  /** Logs: one program, or three of it. */
  loki: {
    name: "docker.io/grafana/loki",
    // renovate: datasource=docker depName=grafana/loki versioning=docker
    tag: "3.7.8",
  },
  /** Metrics for years. */
  mimir: {
    name: "docker.io/grafana/mimir",
    // renovate: datasource=docker depName=grafana/mimir versioning=docker
    tag: "3.2.0",
  },
  /** The version that the Prometheus operator of charts.ts knows and its chart runs. */
  prometheus: {
    name: "quay.io/prometheus/prometheus",
    // renovate: datasource=docker depName=quay.io/prometheus/prometheus versioning=docker
    tag: "v3.14.0",
  },
  alertmanager: {
    name: "quay.io/prometheus/alertmanager",
    // renovate: datasource=docker depName=quay.io/prometheus/alertmanager versioning=docker
    tag: "v0.34.2",
  },
  /** Dashboards; the one flavour there is. */
  grafana: {
    name: "docker.io/grafana/grafana",
    // renovate: datasource=docker depName=grafana/grafana versioning=docker
    tag: "13.2.0",
  },
  /** NVIDIA's GPUs; of the GPU operator's chart 26.7.0. */
  dcgmExporter: {
    name: "nvcr.io/nvidia/k8s/dcgm-exporter",
    // renovate: datasource=docker depName=nvcr.io/nvidia/k8s/dcgm-exporter versioning=docker
    tag: "4.6.0-4.8.3-distroless",
  },
  /** AMD's GPUs. */
  amdGpuExporter: {
    name: "docker.io/rocm/device-metrics-exporter",
    // renovate: datasource=docker depName=rocm/device-metrics-exporter versioning=docker
    tag: "v1.4.2",
  },
  /** Intel's GPUs: the daemon of XPU Manager. */
  intelGpuExporter: {
    name: "ghcr.io/intel/xpumanager/xpumd",
    // renovate: datasource=docker depName=ghcr.io/intel/xpumanager/xpumd versioning=docker
    tag: "v2.0.0",
  },
  /** Offers AMD's GPUs to pods. */
  amdDevicePlugin: {
    name: "docker.io/rocm/k8s-device-plugin",
    // renovate: datasource=docker depName=rocm/k8s-device-plugin versioning=docker
    tag: "1.31.0.9",
  },
  /** Offers Intel's GPUs to pods: made by Intel's operator, and of its version. */
  intelDevicePlugin: {
    name: "docker.io/intel/intel-gpu-plugin",
    // renovate: datasource=docker depName=intel/intel-gpu-plugin versioning=docker
    tag: "0.36.0",
  },
  /** Asks the exposed routes whether they answer. */
  blackboxExporter: {
    name: "quay.io/prometheus/blackbox-exporter",
    // renovate: datasource=docker depName=quay.io/prometheus/blackbox-exporter versioning=docker
    tag: "v0.28.0",
  },
  /** The gateway before all models: the flavour that runs without root and writes nothing beside /tmp. */
  litellm: {
    name: "ghcr.io/berriai/litellm-non_root",
    // renovate: datasource=docker depName=ghcr.io/berriai/litellm-non_root versioning=docker
    tag: "v1.108.7",
  },
  /** CUDA 13: for drivers from 580 on. */
  vllm: {
    name: "docker.io/vllm/vllm-openai",
    // renovate: datasource=docker depName=vllm/vllm-openai versioning=docker
    tag: "v0.33.0",
  },
  /** vLLM's images are of one version, by accelerator. */
  vllmRocm: {
    name: "docker.io/vllm/vllm-openai-rocm",
    // renovate: datasource=docker depName=vllm/vllm-openai-rocm versioning=docker
    tag: "v0.33.0",
  },
  vllmXpu: {
    name: "docker.io/vllm/vllm-openai-xpu",
    // renovate: datasource=docker depName=vllm/vllm-openai-xpu versioning=docker
    tag: "v0.33.0",
  },
  vllmCpu: {
    name: "docker.io/vllm/vllm-openai-cpu",
    // renovate: datasource=docker depName=vllm/vllm-openai-cpu versioning=regex:^v(?<major>\d+)\.(?<minor>\d+)\.(?<patch>\d+)-x86_64$
    tag: "v0.33.0-x86_64",
  },
  /** Text Embeddings Inference is built for each generation of NVIDIA's GPUs; these are of one version. */
  teiCpu: {
    name: "ghcr.io/huggingface/text-embeddings-inference",
    // renovate: datasource=docker depName=ghcr.io/huggingface/text-embeddings-inference versioning=regex:^cpu-(?<major>\d+)\.(?<minor>\d+)\.(?<patch>\d+)$
    tag: "cpu-1.9.3",
  },
  /** A100. */
  teiAmpere80: {
    name: "ghcr.io/huggingface/text-embeddings-inference",
    // renovate: datasource=docker depName=ghcr.io/huggingface/text-embeddings-inference versioning=regex:^(?<major>\d+)\.(?<minor>\d+)\.(?<patch>\d+)$
    tag: "1.9.3",
  },
  /** All other Amperes. */
  teiAmpere86: {
    name: "ghcr.io/huggingface/text-embeddings-inference",
    // renovate: datasource=docker depName=ghcr.io/huggingface/text-embeddings-inference versioning=regex:^86-(?<major>\d+)\.(?<minor>\d+)\.(?<patch>\d+)$
    tag: "86-1.9.3",
  },
  teiAda: {
    name: "ghcr.io/huggingface/text-embeddings-inference",
    // renovate: datasource=docker depName=ghcr.io/huggingface/text-embeddings-inference versioning=regex:^89-(?<major>\d+)\.(?<minor>\d+)\.(?<patch>\d+)$
    tag: "89-1.9.3",
  },
  teiHopper: {
    name: "ghcr.io/huggingface/text-embeddings-inference",
    // renovate: datasource=docker depName=ghcr.io/huggingface/text-embeddings-inference versioning=regex:^hopper-(?<major>\d+)\.(?<minor>\d+)\.(?<patch>\d+)$
    tag: "hopper-1.9.3",
  },
  /** B200. */
  teiBlackwell100: {
    name: "ghcr.io/huggingface/text-embeddings-inference",
    // renovate: datasource=docker depName=ghcr.io/huggingface/text-embeddings-inference versioning=regex:^100-(?<major>\d+)\.(?<minor>\d+)\.(?<patch>\d+)$
    tag: "100-1.9.3",
  },
  /** All other Blackwells. */
  teiBlackwell120: {
    name: "ghcr.io/huggingface/text-embeddings-inference",
    // renovate: datasource=docker depName=ghcr.io/huggingface/text-embeddings-inference versioning=regex:^120-(?<major>\d+)\.(?<minor>\d+)\.(?<patch>\d+)$
    tag: "120-1.9.3",
  },
  /** llama.cpp's images are of one version, by accelerator. */
  llamacppCpu: {
    name: "ghcr.io/ggml-org/llama.cpp",
    // renovate: datasource=docker depName=ghcr.io/ggml-org/llama.cpp versioning=regex:^server-v(?<major>\d+)\.(?<minor>\d+)\.(?<patch>\d+)$
    tag: "server-v0.7.0",
  },
  /** CUDA 12, which older drivers know too. */
  llamacppCuda: {
    name: "ghcr.io/ggml-org/llama.cpp",
    // renovate: datasource=docker depName=ghcr.io/ggml-org/llama.cpp versioning=regex:^server-cuda-v(?<major>\d+)\.(?<minor>\d+)\.(?<patch>\d+)$
    tag: "server-cuda-v0.7.0",
  },
  llamacppRocm: {
    name: "ghcr.io/ggml-org/llama.cpp",
    // renovate: datasource=docker depName=ghcr.io/ggml-org/llama.cpp versioning=regex:^server-rocm-v(?<major>\d+)\.(?<minor>\d+)\.(?<patch>\d+)$
    tag: "server-rocm-v0.7.0",
  },
  /** SYCL. */
  llamacppIntel: {
    name: "ghcr.io/ggml-org/llama.cpp",
    // renovate: datasource=docker depName=ghcr.io/ggml-org/llama.cpp versioning=regex:^server-intel-v(?<major>\d+)\.(?<minor>\d+)\.(?<patch>\d+)$
    tag: "server-intel-v0.7.0",
  },
  /** CPU and CUDA. */
  ollama: {
    name: "docker.io/ollama/ollama",
    // renovate: datasource=docker depName=ollama/ollama versioning=docker
    tag: "0.32.15",
  },
  ollamaRocm: {
    name: "docker.io/ollama/ollama",
    // renovate: datasource=docker depName=ollama/ollama versioning=regex:^(?<major>\d+)\.(?<minor>\d+)\.(?<patch>\d+)-rocm$
    tag: "0.32.15-rocm",
  },
  /** Whisper and voices. 0.9 loads models from where it is told to, once and for good; 0.8 does not. */
  speachesCpu: {
    name: "ghcr.io/speaches-ai/speaches",
    // renovate: datasource=docker depName=ghcr.io/speaches-ai/speaches versioning=regex:^(?<major>\d+)\.(?<minor>\d+)\.(?<patch>\d+)(-(?<prerelease>rc\.\d+))?-cpu$
    tag: "0.9.0-rc.3-cpu",
  },
  speachesCuda: {
    name: "ghcr.io/speaches-ai/speaches",
    // renovate: datasource=docker depName=ghcr.io/speaches-ai/speaches versioning=regex:^(?<major>\d+)\.(?<minor>\d+)\.(?<patch>\d+)(-(?<prerelease>rc\.\d+))?-cuda$
    tag: "0.9.0-rc.3-cuda",
  },
  /** Ray without GPUs: the head. Ray and Python must be those of rayLlm: all pods of a cluster have the same. */
  ray: {
    name: "docker.io/rayproject/ray",
    // renovate: datasource=docker depName=rayproject/ray versioning=regex:^(?<major>\d+)\.(?<minor>\d+)\.(?<patch>\d+)-py312-cpu$
    tag: "2.58.0-py312-cpu",
  },
  /** Ray with vLLM 0.26 and CUDA 13.0: NVIDIA's driver must be 580 or newer. */
  rayLlm: {
    name: "docker.io/rayproject/ray-llm",
    // renovate: datasource=docker depName=rayproject/ray-llm versioning=regex:^(?<major>\d+)\.(?<minor>\d+)\.(?<patch>\d+)-py312-cu130$
    tag: "2.58.0-py312-cu130",
  },
} as const satisfies Record<string, ImagePin>;

/** The reference that goes into a pod: `name:tag`, with `@digest` where it is known. */
export function imageReference(image: ImagePin): string {
  const tagged = `${image.name}:${image.tag}`;
  return image.digest === undefined ? tagged : `${tagged}@${image.digest}`;
}

/** The version label of an image: its tag up to the flavour, without a leading v. */
export function imageVersion(image: ImagePin): string {
  return image.tag.replace(/^v/, "").split("-")[0]!;
}
