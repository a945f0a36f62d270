export { PlainModelServer, type PlainModelServerArgs } from "./plain-server";
export { MODEL_LABEL, PREDICTOR_PORT, predictorName } from "./pods";
