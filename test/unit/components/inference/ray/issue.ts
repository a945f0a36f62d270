/** Four machines with one GPU each, in 20 slices, and the services of the classical example, all served by Ray. */
export const issueSettings = {
  environment: "prod",
  cluster: { name: "gpus", domain: "gpus.example.com" },
  access: { adminCidrs: ["203.0.113.7/32"] },
  controlPlane: { count: 3, serverType: "cpx42", locations: ["fsn1"] },
  kubernetesApi: { loadBalancer: { enabled: true } },
  pools: [{ name: "general", count: 3, serverType: "cpx52", locations: ["fsn1"] }],
  dedicated: [1, 2, 3, 4].map((number) => ({
    name: `gpu-${number}`,
    address: `198.51.100.${number}`,
    model: "GEX131",
    robotNumber: 1_000_000 + number,
    gpu: { vendor: "nvidia", sharing: { strategy: "time-slicing", slices: 20 } },
  })),
  inference: {
    enabled: true,
    services: {
      whisper: { server: "ray", gpu: { share: 0.5 } },
      tts: { server: "ray", gpu: { share: 0.5 } },
      llm: { server: "ray", gpu: { share: 0.95 } },
      embeddings: { server: "ray", gpu: { share: 0.8 } },
      reranker: { server: "ray", gpu: { share: 0.8 } },
    },
  },
};
