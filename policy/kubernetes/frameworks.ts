const cisVersion = "v1.11.0";

/** A recommendation of the CIS Kubernetes Benchmark. */
export const cisKubernetes = (reference: string) => ({
  name: "CIS Kubernetes Benchmark",
  version: cisVersion,
  reference,
  specification: "https://www.cisecurity.org/benchmark/kubernetes",
});

/** A chapter of the Kubernetes Hardening Guide of NSA and CISA. */
export const hardeningGuide = (reference: string) => ({
  name: "NSA/CISA Kubernetes Hardening Guide",
  version: "1.2",
  reference,
  specification:
    "https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF",
});
