export {
  INSTRUMENTED_LANGUAGES,
  Instrumentation,
  type InstrumentedLanguage,
} from "./instrumentation";
export { createInstrumentationOperator } from "./operator";
