export { Keda, type KedaArgs } from "./keda";
export { ModelScaling, type ModelScalingArgs } from "./scaling";
