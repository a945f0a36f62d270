export { erasureSet, MAX_DRIVES } from "./erasure";
export { ExternalObjects } from "./external";
export { Minio } from "./minio";
export { ALLOWED_BUCKET_NAMES, bucketNameProblem, FULL_NAME_MAX } from "./names";
export { minioSignals } from "./signals";
